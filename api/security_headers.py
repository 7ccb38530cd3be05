"""Headers that tell the browser what our pages never do: run foreign scripts, be framed, leak addresses."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from starlette.datastructures import Headers
from starlette.types import Scope

from api.cookies import is_secure

InlineScripts = Callable[[], Sequence[str]]
"""CSP hashes (`'sha256-…'`) of the inline scripts that a page of ours may contain: Dash's `csp_hashes`."""

_HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d+)?|\[[0-9A-Fa-f:]+\](:\d+)?")

FIXED: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(self), payment=(), usb=()"),
)


def content_security_policy(scope: Scope, inline_scripts: Sequence[str]) -> str:
    """The policy for a page of this request.

    Scripts are our files and the listed inline ones only. Styles may be inline: Leaflet, AG Grid and Mantine write
    style elements. Workers and media may be blobs (the tiles' worker, Media Source). Sockets are named by host because
    not every browser counts `ws:` as `'self'`.
    """
    host = Headers(scope=scope).get("host", "")
    scheme = "wss" if is_secure(scope) else "ws"
    socket = f" {scheme}://{host}" if _HOST.fullmatch(host) else ""
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(("script-src 'self'", *inline_scripts)),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            f"connect-src 'self'{socket}",
            "worker-src 'self' blob:",
            "media-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
