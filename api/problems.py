"""How errors of our routes read: JSON for programs, a page in words for people, always naming what to change."""

from __future__ import annotations

import logging
import re

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from api import refusals
from data_access.errors import StoreError
from data_access.history.reader import HistoryBehind
from domain.case_query import QueryError
from runtime.i18n import t

log = logging.getLogger(__name__)


class FieldProblem(ValueError):
    """A parameter asks for something impossible; the text says what is possible."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(f"{field}: {text}")
        self.field = field
        self.text = text


def add_problem_handlers(app: FastAPI) -> None:
    """Turn every exception of a route into an answer in words."""
    app.add_exception_handler(FieldProblem, _on_field)
    app.add_exception_handler(QueryError, _on_query)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(StoreError, _on_store)
    app.add_exception_handler(HistoryBehind, _on_history)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_failure)


def _wrong(field: str, text: str) -> JSONResponse:
    return JSONResponse({"error": "bad_value", "field": field, "message": text}, 422)


async def _on_field(_request: Request, error: Exception) -> Response:
    return _wrong(error.field, str(error)) if isinstance(error, FieldProblem) else _wrong("", str(error))


async def _on_query(_request: Request, error: Exception) -> Response:
    name = re.match(r"\w+", str(error))
    return _wrong(name.group() if name else "", str(error))


async def _on_validation(_request: Request, error: Exception) -> Response:
    first = error.errors()[0] if isinstance(error, RequestValidationError) else {"loc": ("",), "msg": ""}
    field = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    return _wrong(field, f"{field}: {first['msg']}")


async def _on_store(request: Request, error: Exception) -> Response:
    log.error("%s cannot be answered: %s", request.scope.get("citywall.rule", "a request"), error)
    away = refusals.Refusal(
        status=503,
        code="store_away",
        title=t("数据库暂时没有应答"),
        text=t("恢复后请再试；原因已记入日志。"),
    )
    return refusals.answer(away, request.scope)


async def _on_history(request: Request, _error: Exception) -> Response:
    """The columnar copy is being built for the first time; what needs no copy answers meanwhile."""
    not_yet = refusals.Refusal(
        status=503,
        code="history_behind",
        title=t("历史数据正在准备"),
        text=t("首次整理完成后即可查看；请一分钟后再试。"),
    )
    return refusals.answer(not_yet, request.scope)


async def _on_http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 404:
        return refusals.answer(refusals.unknown(), request.scope)
    detail = str(error.detail) if isinstance(error, HTTPException) else ""
    title = t("请求不能完成（{status}）").format(status=status)
    told = refusals.Refusal(status=status, code=f"http_{status}", title=title, text=detail)
    return refusals.answer(told, request.scope)


async def _on_failure(request: Request, _error: Exception) -> Response:
    """The server logs the exception itself after this answer; nobody outside reads its text."""
    return refusals.answer(refusals.failure(), request.scope)
