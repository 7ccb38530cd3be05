"""What somebody is told at a closed door: in words on a page, as JSON to a program, as a close code on a socket."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import Scope

from api.page_frame import document
from api.rules import Needs, Rule
from domain import words
from domain.roles import Identity, Role
from runtime.i18n import t

RETRY_SECONDS = 10
"""How often a refused wall asks again by itself: whoever gives it back its right need not walk to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a request goes no further. `close_code` is for sockets; `retry` lets the page ask again by itself."""

    status: int
    code: str
    title: str
    text: str
    close_code: int = 4403
    login: bool = False
    retry: bool = False
    allowed: tuple[str, ...] = ()


def no_session() -> Refusal:
    return Refusal(
        status=401,
        code="no_session",
        title=t("请先登录"),
        text=t("没有登录，或登录已过期。"),
        close_code=4401,
        login=True,
    )


def lost_device() -> Refusal:
    return Refusal(
        status=403,
        code="device_refused",
        title=t("此大屏的许可已失效"),
        text=t("请管理员用 citywall device add 生成新的链接，在此屏打开一次即可。"),
        close_code=4401,
        retry=True,
    )


def no_right(rule: Rule, identity: Identity) -> Refusal:
    may = t("、").join(role_name(role) for role in rule.roles) if isinstance(rule, Needs) else ""
    return Refusal(
        status=403,
        code="no_right",
        title=t("您的岗位不能打开此页"),
        text=t("您以“{role}”登录；可以打开的岗位：{may}。").format(role=role_name(identity.role), may=may),
    )


def foreign_origin() -> Refusal:
    return Refusal(
        status=403,
        code="foreign_origin",
        title=t("请求来自别的网站"),
        text=t("只接受本系统页面发出的请求。如经代理访问，请管理员设置 CITYWALL_ALLOWED_ORIGINS。"),
    )


def unknown() -> Refusal:
    return Refusal(
        status=404, code="not_found", title=t("没有这个页面"), text=t("请检查地址，或回到首页。"), close_code=4404
    )


def wrong_method(allowed: tuple[str, ...]) -> Refusal:
    methods = tuple(sorted(set(allowed)))
    text = t("此地址只接受：{methods}。").format(methods=t("、").join(methods))
    return Refusal(status=405, code="method_not_allowed", title=t("请求方式不对"), text=text, allowed=methods)


def store_away() -> Refusal:
    return Refusal(
        status=503,
        code="accounts_away",
        title=t("账号数据库暂时没有应答"),
        text=t("恢复后本页会自动打开，无需操作。"),
        close_code=1013,
        retry=True,
    )


def failure() -> Refusal:
    return Refusal(
        status=500, code="failure", title=t("出错了"), text=t("系统内部错误，已记入日志。请稍后再试。"), close_code=1011
    )


def role_name(role: Role) -> str:
    """The post's name in the request's language."""
    return t(words.ROLES[role])


def wants_page(scope: Scope) -> bool:
    """Whether a person's browser asks for a page, rather than a program for data."""
    data = scope["path"].startswith(("/api/", "/_dash-", "/tiles/")) and scope["path"] != "/api/docs"
    return not data and "text/html" in Headers(scope=scope).get("accept", "")


def answer(refusal: Refusal, scope: Scope) -> Response:
    """The refusal as this request can read it; somebody without a session is led to the login page."""
    headers = {"Allow": ", ".join(refusal.allowed)} if refusal.allowed else None
    if not wants_page(scope):
        return JSONResponse({"error": refusal.code, "message": refusal.text}, refusal.status, headers)
    if refusal.login:
        return RedirectResponse(_login_address(scope), 303)
    retry = RETRY_SECONDS if refusal.retry else None
    card = _card(refusal, _login_address(scope))
    return HTMLResponse(document(refusal.title, card, refresh_seconds=retry), refusal.status, headers)


def _login_address(scope: Scope) -> str:
    return f"/login?next={quote(local_address(scope), safe='')}"


def local_address(scope: Scope) -> str:
    """The address that was asked for, without its host."""
    query = scope.get("query_string", b"").decode("latin-1")
    return quote(scope["path"]) + (f"?{query}" if query else "")


def _card(refusal: Refusal, login: str) -> str:
    """The refusal in words, and the ways on: home, and for the wrong post the login (a wall has no other way)."""
    ways = [("/", t("回到首页"))] if not refusal.retry else []
    if refusal.code == "no_right":
        ways.append((login, t("换账号登录")))
    links = "".join(f'<a class="door-button" href="{escape(href)}">{escape(name)}</a>' for href, name in ways)
    return f"<h1>{escape(refusal.title)}</h1><p>{escape(refusal.text)}</p>{links}"
