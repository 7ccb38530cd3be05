"""How people and departments are called: the names a refusal or a journal line speaks in, not their codes."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from sqlalchemy import Engine, select

from data_access.accounts_schema import accounts
from data_access.city_schema import departments, people
from data_access.engine import reading

KEPT_SECONDS = 30.0
"""How long a renamed or new account may still be called by its old name."""


class HallNames:
    """Reads all names at once and keeps them for half a minute. Thread-safe; blocks when it reads."""

    def __init__(self, engine: Engine, *, monotonic: Callable[[], float]) -> None:
        self._engine = engine
        self._monotonic = monotonic
        self._lock = Lock()
        self._read_at = float("-inf")
        self._people: dict[str, str] = {}
        self._departments: dict[str, str] = {}

    def person(self, name: str) -> str:
        """The display name of an account or a person of the city; the name itself where nobody knows another."""
        self._refresh()
        return self._people.get(name, name)

    def department(self, code: str) -> str:
        """A department's name; the code itself where the city does not know it."""
        self._refresh()
        return self._departments.get(code, code)

    def _refresh(self) -> None:
        with self._lock:
            if self._monotonic() - self._read_at < KEPT_SECONDS:
                return
            with reading(self._engine) as connection:
                known = {
                    row.person_id: row.name for row in connection.execute(select(people.c.person_id, people.c.name))
                }
                with_account = connection.execute(select(accounts.c.name, accounts.c.display_name))
                self._people = known | {row.name: row.display_name for row in with_account}
                rows = connection.execute(select(departments.c.code, departments.c.name))
                self._departments = {row.code: row.name for row in rows}
            self._read_at = self._monotonic()
