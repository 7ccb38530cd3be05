"""One demo hall for a module: it takes half a minute to make, and while it runs it works as hard as a real one.

Shared cameras are opened when somebody looks: a hundred pictures a second prove no more here than thirty.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.streams import films_folder
from tests.hall_process import HallProcess, running_hall
from tests.short_films import make_short_films

ENDS = "hall_to_end"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that end the hall of their file come last in it: starting another for them would take half a minute."""
    first: dict[Path, int] = {}
    for place, item in enumerate(items):
        first.setdefault(item.path, place)
    items.sort(key=lambda item: (first[item.path], ENDS in getattr(item, "fixturenames", ())))


@pytest.fixture(scope="module")
def demo_hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HallProcess]:
    """The demo city, running."""
    data_dir = tmp_path_factory.mktemp("demo")
    make_short_films(films_folder(data_dir))
    with running_hall(data_dir, CITYWALL_SHARED_CAMERAS="on_demand") as hall:
        yield hall


@pytest.fixture
def hall_to_end(demo_hall: HallProcess) -> HallProcess:
    """The same, for a test that ends it."""
    return demo_hall
