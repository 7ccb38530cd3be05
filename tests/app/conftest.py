"""One demo hall for the whole run: it takes half a minute to make, and it is the real thing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hall_process import HallProcess, running_hall


@pytest.fixture(scope="session")
def demo_hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HallProcess]:
    """The demo city, running."""
    with running_hall(tmp_path_factory.mktemp("demo"), CITYWALL_DEMO_SPEED="20") as hall:
        yield hall
