"""Names of exported files: whose, what, when and by which rules, in the visitor's language."""

from __future__ import annotations

import re
from urllib.parse import quote

from api.exports.subject import Subject

_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\s]+')
_MOST = 120


def file_name(subject: Subject, suffix: str, kind: str = "") -> str:
    """Such as ``青岛市_部门_2026年11月_flow_department-v1_20261129-1432.xlsx``."""
    scheme = subject.scheme
    parts = [
        subject.city,
        subject.told["object_label"],
        *([kind] if kind else []),
        subject.told["period"]["label"],
        subject.told["convention"]["key"],
        f"{scheme['id']}-v{scheme['version']}",
        f"{subject.made.astimezone(subject.zone):%Y%m%d-%H%M}",
    ]
    return _UNSAFE.sub("-", "_".join(parts))[:_MOST] + "." + suffix


def disposition(name: str) -> str:
    """The header that names a download: RFC 5987 for names beyond ASCII, and a plain one for what is older."""
    plain = re.sub(r"[-_]*_[-_]*", "_", re.sub(r"[^\x21-\x7e]+", "", name)).strip("_-")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
