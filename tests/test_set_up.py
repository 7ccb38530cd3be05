"""How the house is set up on a machine that has nothing: the lock, the Makefile, and what CI calls."""

from __future__ import annotations

import re
import subprocess
import tomllib
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.shared_data import PROJECT

LOCK = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
LOCKED = {canonicalize_name(name): version for name, version in re.findall(r"^([\w.-]+)==(\S+)", LOCK, re.MULTILINE)}


def wanted() -> list[Requirement]:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    return [Requirement(text) for text in project["project"]["dependencies"] + project["dependency-groups"]["dev"]]


def test_the_lock_holds_a_fitting_version_of_everything_the_project_names() -> None:
    wrong = [str(r) for r in wanted() if not r.specifier.contains(LOCKED.get(canonicalize_name(r.name), "0"))]
    assert wrong == [], "run `make lock`"


def test_every_locked_package_is_pinned_by_its_hashes() -> None:
    blocks = re.split(r"\n(?=\S)", LOCK)
    unhashed = [block.splitlines()[0] for block in blocks if "==" in block and "--hash=sha256:" not in block]
    assert unhashed == []


def test_the_lock_names_no_place_to_fetch_from() -> None:
    assert re.findall(r"(?m)^\s*(?:--?(?:extra-)?index|--find-links|-i )", LOCK) == []
    assert "://" not in LOCK
    assert not (PROJECT / "uv.lock").exists()


def test_what_runs_here_is_what_is_installed() -> None:
    installed = {canonicalize_name(Requirement(text).name) for text in requires("citywall") or []}
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    assert installed == {canonicalize_name(Requirement(text).name) for text in project["project"]["dependencies"]}


def test_ci_runs_the_readme_s_own_command_and_stops_at_the_first_failure() -> None:
    script = (PROJECT / ".ci" / "run").read_text(encoding="utf-8")
    commands = [line for line in script.splitlines() if line and not line.startswith("#")]
    assert commands[0] == "set -euo pipefail"
    assert commands[-1] == "make test"
    assert len(commands) <= 3


def made(tmp_path: Path, python: str) -> subprocess.CompletedProcess[str]:
    """`make setup` into an empty folder with a stand-in for Python."""
    stand_in = tmp_path / "python"
    stand_in.write_text(f"#!/bin/sh\n{python}\n")
    stand_in.chmod(0o755)
    command = ["make", "setup", f"PYTHON={stand_in}", f"VENV={tmp_path}/venv"]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)


def test_an_old_python_is_told_which_one_is_needed_and_how_to_name_it(tmp_path: Path) -> None:
    result = made(tmp_path, "exit 1")
    assert result.returncode != 0
    assert "needs Python 3.11 or newer" in result.stderr
    assert "make PYTHON=" in result.stderr


def test_a_python_without_venv_is_told_the_package_that_brings_it(tmp_path: Path) -> None:
    result = made(tmp_path, 'case "$1" in -m) exit 1;; esac')
    assert result.returncode != 0
    assert "python3-venv" in result.stderr


def test_a_failed_set_up_is_begun_again_the_next_time(tmp_path: Path) -> None:
    made(tmp_path, "exit 1")
    assert not (tmp_path / "venv").exists()


def test_the_script_that_installs_what_tests_need_is_sound() -> None:
    result = subprocess.run(
        ["bash", "-n", "tests/system_packages.sh"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")
