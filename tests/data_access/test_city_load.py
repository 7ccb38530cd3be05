from __future__ import annotations

import traceback
from typing import Any

import pytest
from sqlalchemy import Engine, select

from data_access.city_load import Put, TableWriter
from data_access.city_schema import cameras, people, places
from data_access.engine import open_engine, writing
from data_access.errors import StoreError
from tests.databases import postgres_database

SECRET = "s3cret"


def person(person_id: str, name: str = "王") -> dict[str, Any]:
    empty = dict.fromkeys(("department", "district", "grid", "phone", "shift_start", "shift_end"), "")
    return {"person_id": person_id, "name": name, "role": "leader", **empty, "line": 7}


def place(place_id: str, lon: float, source_lon: float | None = None) -> dict[str, Any]:
    texts = dict.fromkeys(("name", "kind", "category", "address", "district"), "x")
    return {"place_id": place_id, **texts, "lon": lon, "lat": 36.0, "source_lon": source_lon}


def camera(camera_id: str, number: int) -> dict[str, Any]:
    texts = dict.fromkeys(("name", "district_code", "sub_url", "owner_unit", "street", "policy", "onvif_url"), "x")
    flags = {"shared": False, "ptz": False}
    return {"camera_id": camera_id, "number": number, "lon": 1.0, "lat": 1.0, "main_url": f"rtsp://{SECRET}@h/"} | (
        texts | flags
    )


def put(engine: Engine, table: Any, *batches: list[dict[str, Any]]) -> Put:
    with writing(engine) as connection:
        writer = TableWriter(connection, table)
        for batch in batches:
            writer.write(connection, batch)
        return writer.result(connection)


def test_new_changed_and_equal_rows_are_told_apart(engine: Engine) -> None:
    assert put(engine, people, [person("1"), person("2")]) == Put(new=2)
    assert put(engine, people, [person("1"), person("2", "李"), person("3")]) == Put(new=1, changed=1, same=1)


def test_batches_add_up(engine: Engine) -> None:
    assert put(engine, people, [person("1")], [], [person("2"), person("3")]) == Put(new=3)


def test_a_null_that_stays_null_is_no_change(engine: Engine) -> None:
    put(engine, places, [place("1", 120.1)])
    assert put(engine, places, [place("1", 120.1)]) == Put(same=1)
    assert put(engine, places, [place("1", 120.1, 120.2)]) == Put(changed=1)
    assert put(engine, places, [place("1", 120.1)]) == Put(changed=1)


def test_numbers_come_back_to_the_last_digit(engine: Engine) -> None:
    lon = 120.38123456789012
    put(engine, places, [place("1", lon)])
    with engine.connect() as connection:
        assert connection.execute(select(places.c.lon)).scalar() == lon
    assert put(engine, places, [place("1", lon)]) == Put(same=1)


@pytest.mark.parametrize("text", ["青岛\t市", "a\\Nb", "\\N", '"', "'; DROP TABLE people; --", "🚦"])
def test_any_text_is_stored_as_it_is(engine: Engine, text: str) -> None:
    put(engine, people, [person("1", text)])
    with engine.connect() as connection:
        assert connection.execute(select(people.c.name)).scalar() == text


def test_only_the_named_rows_stay(engine: Engine) -> None:
    put(engine, people, [person(str(n)) for n in range(1_200)])
    with writing(engine) as connection:
        writer = TableWriter(connection, people)
        assert writer.remove_others(connection, ["7"]) == 1_199
        assert writer.result(connection) == Put(removed=1_199)
        assert connection.execute(select(people.c.person_id)).scalars().all() == ["7"]


def test_touched_says_whether_anything_is_different() -> None:
    assert [Put(same=3).touched, Put(new=1).touched, Put(changed=1).touched, Put(removed=1).touched] == [
        False,
        True,
        True,
        True,
    ]


def test_an_error_of_the_database_never_quotes_a_password(engine: Engine) -> None:
    with pytest.raises(Exception, match="number") as caught:
        put(engine, cameras, [camera("A", 1), camera("B", 1)])
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.postgres
def test_a_refused_copy_is_told_in_one_sentence(postgres_url: str) -> None:
    with postgres_database(postgres_url, "copy", migrated=True) as url:
        engine = open_engine(url)
        with pytest.raises(StoreError, match="refused rows of incoming_cameras") as caught:
            put(engine, cameras, [camera("A", 10**12)])
        engine.dispose()
    assert "\n" not in str(caught.value)
