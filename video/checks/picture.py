"""All checks of one camera's picture, together: which of them may judge a look, and what is told in the end."""

from __future__ import annotations

from collections.abc import Collection

from domain.camera import CameraCondition
from video.checks.baseline import Baseline
from video.checks.cover import CoverWatch
from video.checks.held import Held
from video.checks.light import Unrest
from video.checks.look import Look, Luma, looked
from video.checks.sharpness import SharpnessWatch
from video.checks.view import ViewWatch
from video.health import RepeatWatch

BLACK_MEAN, BLACK_DEVIATION = 16.0, 4.0
BLIND_SECONDS = 150.0
"""Conditions nobody has looked at for this long are not told any more: the state says what is wrong then."""
_ON_SECONDS, _OFF_SECONDS = 10.0, 5.0


class PictureChecks:
    """One a camera, fed key-frame thumbnails in time order by its pull's thread; asked from any other."""

    def __init__(self, *, ptz: bool = False, switched_off: Collection[CameraCondition] = ()) -> None:
        self._off = frozenset(switched_off)
        self._repeats = RepeatWatch()
        self._unrest = Unrest(turns=ptz)
        self._black = Held(_ON_SECONDS, _OFF_SECONDS)
        self._told: tuple[CameraCondition, ...] = ()
        self._seen_at: float | None = None
        self._given: Baseline | None = None
        self._to_forget = False
        self.cover = CoverWatch(by_block=not ptz)
        self.sharpness = SharpnessWatch()
        self.view = None if ptz else ViewWatch()

    def see(self, luma: Luma, at: float) -> None:
        """A key frame's thumbnail (160 × 90, full-range luma) that arrived at `at` (monotonic seconds)."""
        self._take_orders()
        self._repeats.see(luma, at)
        self._seen_at = at
        if self._repeats.repeating:
            return  # one picture again and again teaches nothing about the camera
        self._judge(looked(luma), at)
        self._told = self._told_now()

    @property
    def repeating(self) -> bool:
        """Whether the encoder has been sending one and the same picture."""
        return self._repeats.repeating

    def conditions(self, now: float) -> tuple[CameraCondition, ...]:
        """What is wrong with the picture at `now` (monotonic seconds), gravest first."""
        if self._seen_at is None or now - self._seen_at > BLIND_SECONDS:
            return ()
        return self._told

    def forget(self) -> None:
        """A new connection: whether pictures repeat begins anew; what is normal for the camera stays."""
        self._repeats.forget()

    def view_changed(self, at: float) -> None:
        """Somebody turned or zoomed the camera at `at`: its sharpness is not judged for a minute."""
        self._unrest.begin(at)

    def relearn(self) -> None:
        """The camera was mended or given another view on purpose: from the next look on, normal is learned anew."""
        self._to_forget, self._told = True, ()

    def restore(self, given: Baseline) -> None:
        """What an earlier process had learned of this camera: used where nothing has been learned since."""
        self._given = given

    def baseline(self) -> Baseline:
        """What has been learned so far."""
        return Baseline(
            sharpness=self.sharpness.normal.value,
            deviation=self.cover.deviation.value,
            blocks=self.cover.blocks.value,
            reference=self.view.reference if self.view else None,
            likeness=self.view.normal if self.view else None,
        )

    def _take_orders(self) -> None:
        """Carried out in the thread that looks, between two looks."""
        if self._to_forget:
            self._to_forget = False
            self._forget_normals()
        given, self._given = self._given, None
        if given is None:
            return
        self.sharpness.normal.start_from(given.sharpness)
        self.cover.deviation.start_from(given.deviation)
        self.cover.blocks.start_from(given.blocks)
        if self.view is not None and given.reference is not None:
            self.view.start_from(given.reference, given.likeness)

    def _forget_normals(self) -> None:
        self.cover.forget()
        self.sharpness.forget()
        self._black.forget()
        if self.view is not None:
            self.view.forget()

    def _judge(self, look: Look, at: float) -> None:
        black = look.mean < BLACK_MEAN and look.deviation < BLACK_DEVIATION
        self._black.see(bad=black, good=not black, at=at)
        unrest = self._unrest.see(look, at)
        stands = self.view.stands(look.luma) if look.flat and self.view is not None else None
        if black or not self.cover.see(look, at, view_stands=stands):
            return
        if unrest:
            self.sharpness.blurred.skip()
            if self.view is not None:
                self.view.moved.skip()
            return
        self.sharpness.see(look, at)
        if self.view is not None:
            self.view.see(look.luma, at, soft=self.sharpness.soft(look))

    def _told_now(self) -> tuple[CameraCondition, ...]:
        """One cause, one word: what a graver one explains is not told as well. Another view is not called soft."""
        moved = self.view is not None and self.view.moved.told
        found = (
            (CameraCondition.BLACK, self._black.told),
            (CameraCondition.COVERED, self.cover.whole or (self.cover.part and not moved)),
            (CameraCondition.MOVED, moved),
            (CameraCondition.BLURRED, self.sharpness.blurred.told),
        )
        return tuple(condition for condition, told in found if told and condition not in self._off)[:1]
