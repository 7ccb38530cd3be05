"""Why a device did not do what it was asked: a code. A device's or library's own words may repeat a password."""

from __future__ import annotations

from domain.turning import TurnRefusal


class OnvifFailed(Exception):
    """A device did not answer as it should; `code` says why."""

    def __init__(self, code: TurnRefusal) -> None:
        super().__init__(code.value)
        self.code = code
