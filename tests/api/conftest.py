"""The hall each test knocks at."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis.asyncio

from data_access.engine import open_engine
from domain.roles import Role
from tests.api.hall import Hall, make_hall


@pytest.fixture
def hall(sqlite_template: Path, tmp_path: Path, valkey: redis.asyncio.Redis) -> Iterator[Hall]:
    """A hall on an empty SQLite database and an empty Valkey."""
    file = tmp_path / "citywall.db"
    shutil.copy(sqlite_template, file)
    engine = open_engine(f"sqlite:///{file}")
    yield make_hall(engine, valkey, kept=True)
    engine.dispose()


@pytest.fixture(params=list(Role), ids=str)
def role(request: pytest.FixtureRequest) -> Role:
    """Each post, wall devices included."""
    found: Role = request.param
    return found
