"""One outside record as steps: what is known when, and what is wrong with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from data_access.case_files import Record
from data_access.case_histories import Fault, HistoryReader, OutsideHistory
from domain.journal import milliseconds
from tests.data_access.outside_files import mapping, row


def read(record: dict[str, Any], **changes: Any) -> OutsideHistory | list[Fault]:
    return HistoryReader(mapping(**changes)).history(Record(7, record))


def history(record: dict[str, Any], **changes: Any) -> OutsideHistory:
    found = read(record, **changes)
    assert isinstance(found, OutsideHistory), found
    return found


def faults(record: dict[str, Any], **changes: Any) -> dict[str, str]:
    found = read(record, **changes)
    assert isinstance(found, list), found
    assert {fault.line for fault in found} == {7}
    return {fault.field: fault.reason for fault in found}


def at(text: str) -> int:
    return milliseconds(datetime.fromisoformat(text))


def test_steps_at_the_same_moment_are_one() -> None:
    """Filed and dispatched as it was reported; disposed and closed together."""
    report, end = history(row()).steps
    assert report.at == report.facts["filed_at"] == report.facts["dispatched_at"] == at(row()["opened"])
    assert report.facts["state"] == "pending_disposal"
    assert end.at == end.facts["disposed_at"] == end.facts["closed_at"] == at(row()["ended"])
    assert end.facts["state"] == "closed"


def test_the_report_carries_all_that_is_no_later_step() -> None:
    facts = history(row()).steps[0].facts
    assert (facts["source_system"], facts["outside_id"]) == ("bos", "A1")
    assert (facts["class_code"], facts["department"], facts["departments_tasked"]) == ("Pothole", "PWD", ["PWD"])
    assert (facts["lon"], facts["lat"], facts["address"]) == (-71.06, 42.36, "1 City Hall Sq, Boston")
    assert facts["deadline"] == facts["original_deadline"] == at(row()["due"])
    assert facts["description"] == "a hole"


def test_columns_that_are_named_nowhere_are_kept_and_dropped_ones_are_not() -> None:
    record = row(wing="east", empty="") | {"number": 5}
    assert history(record).steps[0].facts["attributes"] == {"ward": "5", "wing": "east", "number": "5"}
    assert history(record, drop=["ward"]).steps[0].facts["attributes"] == {"wing": "east", "number": "5"}


def test_an_open_case_has_no_end_and_keeps_what_the_column_says() -> None:
    (report,) = history(row(status="open")).steps
    assert report.facts["state"] == "pending_disposal"
    assert "closed_at" not in report.facts
    assert report.facts["attributes"] == {"ward": "5", "ended": row()["ended"]}


def test_a_case_that_ended_undone_ended_when_it_was_closed() -> None:
    columns = {"disposed": "none", "closed": "ended"}
    report, end = history(row(status="void"), columns=columns).steps
    assert (end.at, end.facts) == (at(row()["ended"]), {"state": "voided"})
    assert report.facts["state"] == "pending_disposal"


def test_a_case_that_ended_undone_nobody_knows_when_ended_with_its_last_step() -> None:
    (report,) = history(row(status="void", ended="")).steps
    assert report.facts["state"] == "voided"


def test_without_a_status_the_times_tell_the_state() -> None:
    columns = {"status": "none"}
    assert history(row(), columns=columns).steps[-1].facts["state"] == "closed"
    assert history(row(ended=""), columns=columns).steps[-1].facts["state"] == "pending_disposal"


def test_a_closing_a_little_before_its_report_is_the_same_moment_and_the_written_time_is_kept() -> None:
    record = row(ended="2024-05-06T08:59:30-04:00")
    found = history(record)
    (only,) = found.steps
    assert found.moved
    assert only.facts["closed_at"] == only.at == at(record["opened"])
    assert only.facts["attributes"]["ended"] == record["ended"]


def test_a_closing_far_before_its_report_is_a_fault() -> None:
    told = faults(row(ended="2024-05-06T08:58:00-04:00"))
    assert told == {"ended": "lies 120 s before the step it follows; see backwards_seconds in the mapping"}


def test_a_closing_in_a_repeated_hour_may_lie_in_its_second_half() -> None:
    found = history(row(opened="2015-11-01 01:50:00", ended="2015-11-01 01:10:00"))
    assert not found.moved
    assert found.steps[-1].at - found.steps[0].at == 20 * 60_000


def test_every_fault_of_a_record_is_told_by_its_column() -> None:
    told = faults(row(id="", opened="last week", lat="north", status="submitted"))
    assert told == {
        "id": "is empty; every case needs its outside number",
        "opened": "'last week' is no time in the format iso; see time_formats in the mapping",
        "lat": "'north' should be degrees between -90 and 90",
        "status": '"submitted" is not in words.status of the mapping (there: open, done, void)',
    }


@pytest.mark.parametrize(
    ("record", "column", "words"),
    [
        (row(opened=""), "opened", "is empty; every case needs the time it was reported"),
        (row(ended=""), "ended", "is empty although the status says the case is closed"),
        (row(lon="181"), "lon", "between -180 and 180"),
        (row(lon="nan"), "lon", "between -180 and 180"),
        (row(due="soon"), "due", "is no time"),
    ],
)
def test_a_value_that_cannot_be_is_a_fault(record: dict[str, str], column: str, words: str) -> None:
    assert words in faults(record)[column]


def test_a_record_broken_in_itself_is_one_fault() -> None:
    found = HistoryReader(mapping()).history(Record(3, {}, "has 2 values, the header 3"))
    assert found == [Fault(3, "(row)", "has 2 values, the header 3")]


def test_every_other_word_has_a_word_too() -> None:
    words = {"source": {"Phone": "hotline", "*": "public"}}
    columns = {"source": "via"}
    sources = [history(row(via=via), words=words, columns=columns).steps[0].facts["source"] for via in ("Phone", "Fax")]
    assert sources == ["hotline", "public"]


def test_fixed_facts_are_the_same_for_every_case_unless_the_record_says_more() -> None:
    fixed = {"severity": "L3", "department": "nobody"}
    facts = history(row(), fixed=fixed).steps[0].facts
    assert (facts["severity"], facts["department"]) == ("L3", "PWD")


def test_empty_optional_values_are_no_facts() -> None:
    facts = history(row(due="", dept="", lon="", address="")).steps[0].facts
    assert not {"deadline", "department", "departments_tasked", "lon", "address"} & set(facts)
