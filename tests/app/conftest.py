"""One demo hall for a module: it takes half a minute to make, and while it runs it works as hard as a real one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hall_process import HallProcess, running_hall


@pytest.fixture(scope="module")
def demo_hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HallProcess]:
    """The demo city, running."""
    with running_hall(tmp_path_factory.mktemp("demo"), CITYWALL_DEMO_SPEED="20") as hall:
        yield hall
