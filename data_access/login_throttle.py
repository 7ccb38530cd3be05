"""How long somebody must wait before the next try to log in: growing with every failure, bounded, never for ever.

Counted per account and per address in Redis, so that all web processes share the count. A try is counted *before* the
password is looked at: a hundred tries at once are a hundred tries, not one. The right password takes its try back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import cast

import redis.asyncio

from data_access.keys import login_failures

MEMORY_SECONDS = 3600
"""A count is forgotten this long after its newest try."""


@dataclass(frozen=True, slots=True)
class Patience:
    """`free` tries without a wait; after them 2, 4, 8 … seconds, at most `longest_seconds`."""

    free: int
    longest_seconds: int


ACCOUNT = Patience(free=5, longest_seconds=300)
ADDRESS = Patience(free=30, longest_seconds=900)
"""One address may be a whole hall behind one router, at the change of shift."""

_BEGIN = """
local left = redis.call('PTTL', KEYS[2])
if left > 0 then return left end
local tries = redis.call('INCR', KEYS[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
local over = tries - tonumber(ARGV[1])
if over >= 0 then
  local wait = math.min(2 ^ math.min(over + 1, 20), tonumber(ARGV[2]))
  redis.call('SET', KEYS[2], '1', 'PX', wait * 1000)
end
return 0
"""
_TAKE_BACK = """
if redis.call('DECR', KEYS[1]) <= 0 then redis.call('DEL', KEYS[1]) end
if tonumber(redis.call('GET', KEYS[1]) or '0') < tonumber(ARGV[1]) then redis.call('DEL', KEYS[2]) end
return 0
"""


class LoginThrottle:
    """One hall's counters."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        self._client = client

    async def begin(self, account: str, address: str) -> float:
        """Seconds to wait before a try is allowed; 0 means that this try is allowed, and counted.

        Raises:
            redis.RedisError: the counters cannot be read; nobody may try until they can.
        """
        for who, patience in _both(account, address):  # the address first: one that must wait harms no account
            limits = (patience.free, patience.longest_seconds, MEMORY_SECONDS)
            left = await self._run(_BEGIN, who, *limits)
            if left:
                return left / 1000
        return 0.0

    async def succeeded(self, account: str, address: str) -> None:
        """Take back a try that was right: the account starts afresh, the address loses this one try.

        Raises:
            redis.RedisError: the counters cannot be written.
        """
        (of_address, patience), (of_account, _) = _both(account, address)
        await self._client.delete(*_keys(of_account))
        await self._run(_TAKE_BACK, of_address, patience.free)

    async def _run(self, script: str, who: str, *arguments: int) -> int:
        answer = self._client.eval(script, 2, *_keys(who), *(str(value) for value in arguments))
        return int(await cast("Awaitable[int]", answer))


def _both(account: str, address: str) -> tuple[tuple[str, Patience], tuple[str, Patience]]:
    return (f"address:{address}", ADDRESS), (f"account:{_hidden(account)}", ACCOUNT)


def _keys(who: str) -> tuple[str, str]:
    return login_failures(who), login_failures(f"wait:{who}")


def _hidden(typed: str) -> str:
    """What was typed as a name may be a password; as a key it is shortened to a digest of fixed length."""
    return hashlib.sha256(typed.casefold().encode()).hexdigest()[:32]
