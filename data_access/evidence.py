"""The store of evidence: pictures and clips, sealed by their hash, never changed, never removed. Blocking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Engine, Row, insert, select

from data_access.engine import reading, writing
from data_access.errors import StoreError
from data_access.evidence_schema import evidence
from domain.evidence import Evidence, EvidenceKind, digest
from domain.journal import milliseconds, moment

_FACTS = [evidence.c[field.name] for field in fields(Evidence)]
"""Everything but the media: a list of evidence never reads pictures."""


class EvidenceDamaged(StoreError):
    """The stored picture or clip is not the one that was sealed."""


class EvidenceStore:
    """Evidence in the hall's database, and so in its backups. Thread-safe: every call takes a connection of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, kept: Evidence, media: bytes) -> None:
        """One more piece.

        Raises:
            ValueError: the media are not those its hash names: a mistake of the caller.
            StoreError: the database cannot be written.
        """
        if digest(media) != kept.sha256 or len(media) != kept.size:
            raise ValueError(f"evidence {kept.evidence_id}: its hash or size is not that of its media")
        with writing(self._engine) as connection:
            connection.execute(insert(evidence).values(media=media, **_stored(kept)))

    def get(self, evidence_id: str) -> Evidence | None:
        """What is known of a piece, without its media."""
        found = self.some([evidence_id])
        return found[0] if found else None

    def some(self, ids: Sequence[str]) -> list[Evidence]:
        """What is known of these pieces, oldest first; unknown ids are left out."""
        asked = select(*_FACTS).where(evidence.c.evidence_id.in_(ids)).order_by(evidence.c.begins_at)
        with reading(self._engine) as connection:
            return [_evidence(row) for row in connection.execute(asked)]

    def media(self, evidence_id: str) -> bytes | None:
        """The picture or clip itself, held against its seal; None: there is no such piece.

        Raises:
            EvidenceDamaged: it is not what was sealed.
        """
        asked = select(evidence.c.media, evidence.c.sha256).where(evidence.c.evidence_id == evidence_id)
        with reading(self._engine) as connection:
            row = connection.execute(asked).first()
        if row is None:
            return None
        media = bytes(row.media)
        if (found := digest(media)) != row.sha256:
            raise EvidenceDamaged(
                f"Evidence {evidence_id} was changed behind the hall's back: sealed {row.sha256}, found {found}. "
                "Keep the database as it is and take the piece from a backup."
            )
        return media


def _stored(kept: Evidence) -> dict[str, Any]:
    values = {field.name: getattr(kept, field.name) for field in fields(Evidence)}
    times = {name: milliseconds(values[name]) for name in ("begins_at", "ends_at", "created_at")}
    return values | times | {"kind": kept.kind.value}


def _evidence(row: Row[*tuple[Any, ...]]) -> Evidence:
    values = dict(row._mapping)
    times = {name: moment(values[name]) for name in ("begins_at", "ends_at", "created_at")}
    return Evidence(**(values | times | {"kind": EvidenceKind(values["kind"])}))
