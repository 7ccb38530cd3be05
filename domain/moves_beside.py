"""Moves beside the loop: rows of the workflow's table that domain sheet 4.4 does not number.

They carry an outside system's history in, and attach evidence. None of them moves a case or its clocks by itself.
"""

from __future__ import annotations

from domain.action import Action
from domain.case import OPEN_STATES
from domain.command_facts import IMPORT_FACTS
from domain.roles import PERMISSIONS, Permission, Role
from domain.transition import Transition
from domain.words import text

_IMPORTING = frozenset({Role.ADMIN})
_KEEPING_EVIDENCE = frozenset(role for role in Role if Permission.SAVE_EVIDENCE in PERMISSIONS[role])

BESIDE_THE_LOOP: dict[Action, Transition] = {
    Action.IMPORT_REPORT: Transition(
        zh=text("历史导入"), posts=_IMPORTING, takes=IMPORT_FACTS | {"reported_at"}, once=("reported_at",)
    ),
    Action.IMPORT_STEP: Transition(zh=text("历史进展"), posts=_IMPORTING, sources=OPEN_STATES, takes=IMPORT_FACTS),
    Action.ATTACH_EVIDENCE: Transition(
        zh=text("附加证据"), posts=_KEEPING_EVIDENCE, sources=OPEN_STATES, needs=("evidence",)
    ),
}
