"""The project's own source, as tests read it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.shared_data import PROJECT

ROOMS = ("api", "components", "data_access", "demo", "domain", "pages", "roles", "runtime", "video")


def python_files(*rooms: str) -> Iterator[Path]:
    """Every Python file of the rooms."""
    for room in rooms:
        yield from sorted((PROJECT / room).rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    """The file, parsed."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Everything in the file: walked once, looked at by many tests."""
    return tuple(ast.walk(tree(path)))


def where(path: Path, node: ast.AST | None = None) -> str:
    """How a test names a place."""
    line = getattr(node, "lineno", None)
    return str(path.relative_to(PROJECT)) + (f":{line}" if line else "")


def imported(node: ast.AST) -> Iterator[str]:
    """The modules an import statement names, each also with the name taken from it: `a.b` and `a.b.c`."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
