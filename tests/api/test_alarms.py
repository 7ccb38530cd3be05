"""The routes of alarms and of handover, behind the real door, on a real database and a real Valkey."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest

from api.alarms import AlarmDesk, alarms_router, rates_router
from api.handover import HandoverDesk, handover_router
from data_access import keys
from data_access.alarm_log import AlarmLog
from data_access.handovers import Handovers
from data_access.live_alarms import LiveAlarms
from data_access.login_throttle import LoginThrottle
from data_access.sources import SourceLamp, SourceState
from domain.alarm import AlarmKind
from domain.alarm_board import AlarmBoard, Called, board_to_wire
from domain.alarm_log import AlarmEvent
from domain.board import row_of
from domain.journal import milliseconds
from domain.roles import PERMISSIONS, Permission, Role
from domain.snapshots import Snapshot
from tests.api.hall import PASSWORD, Hall
from tests.data_access.histories import CITY_ZONE
from tests.domain.alarms_made import make_alarm, raised
from tests.domain.facts_made import make_facts
from tests.domain.tallies import empty_tally

CALLED = Called({"E0101": "路面积水"}, {"370202": "市南区"}, {"D01": "排水处"})


@dataclass
class Desk:
    """The hall with alarms that a test lets stand."""

    hall: Hall
    live: LiveAlarms
    log: AlarmLog
    kept: Handovers
    alarm: Any

    async def stand(self, *alarms: Any) -> None:
        board = AlarmBoard(version=1, as_of=self.hall.clock.now(), alarms=alarms)
        await self.hall.redis.set(keys.ALARMS, orjson.dumps(board_to_wire(board)))
        await self.live._read()

    def events(self) -> list[AlarmEvent]:
        return [entry.event for entry in self.log.since(0).entries]

    def officer(self) -> httpx.AsyncClient:
        return self.hall.client(Role.DUTY_OFFICER)


@pytest.fixture
async def desk(hall: Hall) -> Desk:
    now = hall.clock.now()
    live, log = LiveAlarms(hall.redis, CALLED, hall.clock), AlarmLog(hall.engine)  # type: ignore[arg-type]
    alarms = AlarmDesk(live=live, log=log, redis=hall.redis, zone=CITY_ZONE, now=hall.clock.now)
    rows = {
        "QD1": row_of(make_facts("QD1", claimed_by="duty_officer"), now),
        "QD2": row_of(make_facts("QD2", current_request="extension"), now),
        "QD3": row_of(make_facts("QD3", order_due=now), now),
    }
    board = replace(empty_tally(now).board(now), cases=Snapshot.of(rows))
    lamp = SourceLamp("relay", SourceState.STALE, now, 15.0)
    door = _door(hall)
    handover = HandoverDesk(
        alarms=alarms,
        kept=Handovers(hall.engine),
        door=door,
        redis=hall.redis,
        board=lambda: board,
        lamps=lambda: [lamp],
        called=CALLED,
    )
    for router in (rates_router(alarms), alarms_router(alarms), handover_router(handover)):
        hall.server.include_router(router)
    made = Desk(hall, live, log, handover.kept, make_alarm(AlarmKind.SEVERE, now, department="D01"))
    await made.stand(made.alarm)
    return made


def _door(hall: Hall) -> Any:
    @dataclass
    class Door:
        accounts: Any
        throttle: Any
        audit: Any

    return Door(hall.accounts, LoginThrottle(hall.redis), hall.audit)


async def test_whoever_sees_alarms_sees_what_stands(desk: Desk, role: Role) -> None:
    async with desk.hall.client(role) as client:
        answer = await client.get("/api/v1/alarms")
    if Permission.SEE_ALARMS not in PERMISSIONS[role]:
        assert answer.status_code == 403
        return
    (line,) = answer.json()["alarms"]
    assert (line["id"], line["class_name"], line["department"]) == (desk.alarm.alarm_id, "路面积水", "排水处")
    assert answer.json()["me"]["may_handle"] is (Permission.HANDLE_ALARMS in PERMISSIONS[role])


async def test_only_officers_acknowledge_shelve_and_hand_over(desk: Desk, role: Role) -> None:
    paths = (f"/api/v1/alarms/{desk.alarm.alarm_id}/ack", f"/api/v1/alarms/{desk.alarm.alarm_id}/unshelve")
    async with desk.hall.client(role) as client:
        codes = {(await client.post(path)).status_code for path in paths}
        codes.add((await client.get("/api/v1/handover")).status_code)
    assert codes == ({200} if Permission.HANDLE_ALARMS in PERMISSIONS[role] else {403})


async def test_an_acknowledgement_is_written_with_who_and_when(desk: Desk) -> None:
    async with desk.officer() as client:
        answer = await client.post(f"/api/v1/alarms/{desk.alarm.alarm_id}/ack")
    assert answer.json()["acked"] == [desk.alarm.alarm_id]
    (line,) = desk.log.since(0).entries
    assert (line.event, line.who, line.at) == (AlarmEvent.ACKED, "duty_officer", desk.hall.clock.now())


async def test_the_second_one_is_told_who_was_first(desk: Desk) -> None:
    now = desk.hall.clock.now()
    await desk.stand(replace(desk.alarm, acked_by="wang.lei", acked_name="王磊", acked_at=now))
    async with desk.officer() as client:
        answer = (await client.post(f"/api/v1/alarms/{desk.alarm.alarm_id}/ack")).json()
    assert answer["already"] == [{"id": desk.alarm.alarm_id, "by": "王磊", "at": milliseconds(now)}]
    assert desk.events() == []


async def test_a_group_is_acknowledged_at_once_and_what_is_over_is_told(desk: Desk) -> None:
    others = [make_alarm(at=desk.hall.clock.now()) for _ in range(3)]
    await desk.stand(desk.alarm, *others)
    ids = [alarm.alarm_id for alarm in others]
    async with desk.officer() as client:
        answer = (await client.post("/api/v1/alarms/ack", json={"ids": [*ids, "gone"]})).json()
        single = await client.post("/api/v1/alarms/gone/ack")
    assert (answer["acked"], answer["gone"]) == (ids, ["gone"])
    assert (single.status_code, single.json()["message"]) == (404, "该报警已解除，无须处理。")


async def test_shelving_needs_a_reason_and_an_end_within_the_shift(desk: Desk) -> None:
    path, now = f"/api/v1/alarms/{desk.alarm.alarm_id}/shelve", desk.hall.clock.now()
    good = milliseconds(now + timedelta(minutes=30))
    async with desk.officer() as client:
        wrong = [
            (await client.post(path, json={"until": until, "reason": reason})).json()["field"]
            for until, reason in (
                (good, "  "),
                (milliseconds(now), "雨"),
                (milliseconds(now + timedelta(hours=8)), "雨"),
            )
        ]
        right = await client.post(path, json={"until": good, "reason": "等雨停"})
    assert wrong == ["reason", "until", "until"]
    assert right.status_code == 200
    (line,) = desk.log.since(0).entries
    assert (line.event, line.reason, milliseconds(line.until or now)) == (AlarmEvent.SHELVED, "等雨停", good)


async def test_a_district_officer_cannot_touch_another_districts_alarm(desk: Desk) -> None:
    desk.hall.accounts.add("beiqu", PASSWORD, role=Role.DUTY_OFFICER, district="370203")
    cookie = desk.hall.sessions.open(desk.hall.accounts.get("beiqu")).split(";")[0]  # type: ignore[arg-type]
    async with desk.hall.client(cookie=cookie) as client:
        assert (await client.get("/api/v1/alarms")).json()["alarms"] == []
        assert (await client.post(f"/api/v1/alarms/{desk.alarm.alarm_id}/ack")).status_code == 404
    assert desk.events() == []


async def test_a_sound_test_is_logged_and_a_deaf_seat_is_noted(desk: Desk) -> None:
    async with desk.officer() as client:
        for state in ("lost", "tested"):
            answer = await client.post("/api/v1/alarms/sound", json={"state": state, "seat": "a1b2c3"})
            assert answer.status_code == 204
            told = orjson.loads(await desk.hall.redis.hget(keys.ALARM_SOUND, "duty_officer|a1b2c3"))
            assert told["state"] == ("ok" if state == "tested" else "lost")
        me = (await client.get("/api/v1/alarms")).json()["me"]
    assert desk.events() == [AlarmEvent.SOUND_TESTED]
    assert me["sound_tested_at"] == milliseconds(desk.hall.clock.now())


async def test_rates_are_of_the_shift_unless_a_span_is_asked(desk: Desk) -> None:
    now = desk.hall.clock.now()
    desk.log.append([raised(make_alarm(at=now - timedelta(minutes=5))), raised(make_alarm(at=now - timedelta(days=2)))])
    async with desk.officer() as client:
        shift = (await client.get("/api/v1/alarms/rates")).json()
        since = milliseconds(now - timedelta(days=3))
        longer = (await client.get(f"/api/v1/alarms/rates?since={since}")).json()
        wrong = await client.get(f"/api/v1/alarms/rates?since={milliseconds(now)}")
    assert (shift["raised"], longer["raised"], wrong.status_code) == (1, 2, 422)
    assert shift["aims"]["per_ten_minutes_most"] == 2


async def _draft(client: httpx.AsyncClient) -> dict[str, Any]:
    return (await client.get("/api/v1/handover")).json()


async def test_a_handover_shows_what_the_next_one_must_know(desk: Desk) -> None:
    async with desk.officer() as client:
        shown = (await _draft(client))["shown"]
    assert [line["id"] for line in shown["alarms"]] == [desk.alarm.alarm_id]
    parts = {name: [case["case_no"] for case in shown[name]["cases"]] for name in ("claimed", "requests", "orders")}
    assert parts == {"claimed": ["QD1"], "requests": ["QD2"], "orders": ["QD3"]}
    assert [lamp["name"] for lamp in shown["sources"]] == ["relay"]
    assert shown["shift"]["name"] == "早班"


async def test_both_sign_and_it_is_kept_as_it_was_shown(desk: Desk) -> None:
    desk.hall.account(Role.DISPATCHER)
    async with desk.officer() as client:
        draft = await _draft(client)
        body = {"sha256": draft["sha256"], "taker": "dispatcher", "password": PASSWORD, "note": "2 号屏待修"}
        await desk.stand()
        answer = await client.post("/api/v1/handover", json=body)
        assert answer.status_code == 201
        listed = (await client.get("/api/v1/handovers")).json()["handovers"]
        one = (await client.get(f"/api/v1/handovers/{answer.json()['number']}")).json()
        unknown = await client.get("/api/v1/handovers/999")
    assert [(line["leaver"], line["taker"], line["intact"]) for line in listed] == [
        ("duty_officer", "dispatcher", True)
    ]
    assert (one["shown"], one["sha256"]) == (draft["shown"], draft["sha256"])
    assert unknown.status_code == 404
    assert AlarmEvent.HANDED_OVER in desk.events()


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"password": "wrong"}, 422, "taker_wrong"),
        ({"taker": "nobody"}, 422, "taker_wrong"),
        ({"taker": "duty_officer"}, 422, "same_person"),
        ({"taker": "leader"}, 422, "no_right"),
        ({"password": ""}, 422, "taker_missing"),
        ({"sha256": "0" * 64}, 409, "draft_over"),
    ],
)
async def test_who_cannot_take_over_is_told_why(desk: Desk, changed: dict[str, str], status: int, error: str) -> None:
    for role in (Role.DISPATCHER, Role.LEADER):
        desk.hall.account(role)
    async with desk.officer() as client:
        body = {"sha256": (await _draft(client))["sha256"], "taker": "dispatcher", "password": PASSWORD} | changed
        answer = await client.post("/api/v1/handover", json=body)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["message"]
    assert desk.kept.newest() == []


async def test_guessing_the_takers_password_is_slowed_down_and_written_down(desk: Desk) -> None:
    desk.hall.account(Role.DISPATCHER)
    async with desk.officer() as client:
        body = {"sha256": (await _draft(client))["sha256"], "taker": "dispatcher", "password": "wrong"}
        codes = [(await client.post("/api/v1/handover", json=body)).status_code for _ in range(7)]
    assert codes[-1] == 429
    assert {(line.who, line.subject) for line in desk.hall.audit.newest(20)} == {("dispatcher", "handover")}
