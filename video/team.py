"""The cameras of one capture process: which there are in the city, which are pulled here, and what they are told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Sequence

from domain.camera import CameraStatus
from runtime.clock import Clock
from video.address import CameraAddress
from video.checks.picture import PictureChecks
from video.clock_check import Subject
from video.demand import Demand, Wish
from video.load import Step
from video.unit import CameraUnit

END_SECONDS = 4.0
"""How long a handover waits for connections to close; less than a lease lives, so that it is still ours meanwhile."""

log = logging.getLogger(__name__)


class CameraTeam:
    """Belongs to the service's event loop. Units are made by `make`, begun when leased, ended when not."""

    def __init__(self, make: Callable[[CameraAddress], CameraUnit], clock: Clock) -> None:
        self._make = make
        self._clock = clock
        self._known: dict[int, CameraAddress] = {}
        self._units: dict[int, CameraUnit] = {}
        self._demand: Demand = {}

    async def learn(self, cameras: Sequence[CameraAddress]) -> None:
        """The city's cameras as they are now; one that is pulled here and has changed is begun anew."""
        self._known = {address.camera.number: address for address in cameras}
        changed = [
            number
            for number, unit in self._units.items()
            if number in self._known and unit.address != self._known[number]
        ]
        if changed:
            await self.end(changed)
            self.begin(changed)

    def numbers(self) -> Collection[int]:
        """Of every camera the city has."""
        return self._known.keys()

    def ids(self) -> set[str]:
        """Of every camera the city has."""
        return {address.camera.camera_id for address in self._known.values()}

    def wanted(self) -> Collection[int]:
        """Of the cameras somebody looks at."""
        return self._demand.keys()

    def begin(self, numbers: Collection[int]) -> None:
        """These are ours from now on; those that already were go on."""
        for number in set(numbers) - self._units.keys():
            unit = self._units[number] = self._make(self._known[number])
            unit.want(self._demand.get(number, Wish()))

    async def end(self, numbers: Collection[int], *, seconds: float = END_SECONDS) -> None:
        """These are ours no longer; returns when their connections are closed, or after `seconds`."""
        ended = [self._units.pop(number) for number in list(numbers) if number in self._units]
        for unit in ended:
            unit.stop()
        late = await asyncio.to_thread(self._join, ended, seconds)
        if late:
            log.warning("%d cameras are still inside a call and end later: %s", len(late), ", ".join(late))

    async def end_all(self, *, seconds: float) -> None:
        await self.end(list(self._units), seconds=seconds)

    def want(self, demand: Demand) -> None:
        """What somebody looks at now."""
        self._demand = demand
        for number, unit in self._units.items():
            unit.want(demand.get(number, Wish()))

    def check(self, step: Step) -> None:
        """The look from outside at every camera; `step` says how much there is for them."""
        for unit in self._units.values():
            unit.lower(step)
            unit.check()

    def ask_focus(self, numbers: Iterable[int]) -> None:
        """Somebody misses the beginning of these cameras' focus streams."""
        for unit in filter(None, map(self._units.get, numbers)):
            unit.ask_focus()

    def view_changed(self, number: int) -> None:
        """Somebody turns this camera on purpose."""
        unit = self._units.get(number)
        if unit is not None:
            unit.checks.view_changed(self._clock.monotonic())

    def unit(self, number: int) -> CameraUnit | None:
        """The camera, if it is pulled here."""
        return self._units.get(number)

    def statuses(self) -> dict[int, CameraStatus]:
        """Of the cameras pulled here, by number."""
        return {number: unit.status() for number, unit in self._units.items()}

    def checks(self) -> dict[int, PictureChecks]:
        """The picture checks of the cameras pulled here, by number."""
        return {number: unit.checks for number, unit in self._units.items()}

    def clock_subjects(self) -> list[Subject]:
        """The cameras pulled here, for the check of their clocks."""
        return [unit.clock_subject() for unit in self._units.values()]

    @property
    def held(self) -> int:
        """How many cameras are pulled here, or would be if somebody looked."""
        return len(self._units)

    @property
    def shown(self) -> bool:
        """Whether tiles are made of any camera."""
        return any(unit.shown for unit in self._units.values())

    @property
    def pulled(self) -> int:
        """How many connections are open or being opened."""
        return sum(unit.pulled for unit in self._units.values())

    def _join(self, units: Sequence[CameraUnit], seconds: float) -> list[str]:
        """Names of the cameras whose threads did not end in time."""
        end = self._clock.monotonic() + seconds
        return [unit.camera.camera_id for unit in units if not unit.join(max(0.0, end - self._clock.monotonic()))]
