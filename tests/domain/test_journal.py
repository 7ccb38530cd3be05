from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.action import Action
from domain.case import Case, CaseKind, CaseState, Severity, Source
from domain.journal import FIRST_LINK, Entry, fold, link, milliseconds, moment, plain, rebuild, sealed, valued

AT = datetime(2026, 6, 1, 8, 0, 0, 123_000, tzinfo=UTC)
FULL = Case(
    case_no="CW202606010001",
    version=3,
    state=CaseState.SUSPENDED,
    state_since=AT,
    source=Source.HOTLINE,
    kind=CaseKind.COMPONENT,
    severity=Severity.L1,
    reported_at=AT,
    deadline=AT,
    resume_state=CaseState.DISPOSING,
    assisting=("D02", "D03"),
    photos=("before:a", "after:b"),
    attributes={"ward": "5"},
)


def entry(version: int = 1, **changes: object) -> Entry:
    return Entry(
        case_no="N", version=version, action=Action.REGISTER, at=AT, actor="a", role="acceptor", changes=changes
    )


def test_every_field_of_a_case_survives_the_journal() -> None:
    for name in (f.name for f in fields(Case)):
        value = getattr(FULL, name)
        assert valued(name, plain(name, value)) == value, name


def test_a_case_is_the_fold_of_its_entries() -> None:
    first = entry(reported_at=milliseconds(AT), state="pending_acceptance", description="井盖")
    second = replace(entry(2, state="pending_verify"), at=moment(milliseconds(AT) + 5000))
    case = rebuild([first, second])
    assert case is not None
    assert (case.version, case.state, case.description) == (2, CaseState.PENDING_VERIFY, "井盖")
    assert case.state_since == second.at


def test_the_state_is_as_old_as_its_entry_not_as_a_later_one() -> None:
    first = entry(reported_at=milliseconds(AT), state="pending_acceptance")
    later = replace(entry(2, urged_count=1), at=moment(milliseconds(AT) + 5000))
    assert fold(fold(None, first), later).state_since == AT


def test_nothing_folds_to_no_case() -> None:
    assert rebuild([]) is None


def test_an_entry_that_names_an_unknown_field_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="colour"):
        fold(None, entry(reported_at=0, state="closed", colour="red"))
    with pytest.raises(KeyError, match="colour"):
        fold(FULL, entry(4, colour="red"))


def test_a_folded_case_is_whole_and_the_one_before_is_untouched() -> None:
    before = replace(FULL)
    after = fold(FULL, entry(4, urged_count=9))
    assert after == replace(FULL, version=4, urged_count=9)
    assert before == FULL


@given(st.integers(0, 4_102_444_800_000))
def test_milliseconds_come_back_exactly(ms: int) -> None:
    assert milliseconds(moment(ms)) == ms
    assert moment(ms).tzinfo is UTC


def test_the_link_covers_the_previous_one_and_everything_but_the_entry_number() -> None:
    plain_entry = entry(state="closed")
    chained = sealed(plain_entry, FIRST_LINK)
    assert chained.hash == link(chained)
    assert sealed(replace(plain_entry, entry_id=9), FIRST_LINK).hash == chained.hash
    assert sealed(plain_entry, "1" * 64).hash != chained.hash


@pytest.mark.parametrize(
    "other",
    [
        {"case_no": "M"},
        {"version": 2},
        {"action": Action.FILE},
        {"at": moment(milliseconds(AT) + 1)},
        {"actor": "b"},
        {"role": "leader"},
        {"seat": "3"},
        {"reason": "why"},
        {"changes": {"state": "closed", "description": "x"}},
    ],
    ids=lambda other: next(iter(other)),
)
def test_the_link_changes_with_every_part(other: dict[str, object]) -> None:
    one = entry(state="closed")
    assert link(replace(one, **other)) != link(one)  # type: ignore[arg-type]


def test_the_link_does_not_depend_on_the_order_of_the_changes() -> None:
    assert link(entry(state="closed", address="x")) == link(entry(address="x", state="closed"))


def test_the_link_of_an_entry_never_changes_with_the_program() -> None:
    """Chains are for decades: a changed canonical form would break every stored one."""
    known = entry(state="closed", description="井盖", attributes={"b": "2", "a": "1"})
    assert link(known) == "913432d4d72d83aa89b88d61e2c1d801f420c8b3a8663d184cefce2dd436f0ce"
