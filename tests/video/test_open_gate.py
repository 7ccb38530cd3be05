"""Opens at once, and that the slow ones keep nobody waiting."""

from __future__ import annotations

import threading
import time

from tests.waiting import eventually
from video.open_gate import OpenGate


def test_only_so_many_opens_begin_at_a_time() -> None:
    gate = OpenGate(places=2, moment_seconds=30)
    inside: list[int] = []
    leave = threading.Event()

    def open_one(number: int) -> None:
        with gate.opening():
            inside.append(number)
            leave.wait(10)

    threads = [threading.Thread(target=open_one, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    eventually(lambda: len(inside) == 2)
    assert len(inside) == 2
    leave.set()
    for thread in threads:
        thread.join(5)
    assert sorted(inside) == [0, 1, 2, 3]


def test_opens_that_never_answer_keep_the_others_waiting_only_a_moment() -> None:
    gate = OpenGate(places=1, moment_seconds=0.05)
    leave = threading.Event()

    def never() -> None:
        with gate.opening():
            leave.wait(10)

    dead = [threading.Thread(target=never) for _ in range(3)]
    for thread in dead:
        thread.start()
    began = time.monotonic()
    with gate.opening():
        waited = time.monotonic() - began
    leave.set()
    for thread in dead:
        thread.join(5)
    assert waited < 2
