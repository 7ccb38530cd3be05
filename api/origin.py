"""Did our own page ask? Browsers say so in headers no page can forge; a foreign page rides on the visitor's cookies.

Every socket and every method that changes something must come from our own origin, or one the operator allowed. Only a
bearer token is exempt: no browser sends one by itself.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers

_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def from_our_page(headers: Headers, allowed_origins: Collection[str]) -> bool:
    """Whether the request comes from a page of this host or of an allowed origin.

    Compared by host and port, not by scheme: behind a proxy that ends TLS we only see plain http.
    """
    origin = headers.get("origin")
    if origin is None:
        return headers.get("sec-fetch-site") == "same-origin"
    if origin in allowed_origins:
        return True
    host = headers.get("host", "")
    scheme = origin.partition("://")[0]
    asked = _place(origin, scheme)
    return asked is not None and asked == _place(f"{scheme}://{host}", scheme)


def _place(address: str, scheme: str) -> tuple[str, int | None] | None:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname:
        return None
    return parts.hostname, port or _DEFAULT_PORTS.get(scheme)
