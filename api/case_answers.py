"""How a command's outcome is answered over HTTP: a refusal with its field, or the case and its newest entry."""

from __future__ import annotations

from typing import Any

from fastapi.responses import JSONResponse

from api.case_json import case_json, entry_json
from data_access.cases import Done
from domain.action import Refusal, RefusalCode
from domain.moves_desk import UNDO
from domain.roles import Identity, Permission
from domain.transitions import TRANSITIONS
from runtime.i18n import t

_STATUS = {
    RefusalCode.NO_RIGHT: 403,
    RefusalCode.NO_SUCH_CASE: 404,
    RefusalCode.FACT_WRONG: 422,
    RefusalCode.FACT_MISSING: 422,
    RefusalCode.REASON_MISSING: 422,
}


def refusal_json(refusal: Refusal) -> dict[str, Any]:
    """A refusal for programs and pages: its code, the field it is about, and the sentence to show."""
    return {"error": refusal.code.value, "field": refusal.field, "message": refusal.text}


def refused(refusal: Refusal, **more: Any) -> JSONResponse:
    """The answer of a command that changed nothing."""
    return JSONResponse(refusal_json(refusal) | more, _STATUS.get(refusal.code, 409))


def done_json(done: Done, who: Identity) -> dict[str, Any]:
    """The case after a command, its entry, and what would undo it; `repeated`: it had been done before."""
    personal = who.may(Permission.SEE_PERSONAL_DATA)
    undo = UNDO.get(done.entry.action)
    return {
        "case": case_json(done.case, personal=personal),
        "entry": entry_json(done.entry, personal=personal)
        | {"label": t(TRANSITIONS[done.entry.action].zh), "who": who.display_name},
        "repeated": done.change is None,
        "undo": None if undo is None else undo.value,
    }
