"""Things made from the city's data and kept until an import changes it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from sqlalchemy import Engine, select

from data_access.city_schema import city

Made = TypeVar("Made")

LOOK_EVERY_SECONDS = 2.0
"""How long a new content version may go unnoticed."""

NO_CITY = "none"


def content_version(engine: Engine) -> str:
    """The stored city's content version; a word of its own where no city is stored."""
    with engine.connect() as connection:
        return connection.execute(select(city.c.content_version)).scalar() or NO_CITY


class ByContent(Generic[Made]):
    """One value made for the newest content version. While a newer one is made, others get the one before it."""

    def __init__(self, engine: Engine, make: Callable[[str], Made], *, monotonic: Callable[[], float]) -> None:
        self._engine, self._make, self._monotonic = engine, make, monotonic
        self._making = threading.Lock()
        self._held: tuple[str, Made] | None = None
        self._looked_at = -LOOK_EVERY_SECONDS

    def current(self) -> Made:
        """The value for the city as it is now. Blocks while the first one is made."""
        held = self._held
        if held is not None and self._monotonic() - self._looked_at < LOOK_EVERY_SECONDS:
            return held[1]
        if held is not None and self._making.locked():
            return held[1]
        with self._making:
            return self._looked()

    def _looked(self) -> Made:
        version = content_version(self._engine)
        if self._held is None or self._held[0] != version:
            self._held = (version, self._make(version))
        self._looked_at = self._monotonic()
        return self._held[1]
