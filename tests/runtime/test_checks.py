"""What can be wrong with a machine, and the fix each finding names."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.checks import (
    Finding,
    NotStartable,
    check_data_dir,
    check_disk,
    check_port,
    check_python,
    demand,
    hold,
    start_checks,
)
from tests.shared_data import PROJECT


def test_a_healthy_machine_has_nothing_wrong(tmp_path: Path) -> None:
    findings = start_checks(data_dir=tmp_path / "var", host="127.0.0.1", port=0)
    assert [str(finding) for finding in findings if finding.wrong] == []
    assert [finding.name for finding in findings] == ["python", "data_dir", "disk", "port"]


def test_an_old_python_is_named_with_the_one_needed() -> None:
    finding = check_python((3, 9, 2))
    assert finding.wrong
    assert "Python 3.9.2" in str(finding)
    assert "3.11" in finding.fix


def test_a_data_folder_under_a_file_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    finding = check_data_dir(tmp_path / "file" / "var")
    assert str(tmp_path / "file" / "var") in finding.text
    assert "CITYWALL_DATA_DIR" in finding.fix


def test_too_little_room_says_how_much_there_is_and_how_much_is_needed(tmp_path: Path) -> None:
    finding = check_disk(tmp_path / "not" / "made" / "yet", needed_bytes=1 << 62)
    assert "GiB free" in finding.text
    assert "needed" in finding.text
    assert "CITYWALL_DATA_DIR" in finding.fix


def test_a_taken_port_names_the_program_that_holds_it_and_the_setting_to_change() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        finding = check_port("127.0.0.1", port)
    assert f"port {port} on 127.0.0.1 is taken" in finding.text
    assert f"process {os.getpid()}" in finding.text
    assert "CITYWALL_PORT" in finding.fix


def test_a_port_just_left_is_free_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as left:
        port = left.getsockname()[1]
    assert not check_port("127.0.0.1", port).wrong


@pytest.mark.parametrize("host", ["203.0.113.7", "no such host"])
def test_an_address_of_another_machine_is_refused_with_the_setting_to_change(host: str) -> None:
    finding = check_port(host, 0)
    assert finding.wrong
    assert "CITYWALL_HOST" in finding.fix


def test_every_wrong_finding_is_in_the_message_and_no_other() -> None:
    findings = [
        Finding(name=name, text=f"{name} is so.", fix=fix) for name, fix in [("a", "Do A."), ("b", ""), ("c", "Do C.")]
    ]
    with pytest.raises(NotStartable) as caught:
        demand(findings)
    assert str(caught.value) == "a: a is so. Do A.\nc: c is so. Do C."
    demand(findings[1:2])


def test_a_second_hall_on_the_same_folder_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    program = "import sys, pathlib; from runtime.checks import hold\nwith hold(pathlib.Path(sys.argv[1])): pass"
    with hold(tmp_path):
        second = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, cwd=PROJECT, check=False
        )
    assert second.returncode == 1
    assert f"(process {os.getpid()})" in second.stderr
    assert "CITYWALL_DATA_DIR" in second.stderr


def test_a_folder_is_free_again_when_its_hall_has_ended(tmp_path: Path) -> None:
    with hold(tmp_path):
        pass
    with hold(tmp_path):
        assert (tmp_path / "run.lock").read_text() == str(os.getpid())
