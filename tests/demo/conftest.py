"""A case store for the small town. SQLite alone: what both databases must do is tested in `tests/data_access`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from data_access.cases import CaseStore
from data_access.engine import open_engine
from tests.demo.towns import ZONE, policy


@pytest.fixture
def demo_engine(sqlite_template: Path, tmp_path: Path) -> Iterator[Engine]:
    file = tmp_path / "demo.db"
    shutil.copy(sqlite_template, file)
    engine = open_engine(f"sqlite:///{file}")
    yield engine
    engine.dispose()


@pytest.fixture
def demo_store(demo_engine: Engine) -> CaseStore:
    return CaseStore(demo_engine, policy(), number_prefix="QD", zone=ZONE)
