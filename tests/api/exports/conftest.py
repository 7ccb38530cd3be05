"""One writer for all: opening the typeface takes longer than any report."""

from __future__ import annotations

import pytest

from api.exports.pdf import PdfWriter
from tests.shared_data import PROJECT


@pytest.fixture(scope="session")
def writer() -> PdfWriter:
    return PdfWriter(PROJECT / "assets" / "fonts")
