"""Answers to leaders' orders, wherever the case stands by then."""

from __future__ import annotations

from demo import reasons
from demo.scene import HOUR, Plans, Scene
from domain.action import Action


def answering(scene: Scene, *, must: bool = False) -> Plans:
    """The department says what it has done about the order; one in twenty does not, until it `must`."""
    case, luck = scene.case, scene.luck
    if not case.order_open or case.order_at is None or not case.department:
        return
    if must or luck.chance("answered", 0.95):
        at = case.order_at + luck.about("answer order", 7.0, spread=0.7) * HOUR
        words = luck.one_of("answer order", reasons.ORDER_ANSWERED)
        yield scene.plan(at, Action.ANSWER_ORDER, scene.seat(), words)
