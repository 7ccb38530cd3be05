"""Sessions: a signed cookie says who, the account store says whether that still stands.

A person's session ends after some hours without use and is renewed silently while used; a wall's lasts as long as a
browser keeps a cookie (400 days) and is renewed every hour, so that no wall ever meets a login page. What the store
said is believed for a few seconds; while the store does not answer, what it said last is believed for an hour.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from itsdangerous import BadData, URLSafeSerializer

from api.cookies import set_cookie
from api.identity import NOBODY, Claims, Visitor, visitor
from data_access.accounts import Account, AccountStore, Device
from data_access.errors import StoreError
from domain.journal import milliseconds, moment
from domain.roles import Identity

SESSION_COOKIE = "cw_session"
DEVICE_COOKIE = "cw_device"

_DEVICE_LIFE = timedelta(days=400)
_DEVICE_RENEWAL = timedelta(hours=1)
_SESSION_RENEWAL = timedelta(minutes=5)
_BELIEVED_SECONDS = 5.0
_BELIEVED_WITHOUT_STORE_SECONDS = 3600.0
_MOST_REMEMBERED = 20_000

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class _Standing:
    """What the store says of one session: whose it is, and whether it stands (`identity` None: it does not)."""

    identity: Identity | None
    asked_at: float


class Sessions:
    """Issues, reads, renews and ends sessions. One per web process; `monotonic` in seconds."""

    def __init__(
        self,
        key: bytes,
        accounts: AccountStore,
        *,
        session_hours: float,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self._accounts = accounts
        self._life = timedelta(hours=session_hours)
        self._now = now
        self._monotonic = monotonic
        self._person = _signer(key, "person")
        self._device = _signer(key, "device")
        self._known: dict[tuple[bool, str, int, str], _Standing] = {}
        self._threads = ThreadPoolExecutor(2, "sessions")  # its own: a long query elsewhere must not hold up the door

    def open(self, account: Account) -> str:
        """The cookie of a new session."""
        return self._written(self._claims(account.name, account.session_epoch, device=False))

    def open_device(self, device: Device) -> str:
        """The cookie of a wall screen."""
        return self._written(self._claims(device.name, device.session_epoch, device=True))

    async def identify(self, cookies: Mapping[str, str]) -> Visitor:
        """Who sent these cookies. A forged, garbled, expired or ended one is nobody; a person goes before a device.

        Raises:
            StoreError: the account store does not answer, and said nothing of this session within the last hour.
        """
        person = self._read(cookies.get(SESSION_COOKIE), device=False)
        if person is not None and (seen := await self._visitor(person)).identity is not None:
            return seen
        if DEVICE_COOKIE not in cookies:
            return NOBODY
        device = self._read(cookies[DEVICE_COOKIE], device=True)
        return await self._visitor(device) if device is not None else Visitor(lost_device=True)

    async def identify_token(self, token: str) -> Visitor:
        """Who sent this bearer token: a wall device, or nobody.

        Raises:
            StoreError: the account store does not answer.
        """
        device = await self._off_loop(lambda: self._accounts.authenticate_device(token))
        if device is None:
            return NOBODY
        return Visitor(identity=device.identity, claims=self._claims(device.name, device.session_epoch, device=True))

    async def stands(self, claims: Claims) -> bool:
        """Whether a session that was let in earlier may stay.

        Raises:
            StoreError: as `identify`.
        """
        return await self._identity(claims) is not None

    async def valid(self, identity: Identity) -> bool:
        """`stands`, for whoever holds a socket open: asks about the session of the running context.

        While the account store is away an open socket stays: the guard, which asks too, ends it after an hour.
        """
        holder = visitor.get()
        if holder.identity != identity or holder.claims is None:
            return False
        try:
            return await self.stands(holder.claims)
        except StoreError as error:
            log.warning("cannot tell whether the session of %s stands: %s", identity.name, error)
            return True

    async def end(self, cookies: Mapping[str, str]) -> Identity | None:
        """Log out: the session's cookies are worth nothing any more, wherever a copy of them lies.

        Raises:
            StoreError: the account store does not answer; the session has not ended.
        """
        claims = self._read(cookies.get(SESSION_COOKIE), device=False)
        if claims is None:
            return None
        identity = await self._identity(claims)
        until = self._now() + self._life
        await self._off_loop(lambda: self._accounts.end_session(claims.session_id, until))
        self._known[_key(claims)] = _Standing(None, self._monotonic())
        return identity

    def forget(self) -> None:
        """Ask the store afresh about everybody."""
        self._known.clear()

    async def _visitor(self, claims: Claims) -> Visitor:
        identity = await self._identity(claims)
        if identity is None:
            return Visitor(lost_device=claims.device)
        return Visitor(identity=identity, claims=claims, renewals=await self._renewals(claims))

    async def _renewals(self, claims: Claims) -> tuple[str, ...]:
        age = self._now() - claims.renewed_at
        due = _DEVICE_RENEWAL if claims.device else min(_SESSION_RENEWAL, self._life / 4)
        if timedelta(0) <= age < due:
            return ()
        if claims.device:
            await self._note_device(claims.name)
        return (self._written(claims),)

    async def _note_device(self, name: str) -> None:
        try:
            await self._off_loop(lambda: self._accounts.device_seen(name))
        except StoreError as error:
            log.warning("cannot note that device %s was seen: %s", name, error)

    async def _identity(self, claims: Claims) -> Identity | None:
        key = _key(claims)
        known = self._known.get(key)
        age = self._monotonic() - known.asked_at if known else float("inf")
        if known and age < _BELIEVED_SECONDS:
            return known.identity
        try:
            identity = await self._off_loop(lambda: self._ask(claims))
        except StoreError as error:
            if known and age < _BELIEVED_WITHOUT_STORE_SECONDS:
                log.warning("account store away, believing its last word on %s: %s", claims.name, error)
                return known.identity
            raise
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known[key] = _Standing(identity, self._monotonic())
        return identity

    def _ask(self, claims: Claims) -> Identity | None:
        if claims.device:
            device = self._accounts.device(claims.name)
            stands = device is not None and not device.revoked and device.session_epoch == claims.epoch
            return device.identity if device and stands else None
        account = self._accounts.get(claims.name)
        if account is None or account.disabled or account.session_epoch != claims.epoch:
            return None
        return None if self._accounts.session_ended(claims.session_id) else account.identity

    def _claims(self, name: str, epoch: int, *, device: bool) -> Claims:
        return Claims(device=device, name=name, epoch=epoch, session_id=secrets.token_hex(16), renewed_at=self._now())

    def _written(self, claims: Claims) -> str:
        signer, cookie, life = (
            (self._device, DEVICE_COOKIE, _DEVICE_LIFE) if claims.device else (self._person, SESSION_COOKIE, self._life)
        )
        signed = signer.dumps([claims.name, claims.epoch, claims.session_id, milliseconds(self._now())])
        text = signed if isinstance(signed, str) else signed.decode()
        return set_cookie(cookie, text, max_age_seconds=round(life.total_seconds()))

    def _read(self, cookie: str | None, *, device: bool) -> Claims | None:
        if cookie is None:
            return None
        try:
            name, epoch, session_id, at_ms = (self._device if device else self._person).loads(cookie)
            claims = Claims(device=device, name=name, epoch=epoch, session_id=session_id, renewed_at=moment(at_ms))
        except (BadData, TypeError, ValueError, OverflowError) as error:
            log.info("refused a %s cookie: %s", "device" if device else "session", type(error).__name__)
            return None
        life = _DEVICE_LIFE if device else self._life
        return claims if self._now() - claims.renewed_at < life else None

    async def _off_loop(self, ask: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._threads, ask)


def _key(claims: Claims) -> tuple[bool, str, int, str]:
    return claims.device, claims.name, claims.epoch, claims.session_id


def _signer(key: bytes, purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        key, salt=f"citywall.{purpose}", signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    )
