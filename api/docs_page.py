"""`/api/docs`: every machine address with its parameters, from the OpenAPI description; no script, nothing foreign."""

from __future__ import annotations

from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from runtime.i18n import t

_STYLE = """
body { max-width: 72rem; margin: 0 auto; padding: 2rem; line-height: 1.6; }
h1 { font-weight: 700; } h2 { margin: 2rem 0 .3rem; font-size: 1.15rem; font-family: ui-monospace, monospace; }
h2 span { margin-right: .8rem; padding: .1rem .6rem; color: #000; background: var(--cw-l4); border-radius: .25rem; }
a { color: var(--cw-l4); } p { margin: .2rem 0; color: var(--cw-text-2); }
table { width: 100%; margin: .5rem 0; border-collapse: collapse; background: var(--cw-panel); }
td { padding: .4rem .8rem; border-top: 1px solid var(--cw-line); vertical-align: top; }
td:first-child { width: 16rem; font-family: ui-monospace, monospace; }
"""


def docs_router() -> APIRouter:
    """The route."""
    router = APIRouter(include_in_schema=False)

    @router.get("/api/docs")
    async def show(request: Request) -> Response:
        return HTMLResponse(docs_page(request.app.openapi()))

    return router


def docs_page(description: dict[str, Any]) -> str:
    """The page for an OpenAPI description."""
    entrances = [
        _entrance(path, method, operation)
        for path, methods in sorted(description["paths"].items())
        for method, operation in methods.items()
    ]
    title, times = escape(description["info"]["title"]), escape(t("时间均为毫秒时间戳（UTC）"))
    return f"""<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<link rel="stylesheet" href="/assets/css/00-tokens.css"><link rel="icon" href="data:,"><style>{_STYLE}</style></head>
<body><h1>{title}</h1><p><a href="/openapi.json">openapi.json</a> · {times}</p>
{"".join(entrances)}</body></html>"""


def _entrance(path: str, method: str, operation: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td>{escape(parameter['name'])}</td><td>{escape(_about(parameter))}</td></tr>"
        for parameter in operation.get("parameters", [])
    )
    return (
        f"<h2><span>{escape(method.upper())}</span>{escape(path)}</h2><p>{escape(operation.get('summary', ''))}</p>"
        f"{f'<table>{rows}</table>' if rows else ''}"
    )


def _about(parameter: dict[str, Any]) -> str:
    schema = parameter.get("schema", {})
    default = schema.get("default")
    return " · ".join(
        part
        for part in (
            parameter.get("description", ""),
            schema.get("type", ""),
            f"default {default}" if default not in (None, "") else "",
        )
        if part
    )
