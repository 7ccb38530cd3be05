"""Changes and facts as bytes: what the outbox keeps and the stream carries. Boards have their form in `domain.board`.

Fields a reader does not know are ignored, so that a newer writer may add some; another schema number is refused.
"""

from __future__ import annotations

from typing import Any

import orjson

from domain.facts import CaseFacts, Change
from domain.journal import milliseconds, moment, plain, valued

SCHEMA = 1

REBUILD = orjson.dumps({"schema": SCHEMA, "rebuild": True})
"""Payload instead of a change: so much was written past the outbox (an import) that readers must begin anew."""

_FACT_FIELDS = tuple(CaseFacts.__dataclass_fields__)


class CodecError(ValueError):
    """Bytes that are no change of a schema this program reads."""


def encode_change(change: Change) -> bytes:
    """A change as JSON; times are epoch milliseconds."""
    return orjson.dumps(
        {
            "schema": SCHEMA,
            "entry_id": change.entry_id,
            "action": change.action,
            "at": milliseconds(change.at),
            "before": facts_to_wire(change.before) if change.before else None,
            "after": facts_to_wire(change.after),
        }
    )


def decode_change(payload: bytes) -> Change | None:
    """The change that was encoded; None for `REBUILD`.

    Raises:
        CodecError: not JSON, another schema, or a field is missing or of the wrong kind.
    """
    try:
        wire = orjson.loads(payload)
        _check_schema(wire)
        return None if wire.get("rebuild") else _change(wire)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise CodecError(f"unreadable change ({error}): {payload[:120]!r}") from error


def _check_schema(wire: dict[str, Any]) -> None:
    if wire["schema"] != SCHEMA:
        raise CodecError(f"schema {wire['schema']!r}; this program reads {SCHEMA}: run one version everywhere")


def _change(wire: dict[str, Any]) -> Change:
    return Change(
        entry_id=wire["entry_id"],
        action=wire["action"],
        at=moment(wire["at"]),
        before=facts_from_wire(wire["before"]) if wire["before"] else None,
        after=facts_from_wire(wire["after"]),
    )


def facts_to_wire(facts: CaseFacts) -> dict[str, Any]:
    """A case's facts as plain JSON values."""
    return {name: plain(name, getattr(facts, name)) for name in _FACT_FIELDS}


def facts_from_wire(wire: dict[str, Any]) -> CaseFacts:
    """The facts that JSON carried."""
    return CaseFacts(**{name: valued(name, wire[name]) for name in _FACT_FIELDS if name in wire})
