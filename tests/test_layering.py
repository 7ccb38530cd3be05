"""Who may import whom, and what is written once: the rules of the house as failing tests."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shared_data import PROJECT
from tests.source_tree import ROOMS, imported, nodes, python_files, tree, where

LONGEST_FILE_LINES = 400
LONGEST_FUNCTION_LINES = 60
REDIS_PREFIX = "cw1:"
SETTING = re.compile(r"CITYWALL_[A-Z_]+")
REDIS_KEY_FILES = (Path("data_access/keys.py"), Path("video/keys.py"))


def test_arrows_only_point_down() -> None:
    """The contracts stand in `pyproject.toml`."""
    lint = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([lint, "--no-cache"], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr
    assert " 0 broken" in result.stdout


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_says_what_belongs_in_it_and_who_may_import_it(room: str) -> None:
    charter = ast.get_docstring(tree(PROJECT / room / "__init__.py")) or ""
    for words in ("Belongs here:", "Does not belong here:", "May import:"):
        assert words in charter


def test_every_folder_of_the_house_is_a_room_or_named_by_the_design() -> None:
    packages = {path.parent.name for path in PROJECT.glob("*/__init__.py")}
    assert packages - {"tests", "benchmarks"} == set(ROOMS)


def _imports(*rooms: str) -> Iterator[tuple[str, str]]:
    for path in python_files(*rooms):
        for node in nodes(path):
            for module in imported(node):
                yield module, where(path, node)


def test_nobody_imports_the_composition_root() -> None:
    assert [place for module, place in _imports(*ROOMS) if module == "app" or module.startswith("app.")] == []


def test_nobody_imports_a_page() -> None:
    """Dash executes page files by path: an imported one would run twice and register its callbacks twice."""
    pages = {f"pages.{path.stem}" for path in (PROJECT / "pages").glob("[!_]*.py")}
    assert [place for module, place in _imports(*ROOMS, "tests") if module in pages] == []


def test_no_import_hides_inside_a_function() -> None:
    hidden = [
        where(path, node)
        for path in python_files(*ROOMS)
        for function in nodes(path)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
        and any(module.split(".")[0] in ROOMS for module in imported(node))
    ]
    assert hidden == []


def test_pages_take_types_alone_from_the_rooms_below_the_services() -> None:
    """Contracts leave imports for type checking out; here is where they may stand."""
    places = {
        place.split(":")[0] for module, place in _imports("pages") if module.split(".")[0] in ("data_access", "video")
    }
    assert places <= {"pages/_services.py", "pages/_case_rows.py", "pages/_feed.py", "pages/_live.py"}


def test_every_redis_key_is_made_in_a_key_file() -> None:
    elsewhere = [
        where(path, node)
        for path in python_files(*ROOMS)
        if path.relative_to(PROJECT) not in REDIS_KEY_FILES
        for node in nodes(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(REDIS_PREFIX)
    ]
    assert elsewhere == []


def test_every_redis_key_is_written_once() -> None:
    modules = [importlib.import_module(".".join(file.with_suffix("").parts)) for file in REDIS_KEY_FILES]
    keys = [
        value
        for module in modules
        for name, value in vars(module).items()
        if name.isupper() and name != "PREFIX" and isinstance(value, str)
    ]
    assert keys
    assert [key for key, times in Counter(keys).items() if times > 1] == []
    assert all(key.startswith(REDIS_PREFIX) for key in keys)


def test_every_component_id_has_a_name_and_is_written_once() -> None:
    ids = _string_values(PROJECT / "pages" / "_ids.py")
    assert [value for value, times in Counter(ids).items() if times > 1] == []
    spelled_out = [
        where(path, keyword.value)
        for path in python_files("pages", "components")
        for node in nodes(path)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "id" and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str)
    ]
    assert spelled_out == []


def _string_values(path: Path) -> list[str]:
    """Values of `NAME = "text"` anywhere in a module."""
    return [
        node.value.value
        for node in nodes(path)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    ]


def test_setting_variables_are_spelled_in_one_place() -> None:
    """Sentences for people name them; as a value a variable is `PREFIX` and the field's own name."""
    spelled = [
        where(path, node)
        for path in [*python_files(*ROOMS), PROJECT / "app.py"]
        if path != PROJECT / "runtime" / "settings.py"
        for node in nodes(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SETTING.fullmatch(node.value)
    ]
    assert spelled == []


@pytest.mark.parametrize("room", ROOMS)
def test_no_file_holds_more_than_one_idea(room: str) -> None:
    long = {
        where(path): lines
        for path in python_files(room)
        if (lines := path.read_text().count("\n")) > LONGEST_FILE_LINES
    }
    assert long == {}


@pytest.mark.parametrize("room", [*ROOMS, "tests"])
def test_no_function_is_longer_than_a_screen(room: str) -> None:
    long = [
        f"{where(path, node)} {node.name}"
        for path in python_files(room)
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION_LINES
    ]
    assert long == []


def test_no_error_is_swallowed() -> None:
    swallowed = [
        where(path, node)
        for path in [*python_files(*ROOMS), PROJECT / "app.py"]
        for node in nodes(path)
        if isinstance(node, ast.ExceptHandler) and all(isinstance(line, ast.Pass | ast.Continue) for line in node.body)
    ]
    assert swallowed == []
