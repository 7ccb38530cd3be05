"""The store of photos on both databases: sealed, append-only, alike pictures found by index, uses noted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError

from data_access.cases import CaseStore, Done
from data_access.engine import is_sqlite, migrate, open_engine
from data_access.photo_files import PhotoWrong
from data_access.photos import FOUND_BITS, PhotoDamaged, PhotoStore
from domain.action import Action, Command
from domain.evidence import digest
from domain.roles import Identity, Role
from tests.data_access.histories import CITY_ZONE, history
from tests.data_access.policies import PLAIN_POLICY
from tests.hand_clock import HandClock
from tests.made_photos import jpeg, photo, scene

NOON = HandClock().now()
CITY = ZoneInfo("Asia/Shanghai")
COLLECTOR = Identity(name="zhang", display_name="张敏", role=Role.COLLECTOR)


@pytest.fixture
def store(engine: Engine) -> PhotoStore:
    return PhotoStore(engine, CITY)


@pytest.fixture
def cases(engine: Engine) -> CaseStore:
    return CaseStore(engine, PLAIN_POLICY, number_prefix="T", zone=CITY_ZONE)


def kept(store: PhotoStore, media: bytes, kind: str = "near", by: str = "zhang"):
    return store.keep(media, kind=kind, by=by, at=NOON)


def reported(cases: CaseStore, *references: str) -> Done:
    facts = {"class_code": "E0101", "address": "香港中路", "lon": 120.38, "lat": 36.06, "photos": list(references)}
    done = cases.execute(Command(action=Action.REPORT, actor=COLLECTOR, at=NOON, facts=facts))
    assert isinstance(done, Done), done
    return done


def test_the_very_bytes_come_back_with_what_the_file_says(store: PhotoStore) -> None:
    media = photo(1, datetime(2026, 8, 6, 14, 30, tzinfo=CITY))
    made = kept(store, media)
    assert made.sha256 == digest(media)
    assert made.taken_at == datetime(2026, 8, 6, 6, 30, tzinfo=UTC)
    assert (made.kind, made.uploaded_by, made.uploaded_at, made.size) == ("near", "zhang", NOON, len(media))
    assert store.media(made.sha256) == media
    assert store.get(made.sha256) == made
    thumb = store.thumb(made.sha256)
    assert (thumb or b"").startswith(b"\xff\xd8")
    assert len(thumb or b"") < len(media)


def test_the_same_bytes_again_are_the_first_ones_photo(store: PhotoStore) -> None:
    first = kept(store, photo(1), by="zhang")
    assert kept(store, photo(1), kind="after", by="li") == first


def test_of_an_unknown_photo_there_is_nothing(store: PhotoStore) -> None:
    nothing = "0" * 64
    assert (store.get(nothing), store.media(nothing), store.thumb(nothing)) == (None, None, None)


def test_what_is_no_photo_is_not_stored(store: PhotoStore) -> None:
    with pytest.raises(PhotoWrong):
        kept(store, b"no photo")
    assert store.get(digest(b"no photo")) is None


@pytest.mark.parametrize(
    "change", ["UPDATE photos SET uploaded_by = 'nobody'", "DELETE FROM photos", "DELETE FROM photo_uses"]
)
def test_photos_can_neither_be_changed_nor_removed(
    store: PhotoStore, cases: CaseStore, engine: Engine, change: str
) -> None:
    made = kept(store, photo(1))
    reported(cases, f"near:{made.sha256}")
    with engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(change))
    assert store.get(made.sha256) == made


def test_a_photo_exchanged_behind_the_halls_back_is_told(store: PhotoStore, engine: Engine) -> None:
    made = kept(store, photo(1))
    lift = "DROP TRIGGER photos_no_UPDATE" if is_sqlite(engine) else "SET LOCAL session_replication_role = replica"
    with engine.begin() as connection:
        connection.execute(text(lift))
        connection.execute(text("UPDATE photos SET media = :media"), {"media": photo(2)})
    with pytest.raises(PhotoDamaged, match=made.sha256):
        store.media(made.sha256)


def test_a_picture_saved_again_is_found_and_others_are_not(store: PhotoStore) -> None:
    first = kept(store, photo(1))
    copy = kept(store, jpeg(scene(1).resize((400, 300)), quality=45))
    for seed in range(2, 8):
        kept(store, photo(seed))
    found = store.alike(first)
    assert [one.photo for one in found] == [copy]
    assert found[0].bits <= FOUND_BITS


@pytest.mark.parametrize("flipped", [1, 4, FOUND_BITS])
def test_every_picture_within_the_promised_bits_is_found_wherever_they_differ(
    store: PhotoStore, engine: Engine, flipped: int
) -> None:
    made = kept(store, photo(1))
    assert made.picture_hash is not None
    twins = {}
    for start in range(0, 64, 9):
        other = made.picture_hash
        for step in range(flipped):
            other ^= 1 << (start + step * 13) % 64
        twins[f"{start:064x}"] = other
    _put(engine, made.sha256, twins)
    assert {one.photo.sha256 for one in store.alike(made)} == set(twins)


def _put(engine: Engine, like: str, twins: dict[str, int]) -> None:
    """Rows like another one, with other picture hashes: as if those pictures had been stored."""
    columns = (
        "media_type, size, width, height, taken_at, lon, lat, software, kind, uploaded_by, uploaded_at, thumb, media"
    )
    copied = text(
        f"INSERT INTO photos (sha256, picture_hash, band0, band1, band2, band3, {columns}) "
        f"SELECT :sha256, :whole, :band0, :band1, :band2, :band3, {columns} FROM photos WHERE sha256 = :like"
    )
    with engine.begin() as connection:
        for sha256, whole in twins.items():
            bands = {f"band{number}": whole >> 16 * number & 0xFFFF for number in range(4)}
            connection.execute(copied, {"sha256": sha256, "whole": f"{whole:016x}", "like": like, **bands})


def test_the_search_goes_by_index(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'photos.sqlite3'}")
    migrate(engine)
    store = PhotoStore(engine, CITY)
    made, asked = kept(store, photo(1)), []
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
    store.alike(made)
    statement, values = next(one for one in asked if "band0" in one[0])
    with engine.connect() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
    engine.dispose()
    assert all(f"ix_photos_band{number}" in " ".join(plan) for number in range(4))
    assert not any("SCAN photos" in step for step in plan)


def test_a_journal_entry_notes_which_photos_it_brought(store: PhotoStore, cases: CaseStore) -> None:
    made = kept(store, photo(1))
    done = reported(cases, f"near:{made.sha256}", "far:an-outside-mark")
    used = store.uses([made.sha256])[made.sha256]
    assert [(use.case_no, use.version, use.kind, use.action) for use in used] == [
        (done.case.case_no, 1, "near", Action.REPORT)
    ]


def test_a_later_entry_notes_only_what_is_new(store: PhotoStore, cases: CaseStore) -> None:
    first, second = kept(store, photo(1)), kept(store, photo(2))
    at = NOON
    with cases.bulk() as writer:
        before = [f"near:{first.sha256}"]
        writer.append([history("H1", (at, {"photos": before}), (at, {"photos": [*before, f"after:{second.sha256}"]}))])
    uses = store.uses([first.sha256, second.sha256])
    assert {mark: [use.version for use in used] for mark, used in uses.items()} == {
        first.sha256: [1],
        second.sha256: [2],
    }
