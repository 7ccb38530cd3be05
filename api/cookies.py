"""Cookies as header lines: read without trust, written with every lock a browser knows."""

from __future__ import annotations

from starlette.types import Scope


def cookies_of(scope: Scope) -> dict[str, str]:
    """The request's cookies; of a name sent twice the first counts. Garbage yields nothing, never an exception."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        if name == b"cookie":
            for part in value.decode("latin-1").split(";"):
                cookie, _, content = part.partition("=")
                found.setdefault(cookie.strip(), content.strip())
    return found


def set_cookie(name: str, value: str, *, max_age_seconds: int, path: str = "/") -> str:
    """A `Set-Cookie` value without `Secure`: the guard adds that where the request came over https."""
    return f"{name}={value}; Path={path}; Max-Age={max_age_seconds}; HttpOnly; SameSite=Lax"


def drop_cookie(name: str) -> str:
    return set_cookie(name, "", max_age_seconds=0)


def is_secure(scope: Scope) -> bool:
    return scope.get("scheme") in ("https", "wss")


def locked(cookie: str, scope: Scope) -> str:
    """The cookie, kept to https if that is how it was asked for."""
    return f"{cookie}; Secure" if is_secure(scope) else cookie
