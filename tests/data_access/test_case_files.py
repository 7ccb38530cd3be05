from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from data_access.case_files import CaseFileError, Record, open_case_file
from tests.data_access.outside_files import csv_file, json_file, parquet_file, row, rows, written


def records(path: Path) -> list[Record]:
    with open_case_file(path) as file:
        return list(file.records)


FORMS: dict[str, Any] = {
    "cases.csv": csv_file,
    "cases.csv.gz": csv_file,
    "cases.json": json_file,
    "cases.json.gz": json_file,
    "lines.jsonl": json_file,
    "cases.parquet": parquet_file,
    "cases.parquet.gz": parquet_file,
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_gives_the_same_records(tmp_path: Path, name: str) -> None:
    found = [row(id="一", words='two\nlines, "quoted"'), row(id="B")]
    with open_case_file(FORMS[name](tmp_path, found, name=name)) as file:
        assert set(file.header) == set(found[0])
        assert [record.values for record in file.records] == found


@pytest.mark.parametrize("name", ["CASES.CSV", "old.export.csv"])
def test_the_form_is_what_the_name_ends_in(tmp_path: Path, name: str) -> None:
    assert len(records(csv_file(tmp_path, rows(2), name=name))) == 2


def test_lines_are_physical_ones_although_values_hold_line_breaks(tmp_path: Path) -> None:
    path = csv_file(tmp_path, [row(), row(words="one\ntwo\r\nthree"), row(), row()])
    assert [record.line for record in records(path)] == [2, 3, 6, 7]


def test_an_object_is_known_by_the_line_it_begins_on(tmp_path: Path) -> None:
    text = '[\n{"id": "A",\n "b": 1},\n\n{"id": "B"}]'
    assert [record.line for record in records(written(tmp_path, "c.json", text.encode()))] == [2, 5]


def test_absent_names_are_no_fault_and_the_header_has_them_all(tmp_path: Path) -> None:
    path = json_file(tmp_path, [{"id": "A"}, {"id": "B", "notes": "x"}])
    with open_case_file(path) as file:
        assert file.header == ("id", "notes")
        assert [record.values for record in file.records] == [{"id": "A"}, {"id": "B", "notes": "x"}]


def test_objects_larger_than_the_reading_window_are_whole(tmp_path: Path) -> None:
    found = [{"id": str(number), "words": "x" * 200_000} for number in range(5)]
    assert [record.values for record in records(json_file(tmp_path, found))] == found


def test_a_mark_at_the_start_of_the_file_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    with open_case_file(written(tmp_path, "bom.csv", b"\xef\xbb\xbfid,b\n1,2\n")) as file:
        assert file.header == ("id", "b")


def test_bytes_that_are_not_utf8_cost_only_their_own_record(tmp_path: Path) -> None:
    content = b"id,words\n1,fine\n2,caf" + b"\xe9" + "\n3,好\n".encode()
    faults = {record.line: record.fault for record in records(written(tmp_path, "latin.csv", content))}
    assert faults[2] is None
    assert faults[4] is None
    assert "not UTF-8" in str(faults[3])


def test_a_character_no_database_keeps_costs_only_its_record(tmp_path: Path) -> None:
    content = b'[{"id": "A\\u0000"}, {"id": "B"}, {"id": "\\ud800"}]'
    assert [record.fault is None for record in records(written(tmp_path, "nul.json", content))] == [False, True, False]


def test_a_row_of_another_length_is_a_fault_and_the_rest_goes_on(tmp_path: Path) -> None:
    found = records(written(tmp_path, "short.csv", b"id,b,c\n1,2\n\n3,4,5\n"))
    assert found[0].fault == "has 2 values, the header 3; look for a lost or stray comma"
    assert (found[1].line, found[1].values, found[1].fault) == (4, {"id": "3", "b": "4", "c": "5"}, None)


def test_a_stray_quote_is_a_fault_and_the_rest_goes_on(tmp_path: Path) -> None:
    found = records(written(tmp_path, "quote.csv", b'id,b\n1,"two"x\n3,4\n'))
    assert "is no CSV" in str(found[0].fault)
    assert found[1].values == {"id": "3", "b": "4"}


def test_reading_tells_how_far_it_is(tmp_path: Path) -> None:
    path = csv_file(tmp_path, rows(50), name="cases.csv.gz")
    with open_case_file(path) as file:
        list(file.records)
        assert file.read_bytes() == file.total_bytes == path.stat().st_size


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("cases.xlsx", b"PK", "unknown form; the name should end in .csv"),
        ("empty.csv", b"", "empty.csv: is empty"),
        ("wide.csv", "id,b\n".encode("utf-16"), "is UTF-16; save it as UTF-8"),
        ("gbk.csv", "编号,类别\n1,2\n".encode("gbk"), "line 1: holds bytes that are not UTF-8"),
        ("twice.csv", b"id,id\n1,2\n", 'the column "id" stands there twice'),
        ("broken.csv", b'"id"x,b\n', "line 1: the header is broken"),
        ("no.parquet", b"PAR2 and so on", "is no Parquet file"),
        ("list.json", b'[{"a": 1},\n 5]', "line 2: expected an object, found '5'"),
        ("cut.json", b'[{"a": 1},\n{"a": ', "line 2: is no JSON"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_what_to_do(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    with pytest.raises(CaseFileError) as caught:
        records(written(tmp_path, name, content))
    assert words in str(caught.value)
    assert str(caught.value).startswith(name)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CaseFileError, match=r"none.csv: cannot be read \(No such file"):
        records(tmp_path / "none.csv")


@pytest.mark.parametrize("keep", [0.5, 0.9])
def test_an_archive_that_was_cut_off_says_so(tmp_path: Path, keep: float) -> None:
    packed = gzip.compress(json.dumps([row(id=str(n), words=str(n * 7919)) for n in range(999)]).encode())
    path = tmp_path / "cut.json.gz"
    path.write_bytes(packed[: int(len(packed) * keep)])
    with pytest.raises(CaseFileError, match=r"cut\.json\.gz: the archive ends too early"):
        records(path)


def test_an_empty_list_has_no_records(tmp_path: Path) -> None:
    assert records(written(tmp_path, "none.json", b" [ ] ")) == []
