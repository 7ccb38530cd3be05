"""Keeping a camera's picture or its last minute, attaching it to a case, and looking at it again; at the real door."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import text

from api.evidence import EvidenceDesk, evidence_router
from api.footage import FILM_KEPT, FILMS_KEPT, Footage, NoFootage
from api.view_log import ViewLog
from data_access.audit import AuditEvent
from data_access.evidence import EvidenceStore
from data_access.journal_check import verify_journal
from domain.camera import Camera
from domain.evidence import digest
from domain.journal import milliseconds
from domain.roles import PERMISSIONS, Permission, Role
from tests.api.hall import CAMERA, Hall, store_cases

PICTURE = b"\xff\xd8 a street at noon \xff\xd9"
FILM = bytes(range(256)) * 8
SAVE = "/api/v1/video/evidence"
FROM, TO = 1_786_000_000_000, 1_786_000_040_000
OTHER = replace(CAMERA, camera_id="QD-002", number=2)
KEEPERS = [role for role in Role if Permission.SAVE_EVIDENCE in PERMISSIONS[role]]


@dataclass(frozen=True)
class Shot:
    captured_ms: int
    jpeg: bytes


@dataclass(frozen=True)
class Film:
    from_ms: int
    to_ms: int
    mp4: bytes


@dataclass
class Cameras:
    """The video room: what it was asked, and why it refuses if it does."""

    refuses: str = ""
    asked: list[tuple[int, ...]] = field(default_factory=list)

    async def picture(self, number: int) -> Shot:
        self._ask(number)
        return Shot(FROM, PICTURE)

    async def clip(self, number: int, from_ms: int, to_ms: int) -> Film:
        self._ask(number, from_ms, to_ms)
        return Film(from_ms - 700, to_ms, FILM)

    async def preset(self, camera: Camera) -> str:
        return "路口" if camera.ptz else ""

    def _ask(self, *what: int) -> None:
        self.asked.append(what)
        if self.refuses:
            raise NoFootage(self.refuses)


@dataclass
class Desk:
    hall: Hall
    cameras: Cameras
    views: ViewLog
    store: EvidenceStore

    async def post(self, role: Role = Role.SUPERVISOR, path: str = SAVE, **body: Any) -> Any:
        async with self.hall.client(role, accept="*/*") as client:
            return await client.post(path, json=body)

    async def get(self, path: str, role: Role = Role.SUPERVISOR, **headers: str) -> Any:
        async with self.hall.client(role, **{"accept": "*/*"} | headers) as client:
            return await client.get(path)

    def evolve(self, statement: str, **values: Any) -> None:
        """Change the database behind the hall's back."""
        with self.hall.engine.begin() as connection:
            connection.execute(text("DROP TRIGGER IF EXISTS evidence_no_UPDATE"))
            connection.execute(text("DROP TRIGGER IF EXISTS evidence_no_DELETE"))
            connection.execute(text(statement), values)


@pytest.fixture
def desk(hall: Hall) -> Desk:
    store_cases(hall)
    cameras, views, store = Cameras(), ViewLog(hall.audit, now=hall.clock.now), EvidenceStore(hall.engine)
    parts = EvidenceDesk(
        store=store,
        cases=hall.cases,
        cameras=lambda: [CAMERA, OTHER],
        footage=Footage(picture=cameras.picture, clip=cameras.clip, preset=cameras.preset),
        audit=hall.audit,
        viewed=views.note,
        now=hall.clock.now,
    )
    hall.server.include_router(evidence_router(parts))
    return Desk(hall, cameras, views, store)


async def test_a_picture_is_kept_with_its_time_camera_view_and_operator(desk: Desk) -> None:
    answer = await desk.post(camera=1, what="picture", note=" 井盖缺失 ")
    told = answer.json()
    assert answer.status_code == 201
    assert (told["camera"], told["captured_at"], told["preset"]) == ("QD-001", FROM, "路口")
    assert (told["operator"], told["note"], told["sha256"]) == ("supervisor", "井盖缺失", digest(PICTURE))
    shown = await desk.get(told["url"])
    assert (shown.content, shown.headers["content-type"]) == (PICTURE, "image/jpeg")
    assert shown.headers["cache-control"] == "no-store"


async def test_a_clip_is_kept_from_the_key_frame_the_camera_had(desk: Desk) -> None:
    told = (await desk.post(camera=2, what="clip", from_ms=FROM, to_ms=TO)).json()
    assert desk.cameras.asked == [(2, FROM, TO)]
    assert (told["captured_at"], told["ends_at"], told["kind"]) == (FROM - 700, TO, "clip")
    shown = await desk.get(told["url"])
    assert (shown.content, shown.headers["content-type"]) == (FILM, "video/mp4")


async def test_kept_for_a_case_it_stands_in_the_cases_journal(desk: Desk) -> None:
    told = (await desk.post(camera=1, what="picture", case_no="QD1")).json()
    case = (await desk.get("/api/v1/cases/QD1")).json()
    reference = f"{told['id']}:{digest(PICTURE)}:{FROM}:QD-001"
    newest = case["history"][-1]
    assert (newest["action"], newest["actor"], newest["changes"]) == (
        "attach_evidence",
        "supervisor",
        {"evidence": [reference]},
    )
    assert (case["case"]["evidence"], case["case"]["state"]) == ([reference], "disposing")
    assert verify_journal(desk.hall.engine).faults == ()


async def test_evidence_kept_earlier_joins_a_case_later(desk: Desk) -> None:
    kept = (await desk.post(camera=1, what="picture")).json()
    path = "/api/v1/cases/QD1/evidence"
    assert (await desk.post(path=path, evidence=kept["id"])).status_code == 200
    (listed,) = (await desk.get(path)).json()["evidence"]
    assert (listed["id"], listed["intact"], listed["operator"]) == (kept["id"], True, "supervisor")
    again = await desk.post(path=path, evidence=kept["id"])
    assert (again.status_code, again.json()["error"]) == (409, "duplicate")


async def test_a_case_at_its_end_takes_nothing_and_nothing_is_kept(desk: Desk) -> None:
    answer = await desk.post(camera=1, what="picture", case_no="QD2")
    assert (answer.status_code, answer.json()["error"], "附加证据" in answer.json()["message"]) == (
        409,
        "not_in_this_state",
        True,
    )
    assert desk.cameras.asked == []
    assert desk.hall.audit.newest(9) == []


async def test_a_case_that_moved_on_meanwhile_leaves_the_evidence_kept_and_says_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    standing = desk.hall.cases.get("QD1")
    closed = desk.hall.cases.get("QD2")
    assert standing is not None
    monkeypatch.setattr(desk.hall.cases, "get", lambda case_no: standing)
    assert closed is not None
    answer = (await desk.post(camera=1, what="picture", case_no="QD2")).json()
    assert (answer["error"], answer["kept"]["captured_at"]) == ("not_in_this_state", FROM)
    assert desk.store.get(answer["kept"]["id"]) is not None


async def test_only_who_may_keep_evidence_does(desk: Desk, role: Role) -> None:
    answer = await desk.post(role, camera=1, what="picture", case_no="QD1")
    assert (answer.status_code == 201) is (role in KEEPERS)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"camera": 99, "what": "picture"}, "camera"),
        ({"camera": "QD-099", "what": "picture"}, "camera"),
        ({"camera": "x", "what": "picture"}, "camera"),
        ({"camera": 1, "what": "song"}, "what"),
        ({"camera": 1}, "what"),
        ({"camera": 1, "what": "picture", "from_ms": FROM}, "from_ms"),
        ({"camera": 1, "what": "clip", "to_ms": TO}, "from_ms"),
        ({"camera": 1, "what": "clip", "from_ms": FROM}, "to_ms"),
        ({"camera": 1, "what": "clip", "from_ms": TO, "to_ms": FROM}, "to_ms"),
        ({"camera": 1, "what": "clip", "from_ms": FROM, "to_ms": FROM + 60_001}, "to_ms"),
        ({"camera": 1, "what": "clip", "from_ms": -1, "to_ms": TO}, "from_ms"),
        ({"camera": 1, "what": "clip", "from_ms": FROM, "to_ms": 10**20}, "to_ms"),
        ({"camera": 1, "what": "picture", "note": "x" * 501}, "note"),
        ({"camera": 1, "what": "picture", "case_no": "x" * 65}, "case_no"),
        ({"camera": 1, "what": "picture", "operator": "me"}, "operator"),
    ],
)
async def test_a_wrong_wish_is_refused_with_its_field(desk: Desk, body: dict[str, Any], field: str) -> None:
    answer = await desk.post(**body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert answer.json()["message"]
    assert desk.cameras.asked == []


async def test_an_unknown_case_is_told_as_such(desk: Desk) -> None:
    answer = await desk.post(camera=1, what="picture", case_no="QD9")
    assert (answer.status_code, answer.json()["error"], answer.json()["field"]) == (404, "no_such_case", "case_no")


@pytest.mark.parametrize("code", ["timeout", "nobody", "busy", "nothing_kept", "damaged", "redis", "some new word"])
async def test_cameras_that_give_nothing_say_why_in_words(desk: Desk, code: str) -> None:
    desk.cameras.refuses = code
    answer = await desk.post(camera=1, what="picture", case_no="QD1")
    assert (answer.status_code, answer.json()["error"], answer.json()["code"]) == (409, "no_footage", code)
    assert answer.json()["message"]
    assert (await desk.get("/api/v1/cases/QD1/evidence")).json()["total"] == 0


async def test_who_kept_and_who_looked_is_written_down(desk: Desk) -> None:
    told = (await desk.post(camera=1, what="picture")).json()
    await desk.get(told["url"], Role.LEADER)
    subject = f"{told['id']} of QD-001"
    lines = [(line.who, line.event, line.subject, line.address) for line in reversed(desk.hall.audit.newest(9))]
    assert lines == [
        ("supervisor", AuditEvent.EVIDENCE_SAVED, subject, "10.0.0.7"),
        ("leader", AuditEvent.EVIDENCE_SEEN, subject, "10.0.0.7"),
    ]


async def test_a_department_sees_the_evidence_of_its_own_cases_only(desk: Desk) -> None:
    own = (await desk.post(camera=1, what="picture", case_no="QD1")).json()
    others = (await desk.post(camera=1, what="picture", case_no="QD3")).json()
    nobodys = (await desk.post(camera=1, what="picture")).json()
    assert (await desk.get(own["url"], Role.DEPARTMENT)).content == PICTURE
    for told in (others, nobodys, others | {"url": others["url"].replace("QD3", "QD1")}):
        assert (await desk.get(told["url"], Role.DEPARTMENT)).status_code == 404
    assert (await desk.get("/api/v1/cases/QD1/evidence", Role.DEPARTMENT)).json()["total"] == 1
    assert (await desk.get("/api/v1/cases/QD3/evidence", Role.DEPARTMENT)).status_code == 404


async def test_evidence_names_its_camera(desk: Desk) -> None:
    told = (await desk.post(camera=1, what="picture", case_no="QD1")).json()
    (listed,) = (await desk.get("/api/v1/cases/QD1/evidence")).json()["evidence"]
    assert told["camera_name"] == listed["camera_name"] == CAMERA.name


@pytest.mark.parametrize("role", [Role.WALL_DEVICE, Role.COLLECTOR])
async def test_a_wall_and_a_collector_never_see_evidence(desk: Desk, role: Role) -> None:
    told = (await desk.post(camera=1, what="picture", case_no="QD1")).json()
    assert (await desk.get(told["url"], role)).status_code == 403


@pytest.mark.parametrize("seal", ["", ", sha256 = :other"])
async def test_an_exchanged_picture_is_not_shown_and_loudly_told(
    desk: Desk, caplog: pytest.LogCaptureFixture, seal: str
) -> None:
    """Also where the stored seal was exchanged with it: the journal's word stays."""
    told = (await desk.post(camera=1, what="picture", case_no="QD1")).json()
    values = {"media": b"another street"} | ({"other": digest(b"another street")} if seal else {})
    desk.evolve(f"UPDATE evidence SET media = :media{seal}", **values)
    with caplog.at_level(logging.ERROR):
        answer = await desk.get(told["url"])
    assert (answer.status_code, answer.json()["error"]) == (500, "evidence_damaged")
    assert told["id"] in caplog.text
    (listed,) = (await desk.get("/api/v1/cases/QD1/evidence")).json()["evidence"]
    assert listed["intact"] is not bool(seal)


async def test_evidence_that_is_gone_stays_in_the_list_as_missing(desk: Desk) -> None:
    told = (await desk.post(camera=1, what="picture", case_no="QD1")).json()
    desk.evolve("DELETE FROM evidence")
    (listed,) = (await desk.get("/api/v1/cases/QD1/evidence")).json()["evidence"]
    assert (listed["id"], listed["intact"], listed["kind"]) == (told["id"], False, None)
    assert (await desk.get(told["url"])).status_code == 404


async def test_the_last_minute_can_be_looked_at_before_it_is_kept(desk: Desk) -> None:
    shown = await desk.get(f"/video/QD-001/recent.mp4?from_ms={FROM}&to_ms={TO}")
    assert (shown.content, shown.headers["x-from-ms"]) == (FILM, str(FROM - 700))
    await desk.views.run_once()
    (line,) = desk.hall.audit.newest(9)
    assert (line.event, line.subject) == (AuditEvent.CAMERA_VIEWED, "QD-001")


async def test_a_film_is_wound_to_where_a_browser_asks(desk: Desk) -> None:
    path = f"/video/QD-001/recent.mp4?from_ms={FROM}&to_ms={TO}"
    part = await desk.get(path, range="bytes=256-511")
    assert (part.status_code, part.content) == (206, FILM[256:512])
    assert part.headers["content-range"] == f"bytes 256-511/{len(FILM)}"
    assert (await desk.get(path, range="bytes=2000-")).content == FILM[2000:]
    for odd in ("bytes=9999-", "bytes=5-2", "bytes=-5", "lines=1-2", "bytes=a-b", "bytes=1-2,5-6"):
        assert (await desk.get(path, range=odd)).status_code in (200, 206)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        (f"from_ms={FROM}", "to_ms"),
        (f"from_ms={TO}&to_ms={FROM}", "to_ms"),
        (f"from_ms={FROM}&to_ms={FROM + 61_000}", "to_ms"),
        (f"from_ms=yesterday&to_ms={TO}", "from_ms"),
        (f"from_ms=-5&to_ms={TO}", "from_ms"),
    ],
)
async def test_a_wrong_span_is_refused_with_its_field(desk: Desk, query: str, field: str) -> None:
    answer = await desk.get(f"/video/QD-001/recent.mp4?{query}")
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_a_film_that_is_wound_on_and_back_is_made_once(desk: Desk) -> None:
    path = f"/video/QD-001/recent.mp4?from_ms={FROM}&to_ms={TO}"
    for first in (0, 256, 512):
        assert (await desk.get(path, range=f"bytes={first}-")).content == FILM[first:]
    assert len(desk.cameras.asked) == 1
    for later in range(1, FILMS_KEPT + 1):
        await desk.get(f"/video/QD-001/recent.mp4?from_ms={FROM}&to_ms={TO + later}")
    await desk.get(path)
    assert len(desk.cameras.asked) == FILMS_KEPT + 2, "the oldest one was let go"
    desk.hall.clock.forward(seconds=FILM_KEPT.total_seconds() + 1)
    await desk.get(path)
    assert len(desk.cameras.asked) == FILMS_KEPT + 3


async def test_a_camera_may_be_called_by_its_id(desk: Desk) -> None:
    assert (await desk.post(camera="QD-002", what="picture")).json()["camera"] == "QD-002"


async def test_of_an_unknown_camera_there_is_no_last_minute(desk: Desk) -> None:
    assert (await desk.get(f"/video/QD-999/recent.mp4?from_ms={FROM}&to_ms={TO}")).status_code == 404
    desk.cameras.refuses = "nothing_kept"
    refused = await desk.get(f"/video/QD-001/recent.mp4?from_ms={FROM}&to_ms={TO}")
    assert (refused.status_code, "一分钟" in refused.json()["message"]) == (409, True)


async def test_unknown_evidence_is_a_404(desk: Desk) -> None:
    assert (await desk.get("/video/evidence/ffff")).status_code == 404
    assert (await desk.get("/api/v1/cases/QD9/evidence")).status_code == 404
    unknown = await desk.post(path="/api/v1/cases/QD1/evidence", evidence="ffff")
    assert (unknown.status_code, unknown.json()["field"]) == (422, "evidence")


async def test_what_was_kept_at_this_moment_says_so(desk: Desk) -> None:
    told = (await desk.post(camera=1, what="picture")).json()
    assert told["created_at"] == milliseconds(desk.hall.clock.now())
