"""A whole hall in one file, and back: the database and the data folder's own files, with a manifest of their hashes.

Left out is what the hall makes again by itself (`MADE_AGAIN`). The file holds password hashes and the key that signs
sessions: it is written readable for its owner only.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import IO, Any

from sqlalchemy import make_url

from data_access.components_index import CACHE_PREFIX
from data_access.database_copy import copy_in, copy_out
from data_access.engine import migrate, open_engine
from data_access.errors import BackupError
from data_access.journal_check import verify_journal

FORMAT = 1
MADE_AGAIN = (f"{CACHE_PREFIX}*", "making-*", "streets", "valkey", "decoder-crashes", "run.lock")
"""Top names of the data folder not kept: index cache, demo films, the embedded server, notes of crashes, the lock."""

_MANIFEST = "manifest.json"
_DATABASE = "database"
_FOLDER = "data/"
_CHUNK = 1 << 20
_FAULTS_NAMED = 5

Progress = Callable[[int, int], None]
"""Told now and then: bytes done, bytes in all."""


@dataclass(slots=True)
class _Meter:
    """Counts bytes for whoever watches."""

    progress: Progress
    total: int
    done: int = 0

    def add(self, number: int) -> None:
        self.done += number
        self.progress(self.done, self.total)


def back_up(url: str, data_dir: Path, file: Path, *, progress: Progress) -> None:
    """Write everything into `file` (zip), which must not be there yet. The hall may go on working meanwhile.

    Raises:
        BackupError: the file is there already, cannot be written, or the database's own tool refused.
        StoreError: the database cannot be read.
    """
    if file.exists():
        raise BackupError(f"{file} is there already. Give another name, or move it away.")
    with _disk_errors(file), tempfile.TemporaryDirectory(prefix=".backup-", dir=file.resolve().parent) as folder:
        database = Path(folder) / _DATABASE
        copy_out(url, database)
        members = {_DATABASE: database} | {_FOLDER + name: path for name, path in _kept(url, data_dir)}
        meter = _Meter(progress, sum(path.stat().st_size for path in members.values()))
        unfinished = Path(folder) / "unfinished.zip"
        with (
            _private(unfinished) as raw,
            zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        ):
            hashes = {name: _put(archive, name, path, meter) for name, path in members.items()}
            archive.writestr(_MANIFEST, json.dumps(_manifest(url, hashes), ensure_ascii=False, indent=1))
        unfinished.replace(file)


def restore(file: Path, url: str, data_dir: Path, *, progress: Progress) -> None:
    """Bring a backup back into an empty data folder (and, with PostgreSQL, an empty database).

    Everything is unpacked beside the folder and checked first: hashes, schema, and for SQLite the whole journal.

    Raises:
        BackupError: no such backup, a damaged one, one of another kind of database, or no empty place for it.
        StoreNewer: it was made by a newer program.
    """
    if data_dir.exists() and any(data_dir.iterdir()):
        raise BackupError(f"{data_dir} is not empty. Give CITYWALL_DATA_DIR an empty folder, or move its files away.")
    parent = data_dir.resolve().parent
    parent.mkdir(parents=True, exist_ok=True)
    with _disk_errors(data_dir), tempfile.TemporaryDirectory(prefix=".restore-", dir=parent) as folder:
        made = Path(folder)
        _unpack(file, url, made, progress)
        if _kind(url) == "sqlite":
            _check(f"sqlite:///{made / _DATABASE}")
        data_dir.mkdir(exist_ok=True)
        copy_in(url, made / _DATABASE)
        if _kind(url) != "sqlite":
            _check(url)
        for part in sorted((made / _FOLDER).iterdir()):
            shutil.move(part, data_dir / part.name)


def _kept(url: str, data_dir: Path) -> Iterator[tuple[str, Path]]:
    """The folder's files to keep, by their name inside it."""
    database = Path(make_url(url).database or "").name if _kind(url) == "sqlite" else None
    for path in sorted(data_dir.rglob("*")):
        name = path.relative_to(data_dir)
        is_database = database is not None and name.name.startswith(database)
        if path.is_file() and not is_database and not any(fnmatch(name.parts[0], out) for out in MADE_AGAIN):
            yield name.as_posix(), path


def _private(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")


def _put(archive: zipfile.ZipFile, name: str, path: Path, meter: _Meter) -> str:
    with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as target:
        return _pour(source, target, meter)


def _pour(source: IO[bytes], target: IO[bytes], meter: _Meter) -> str:
    digest = hashlib.sha256()
    while chunk := source.read(_CHUNK):
        digest.update(chunk)
        target.write(chunk)
        meter.add(len(chunk))
    return digest.hexdigest()


def _manifest(url: str, hashes: dict[str, str]) -> dict[str, Any]:
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    return {"format": FORMAT, "made_at": made_at, "database": _kind(url), "sha256": hashes}


def _kind(url: str) -> str:
    return make_url(url).get_backend_name()


def _unpack(file: Path, url: str, folder: Path, progress: Progress) -> None:
    """Unpack into `folder` only what the manifest names, each file with the hash it names."""
    (folder / _FOLDER).mkdir()
    try:
        with zipfile.ZipFile(file) as archive:
            hashes = _hashes(archive, file, url)
            meter = _Meter(progress, sum(archive.getinfo(name).file_size for name in hashes))
            for name, expected in hashes.items():
                if _take(archive, name, folder, meter) != expected:
                    raise BackupError(f"{file}: {name} is damaged. Take another copy of the backup.")
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError) as error:
        raise BackupError(f"{file} is damaged or no backup of ours ({error}). Take another copy of it.") from error


def _hashes(archive: zipfile.ZipFile, file: Path, url: str) -> dict[str, str]:
    try:
        manifest = json.loads(archive.read(_MANIFEST))
        form, kind, hashes = manifest["format"], manifest["database"], dict(manifest["sha256"])
    except (ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{file} is no backup of ours: its manifest cannot be read ({error}).") from error
    if form != FORMAT:
        raise BackupError(f"{file} has form {form}, this program reads {FORMAT}: use the CityWall that made it.")
    if kind != _kind(url):
        raise BackupError(f"{file} was made from {kind}; set CITYWALL_DATABASE_URL so that it goes back into the same.")
    return hashes


def _take(archive: zipfile.ZipFile, name: str, folder: Path, meter: _Meter) -> str:
    parts = PurePosixPath(name)
    if parts.is_absolute() or ".." in parts.parts or not (name == _DATABASE or name.startswith(_FOLDER)):
        raise BackupError(f"{name}: no file of a backup of ours; nothing was restored.")
    target = folder / parts
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(name) as source, _private(target) as made:
        return _pour(source, made, meter)


def _check(url: str) -> None:
    """The schema is brought up to this program, and the journal must be whole."""
    engine = open_engine(url)
    try:
        migrate(engine)
        faults = verify_journal(engine).faults
    finally:
        engine.dispose()
    if faults:
        named = "; ".join(f"{fault.case_no}: {fault.text}" for fault in faults[:_FAULTS_NAMED])
        raise BackupError(f"The backup's journal has {len(faults)} faults ({named}). Take an older backup.")


@contextmanager
def _disk_errors(where: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BackupError(f"{where}: {error.strerror or error}. Check the place, its rights and its room.") from error
