"""Leases behind claims: how long a claim lasts without a word from the claimer's browser (product sheet 3.6).

The claim itself stands in the journal, with a token that grows. The lease is only its clock: a sorted set in Redis,
by end. A browser renews it; when it runs out, the clerk writes into the journal that the claim has lapsed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from redis.asyncio import Redis

from data_access.keys import CLAIM_LEASES
from domain.journal import milliseconds

LEASE = timedelta(seconds=90)
"""How long a claim outlives its claimer's last word."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim: which case, and the token that tells it from later claims of the same case."""

    case_no: str
    token: int

    @property
    def member(self) -> str:
        return f"{self.case_no}|{self.token}"


class ClaimLeases:
    """All leases of the hall. Every method raises RedisError or OSError when Redis does not answer."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def begin(self, claim: Claim, now: datetime) -> None:
        """A claim was made: its lease runs from now."""
        await self._redis.zadd(CLAIM_LEASES, {claim.member: _end(now)})

    async def renew(self, claims: Sequence[Claim], now: datetime) -> list[Claim]:
        """Word from the claimers' browsers; the claims whose lease was still running."""
        known = await self._ends(claims)
        held = [claim for claim in claims if known.get(claim) is not None]
        if held:
            await self._redis.zadd(CLAIM_LEASES, {claim.member: _end(now) for claim in held}, xx=True)
        return held

    async def begin_unknown(self, claims: Iterable[Claim], now: datetime) -> None:
        """Claims that stand in the journal although Redis knows no lease (it was restarted): a whole new one each."""
        members = {claim.member: _end(now) for claim in claims}
        if members:
            await self._redis.zadd(CLAIM_LEASES, members, nx=True)

    async def run_out(self, now: datetime) -> list[Claim]:
        """Claims whose lease is over, longest ago first."""
        found: list[Any] = await self._redis.zrangebyscore(CLAIM_LEASES, "-inf", milliseconds(now))
        return [_claim(member.decode()) for member in found]

    async def end(self, claims: Sequence[Claim]) -> None:
        """Forget leases: released, lapsed, or the case has moved on."""
        if claims:
            await self._redis.zrem(CLAIM_LEASES, *(claim.member for claim in claims))

    async def _ends(self, claims: Sequence[Claim]) -> dict[Claim, float | None]:
        if not claims:
            return {}
        ends: list[Any] = await self._redis.zmscore(CLAIM_LEASES, [claim.member for claim in claims])
        return dict(zip(claims, ends, strict=True))


def _end(now: datetime) -> int:
    return milliseconds(now + LEASE)


def _claim(member: str) -> Claim:
    case_no, _, token = member.rpartition("|")
    return Claim(case_no, int(token))
