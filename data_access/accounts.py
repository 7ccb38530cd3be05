"""Accounts of people and wall devices: who exists, what they may be, and whether a password or token is theirs.

All functions block (a database, Argon2): async callers use `asyncio.to_thread`. A session carries its account's
`session_epoch`; raising it ends every session of that account (new password, other role, disabled, revoked).
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, delete, insert, select, update

from data_access.accounts_schema import accounts, devices, ended_sessions
from data_access.engine import writing
from data_access.passwords import Passwords, check_rules
from domain.journal import milliseconds, moment
from domain.roles import Identity, Role

_NAME = re.compile(r"[\w.@-]{2,64}")
_TOKEN_BYTES = 32


class AccountRefused(ValueError):
    """An account or device cannot be made or changed so; the message names the field and the fix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One person's account. `password_changed_at` aware UTC."""

    name: str
    display_name: str
    role: Role
    department: str | None
    district: str | None
    disabled: bool
    session_epoch: int
    password_changed_at: datetime

    @property
    def identity(self) -> Identity:
        return Identity(self.name, self.display_name, self.role, self.department, self.district)


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One read-only wall screen. Its token is known only to whoever was shown it once."""

    name: str
    revoked: bool
    session_epoch: int
    created_at: datetime
    last_seen_at: datetime | None

    @property
    def identity(self) -> Identity:
        return Identity(f"device:{self.name}", self.name, Role.WALL_DEVICE)


class AccountStore:
    """The accounts and devices of one hall."""

    def __init__(self, engine: Engine, *, now: Callable[[], datetime], passwords: Passwords | None = None) -> None:
        self._engine = engine
        self._now = now
        self._passwords = passwords or Passwords()

    def add(
        self,
        name: str,
        password: str,
        *,
        role: Role,
        display_name: str = "",
        department: str | None = None,
        district: str | None = None,
    ) -> Account:
        """A new account.

        Raises:
            AccountRefused: the name is taken or malformed, or a department seat has no department.
            PasswordRefused: the password breaks a rule.
        """
        _check_account(name, role, department)
        check_rules(password, name)
        values = {
            "name": name,
            "display_name": display_name or name,
            "role": role.value,
            "department": department,
            "district": district,
            "disabled": False,
            "session_epoch": 1,
            **self._password_columns(password),
        }
        with writing(self._engine) as connection:
            if connection.execute(select(accounts.c.name).where(accounts.c.name == name)).first():
                raise AccountRefused(f"name: {name} exists already; choose another, or give it a new password")
            connection.execute(insert(accounts).values(values))
        return self._known(name)

    def set_password(self, name: str, password: str) -> None:
        """A new password; every session of the account ends.

        Raises:
            AccountRefused: no such account.
            PasswordRefused: the password breaks a rule.
        """
        check_rules(password, name)
        self._change(name, **self._password_columns(password))

    def disable(self, name: str, *, disabled: bool = True) -> None:
        """Shut the account (or open it again); every session of it ends.

        Raises:
            AccountRefused: no such account.
        """
        self._change(name, disabled=disabled)

    def end_sessions(self, name: str) -> None:
        """Log the account out everywhere.

        Raises:
            AccountRefused: no such account.
        """
        self._change(name)

    def get(self, name: str) -> Account | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(accounts).where(accounts.c.name == name)).first()
        return _account(row) if row else None

    def all(self) -> list[Account]:
        with self._engine.connect() as connection:
            return [_account(row) for row in connection.execute(select(accounts).order_by(accounts.c.name))]

    def authenticate(self, name: str, password: str) -> Account | None:
        """The account, if it is open and the password its own. Takes as long for a name nobody has."""
        with self._engine.connect() as connection:
            row = connection.execute(select(accounts).where(accounts.c.name == name)).first()
        if not self._passwords.fits(password, row.password_hash if row else None) or row is None or row.disabled:
            return None
        if self._passwords.outdated(row.password_hash):
            self._rehash(name, password)
        return _account(row)

    def end_session(self, session_id: str, until: datetime) -> None:
        """Refuse one session's cookies until they would have run out; older such notes are dropped."""
        with writing(self._engine) as connection:
            connection.execute(delete(ended_sessions).where(ended_sessions.c.until < milliseconds(self._now())))
            connection.execute(delete(ended_sessions).where(ended_sessions.c.session_id == session_id))
            connection.execute(insert(ended_sessions).values(session_id=session_id, until=milliseconds(until)))

    def session_ended(self, session_id: str) -> bool:
        with self._engine.connect() as connection:
            found = select(ended_sessions.c.until).where(ended_sessions.c.session_id == session_id)
            return connection.execute(found).first() is not None

    def add_device(self, name: str) -> str:
        """The token of a new device, or a new token for a known one (its old link dies, its screens stay).

        Raises:
            AccountRefused: the name is malformed, or the device was revoked.
        """
        _check_name(name)
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        with writing(self._engine) as connection:
            known = connection.execute(select(devices).where(devices.c.name == name)).first()
            if known and known.revoked:
                raise AccountRefused(f"name: device {name} was revoked; choose another name")
            if known:
                changed = update(devices).where(devices.c.name == name).values(token_hash=_digest(token))
                connection.execute(changed)
            else:
                connection.execute(insert(devices).values(_new_device(name, token, self._now())))
        return token

    def revoke_device(self, name: str) -> None:
        """Refuse the device and every screen that used its link.

        Raises:
            AccountRefused: no such device.
        """
        change = update(devices).where(devices.c.name == name)
        with writing(self._engine) as connection:
            done = connection.execute(change.values(revoked=True, session_epoch=devices.c.session_epoch + 1))
            if not done.rowcount:
                raise AccountRefused(f"name: there is no device {name}")

    def device(self, name: str) -> Device | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(devices).where(devices.c.name == name)).first()
        return _device(row) if row else None

    def devices(self) -> list[Device]:
        with self._engine.connect() as connection:
            return [_device(row) for row in connection.execute(select(devices).order_by(devices.c.name))]

    def authenticate_device(self, token: str) -> Device | None:
        """The device the token belongs to, unless it was revoked."""
        with self._engine.connect() as connection:
            row = connection.execute(select(devices).where(devices.c.token_hash == _digest(token))).first()
        return _device(row) if row and not row.revoked else None

    def device_seen(self, name: str) -> None:
        """Note that the device's screen is there now."""
        seen = update(devices).where(devices.c.name == name).values(last_seen_at=milliseconds(self._now()))
        with writing(self._engine) as connection:
            connection.execute(seen)

    def _change(self, name: str, **values: Any) -> None:
        change = update(accounts).where(accounts.c.name == name)
        with writing(self._engine) as connection:
            done = connection.execute(change.values(session_epoch=accounts.c.session_epoch + 1, **values))
            if not done.rowcount:
                raise AccountRefused(f"name: there is no account {name}")

    def _rehash(self, name: str, password: str) -> None:
        stronger = update(accounts).where(accounts.c.name == name)
        with writing(self._engine) as connection:
            connection.execute(stronger.values(password_hash=self._passwords.hashed(password)))

    def _password_columns(self, password: str) -> dict[str, object]:
        return {
            "password_hash": self._passwords.hashed(password),
            "password_changed_at": milliseconds(self._now()),
        }

    def _known(self, name: str) -> Account:
        account = self.get(name)
        if account is None:
            raise AccountRefused(f"name: there is no account {name}")
        return account


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise AccountRefused("name: give 2 to 64 letters, digits, or any of . _ - @, without spaces")


def _check_account(name: str, role: Role, department: str | None) -> None:
    _check_name(name)
    if role is Role.WALL_DEVICE:
        raise AccountRefused("role: a wall screen has no password; use `citywall device add`")
    if role is Role.DEPARTMENT and not department:
        raise AccountRefused("department: a department seat needs the code of its department")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _new_device(name: str, token: str, now: datetime) -> dict[str, object]:
    return {
        "name": name,
        "token_hash": _digest(token),
        "revoked": False,
        "session_epoch": 1,
        "created_at": milliseconds(now),
        "last_seen_at": None,
    }


def _account(row: Row[Any]) -> Account:
    return Account(
        name=row.name,
        display_name=row.display_name,
        role=Role(row.role),
        department=row.department,
        district=row.district,
        disabled=row.disabled,
        session_epoch=row.session_epoch,
        password_changed_at=moment(row.password_changed_at),
    )


def _device(row: Row[Any]) -> Device:
    return Device(
        name=row.name,
        revoked=row.revoked,
        session_epoch=row.session_epoch,
        created_at=moment(row.created_at),
        last_seen_at=moment(row.last_seen_at) if row.last_seen_at is not None else None,
    )
