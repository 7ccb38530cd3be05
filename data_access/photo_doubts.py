"""What is doubtful about stored photos: of one case as its page shows it, and of all that were brought in a period."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from data_access.case_where import within
from data_access.cases import CaseStore
from data_access.engine import reading
from data_access.photos import Alike, PhotoStore
from data_access.photos_schema import photo_uses
from domain.action import Action
from domain.case import Case
from domain.period import Window
from domain.photo import Photo, PhotoUse
from domain.photo_flags import Doubt, Like, PhotoFlag, Step, doubts
from domain.photo_steps import brought, marks_of


def doubts_of(store: PhotoStore, judged: Sequence[tuple[Photo, Step]]) -> list[tuple[Doubt, ...]]:
    """Everything doubtful about photos, each held against the step it was brought to. Blocking."""
    alike = {photo.sha256: store.alike(photo) for photo, _ in judged}
    others = (one.photo.sha256 for found in alike.values() for one in found)
    uses = store.uses([*alike, *others])
    return [
        doubts(photo, step, uses.get(photo.sha256, ()), _likes(alike[photo.sha256], uses)) for photo, step in judged
    ]


def _likes(found: Iterable[Alike], uses: Mapping[str, Sequence[PhotoUse]]) -> list[Like]:
    return [Like(use, one.bits) for one in found for use in uses.get(one.photo.sha256, ())]


@dataclass(frozen=True, slots=True)
class Judged:
    """One photo as it was brought to a case: by which step, and why it is doubtful."""

    case: Case
    action: Action
    flags: tuple[PhotoFlag, ...]


@dataclass(frozen=True, slots=True)
class PeriodPhotos:
    """The newest photos of a period, judged; `total` is how many were brought in all."""

    total: int
    judged: Sequence[Judged]


class PhotoJudge:
    """Judges a period's photos as their cases' pages do. Blocking; looks at `most` photos and no more."""

    def __init__(self, photos: PhotoStore, cases: CaseStore, *, most: int) -> None:
        self._photos = photos
        self._cases = cases
        self._most = most

    def brought_in(self, period: Window) -> PeriodPhotos:
        """The photos that entries of the period brought, those of the newest entries first.

        Raises:
            StoreError: the database does not answer.
        """
        inside = within(photo_uses.c.at, period)
        newest = select(photo_uses.c.case_no).where(inside).order_by(photo_uses.c.at.desc()).limit(self._most)
        with reading(self._cases.engine) as connection:
            total: int = connection.execute(select(func.count()).select_from(photo_uses).where(inside)).scalar_one()
            numbers = dict.fromkeys(connection.execute(newest).scalars())
        judged = [one for case_no in numbers for one in self._of_case(case_no, period)]
        return PeriodPhotos(total, judged[: self._most])

    def _of_case(self, case_no: str, period: Window) -> Iterator[Judged]:
        case = self._cases.get(case_no)
        if case is None:
            return
        stored = self._photos.some(marks_of(case))
        listed = brought(case, self._cases.history(case_no), stored)
        held = [one for one in listed if one.mark in stored and period.holds(one.entry.at)]
        found = doubts_of(self._photos, [(stored[one.mark], one.step) for one in held])
        for one, its in zip(held, found, strict=True):
            yield Judged(case, one.entry.action, tuple(doubt.flag for doubt in its))
