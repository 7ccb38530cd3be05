"""The benchmarks of the live figures still run; what they measure is not judged here."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.shared_data import PROJECT


@pytest.mark.parametrize("name", ["bench_board_restart", "bench_change_cost"])
def test_a_quick_run_prints_its_table_with_the_machine(name: str) -> None:
    command = [sys.executable, str(PROJECT / "benchmarks" / f"{name}.py"), "--quick"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=110)
    assert ran.returncode == 0, ran.stderr
    assert "| cases stored |" in ran.stdout
    assert "Python" in ran.stdout
