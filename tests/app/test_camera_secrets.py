"""A camera's password is known to the capture process and the database alone: it is searched for everywhere."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from redis import Redis

from runtime.embedded_valkey import embedded_valkey
from tests.city_folder import change, write_small_city
from tests.fakes.rtsp_camera import PASSWORD as CAMERA_PASSWORD
from tests.fakes.rtsp_camera import USER, FakeCameras, Fault, fake_cameras
from tests.hall_process import PASSWORD, HallProcess, running_hall, told
from tests.waiting import eventually

pytestmark = pytest.mark.timeout(600)

REAL = {"CITYWALL_DEMO": "false", "CITYWALL_LOG_LEVEL": "debug"}
WRONG_PASSWORD = "Wr0ng-Secret-77"
PAGES = ("/", "/wall", "/video", "/video?cam=CAM-001", "/video/health", "/cameras/setup", "/cases")


@pytest.fixture(scope="module")
def cameras() -> Iterator[FakeCameras]:
    with fake_cameras() as running:
        yield running


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory, cameras: FakeCameras) -> Iterator[HallProcess]:
    """One camera that takes its password, one whose password is wrong."""
    folder = tmp_path_factory.mktemp("secrets")
    city, data_dir = write_small_city(folder / "city"), folder / "hall"
    good = cameras.url(Fault.AUTH, 1, user=USER, password=CAMERA_PASSWORD)
    wrong = cameras.url(Fault.AUTH, 2, user=USER, password=WRONG_PASSWORD)
    change(city, "cameras.csv", "rtsp://hall:s3cret@10.0.0.1/main,rtsp://hall:s3cret@10.0.0.1/sub", f"{good},{good}")
    change(city, "cameras.csv", "file:clips/a.mp4,", f"{wrong},")
    assert told("import", "city", str(city), data_dir=data_dir, **REAL).returncode == 0
    for role in ("admin", "supervisor"):
        told("user", "add", role, "--role", role, data_dir=data_dir, text=PASSWORD + "\n", **REAL)
    with running_hall(data_dir, **REAL) as running:
        with running.signed_in("supervisor") as client:
            eventually(lambda: states(client) == {"CAM-001": "live", "CAM-002": "offline"}, within=180)
        yield running


@pytest.fixture
def hall_to_end(hall: HallProcess) -> HallProcess:
    return hall


def states(client: httpx.Client) -> dict[str, str | None]:
    return {one["camera_id"]: one["state"] for one in client.get("/api/v1/cameras").json()["cameras"]}


def has_secret(text: str) -> bool:
    return CAMERA_PASSWORD in text or WRONG_PASSWORD in text


def addresses(client: httpx.Client) -> list[str]:
    """Every page, and every GET route that the API's own description lists."""
    paths = [path for path, how in client.get("/openapi.json").json()["paths"].items() if "get" in how]
    return [*PAGES, *(re.sub(r"\{[^}]*\}", "CAM-001", path) for path in paths)]


@pytest.mark.parametrize("name", ["admin", "supervisor"])
def test_no_answer_holds_a_camera_password(hall: HallProcess, name: str) -> None:
    with hall.signed_in(name) as client:
        asked = addresses(client)
        assert len(asked) > 25
        told = [path for path in asked if has_secret(client.get(path).text)]
    assert told == []


def test_no_refused_request_repeats_a_camera_password(hall: HallProcess) -> None:
    with hall.signed_in("supervisor") as client:
        bodies = [
            client.post("/api/v1/cameras/CAM-002/ptz", json={"act": "hold"}),
            client.post("/api/v1/video/evidence", json={"camera": "CAM-002", "what": "picture"}),
            client.get("/video/CAM-002/snapshot.jpg"),
        ]
    assert [answer.status_code for answer in bodies if has_secret(answer.text)] == []


def test_no_log_line_holds_a_camera_password(hall: HallProcess) -> None:
    assert "CAM-002" in hall.text
    assert not has_secret(hall.text)


def test_redis_never_holds_a_camera_password(hall: HallProcess) -> None:
    redis = Redis.from_url(embedded_valkey(hall.data_dir).url)
    read = {
        b"string": redis.get,
        b"hash": redis.hgetall,
        b"set": redis.smembers,
        b"list": lambda key: redis.lrange(key, 0, -1),
        b"zset": lambda key: redis.zrange(key, 0, -1),
        b"stream": redis.xrange,
        b"none": repr,  # it has run out since
    }
    found = [key for key in redis.scan_iter() if has_secret(repr(read[redis.type(key)](key)))]
    redis.close()
    assert found == []


def test_no_command_prints_a_camera_password(hall: HallProcess) -> None:
    words = (("cameras",), ("cameras", "--json"), ("doctor",), ("cameras", "test", "CAM-002"))
    said = [told(*argv, data_dir=hall.data_dir, CITYWALL_DEMO="false") for argv in words]
    assert [done.args for done in said if has_secret(done.stdout + done.stderr)] == []


def test_no_file_beside_the_database_holds_a_camera_password(hall: HallProcess) -> None:
    def others() -> Iterator[Path]:
        for path in hall.data_dir.rglob("*"):
            if path.is_file() and not path.name.startswith("citywall.sqlite3"):
                yield path

    assert [path.name for path in others() if has_secret(path.read_bytes().decode("latin-1"))] == []


def test_ctrl_c_leaves_nothing_behind(hall_to_end: HallProcess) -> None:
    children = list(hall_to_end.roles().values())
    assert len(children) > 4
    hall_to_end.process.send_signal(signal.SIGINT)
    assert hall_to_end.process.wait(60) == 0, hall_to_end.text
    assert not [child for child in children if child.is_running()]
    assert not list(hall_to_end.data_dir.rglob("*.sock"))
