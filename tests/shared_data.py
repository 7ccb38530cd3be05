"""Where the real data lies: a folder beside the project. A stranger's clone has none, and those tests say so."""

from __future__ import annotations

from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
SHARED = PROJECT.parent / "shared"


def shared(path: str) -> Path:
    """A file or folder of the real data; skips the test, with the reason, where the data is not there."""
    if not SHARED.is_dir():
        pytest.skip(f"the real data folder {SHARED.name}/ is not beside this clone")
    found = SHARED / path
    assert found.exists(), f"{found} is missing although {SHARED.name}/ is there"
    return found
