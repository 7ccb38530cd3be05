"""Every sign the pages write is in the typefaces we ship: a screen in the hall has no other fonts to fall back on."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from fontTools.ttLib import TTFont

from tests.shared_data import PROJECT

NOT_SHOWN = frozenset("｜✗")
"""Typed into the command bar by people, and printed by the command line."""
_REMARK = re.compile(r"/\*.*?\*/|^\s*//.*$|\s//\s.*$", re.DOTALL | re.MULTILINE)


def drawn() -> set[int]:
    files = (PROJECT / "assets" / "fonts").glob("*.woff2")
    return {code for file in files for code in TTFont(file).getBestCmap()}


def written() -> dict[str, set[str]]:
    """Signs beyond ASCII → the files that write them, remarks left out."""
    found: dict[str, set[str]] = {}
    for folder, kinds in (("assets", ("js", "css")), ("components", ("py",)), ("pages", ("py",)), ("domain", ("py",))):
        for kind in kinds:
            for file in (PROJECT / folder).rglob(f"*.{kind}"):
                for sign in _text(file):
                    found.setdefault(sign, set()).add(file.name)
    return {sign: files for sign, files in found.items() if sign > "\x7f" and sign.isprintable()}


def _text(file: Path) -> str:
    source = file.read_text(encoding="utf-8")
    if file.suffix != ".py":
        return _REMARK.sub("", source)
    tree = ast.parse(source)
    remarks = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in remarks)
    return "".join(node.value for node in texts if isinstance(node.value, str))


def test_every_sign_is_in_our_typefaces() -> None:
    have = drawn()
    lacking = {sign: sorted(files) for sign, files in written().items() if ord(sign) not in have}
    assert {sign: files for sign, files in lacking.items() if sign not in NOT_SHOWN} == {}
