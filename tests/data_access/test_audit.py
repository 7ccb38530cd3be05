from __future__ import annotations

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from data_access.audit import AuditEvent, AuditLog
from tests.hand_clock import HandClock


def test_the_newest_events_come_first(engine: Engine) -> None:
    clock = HandClock()
    log = AuditLog(engine, now=clock.now)
    log.record(AuditEvent.LOGGED_IN, who="li.wei", address="10.0.0.7")
    clock.forward(minutes=5)
    log.record(AuditEvent.CAMERA_VIEWED, who="li.wei", subject="QD-017", address="10.0.0.7")
    newest, older = log.newest(10)
    assert (newest.event, newest.subject, newest.at) == (AuditEvent.CAMERA_VIEWED, "QD-017", clock.now())
    assert older.event is AuditEvent.LOGGED_IN
    assert log.newest(1) == [newest]


@pytest.mark.parametrize("change", ["UPDATE audit SET who = 'nobody'", "DELETE FROM audit"])
def test_what_was_written_can_neither_be_changed_nor_removed(engine: Engine, change: str) -> None:
    log = AuditLog(engine, now=HandClock().now)
    log.record(AuditEvent.LOGIN_FAILED, who="li.wei")
    with engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(change))
    assert [line.who for line in log.newest(10)] == ["li.wei"]
