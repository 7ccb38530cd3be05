"""A viewer that is behind gets less, step by step, and more again when it keeps up."""

from __future__ import annotations

from tests.fakes.clock import ManualClock
from video.ladder import BY_NAME, LADDER
from video.pace import CALM_SECONDS, MOST_STEPS, PLAIN_STEPS, Pace
from video.wire import Subscription

WISH = Subscription(1, BY_NAME["640x360"], 10.0)
ALARM = Subscription(3, BY_NAME["640x360"], 10.0, case="C-7")
FOCUS = Subscription(2, BY_NAME["960x540"], 10.0, focus=True)


class Browser:
    """Answers every batch after `seconds`; `pace` is the server's word on it."""

    def __init__(self, *, first: bool = False) -> None:
        self.clock = ManualClock()
        self.pace = Pace(self.clock.monotonic, first=first)

    def answers(self, seconds: float, *, times: int = 1) -> None:
        for _ in range(times):
            sent_at = self.clock.monotonic()
            self.clock.forward(seconds=seconds)
            self.pace.took(sent_at, self.pace.given(WISH).rate)

    def rates_on_the_way_down(self) -> list[float]:
        rates = [self.pace.given(WISH).rate]
        while self.pace.step < MOST_STEPS:
            self.answers(60.0)
            rates.append(self.pace.given(WISH).rate)
        return rates


def test_first_the_rate_goes_down_the_ladder_then_the_size() -> None:
    browser = Browser()
    assert list(dict.fromkeys(browser.rates_on_the_way_down())) == [10.0, 5.0, 2.0, 0.5]
    browser = Browser()
    sizes = []
    while browser.pace.step < PLAIN_STEPS:
        browser.answers(60.0)
        sizes.append(LADDER.index(browser.pace.given(WISH).size))
    assert (sizes[0], sizes[-1]) == (3, 1)
    assert browser.pace.given(Subscription(3, LADDER[0], 10.0)).size is LADDER[0]


def test_one_late_answer_is_a_hiccup() -> None:
    browser = Browser()
    browser.answers(5.0)
    browser.answers(0.05, times=3)
    browser.answers(5.0)
    assert browser.pace.step == 0


def test_answers_within_two_intervals_are_in_time() -> None:
    browser = Browser()
    browser.answers(0.19, times=100)
    assert browser.pace.step == 0
    browser.answers(0.25, times=2)
    assert browser.pace.given(WISH).rate == 5.0


def test_after_ten_calm_seconds_it_goes_up_again() -> None:
    browser = Browser()
    browser.answers(0.5, times=2)
    assert browser.pace.step == 1
    browser.answers(0.05, times=round(CALM_SECONDS / 0.05) - 5)
    assert browser.pace.step == 1
    browser.answers(0.05, times=10)
    assert browser.pace.step == 0


def test_a_line_that_is_merely_far_away_stays_at_the_rate_it_keeps() -> None:
    browser = Browser()
    browser.answers(0.3, times=300)
    assert browser.pace.step == 1


def test_a_browser_that_answers_no_more_gets_less_as_well() -> None:
    browser = Browser()
    sent_at = browser.clock.monotonic()
    changes = 0
    for _ in range(10):
        browser.clock.forward(seconds=2.0)
        changes += browser.pace.waits(sent_at, 10.0)
    assert (changes, browser.pace.step) == (1, 1)


def test_a_leaders_screen_is_given_twice_the_time() -> None:
    plain, leader = Browser(), Browser(first=True)
    for browser in (plain, leader):
        browser.answers(0.3, times=4)
    assert (plain.pace.step, leader.pace.step) == (1, 0)


def test_the_focused_picture_and_one_opened_for_a_case_lose_last() -> None:
    browser = Browser()
    while browser.pace.step < PLAIN_STEPS:
        browser.answers(60.0)
    assert browser.pace.given(WISH).rate == 0.5
    for close in (FOCUS, ALARM):
        assert browser.pace.given(close) == close
    browser.answers(60.0, times=2)
    assert browser.pace.given(FOCUS).rate == 5.0
