"""The command line on bad input: exit code 1, the field, and the fix, in words and without a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hall_process import command, told
from tests.shared_data import PROJECT

MAPPING = PROJECT / "docs" / "examples" / "boston-open311.toml"
HEADER = "service_request_id,status,status_notes,service_name,service_code,description,requested_datetime,"
HEADER += "updated_datetime,address,lat,long,media_url\n"
GOOD = '1,closed,,Other,x,words,2020-04-01T10:00:00-04:00,2020-04-01T11:00:00-04:00,"1 Main St, Roxbury",42.3,-71.1,\n'
BAD = '2,closed,,Other,x,words,soon,2020-04-01T11:00:00-04:00,"1 Main St, Roxbury",42.3,-71.1,\n'
REAL = {"CITYWALL_DEMO": "false"}


@pytest.fixture
def requests(tmp_path: Path) -> Path:
    file = tmp_path / "requests.csv"
    file.write_text(HEADER + GOOD + BAD, encoding="utf-8")
    return file


def imported(file: Path, mapping: Path, data_dir: Path):
    return told("import", "cases", str(file), "--mapping", str(mapping), data_dir=data_dir, **REAL)


def test_a_bad_row_is_listed_and_the_good_one_kept(requests: Path, tmp_path: Path) -> None:
    said = imported(requests, MAPPING, tmp_path / "hall")
    assert said.returncode == 1, said.stderr
    rejects = Path(f"{requests}.rejects.csv").read_text(encoding="utf-8")
    assert "3" in rejects.splitlines()[1]
    assert "requested_datetime" in rejects
    kpi = told("kpi", "--from", "2020-03-31", "--to", "2020-04-03", "--json", data_dir=tmp_path / "hall", **REAL)
    assert '"reported": 1' in kpi.stdout


def test_a_mapping_that_names_a_missing_column_says_which(requests: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "map.toml"
    text = MAPPING.read_text(encoding="utf-8").replace('lon = "long"', 'lon = "longitude"')
    mapping.write_text(text, encoding="utf-8")
    said = imported(requests, mapping, tmp_path / "hall")
    assert (said.returncode, "longitude" in said.stderr, "Traceback" in said.stderr) == (1, True, False)


def test_bytes_that_are_not_utf_8_lose_their_record_alone(requests: Path, tmp_path: Path) -> None:
    foreign = GOOD.replace("words", "街道积水").replace("1,closed", "2,closed").encode("gb18030")
    requests.write_bytes(HEADER.encode() + GOOD.encode() + foreign)
    said = imported(requests, MAPPING, tmp_path / "hall")
    rejects = Path(f"{requests}.rejects.csv").read_text(encoding="utf-8")
    assert (said.returncode, "Traceback" in said.stderr) == (1, False)
    assert "UTF-8" in rejects
    assert len(rejects.splitlines()) == 2


def test_a_city_folder_without_its_files_is_told(tmp_path: Path) -> None:
    (tmp_path / "city").mkdir()
    said = told("import", "city", str(tmp_path / "city"), data_dir=tmp_path / "hall", **REAL)
    assert (said.returncode, "city.toml" in said.stderr, "Traceback" in said.stderr) == (1, True, False)


def test_an_impossible_figure_is_told_with_the_possible_ones(tmp_path: Path) -> None:
    said = told("kpi", "--by", "planet", data_dir=tmp_path, **REAL)
    assert said.returncode == 1
    assert "district" in said.stderr


def test_a_case_that_is_not_there_is_told(tmp_path: Path) -> None:
    said = told("case", "QD1", data_dir=tmp_path, **REAL)
    assert (said.returncode, "QD1" in said.stderr) == (1, True)


def test_an_account_can_be_made_and_a_weak_password_is_refused(tmp_path: Path) -> None:
    weak = told("user", "add", "zhang", data_dir=tmp_path, text="123\n", **REAL)
    assert weak.returncode == 1
    assert "password" in weak.stderr.lower()
    good = command("user", "add", "zhang", "--role", "admin", data_dir=tmp_path, text="long-enough-words\n", **REAL)
    assert good.returncode == 0, good.stderr


def test_cameras_of_a_hall_that_does_not_run_are_told_to_start_it(tmp_path: Path) -> None:
    said = told("cameras", data_dir=tmp_path, **REAL)
    assert (said.returncode, "citywall run" in said.stderr) == (1, True)


def test_an_unknown_command_is_a_misuse(tmp_path: Path) -> None:
    assert command("fly", data_dir=tmp_path, **REAL).returncode == 2
