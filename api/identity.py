"""Who asks, for the length of one request or socket. The guard sets it; everything inside may read it."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from fastapi import HTTPException

from domain.roles import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a cookie or token says: whose it is, under which epoch of that account, and when it was last renewed."""

    device: bool
    name: str
    epoch: int
    session_id: str
    renewed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who asks, from which network address, and the cookies to hand back.

    `claims` is None without a session. `lost_device` marks a wall whose permission was withdrawn.
    """

    identity: Identity | None = None
    claims: Claims | None = None
    renewals: tuple[str, ...] = ()
    lost_device: bool = False
    address: str = ""


NOBODY = Visitor()

visitor: ContextVar[Visitor] = ContextVar("visitor", default=NOBODY)


def current_identity() -> Identity | None:
    """Who the running request, callback or socket belongs to; None outside one and for nobody."""
    return visitor.get().identity


def asker() -> Identity:
    """The same for routes that nobody reaches without a session.

    Raises:
        HTTPException: 401, there is none after all.
    """
    who = current_identity()
    if who is None:
        raise HTTPException(401, "no session")
    return who
