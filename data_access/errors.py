"""What can go wrong at the store, in words an operator can act on. Foreign exceptions are translated at this border.

StoreError
├── StoreUnreachable   no connection, no such file or folder, wrong password
├── StoreBusy          another writer held the database longer than we wait
├── StoreFull          the disk is full
├── StoreReadOnly      the file or folder may not be written
├── StoreDamaged       the file is no database, or is broken
├── StoreNewer         the database was made by a newer program
└── BackupError        a copy cannot be made, or must not be restored
"""

from __future__ import annotations


class StoreError(Exception):
    """The store cannot do what was asked; the message says why and what to do."""


class StoreUnreachable(StoreError):
    """The database does not answer."""


class StoreBusy(StoreError):
    """Another writer holds the database."""


class StoreFull(StoreError):
    """No room on the disk."""


class StoreReadOnly(StoreError):
    """Writing is not allowed."""


class StoreDamaged(StoreError):
    """What is there is not a usable database."""


class StoreNewer(StoreError):
    """The schema is newer than this program."""


class AlreadyStored(StoreError):
    """A batch of histories holds a case that is there already."""


class BackupError(StoreError):
    """A backup or restore was refused or failed."""


_SIGNS: tuple[tuple[tuple[str, ...], type[StoreError], str], ...] = (
    (
        ("database is locked", "database table is locked", "lock timeout", "deadlock detected"),
        StoreBusy,
        "Another program is writing to the database. Try again; if it stays so, look for a second hall or a backup "
        "running on the same data folder.",
    ),
    (
        ("database or disk is full", "no space left on device", "could not extend file"),
        StoreFull,
        "The disk is full. Free space on the disk of the database, then start again; nothing was half written.",
    ),
    (
        ("readonly database", "read-only transaction", "permission denied"),
        StoreReadOnly,
        "The database may not be written. Give the hall's user the right to write the data folder (and the tables).",
    ),
    (
        ("file is not a database", "malformed", "invalid page in block"),
        StoreDamaged,
        "The database is damaged. Keep the file, then put the newest backup back with `citywall restore FILE`.",
    ),
    (
        (
            "unable to open database file",
            "connection failed",
            "connection is bad",
            "connection refused",
            "could not connect",
            "server closed the connection",
            "terminating connection",
            "the connection is closed",
            "connection is lost",
            "disk i/o error",
            "is not available",
            "consuming input failed",
        ),
        StoreUnreachable,
        "The database does not answer. Check CITYWALL_DATA_DIR or CITYWALL_DATABASE_URL, and that the server runs.",
    ),
)


def translate(foreign: BaseException) -> StoreError | None:
    """Our error for a driver's exception; None for one that only a fault of ours can cause."""
    text = str(foreign)
    lowered = text.lower()
    for signs, kind, advice in _SIGNS:
        if any(sign in lowered for sign in signs):
            return kind(f"{advice} (The database said: {_first_line(text)})")
    return None


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else "nothing"
