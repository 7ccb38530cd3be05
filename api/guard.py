"""The door: every request and every socket passes here first, and goes no further without a line in `rules`.

A plain ASGI layer around everything else, Dash included. It decides in this order: is there such an address, did our
own page ask, who asks, may they. Then it lets in, with the visitor set for everything inside, and locks what comes out:
security headers, cookies renewed, nothing private kept in caches.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from api import refusals
from api.cookies import cookies_of, locked
from api.identity import NOBODY, Visitor, visitor
from api.language import chosen
from api.origin import from_our_page
from api.refusals import Refusal
from api.rules import Line, Needs, Public, line_for, methods_of, shown
from api.security_headers import FIXED, InlineScripts, content_security_policy
from api.sessions import Sessions
from data_access.errors import StoreError
from runtime.i18n import language

SOCKET_CHECK_SECONDS = 30.0
"""How long a revoked session can keep a socket that is already open (plus the seconds `Sessions` believes)."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})

log = logging.getLogger(__name__)


class SessionEnded(OSError):
    """Somebody was logged out while their socket was open. An `OSError`: to the code inside, a lost connection."""


@dataclass(frozen=True, slots=True)
class _Admitted:
    """Who was let in, and by which line."""

    line: Line
    visitor: Visitor


class Guard:
    """The ASGI door. `inline_scripts` lists the CSP hashes of the scripts that may stand in our pages."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        sessions: Sessions,
        monotonic: Callable[[], float],
        allowed_origins: Collection[str] = (),
        inline_scripts: InlineScripts = tuple,
        refused: Callable[[str], None] | None = None,
    ) -> None:
        self._app = app
        self._sessions = sessions
        self._monotonic = monotonic
        self._allowed_origins = frozenset(allowed_origins)
        self._inline_scripts = inline_scripts
        self._refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        words = language.set(chosen(scope))
        try:
            await self._decide(scope, receive, send)
        finally:
            language.reset(words)

    async def _decide(self, scope: Scope, receive: Receive, send: Send) -> None:
        verdict = await self._judge(scope)
        if isinstance(verdict, Refusal):
            await self._refuse(verdict, scope, receive, send)
            return
        client = scope.get("client")
        holder = visitor.set(replace(verdict.visitor, address=client[0] if client else "local"))
        scope["citywall.rule"] = verdict.line.pattern
        try:
            if scope["type"] == "websocket":
                await self._serve_socket(scope, receive, send, verdict.visitor)
            else:
                await self._app(scope, receive, self._dressed(scope, send, verdict))
        finally:
            visitor.reset(holder)

    async def _judge(self, scope: Scope) -> _Admitted | Refusal:
        socket = scope["type"] == "websocket"
        method = "WS" if socket else scope["method"]
        line = line_for(scope["path"], method)
        if line is None:
            allowed = methods_of(scope["path"])
            return refusals.wrong_method(allowed) if allowed and not socket else refusals.unknown()
        headers = Headers(scope=scope)
        token = _bearer(headers)
        changes = socket or method not in _SAFE
        if changes and token is None and not from_our_page(headers, self._allowed_origins):
            return refusals.foreign_origin()
        if isinstance(line.rule, Public):
            return _Admitted(line, NOBODY)
        try:
            seen = await (self._sessions.identify_token(token) if token else self._sessions.identify(cookies_of(scope)))
        except StoreError as error:
            log.error("cannot tell who asks for %s: %s", line.pattern, error)
            return refusals.store_away()
        return _admit(line, seen, scope)

    async def _refuse(self, refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
        log.info("refused %s %s: %s", scope.get("method", "WS"), shown(scope["path"]), refusal.code)
        if self._refused is not None:
            self._refused(refusal.code)
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": refusal.close_code, "reason": refusal.code})
            return
        response = refusals.answer(refusal, scope)
        await response(scope, receive, self._dressed(scope, send, None))

    def _dressed(self, scope: Scope, send: Send, admitted: _Admitted | None) -> Send:
        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._dress(scope, MutableHeaders(raw=message.setdefault("headers", [])), admitted)
            await send(message)

        return dressed

    def _dress(self, scope: Scope, headers: MutableHeaders, admitted: _Admitted | None) -> None:
        headers.raw.extend(FIXED)
        if headers.get("content-type", "").startswith("text/html"):
            headers["content-security-policy"] = content_security_policy(scope, self._scripts())
        private = admitted is None or not isinstance(admitted.line.rule, Public)
        if private and "cache-control" not in headers:
            headers["cache-control"] = "no-store"
        for cookie in admitted.visitor.renewals if admitted else ():
            headers.append("set-cookie", locked(cookie, scope))

    def _scripts(self) -> Sequence[str]:
        return self._inline_scripts()

    async def _serve_socket(self, scope: Scope, receive: Receive, send: Send, seen: Visitor) -> None:
        """Serve a socket, asking now and then, before something is sent, whether the session still stands."""
        checked_at = self._monotonic()
        ended: Refusal | None = None

        async def watched(message: Message) -> None:
            nonlocal checked_at, ended
            due = self._monotonic() - checked_at >= SOCKET_CHECK_SECONDS
            if seen.claims is not None and ended is None and due:
                checked_at = self._monotonic()
                ended = await self._ended(seen)
                if ended is not None:  # at once: the code inside may wait for its client for ever
                    await send({"type": "websocket.close", "code": ended.close_code, "reason": ended.code})
            if ended is not None:
                raise SessionEnded(ended.code)
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except (SessionEnded, WebSocketDisconnect):
            if ended is None:
                raise
            log.info("closed a socket of %s: %s", seen.identity.name if seen.identity else "nobody", ended.code)

    async def _ended(self, seen: Visitor) -> Refusal | None:
        try:
            if seen.claims is None or await self._sessions.stands(seen.claims):
                return None
        except StoreError as error:
            log.error("cannot tell whether an open socket's session stands: %s", error)
            return refusals.store_away()
        return refusals.no_session()


def _admit(line: Line, seen: Visitor, scope: Scope) -> _Admitted | Refusal:
    if line.rule.lets_in(seen.identity) or (
        isinstance(line.rule, Needs) and line.rule.or_loopback and _from_this_machine(scope)
    ):
        return _Admitted(line, seen)
    if seen.identity is None:
        return refusals.lost_device() if seen.lost_device else refusals.no_session()
    return refusals.no_right(line.rule, seen.identity)


def _bearer(headers: Headers) -> str | None:
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" and token.strip() else None


def _from_this_machine(scope: Scope) -> bool:
    """A program on this machine, asked by this machine's name, and not a proxy speaking for somebody else."""
    headers = Headers(scope=scope)
    host = headers.get("host", "")
    name = host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host
    if name not in _LOOPBACK_NAMES or any(header in headers for header in _FORWARDED):
        return False
    return bool(scope.get("client")) and _is_loopback(scope["client"][0])


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
