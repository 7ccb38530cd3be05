"""Which language a request is answered in: the cookie's choice, else Chinese; and the browser's share of the words."""

from __future__ import annotations

import json
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from fastapi import APIRouter, Response

from runtime.i18n import LANGUAGES, SOURCE_LANGUAGE, catalog, language

if TYPE_CHECKING:
    from starlette.types import Scope

COOKIE = "cw_lang"


def chosen(scope: Scope) -> str:
    """The language the cookie asks for, if the hall speaks it."""
    cookies: SimpleCookie = SimpleCookie()
    for name, value in scope["headers"]:
        if name == b"cookie":
            try:
                cookies.load(value.decode("latin-1"))
            except CookieError:
                return SOURCE_LANGUAGE
    wanted = cookies[COOKIE].value if COOKIE in cookies else SOURCE_LANGUAGE
    return wanted if wanted in LANGUAGES else SOURCE_LANGUAGE


def words_router() -> APIRouter:
    """`/api/v1/words.js`: the catalog of the request's language, for the scripts in the page."""
    router = APIRouter()

    @router.get("/api/v1/words.js", include_in_schema=False)
    async def words() -> Response:
        code = language.get()
        body = json.dumps({"language": code, "texts": dict(catalog(code))}, ensure_ascii=False)
        headers = {"Cache-Control": "no-cache", "Vary": "Cookie"}
        return Response(f"window.citywallWords={body};", media_type="text/javascript; charset=utf-8", headers=headers)

    return router
