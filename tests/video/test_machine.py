"""The life of one pull: moves, pauses, reasons."""

from __future__ import annotations

import random

import pytest

from domain.camera import CameraError
from video.machine import (
    GIVING_PAUSE_SECONDS,
    HEALTHY_SECONDS,
    LONG_PAUSE_ERRORS,
    MOVES,
    PAUSES_SECONDS,
    REFUSED_PAUSE_SECONDS,
    ForbiddenMove,
    Machine,
    Phase,
)


class _Middle(random.Random):
    """Chance that always takes the middle."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


def machine() -> Machine:
    return Machine(_Middle())


def test_every_phase_is_in_the_table_and_can_be_reached() -> None:
    assert set(MOVES) == set(Phase)
    assert set().union(*MOVES.values()) == set(Phase) - {Phase.IDLE}


def test_pauses_grow_to_fifteen_seconds_and_stay_there() -> None:
    pull = machine()
    found = []
    for _ in range(7):
        pull.connecting()
        found.append(pull.failed(CameraError.REFUSED, held_seconds=0))
    assert found == [*PAUSES_SECONDS, 15.0, 15.0]


@pytest.mark.parametrize(("held", "next_pause"), [(HEALTHY_SECONDS - 1, 8.0), (HEALTHY_SECONDS, 2.0)])
def test_only_a_healthy_spell_starts_the_pauses_anew(held: float, next_pause: float) -> None:
    pull = machine()
    for _ in range(2):
        pull.connecting()
        pull.failed(CameraError.REFUSED, held_seconds=0)
    pull.connecting()
    pull.arrived()
    pull.failed(CameraError.STREAM_ENDED, held_seconds=held)
    pull.connecting()
    assert pull.failed(CameraError.REFUSED, held_seconds=0) == next_pause


def test_a_camera_that_gives_pictures_now_and_then_is_never_waited_for_long() -> None:
    """Nothing but an open tells that it holds again, and within five seconds it is to be live."""
    pull = machine()
    for _ in range(8):
        pull.connecting()
        pull.arrived()
        pause = pull.failed(CameraError.STREAM_ENDED, held_seconds=1.0)
    assert pause == GIVING_PAUSE_SECONDS < 5


def test_pauses_differ_by_up_to_thirty_percent() -> None:
    pauses = set()
    for seed in range(40):
        pull = Machine(random.Random(seed))
        pull.connecting()
        pauses.add(pull.failed(CameraError.TIMEOUT, held_seconds=0))
    assert len(pauses) == 40
    assert 0.7 <= min(pauses) < 0.85
    assert 1.15 < max(pauses) <= 1.3


@pytest.mark.parametrize("error", sorted(LONG_PAUSE_ERRORS))
def test_a_clear_no_is_asked_again_only_after_minutes(error: CameraError) -> None:
    pull = machine()
    pull.connecting()
    assert pull.failed(error, held_seconds=0) == REFUSED_PAUSE_SECONDS
    assert (pull.phase, pull.error) == (Phase.REFUSED, error)


def test_a_file_that_is_missing_is_looked_for_again_soon() -> None:
    pull = machine()
    pull.connecting()
    assert pull.failed(CameraError.NOT_FOUND, held_seconds=0, costs_nothing=True) == 1.0


def test_silence_makes_a_live_stream_stalled_and_a_packet_makes_it_live() -> None:
    pull = machine()
    pull.stall_if(True)
    assert pull.phase is Phase.IDLE
    pull.connecting()
    assert pull.arrived()
    pull.stall_if(False)
    assert pull.phase is Phase.LIVE
    pull.stall_if(True)
    assert pull.phase is Phase.STALLED
    assert not pull.arrived()
    assert pull.phase is Phase.LIVE


def test_the_reason_goes_when_the_picture_comes_back() -> None:
    pull = machine()
    pull.connecting()
    pull.failed(CameraError.TIMEOUT, held_seconds=0)
    pull.connecting()
    assert (pull.error, pull.attempt) == (CameraError.TIMEOUT, 2)
    pull.arrived()
    assert pull.error is None


def test_a_move_outside_the_table_is_refused() -> None:
    pull = machine()
    with pytest.raises(ForbiddenMove, match="idle → retrying"):
        pull.failed(CameraError.TIMEOUT, held_seconds=0)
