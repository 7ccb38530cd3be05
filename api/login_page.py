"""The login page: a form, a reason when it failed, the other language, and in the demo who one may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from api.page_frame import document
from api.refusals import role_name
from domain.roles import Role
from runtime.i18n import SOURCE_LANGUAGE, language, t


@dataclass(frozen=True, slots=True)
class DemoHint:
    """The demo city's accounts, by name and post. Their password is shown where the hall was started, not here."""

    accounts: Sequence[tuple[str, Role]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginForm:
    """What the form is filled with. `problem` is a sentence in the request's language."""

    token: str
    next_address: str
    name: str = ""
    problem: str = ""


def login_page(form: LoginForm, demo: DemoHint | None) -> str:
    """The page, in the request's language."""
    return document(t("登录"), _form(form) + _foot(form) + (_demo(demo) if demo else ""))


def wait_text(seconds: float) -> str:
    """How long somebody must wait, in words."""
    if seconds < 60:
        return t("尝试次数过多，请在 {seconds} 秒后再试。").format(seconds=max(1, round(seconds)))
    return t("尝试次数过多，请在 {minutes} 分钟后再试。").format(minutes=max(1, round(seconds / 60)))


def _form(form: LoginForm) -> str:
    problem = f'<p class="door-alert" role="alert">{escape(form.problem)}</p>' if form.problem else ""
    focus_name, focus_password = ("", " autofocus") if form.name else (" autofocus", "")
    log_in, account, password = escape(t("登录")), escape(t("账号")), escape(t("密码"))
    return f"""<h1>{log_in}</h1>{problem}<form method="post" action="/login">
<input type="hidden" name="form" value="{escape(form.token)}">
<input type="hidden" name="next" value="{escape(form.next_address)}">
<label for="name">{account}</label>
<input id="name" name="name" value="{escape(form.name)}" autocomplete="username" autocapitalize="none"
 spellcheck="false" maxlength="64" required{focus_name}>
<label for="password">{password}</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="128"
 required{focus_password}>
<button class="door-button" type="submit">{log_in}</button></form>"""


def _foot(form: LoginForm) -> str:
    other, name = ("en", "English") if language.get() == SOURCE_LANGUAGE else ("zh", "中文")
    address = f"/login?lang={other}&amp;next={quote(form.next_address, safe='')}"
    forgotten = escape(t("忘记密码请联系系统管理员"))
    return f'<p class="door-foot"><span>{forgotten}</span><a href="{address}" hreflang="{other}">{name}</a></p>'


def _demo(demo: DemoHint) -> str:
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(role_name(role))}</dd>" for name, role in demo.accounts)
    word, hint = escape(t("演示")), escape(t("数据均为虚构；密码见启动窗口。"))
    return f'<section class="door-demo"><b>{word}</b>{hint}<dl>{rows}</dl></section>'
