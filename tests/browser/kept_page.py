"""A page that tests of a module share: opening one costs four seconds of processor, a test on it a few tenths."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page

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
            self._bring_to_rest(self.page)
        yield self.page
        self.page.unroute_all(behavior="ignoreErrors")
        if test.stash.get(FAILED, False):
            self.close()

    def _bring_to_rest(self, page: Page) -> None:
        """A page that does not come to rest fails this test, and no further one."""
        try:
            self.rest(page)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Forget the page; the next test opens another."""
        if self.page is not None:
            self.page.context.close()
        self.page = None


@contextmanager
def kept_tab(browser: Browser, said: list[str], *, width: int, height: int) -> Iterator[KeptPage]:
    """A tab in which tests go elsewhere, which costs a third of opening another. What scripts complain of is `said`."""

    def opened() -> Page:
        page = browser.new_context(viewport={"width": width, "height": height}).new_page()
        page.on("pageerror", lambda error: said.append(str(error)))
        return page

    one = KeptPage(opened, lambda page: None)
    yield one
    one.close()
