"""Who watched which camera, and for which case: one line an hour of watching in the audit log, written beside the
pictures, not before. Who turned which goes the same way.

Wall devices are left out: who stands before a wall is not known, and its scenes change by themselves.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from api.identity import visitor
from data_access.audit import AuditEvent, AuditLog
from data_access.errors import StoreError
from domain.camera import Camera
from domain.roles import Identity, Role

REPEAT_AFTER = timedelta(hours=1)
MOST_WAITING = 10_000
WRITE_SECONDS = 5.0

log = logging.getLogger(__name__)


class ViewLog:
    """`note` is called whenever somebody asks for a camera's picture; `run` writes down what is new."""

    def __init__(self, audit: AuditLog, *, now: Callable[[], datetime]) -> None:
        self._audit = audit
        self._now = now
        self._noted: dict[tuple[str, str], datetime] = {}
        self._waiting: deque[tuple[AuditEvent, str, str, str]] = deque()
        self._lost = 0

    def note(self, identity: Identity, camera: Camera, case_no: str | None = None) -> None:
        """Remember that somebody watches, and for which case if the page says so; from memory, at once."""
        pair = (identity.name, camera.camera_id if case_no is None else f"{camera.camera_id} for {case_no}")
        last = self._noted.get(pair)
        if identity.role is Role.WALL_DEVICE or (last is not None and self._now() - last < REPEAT_AFTER):
            return
        if self._keep(AuditEvent.CAMERA_VIEWED, *pair):
            self._noted[pair] = self._now()

    def write(self, event: AuditEvent, identity: Identity, subject: str) -> None:
        """Remember what somebody did with a camera; from memory, at once, each time."""
        self._keep(event, identity.name, subject)

    def _keep(self, event: AuditEvent, who: str, subject: str) -> bool:
        if len(self._waiting) >= MOST_WAITING:
            self._lost += 1
            return False
        self._waiting.append((event, who, subject, visitor.get().address))
        return True

    async def run(self, stop: asyncio.Event) -> None:
        """Write every few seconds until told to stop, then once more."""
        stopping = False
        while not stopping:
            await self._pause(stop)
            stopping = stop.is_set()
            try:
                await self.run_once()
            except StoreError as error:
                log.warning("%d views of cameras wait to be written down: %s", len(self._waiting), error)

    async def run_once(self) -> None:
        """Write what waits, oldest first; what was not written stays waiting.

        Raises:
            StoreError: the audit log cannot be written.
        """
        if self._lost:
            log.error("%d views of cameras could not be kept for the audit log", self._lost)
            self._lost = 0
        while self._waiting:
            event, who, subject, address = self._waiting[0]
            await asyncio.to_thread(self._audit.record, event, who=who, subject=subject, address=address)
            self._waiting.popleft()
        self._forget()

    def _forget(self) -> None:
        old = self._now() - REPEAT_AFTER
        self._noted = {pair: at for pair, at in self._noted.items() if at > old}

    @staticmethod
    async def _pause(stop: asyncio.Event) -> None:
        waiting = asyncio.ensure_future(stop.wait())
        await asyncio.wait({waiting}, timeout=WRITE_SECONDS)
        waiting.cancel()
