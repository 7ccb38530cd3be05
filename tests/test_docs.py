"""Documents that drift are worse than none: what is listed by hand is compared with the program."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest
from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from domain.action import RefusalCode
from domain.camera import CameraCondition, CameraError, CameraState
from domain.freshness import Face
from runtime.settings import PREFIX, Settings
from runtime.supervision import RoleState
from tests.shared_data import PROJECT
from tests.source_tree import ROOMS, nodes, python_files, where

DOCS = PROJECT / "docs"
WRITTEN = sorted([*PROJECT.glob("*.md"), *DOCS.rglob("*.md"), *(PROJECT / "benchmarks").glob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
SETTING_ROW = re.compile(r"^\| `(CITYWALL_\w+)` \| (.+?) \| (.+) \|$", re.MULTILINE)


def read(name: str) -> str:
    return (PROJECT / name).read_text(encoding="utf-8")


# --- settings ---------------------------------------------------------------------------------------------------------


def _documented() -> dict[str, tuple[str, str]]:
    return {name: (default, meaning) for name, default, meaning in SETTING_ROW.findall(read("docs/settings.md"))}


def test_every_setting_is_documented_and_nothing_else_is() -> None:
    assert list(_documented()) == [PREFIX + name.upper() for name in Settings.model_fields]


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_documented_default_is_the_real_one(name: str) -> None:
    default = Settings.model_fields[name].default
    written = _documented()[PREFIX + name.upper()][0]
    assert default is not PydanticUndefined
    if default in (None, ()):
        assert written in ("*absent*", "*none*")
    else:
        assert written == f"`{str(default).lower() if isinstance(default, bool) else default}`"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_documented_meaning_begins_with_the_program_s_own_words(name: str) -> None:
    described = (Settings.model_fields[name].description or "").rstrip(".").split(";")[0].split(",")[0]
    meaning = _documented()[PREFIX + name.upper()][1]
    assert described.split(" (")[0] in meaning


def test_every_setting_is_read_by_somebody() -> None:
    read_somewhere = {
        node.attr
        for path in [*python_files(*ROOMS), PROJECT / "app.py"]
        if path != PROJECT / "runtime" / "settings.py"
        for node in nodes(path)
        if isinstance(node, ast.Attribute)
        and node.attr in Settings.model_fields
        and "settings" in ast.unparse(node.value)
    }
    assert Settings.model_fields.keys() <= read_somewhere, "use it or remove it"


@pytest.mark.parametrize("name", ["database_url", "redis_url", "demo_password"])
def test_settings_that_may_hold_a_password_mask_themselves(name: str) -> None:
    shown = repr(Settings.model_validate({name: SecretStr("redis://u:S3cret@h")}))
    assert "S3cret" not in shown


# --- links, pages, decisions ------------------------------------------------------------------------------------------


def _links() -> Iterator[tuple[Path, str]]:
    for path in WRITTEN:
        for target in LINK.findall(path.read_text(encoding="utf-8")):
            if "://" not in target and not target.startswith("mailto:"):
                yield path, target


@pytest.mark.parametrize("path", WRITTEN, ids=where)
def test_links_lead_somewhere(path: Path) -> None:
    broken = [
        target
        for file, target in _links()
        if file == path and target.split("#")[0] and not (path.parent / target.split("#")[0]).exists()
    ]
    assert broken == []


@pytest.mark.parametrize("path", WRITTEN, ids=where)
def test_links_inside_a_document_lead_to_a_heading(path: Path) -> None:
    for file, target in _links():
        name, _, anchor = target.partition("#")
        if file == path and anchor:
            there = path.parent / name if name else path
            assert anchor in _anchors(there), f"{target} in {where(path)}"


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


def _page_paths() -> Iterator[str]:
    for path in (PROJECT / "pages").glob("[!_]*.py"):
        for node in nodes(path):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("register_page"):
                yield from (
                    k.value.value for k in node.keywords if k.arg == "path" and isinstance(k.value, ast.Constant)
                )


def test_every_page_is_listed() -> None:
    pages = set(_page_paths())
    listed = set(re.findall(r"^\| `(/[^`]*)` \|", read("docs/architecture.md"), re.MULTILINE))
    assert "/wall" in pages
    assert pages <= listed, f"docs/architecture.md does not list {pages - listed}"


def test_every_decision_is_in_the_index_once_with_its_title() -> None:
    index = re.findall(
        r"^\| \[(\d{4})\]\((\d{4}-[\w-]+\.md)\) \| (.+?) \| (\w+) \|$", read("docs/adr/README.md"), re.MULTILINE
    )
    files = sorted(path.name for path in (DOCS / "adr").glob("[0-9]*.md"))
    assert [file for _, file, _, _ in index] == files
    for number, file, title, status in index:
        text = read(f"docs/adr/{file}")
        assert text.startswith(f"# {number} {title}\n")
        assert f"Status: {status}" in text
        for heading in ("## Context", "## Decision", "## Refused", "## Consequences"):
            assert heading in text


def test_the_rooms_are_explained() -> None:
    for name in ("docs/architecture.md", "CONTRIBUTING.md"):
        for room in ROOMS:
            assert f"`{room}/`" in read(name), f"{name} does not name {room}/"


def test_both_readmes_say_how_to_start_and_name_each_other() -> None:
    for name, other in (("README.md", "README.zh-CN.md"), ("README.zh-CN.md", "README.md")):
        text = read(name)
        assert "make run" in text
        assert "make test" in text
        assert f"({other})" in text


# --- what an operator may meet ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", [CameraState, CameraError, CameraCondition, RoleState, Face, RefusalCode], ids=lambda kind: kind.__name__
)
def test_everything_a_screen_may_say_is_explained(kind: type[StrEnum]) -> None:
    explained = set(re.findall(r"^\| `([\w-]+)` \|", read("docs/operations.md"), re.MULTILINE))
    assert {member.value for member in kind} <= explained


def test_every_source_lamp_is_explained_by_the_name_the_screen_gives_it() -> None:
    script = read("assets/js/wall-head.js")
    names = dict(re.findall(r'"?([a-z][a-z ]*?)"?: t\("([^"]+)"\)', script.split("const NAMES = {")[1].split("};")[0]))
    lamps = set(re.findall(r"^\| `([a-z ]+)` \| (\S+) \|", read("docs/operations.md"), re.MULTILINE))
    assert len(names) >= 8
    assert {(lamp, name) for lamp, name in names.items() if lamp != "board"} <= lamps
    written = (re.findall(r'^(?:\w+_)?SOURCE = "(.+)"$', read(file), re.MULTILINE) for file in _lamp_files())
    assert {
        lamp for found in written for lamp in found
    } <= names.keys()  # without a name it stands there as in the program


def _lamp_files() -> Iterator[str]:
    for room in ("data_access", "roles"):
        yield from (str(path.relative_to(PROJECT)) for path in (PROJECT / room).rglob("*.py"))


# --- the changelog ----------------------------------------------------------------------------------------------------


def test_the_changelog_begins_with_what_is_not_released() -> None:
    text = read("CHANGELOG.md")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE)[0] == "Unreleased"
    unreleased = text.split("## Unreleased")[1].split("\n## ")[0]
    assert re.findall(r"^### (.+)$", unreleased, re.MULTILINE) == ["Added", "Changed", "Fixed", "Removed"]
    assert unreleased.count("\n- ") >= 1


def test_the_licence_is_the_one_the_project_names() -> None:
    assert 'license = "Apache-2.0"' in read("pyproject.toml")
    assert "Apache License" in read("LICENSE")
    assert "Apache License, Version 2.0" in read("NOTICE")
