"""Coming in and going out: `/login`, `/logout`, the link of a wall device, the choice of language."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

import redis
from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.cookies import cookies_of, drop_cookie, locked, set_cookie
from api.csrf import COOKIE as FORM_COOKIE
from api.csrf import LIFE as FORM_LIFE
from api.csrf import Csrf
from api.language import COOKIE as LANGUAGE_COOKIE
from api.login_page import DemoHint, LoginForm, login_page, wait_text
from api.refusals import answer, lost_device, store_away
from api.sessions import SESSION_COOKIE, Sessions
from data_access.accounts import Account, AccountStore
from data_access.audit import AuditEvent, AuditLog
from data_access.errors import StoreError
from data_access.login_throttle import LoginThrottle
from domain.roles import Role
from runtime.i18n import LANGUAGES, language, t

_LARGEST_FORM_BYTES = 8192
_HASHES_AT_ONCE = 2
"""Each check of a password takes 64 MiB and a core; more at once would starve the hall."""
_YEAR_SECONDS = 365 * 86_400

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What the door works with. `demo` is None in a real hall."""

    accounts: AccountStore
    sessions: Sessions
    throttle: LoginThrottle
    audit: AuditLog
    csrf: Csrf
    demo: DemoHint | None = None


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One sent login form, and where it came from."""

    name: str
    password: str
    next_address: str
    token: str
    address: str


def accounts_router(door: Door) -> APIRouter:
    """The four entrances."""
    router = APIRouter(include_in_schema=False)
    hashing = asyncio.Semaphore(_HASHES_AT_ONCE)

    @router.get("/login")
    async def show_login(
        request: Request, next_address: Annotated[str, Query(alias="next")] = "/", lang: str = ""
    ) -> Response:
        return await _show_login(door, request, local(next_address), lang)

    @router.post("/login")
    async def log_in(request: Request) -> Response:
        return await _log_in(door, request, hashing)

    @router.post("/logout")
    async def log_out(request: Request) -> Response:
        return await _log_out(door, request)

    @router.get("/device/{token}")
    async def link_device(request: Request, token: str) -> Response:
        return await _link_device(door, request, token)

    @router.get("/lang/{code}")
    async def choose_language(request: Request, code: str) -> Response:
        return _choose_language(request, code)

    return router


def local(address: str) -> str:
    """The address if it leads to a page of ours, else the home page: nobody is sent elsewhere by our login."""
    plain = address.isprintable() and "\\" not in address
    if not plain or not address.startswith("/") or address.startswith("//"):
        return "/"
    parts = urlsplit(address)
    return "/" if parts.scheme or parts.netloc or parts.path in ("/login", "/logout") else address


async def _show_login(door: Door, request: Request, next_address: str, lang: str) -> Response:
    if lang in LANGUAGES:
        language.set(lang)
    try:
        seen = await door.sessions.identify(cookies_of(request.scope))
    except StoreError as error:
        log.error("cannot tell whether somebody is logged in: %s", error)
        return answer(store_away(), request.scope)
    if seen.identity is not None and seen.identity.role is not Role.WALL_DEVICE:
        return RedirectResponse(next_address, 303)
    response = _page(door, request, LoginForm(token="", next_address=next_address))
    if lang in LANGUAGES:
        _remember_language(response, request, lang)
    return response


async def _log_in(door: Door, request: Request, hashing: asyncio.Semaphore) -> Response:
    attempt = await _read(request)
    if not door.csrf.accepts(attempt.token, cookies_of(request.scope).get(FORM_COOKIE)):
        return _again(door, request, attempt, t("页面已过期，请再登录一次。"), 403)
    if not attempt.name or not attempt.password:
        return _again(door, request, attempt, t("请填写账号和密码。"), 422)
    try:
        wait = await door.throttle.begin(attempt.name, attempt.address)
        if wait:
            log.warning("login from %s must wait %.0f s", attempt.address, wait)
            return _again(door, request, attempt, wait_text(wait), 429, {"Retry-After": str(max(1, round(wait)))})
        async with hashing:
            account = await asyncio.to_thread(door.accounts.authenticate, attempt.name, attempt.password)
        await _remember(door, attempt, account)
    except (StoreError, redis.RedisError) as error:
        log.error("nobody can log in: %s", error)
        return _again(door, request, attempt, t("登录服务暂时没有应答，请稍候再试。"), 503, {"Retry-After": "5"})
    if account is None:
        return _again(door, request, attempt, t("账号或密码不正确。"), 401)
    response = RedirectResponse(attempt.next_address, 303)
    response.headers.append("set-cookie", locked(door.sessions.open(account), request.scope))
    return response


async def _remember(door: Door, attempt: _Attempt, account: Account | None) -> None:
    """Write the try down, under the account's name or under none: what was typed may be a password."""
    if account is not None:
        await door.throttle.succeeded(attempt.name, attempt.address)
        event, who = AuditEvent.LOGGED_IN, account.name
    else:
        known = await asyncio.to_thread(door.accounts.get, attempt.name)
        event, who = AuditEvent.LOGIN_FAILED, known.name if known else ""
    log.info("%s: %s from %s", event.value, who or "unknown account", attempt.address)
    await asyncio.to_thread(door.audit.record, event, who=who, address=attempt.address)


async def _log_out(door: Door, request: Request) -> Response:
    try:
        identity = await door.sessions.end(cookies_of(request.scope))
        if identity is not None:
            await asyncio.to_thread(
                door.audit.record, AuditEvent.LOGGED_OUT, who=identity.name, address=_address(request)
            )
    except StoreError as error:
        log.error("cannot log out: %s", error)
        return answer(store_away(), request.scope)
    response = RedirectResponse("/login", 303)
    response.headers.append("set-cookie", locked(drop_cookie(SESSION_COOKIE), request.scope))
    return response


async def _link_device(door: Door, request: Request, token: str) -> Response:
    try:
        device = await asyncio.to_thread(door.accounts.authenticate_device, token)
        if device is None:
            return answer(lost_device(), request.scope)
        await asyncio.to_thread(
            door.audit.record, AuditEvent.DEVICE_LINKED, who=device.identity.name, address=_address(request)
        )
        await asyncio.to_thread(door.accounts.device_seen, device.name)
    except StoreError as error:
        log.error("cannot link a device: %s", error)
        return answer(store_away(), request.scope)
    response = RedirectResponse("/wall", 303)
    response.headers.append("set-cookie", locked(door.sessions.open_device(device), request.scope))
    return response


def _choose_language(request: Request, code: str) -> Response:
    if code not in LANGUAGES:
        raise HTTPException(404, "unknown language")
    came_from = urlsplit(request.headers.get("referer", ""))
    own = came_from.netloc == request.headers.get("host")
    back = came_from.path + (f"?{came_from.query}" if came_from.query else "") if own else "/"
    response = RedirectResponse(local(back), 303)
    _remember_language(response, request, code)
    return response


def _remember_language(response: Response, request: Request, code: str) -> None:
    cookie = set_cookie(LANGUAGE_COOKIE, code, max_age_seconds=_YEAR_SECONDS)
    response.headers.append("set-cookie", locked(cookie, request.scope))


def _page(
    door: Door, request: Request, form: LoginForm, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """The form with a fresh token, and the cookie that the token is bound to."""
    value = cookies_of(request.scope).get(FORM_COOKIE) or door.csrf.browser_value()
    filled = LoginForm(
        token=door.csrf.token(value), next_address=form.next_address, name=form.name, problem=form.problem
    )
    response = HTMLResponse(login_page(filled, door.demo), status, {"Cache-Control": "no-store", **(headers or {})})
    cookie = set_cookie(FORM_COOKIE, value, max_age_seconds=round(FORM_LIFE.total_seconds()), path="/login")
    response.headers.append("set-cookie", locked(cookie, request.scope))
    return response


def _again(
    door: Door,
    request: Request,
    attempt: _Attempt,
    problem: str,
    status: int,
    headers: dict[str, str] | None = None,
) -> Response:
    form = LoginForm(token="", next_address=attempt.next_address, name=attempt.name[:64], problem=problem)
    return _page(door, request, form, status, headers)


async def _read(request: Request) -> _Attempt:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _LARGEST_FORM_BYTES:
            raise HTTPException(413, "the form is too large")
    fields = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    return _Attempt(
        name=fields.get("name", "").strip(),
        password=fields.get("password", ""),
        next_address=local(fields.get("next", "/")),
        token=fields.get("form", ""),
        address=_address(request),
    )


def _address(request: Request) -> str:
    return request.client.host if request.client else "local"
