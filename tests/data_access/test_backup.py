from __future__ import annotations

import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from data_access import database_copy
from data_access.backup import MADE_AGAIN, back_up, restore
from data_access.cases import CaseStore
from data_access.engine import migrate, open_engine, writing
from data_access.errors import BackupError, StoreNewer
from data_access.evidence import EvidenceStore
from data_access.photos import PhotoStore
from domain.evidence import digest
from domain.journal import Entry
from tests.data_access.histories import CITY_ZONE, at_step, history
from tests.data_access.policies import PLAIN_POLICY
from tests.data_access.test_evidence import KEPT, PICTURE
from tests.databases import postgres_database
from tests.made_photos import photo
from tests.waiting import eventually

Told = list[tuple[int, int]]


@pytest.fixture
def told() -> Told:
    """What the progress was told."""
    return []


@pytest.fixture
def watch(told: Told) -> Callable[[int, int], None]:
    return lambda done, total: told.append((done, total))


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data folder as a hall leaves it."""
    folder = tmp_path / "var"
    (folder / "photos" / "2026").mkdir(parents=True)
    (folder / "photos" / "2026" / "a.jpg").write_bytes(b"\xff\xd8 a photo")
    (folder / "secret.key").write_text("k")
    for name in MADE_AGAIN:
        made = folder / name.replace("*", "1")
        made.mkdir() if made.suffix != ".lock" else made.touch()
        if made.is_dir():
            (made / "big").write_bytes(b"0" * 1000)
    return folder


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def urls(request: pytest.FixtureRequest, data_dir: Path, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Address of a hall's database with some cases, and of an empty place to restore it to."""
    if request.param == "sqlite":
        yield (
            _filled(f"sqlite:///{data_dir / 'citywall.sqlite3'}"),
            f"sqlite:///{tmp_path / 'new' / 'citywall.sqlite3'}",
        )
        return
    server = request.getfixturevalue("postgres_url")
    with (
        postgres_database(server, "backed_up", migrated=True) as source,
        postgres_database(server, "restored", migrated=False) as target,
    ):
        yield _filled(source), target


def _filled(url: str) -> str:
    engine = open_engine(url)
    migrate(engine)
    with _store(engine).bulk() as writer:
        writer.append([history("B1", (at_step(1), {"address": "香港中路"}), (at_step(2), {"state": "closed"}))])
    EvidenceStore(engine).keep(KEPT, PICTURE)
    PhotoStore(engine, CITY_ZONE).keep(photo(1), kind="after", by="zhang", at=at_step(1))
    engine.dispose()
    return url


def _store(engine: Any) -> CaseStore:
    return CaseStore(engine, PLAIN_POLICY, number_prefix="T", zone=CITY_ZONE)


def _told_history(url: str) -> tuple[Entry, ...]:
    engine = open_engine(url)
    entries = _store(engine).history("B1")
    engine.dispose()
    return entries


def _files(folder: Path) -> list[str]:
    kept = (path for path in folder.rglob("*") if path.is_file() and "sqlite3" not in path.name)
    return sorted(path.relative_to(folder).as_posix() for path in kept)


def test_a_restored_hall_has_the_same_cases_and_files(
    urls: tuple[str, str], data_dir: Path, tmp_path: Path, watch: Callable[[int, int], None], told: Told
) -> None:
    source, target = urls
    back_up(source, data_dir, tmp_path / "hall.zip", progress=watch)
    assert told[-1][0] == told[-1][1] > 0
    restore(tmp_path / "hall.zip", target, tmp_path / "new", progress=watch)
    assert told[-1][0] == told[-1][1] > 0
    assert _told_history(target) == _told_history(source) != ()
    assert _files(tmp_path / "new") == ["photos/2026/a.jpg", "secret.key"]
    assert (tmp_path / "new" / "photos" / "2026" / "a.jpg").read_bytes() == b"\xff\xd8 a photo"
    assert _strays(tmp_path) == []


def _strays(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name.startswith(".")]


def test_a_restored_hall_has_its_evidence_sealed_and_guarded_as_before(
    urls: tuple[str, str], data_dir: Path, tmp_path: Path, watch: Callable[[int, int], None]
) -> None:
    back_up(urls[0], data_dir, tmp_path / "hall.zip", progress=watch)
    restore(tmp_path / "hall.zip", urls[1], tmp_path / "new", progress=watch)
    engine = open_engine(urls[1])
    assert EvidenceStore(engine).media(KEPT.evidence_id) == PICTURE
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text("DELETE FROM evidence"))
    engine.dispose()


def test_a_restored_hall_has_its_photos_sealed_and_guarded_as_before(
    urls: tuple[str, str], data_dir: Path, tmp_path: Path, watch: Callable[[int, int], None]
) -> None:
    back_up(urls[0], data_dir, tmp_path / "hall.zip", progress=watch)
    restore(tmp_path / "hall.zip", urls[1], tmp_path / "new", progress=watch)
    engine = open_engine(urls[1])
    assert PhotoStore(engine, CITY_ZONE).media(digest(photo(1))) == photo(1)
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text("DELETE FROM photos"))
    engine.dispose()


def test_a_restored_journal_still_refuses_to_be_changed(
    urls: tuple[str, str], data_dir: Path, tmp_path: Path, watch: Callable[[int, int], None]
) -> None:
    source, target = urls
    back_up(source, data_dir, tmp_path / "hall.zip", progress=watch)
    restore(tmp_path / "hall.zip", target, tmp_path / "new", progress=watch)
    engine = open_engine(target)
    with pytest.raises(Exception, match="append-only"), writing(engine) as connection:
        connection.execute(text("UPDATE journal SET reason = 'x'"))
    engine.dispose()


@pytest.fixture
def hall(data_dir: Path) -> str:
    return _filled(f"sqlite:///{data_dir / 'citywall.sqlite3'}")


@pytest.fixture
def copy(hall: str, data_dir: Path, tmp_path: Path, watch: Callable[[int, int], None]) -> Path:
    """A good backup."""
    file = tmp_path / "hall.zip"
    back_up(hall, data_dir, file, progress=watch)
    return file


@pytest.fixture
def bring_back(tmp_path: Path, watch: Callable[[int, int], None]) -> Callable[[Path], None]:
    """Restores a file into a new folder."""
    new = tmp_path / "new"
    return lambda file: restore(file, f"sqlite:///{new / 'citywall.sqlite3'}", new, progress=watch)


def test_a_backup_is_for_its_owners_eyes_only(copy: Path) -> None:
    assert copy.stat().st_mode & 0o777 == 0o600


def test_a_backup_never_overwrites_another(
    copy: Path, hall: str, data_dir: Path, watch: Callable[[int, int], None]
) -> None:
    before = copy.read_bytes()
    with pytest.raises(BackupError, match="there already"):
        back_up(hall, data_dir, copy, progress=watch)
    assert copy.read_bytes() == before


def test_the_hall_goes_on_writing_while_it_is_backed_up(
    hall: str, data_dir: Path, tmp_path: Path, bring_back: Callable[[Path], None]
) -> None:
    engine = open_engine(hall)
    store, stop = _store(engine), threading.Event()
    written: list[int] = []

    def write() -> None:
        while not stop.is_set():
            with store.bulk() as writer:
                writer.append([history(f"W{len(written)}", (at_step(1), {}))])
            written.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    eventually(lambda: written)
    back_up(hall, data_dir, tmp_path / "hall.zip", progress=lambda *_: None)
    stop.set()
    writer.join()
    engine.dispose()
    bring_back(tmp_path / "hall.zip")


def test_a_folder_in_use_is_never_restored_over(
    copy: Path, hall: str, data_dir: Path, watch: Callable[[int, int], None]
) -> None:
    with pytest.raises(BackupError, match="not empty"):
        restore(copy, hall, data_dir, progress=watch)


@pytest.mark.postgres
def test_a_database_in_use_is_never_restored_over(
    postgres_url: str, tmp_path: Path, watch: Callable[[int, int], None]
) -> None:
    (tmp_path / "var").mkdir()
    with postgres_database(postgres_url, "in_use", migrated=True) as url:
        back_up(url, tmp_path / "var", tmp_path / "hall.zip", progress=watch)
        with pytest.raises(BackupError, match="holds a hall already"):
            restore(tmp_path / "hall.zip", url, tmp_path / "new", progress=watch)


def _rewritten(file: Path, change: Callable[[str, bytes], tuple[str, bytes]]) -> Path:
    """The same archive with its members changed."""
    other = file.with_name("other.zip")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            new.writestr(*change(name, old.read(name)))
    return other


def _with_manifest(file: Path, **parts: Any) -> Path:
    def change(name: str, content: bytes) -> tuple[str, bytes]:
        return (name, json.dumps(json.loads(content) | parts).encode() if name == "manifest.json" else content)

    return _rewritten(file, change)


def test_a_changed_file_is_found_by_its_hash(copy: Path, bring_back: Callable[[Path], None], tmp_path: Path) -> None:
    damaged = _rewritten(copy, lambda name, content: (name, content + b"x" if name == "data/secret.key" else content))
    with pytest.raises(BackupError, match=r"secret\.key is damaged"):
        bring_back(damaged)
    assert not (tmp_path / "new").exists()
    assert _strays(tmp_path) == []


def test_a_missing_file_is_found(copy: Path, bring_back: Callable[[Path], None]) -> None:
    short = _rewritten(copy, lambda name, content: (name.replace("secret", "other"), content))
    with pytest.raises(BackupError, match="damaged"):
        bring_back(short)


def test_half_a_file_is_no_backup(copy: Path, bring_back: Callable[[Path], None]) -> None:
    copy.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])
    with pytest.raises(BackupError, match="another copy"):
        bring_back(copy)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"format": 99}, "use the CityWall that made it"),
        ({"database": "postgresql"}, "made from postgresql"),
        ({"sha256": {"../../evil": "0"}}, "no file of a backup of ours"),
        ({"sha256": 7}, "manifest cannot be read"),
    ],
)
def test_a_manifest_of_another_kind_is_refused_in_words(
    copy: Path, bring_back: Callable[[Path], None], parts: dict[str, Any], message: str
) -> None:
    if "../../evil" in str(parts):
        with zipfile.ZipFile(copy, "a") as archive:
            archive.writestr("../../evil", "x")
    with pytest.raises(BackupError, match=message):
        bring_back(_with_manifest(copy, **parts))


def test_any_other_zip_is_no_backup(tmp_path: Path, bring_back: Callable[[Path], None]) -> None:
    with zipfile.ZipFile(tmp_path / "letters.zip", "w") as archive:
        archive.writestr("letter", "dear mayor")
    with pytest.raises(BackupError, match="no backup of ours"):
        bring_back(tmp_path / "letters.zip")


def test_a_backup_that_is_not_there_is_named(tmp_path: Path, bring_back: Callable[[Path], None]) -> None:
    with pytest.raises(BackupError, match="No such file"):
        bring_back(tmp_path / "nothing.zip")


def test_a_hall_without_a_database_has_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="nothing to copy yet"):
        back_up(f"sqlite:///{tmp_path / 'none.db'}", tmp_path, tmp_path / "hall.zip", progress=lambda *_: None)
    assert not (tmp_path / "hall.zip").exists()


def _backed_up_after(hall: str, data_dir: Path, file: Path, *statements: str) -> Path:
    engine = open_engine(hall)
    with writing(engine) as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
    back_up(hall, data_dir, file, progress=lambda *_: None)
    return file


def test_a_backup_with_a_broken_journal_is_refused_and_nothing_is_put_in_place(
    hall: str, data_dir: Path, tmp_path: Path, bring_back: Callable[[Path], None]
) -> None:
    forged = "UPDATE journal SET actor = 'nobody' WHERE version = 1"
    file = _backed_up_after(hall, data_dir, tmp_path / "b.zip", "DROP TRIGGER journal_no_UPDATE", forged)
    with pytest.raises(BackupError, match="B1: its content does not fit its hash"):
        bring_back(file)
    assert not (tmp_path / "new").exists()


def test_a_backup_of_a_newer_program_is_refused(
    hall: str, data_dir: Path, tmp_path: Path, bring_back: Callable[[Path], None]
) -> None:
    file = _backed_up_after(hall, data_dir, tmp_path / "b.zip", "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreNewer):
        bring_back(file)


@pytest.mark.postgres
def test_a_missing_tool_is_named_with_its_package(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, watch: Callable[[int, int], None]
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(database_copy, "INSTALLED", tmp_path)
    with pytest.raises(BackupError, match="postgresql-client"):
        back_up(postgres_url, tmp_path, tmp_path / "hall.zip", progress=watch)


def test_a_refusal_of_the_tool_is_shown(tmp_path: Path, watch: Callable[[int, int], None]) -> None:
    with pytest.raises(BackupError, match="pg_dump"):
        back_up(f"postgresql://hall@/hall?host={tmp_path}", tmp_path, tmp_path / "hall.zip", progress=watch)
