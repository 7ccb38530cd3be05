"""Evidence (证据): a picture or a short film a person kept, and the word the journal has of it.

The media lie in the store, append-only. What a case knows of them is a reference inside its journal: id, SHA-256, when
it was taken, by which camera. The journal is chained by hash, so a picture exchanged later no longer fits its case.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from domain.journal import milliseconds, moment

_FORM = re.compile(r"(?P<evidence_id>[0-9a-f]{8,64}):(?P<sha256>[0-9a-f]{64}):(?P<at>\d{1,15}):(?P<camera_id>.+)")


class EvidenceKind(StrEnum):
    """What was kept."""

    PICTURE = "picture"
    CLIP = "clip"


MEDIA_TYPES = {EvidenceKind.PICTURE: "image/jpeg", EvidenceKind.CLIP: "video/mp4"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One kept picture or clip, without its bytes. Times aware UTC.

    `begins_at` is the time of the frame, or of the clip's first one; `ends_at` of its last. `preset` is the view the
    camera was turned to, "" where nobody knows. `case_no` is the case it was kept for; a case's own journal says which
    evidence it has.
    """

    evidence_id: str
    kind: EvidenceKind
    camera_id: str
    begins_at: datetime
    ends_at: datetime
    preset: str
    operator: str
    case_no: str | None
    sha256: str
    size: int
    note: str
    created_at: datetime

    @property
    def reference(self) -> EvidenceReference:
        """What a case's journal remembers of it."""
        return EvidenceReference(self.evidence_id, self.sha256, self.begins_at, self.camera_id)


@dataclass(frozen=True, slots=True)
class EvidenceReference:
    """A journal's word of one piece of evidence; as text ``id:sha256:epoch ms:camera``."""

    evidence_id: str
    sha256: str
    captured_at: datetime
    camera_id: str

    def __str__(self) -> str:
        return f"{self.evidence_id}:{self.sha256}:{milliseconds(self.captured_at)}:{self.camera_id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The reference a journal entry carries.

        Raises:
            ValueError: it has another form.
        """
        found = _FORM.fullmatch(text)
        if found is None:
            raise ValueError(f"{text[:40]!r} is no reference to evidence; its form is id:sha256:milliseconds:camera")
        return cls(found["evidence_id"], found["sha256"], moment(int(found["at"])), found["camera_id"])


def digest(media: bytes) -> str:
    """The SHA-256 that seals a picture or clip."""
    return hashlib.sha256(media).hexdigest()
