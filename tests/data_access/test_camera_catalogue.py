"""Cameras added and changed one by one: the rules of an import, and addresses that never come out again."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from data_access.by_content import content_version
from data_access.camera_catalogue import CameraCatalogue
from data_access.city_import import import_city
from data_access.city_store import CityStore
from tests.city_folder import FILES, write_small_city

SECRET = "s3cret"
ROW = {
    "camera_id": "NEW-1",
    "name": "新摄像机",
    "district_code": "370202",
    "lon": "120.3035",
    "lat": "36.0535",
    "bearing": "",
    "fov": "",
    "main_url": f"rtsp://hall:{SECRET}@10.0.0.9/main",
    "sub_url": "",
    "owner_unit": "城管",
    "shared": "0",
    "ptz": "1",
    "street": "香港中路",
    "policy": "always",
    "onvif_url": "",
}


@pytest.fixture
def catalogue(engine: Engine, tmp_path: Path) -> CameraCatalogue:
    import_city(write_small_city(tmp_path / "city"), engine)
    return CameraCatalogue(engine)


def numbers(engine: Engine) -> dict[str, int]:
    return {camera.camera_id: camera.number for camera in CityStore(engine).cameras()}


def test_a_new_camera_gets_the_next_number_and_a_new_content_version(
    engine: Engine, catalogue: CameraCatalogue
) -> None:
    before = content_version(engine)
    done = catalogue.put(ROW)
    assert done.put is not None
    assert (done.good, done.rejected, done.put.new) == (1, (), 1)
    assert numbers(engine)["NEW-1"] == 3
    assert content_version(engine) != before


def test_saving_it_again_changes_nothing(engine: Engine, catalogue: CameraCatalogue) -> None:
    catalogue.put(ROW)
    before = content_version(engine)
    done = catalogue.put(ROW)
    assert done.put is not None
    assert (done.put.touched, content_version(engine)) == (False, before)


def test_an_address_left_empty_stays_what_it_was(engine: Engine, catalogue: CameraCatalogue) -> None:
    catalogue.put(ROW)
    catalogue.put(ROW | {"name": "改名", "main_url": ""})
    assert next(c.name for c in CityStore(engine).cameras() if c.camera_id == "NEW-1") == "改名"
    assert CityStore(engine).camera_addresses()["NEW-1"][0].get_secret_value() == ROW["main_url"]
    assert catalogue.addresses("NEW-1")["main_url"].get_secret_value() == ROW["main_url"]


def test_a_look_beforehand_writes_nothing(engine: Engine, catalogue: CameraCatalogue) -> None:
    done = catalogue.put(ROW, write=False)
    assert (done.good, done.put) == (1, None)
    assert "NEW-1" not in numbers(engine)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"camera_id": ""}, "camera_id"),
        ({"name": ""}, "name"),
        ({"district_code": "999999"}, "district_code"),
        ({"lon": "0"}, "lon"),
        ({"main_url": f"rtmp://hall:{SECRET}@10.0.0.9"}, "main_url"),
        ({"main_url": ""}, "main_url"),
        ({"onvif_url": f"rtsp://hall:{SECRET}@10.0.0.9"}, "onvif_url"),
        ({"policy": "never"}, "policy"),
    ],
)
def test_a_bad_value_is_told_with_its_field_and_no_password(
    engine: Engine, catalogue: CameraCatalogue, change: dict[str, str], field: str
) -> None:
    done = catalogue.put(ROW | change)
    assert [reject.field for reject in done.rejected] == [field]
    assert done.rejected[0].reason
    assert SECRET not in repr(done)
    assert "NEW-1" not in numbers(engine)


def test_what_is_shown_holds_no_address(catalogue: CameraCatalogue) -> None:
    catalogue.put(ROW)
    rows = {row.values["camera_id"]: row for row in catalogue.rows()}
    assert SECRET not in repr(rows)
    assert "10.0.0" not in repr(rows)
    assert rows["NEW-1"].has == {"main_url"}
    assert SECRET not in repr(catalogue.addresses("NEW-1"))


def test_a_csv_text_is_previewed_and_taken_by_the_same_rules(engine: Engine, catalogue: CameraCatalogue) -> None:
    text = FILES["cameras.csv"].replace("CAM-001", "CAM-9") + "CAM-8,坏,370202,0,36,,,file:x.mp4,,,0,0\n"
    seen = catalogue.put_text(text, write=False)
    assert (seen.good, seen.rejected_rows, [(r.line, r.field) for r in seen.rejected]) == (2, 1, [(4, "lon")])
    assert "CAM-9" not in numbers(engine)
    done = catalogue.put_text("\ufeff" + text, write=True)
    assert done.put is not None
    assert (done.put.new, done.put.same) == (1, 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("camera_id,name\n", "column district_code is missing"),
        (FILES["cameras.csv"] + f"CAM-8,rtsp://{SECRET}\n", "line 4: 2 values"),
        (FILES["cameras.csv"] + f'"rtsp://{SECRET}\n', "cannot be read"),
    ],
)
def test_a_text_that_is_no_table_is_refused_as_a_whole(catalogue: CameraCatalogue, text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        catalogue.put_text(text, write=True)
    assert SECRET not in str(caught.value)
