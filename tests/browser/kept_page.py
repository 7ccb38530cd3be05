"""A page that tests of a module share: opening one costs four seconds of processor, a test on it a few tenths."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

FAILED = pytest.StashKey[bool]()
"""On a test: it failed."""


@dataclass
class KeptPage:
    """Opened once, brought to `rest` before each further test, and opened anew after a test that failed.

    For tests that leave a page as `rest` can find it; one that stops its clock or reloads it opens its own.
    """

    open: Callable[[], Page]
    rest: Callable[[Page], None]
    page: Page | None = None

    @contextmanager
    def lent(self, test: pytest.Item) -> Iterator[Page]:
        """The page, for as long as a test lasts; what the test put between page and server is taken away again."""
        if self.page is None:
            self.page = self.open()
        else:
            self.rest(self.page)
        yield self.page
        self.page.unroute_all(behavior="ignoreErrors")
        if test.stash.get(FAILED, False):
            self.close()

    def close(self) -> None:
        """Forget the page; the next test opens another."""
        if self.page is not None:
            self.page.context.close()
        self.page = None
