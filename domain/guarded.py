"""The mark on a function that answers people: what they must be permitted. The door (`api.dash_guard`) enforces it.

A page marks its callbacks; it need not know the door. A callback without a mark answers nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from domain.roles import Permission

Answering = TypeVar("Answering", bound=Callable[..., Any])

_MARK = "citywall_needs"


def guarded(*permissions: Permission) -> Callable[[Answering], Answering]:
    """Mark a function: it answers whoever holds one of the permissions; without one, everybody with a session."""

    def mark(function: Answering) -> Answering:
        setattr(function, _MARK, permissions)
        return function

    return mark


def needed_by(function: Callable[..., Any]) -> tuple[Permission, ...] | None:
    """The mark; None where nobody set one."""
    found: tuple[Permission, ...] | None = getattr(function, _MARK, None)
    return found
