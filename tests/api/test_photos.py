"""Photos at the real door: taken in, refused in words, shown to whoever may see their case, flagged where staged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from api.case_actions import CaseDesk, case_actions_router
from api.photos import PhotoDesk, photos_router
from data_access.claims import ClaimLeases
from data_access.photo_files import LARGEST_BYTES
from data_access.photos import PhotoStore
from domain.action import Action
from domain.case import CaseState
from domain.evidence import digest
from domain.geo import metres_per_degree
from domain.roles import Identity, Role
from tests.api.hall import Hall
from tests.data_access.histories import CITY_ZONE
from tests.domain.loop import ACTORS, FACTS, PATHS, PEOPLE, command
from tests.made_photos import BAY, jpeg, photo, scene

SEAT = Identity("department", "席位", Role.DEPARTMENT, department="A01")
OTHER_SEAT = "other"


@dataclass
class Desk:
    hall: Hall
    store: PhotoStore

    def fresh(self, seed: int, **more: Any) -> bytes:
        """A photo taken just now."""
        return photo(seed, self.local(timedelta(0)), **more)

    def local(self, ago: timedelta) -> datetime:
        return (self.hall.clock.now() - ago).astimezone(CITY_ZONE)

    def case(self, state: CaseState) -> str:
        """A stored case in the state, at the bay."""
        number = None
        for action in PATHS[state]:
            actor = SEAT if ACTORS.get(action) is Role.DEPARTMENT else PEOPLE[ACTORS.get(action, Role.DISPATCHER)]
            more: dict[str, Any] = {"department": "A01"} if action is Action.DISPATCH else {}
            if number is None:
                more = {"lon": BAY[0], "lat": BAY[1]}
            asked = command(
                action, self.hall.clock.now(), case_no=number, actor=actor, facts=FACTS.get(action, {}) | more
            )
            number = self.hall.cases.execute(asked).case.case_no  # type: ignore[union-attr]
        assert number is not None
        return number

    async def upload(self, role: Role, media: bytes, kind: str = "near", **query: str) -> Any:
        async with self.hall.client(role, accept="*/*") as client:
            return await client.post(f"/api/v1/photos?kind={kind}", params={"kind": kind, **query}, content=media)

    async def get(self, role: Role, path: str) -> Any:
        async with self.hall.client(role, accept="*/*") as client:
            return await client.get(path)

    async def act(self, role: Role, case_no: str, action: str, **body: Any) -> Any:
        version = self.hall.cases.get(case_no).version  # type: ignore[union-attr]
        async with self.hall.client(role, accept="*/*") as client:
            body |= {"action": action, "expected_version": version}
            return await client.post(f"/api/v1/cases/{case_no}/actions", json=body)

    async def listed(self, role: Role, case_no: str) -> list[dict[str, Any]]:
        found = (await self.get(role, f"/api/v1/cases/{case_no}/photos")).json()
        return found["photos"]


@pytest.fixture
def desk(hall: Hall) -> Desk:
    store = PhotoStore(hall.engine, CITY_ZONE)
    photos = PhotoDesk(store=store, cases=hall.cases, now=hall.clock.now)
    hall.server.include_router(photos_router(photos))
    actions = CaseDesk(
        cases=hall.cases,
        leases=ClaimLeases(hall.redis),
        offers=None,  # type: ignore[arg-type] (nobody asks for offers here)
        now=hall.clock.now,
        foreign_photos=photos.missing,
    )
    hall.server.include_router(case_actions_router(actions))
    return Desk(hall, store)


def codes(told: dict[str, Any]) -> list[str]:
    return [flag["code"] for flag in told["flags"]]


async def test_a_photo_is_kept_as_it_came_and_told_back(desk: Desk) -> None:
    media = desk.fresh(1)
    answer = await desk.upload(Role.COLLECTOR, media)
    told = answer.json()
    assert answer.status_code == 201
    assert told["sha256"] == digest(media)
    assert told["taken_at"] == round(desk.hall.clock.now().timestamp()) * 1000
    assert (told["lon"], told["lat"]) == (pytest.approx(BAY[0], abs=1e-5), pytest.approx(BAY[1], abs=1e-5))
    assert told["flags"] == []
    shown = await desk.get(Role.COLLECTOR, told["url"])
    assert (shown.status_code, shown.headers["content-type"], shown.content) == (200, "image/jpeg", media)
    small = await desk.get(Role.COLLECTOR, told["thumb_url"])
    assert (small.status_code, small.headers["content-type"]) == (200, "image/jpeg")
    assert small.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("media", "words"),
    [
        (b"", "没有收到照片内容"),
        (b"<html>", "不是 JPEG"),
        (photo(1)[:5000], "已损坏或不完整"),
        (bytes(LARGEST_BYTES + 1), "超过 12 MB"),
    ],
    ids=["nothing", "page", "cut off", "large"],
)
async def test_what_is_no_photo_is_refused_with_the_fix(desk: Desk, media: bytes, words: str) -> None:
    answer = await desk.upload(Role.COLLECTOR, media)
    assert (answer.status_code, answer.json()["field"]) == (422, "photos")
    assert words in answer.json()["message"]


async def test_an_unknown_kind_is_refused(desk: Desk) -> None:
    assert (await desk.upload(Role.COLLECTOR, desk.fresh(1), kind="selfie")).status_code == 422


@pytest.mark.parametrize("role", [Role.WALL_DEVICE, Role.ADMIN, None])
async def test_only_who_acts_on_cases_or_reports_them_uploads(desk: Desk, role: Role | None) -> None:
    answer = await desk.upload(role, desk.fresh(1))  # type: ignore[arg-type]
    assert answer.status_code in (401, 403)


async def test_a_photo_without_a_case_is_its_bringers_alone(desk: Desk) -> None:
    url = (await desk.upload(Role.COLLECTOR, desk.fresh(1))).json()["url"]
    assert (await desk.get(Role.COLLECTOR, url)).status_code == 200
    assert (await desk.get(Role.DEPARTMENT, url)).status_code == 404
    assert (await desk.get(Role.SHIFT_LEADER, url)).status_code == 404


async def test_whoever_may_see_the_case_sees_its_photos_and_nobody_else(desk: Desk) -> None:
    number = desk.case(CaseState.DISPOSING)
    told = (await desk.upload(Role.DEPARTMENT, desk.fresh(3), kind="after")).json()
    done = await desk.act(Role.DEPARTMENT, number, "feed_back", facts={"photos": [f"after:{told['sha256']}"]})
    assert done.status_code == 200, done.text
    assert (await desk.get(Role.LEADER, told["url"])).status_code == 200
    assert (await desk.get(Role.COLLECTOR, told["url"])).status_code == 404  # its district's task is not out yet
    desk.hall.accounts.add(OTHER_SEAT, "correct horse battery", role=Role.DEPARTMENT, department="B02")
    account = desk.hall.accounts.get(OTHER_SEAT)
    assert account is not None
    cookie = desk.hall.sessions.open(account).split(";")[0]
    async with desk.hall.client(None, cookie=cookie, accept="*/*") as stranger:
        assert (await stranger.get(told["url"])).status_code == 404
        assert (await stranger.get(f"/api/v1/cases/{number}/photos")).status_code == 404


async def test_a_command_with_a_photo_nobody_uploaded_is_refused(desk: Desk) -> None:
    number = desk.case(CaseState.DISPOSING)
    answer = await desk.act(Role.DEPARTMENT, number, "feed_back", facts={"photos": [f"after:{'0' * 64}"]})
    told = answer.json()
    assert (answer.status_code, told["error"], told["field"]) == (422, "fact_wrong", "photos")
    assert "重新拍照上传" in told["message"]
    assert desk.hall.cases.get(number).state is CaseState.DISPOSING  # type: ignore[union-attr]


async def test_a_report_with_a_photo_nobody_uploaded_is_refused(desk: Desk) -> None:
    facts = {"class_code": "E0101", "address": "香港中路", "photos": ["near:made-up"]}
    async with desk.hall.client(Role.COLLECTOR, accept="*/*") as client:
        answer = await client.post("/api/v1/cases", json={"action": "report", "facts": facts})
    assert (answer.status_code, answer.json()["field"]) == (422, "photos")


async def test_photos_that_are_no_list_are_the_workflows_to_refuse(desk: Desk) -> None:
    number = desk.case(CaseState.DISPOSING)
    answer = await desk.act(Role.DEPARTMENT, number, "feed_back", facts={"photos": {"after": 1}})
    assert (answer.status_code, answer.json()["field"]) == (422, "photos")


async def test_staged_evidence_is_flagged_on_the_case(desk: Desk) -> None:
    number = desk.case(CaseState.DISPOSING)
    first = (await desk.upload(Role.DEPARTMENT, desk.fresh(5), kind="after")).json()
    await desk.act(Role.DEPARTMENT, number, "feed_back", facts={"photos": [f"after:{first['sha256']}"]})
    other = desk.case(CaseState.DISPOSING)
    far = (BAY[0], BAY[1] + 2000 / metres_per_degree(BAY[1])[1])
    staged = {
        "reused": desk.fresh(5),
        "alike": jpeg(scene(5).resize((400, 300)), quality=50),
        "too_far": desk.fresh(6, place=far),
        "too_old": photo(7, desk.local(timedelta(days=1))),
    }
    brought = []
    for flag, media in staged.items():
        told = (await desk.upload(Role.DEPARTMENT, media, kind="after", case_no=other)).json()
        assert flag in codes(told), (flag, told["flags"])
        brought.append(f"after:{told['sha256']}")
    done = await desk.act(Role.DEPARTMENT, other, "feed_back", facts={"photos": brought})
    assert done.status_code == 200, done.text
    shown = [one for one in await desk.listed(Role.SHIFT_LEADER, other) if one["stored"]]
    assert [flag in codes(one) for flag, one in zip(staged, shown, strict=True)] == [True] * 4
    assert [one["metres"] for one in shown] == [0, None, 2000, 0]
    assert shown[0]["flags"][0]["detail"] == f"同一张照片已用于案卷 {number}"
    assert (shown[0]["action"], shown[0]["brought_by"]) == ("feed_back", "department")
    honest = [one for one in await desk.listed(Role.SHIFT_LEADER, number) if one["stored"]]
    assert codes(honest[0]) == ["reused"]  # told at the first place too: a person finds out which is true


async def test_photos_the_store_does_not_hold_are_listed_as_such(desk: Desk) -> None:
    number = desk.case(CaseState.PENDING_FEEDBACK_REVIEW)
    listed = await desk.listed(Role.LEADER, number)
    assert listed
    assert all((one["stored"], one["url"], one["flags"]) == (False, None, []) for one in listed)


async def test_a_photo_changed_in_the_database_is_not_shown(desk: Desk) -> None:
    told = (await desk.upload(Role.COLLECTOR, desk.fresh(1))).json()
    with desk.hall.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER photos_no_UPDATE"))
        connection.execute(text("UPDATE photos SET media = :media"), {"media": photo(2)})
    answer = await desk.get(Role.COLLECTOR, told["url"])
    assert (answer.status_code, answer.json()["error"]) == (500, "evidence_damaged")


async def test_a_case_one_may_not_see_tells_an_uploader_nothing(desk: Desk) -> None:
    number = desk.case(CaseState.DISPOSING)
    told = (await desk.upload(Role.COLLECTOR, desk.fresh(1), case_no=number)).json()
    assert told["metres"] is None
