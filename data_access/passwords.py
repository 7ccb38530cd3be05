"""What a password must be, and how it is kept: Argon2id, checked at the same cost whether the account exists or not."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH = 10
MAX_LENGTH = 128
"""Argon2 reads the whole password; without an upper bound a megabyte of it would keep a core busy."""

_MIN_DIFFERENT = 5
_COMMON = (
    "password",
    "12345678",
    "87654321",
    "qwerty",
    "letmein",
    "citywall",
    "chengguan",
    "iloveyou",
    "woaini",
    "abc123",
)


class PasswordRefused(ValueError):
    """The password breaks a rule; the message says which, and never contains the password."""


def check_rules(password: str, account_name: str) -> None:
    """Nothing, or the first rule that is broken.

    Raises:
        PasswordRefused: with the rule and the fix.
    """
    lowered = password.casefold()
    if len(password) < MIN_LENGTH:
        raise PasswordRefused(f"The password has {len(password)} characters; give at least {MIN_LENGTH}.")
    if len(password) > MAX_LENGTH:
        raise PasswordRefused(f"The password has {len(password)} characters; give at most {MAX_LENGTH}.")
    if len(set(password)) < _MIN_DIFFERENT:
        raise PasswordRefused(f"The password repeats itself; use at least {_MIN_DIFFERENT} different characters.")
    if account_name.casefold() in lowered:
        raise PasswordRefused("The password contains the account's name; leave it out.")
    if any(word in lowered and len(lowered.replace(word, "")) < _MIN_DIFFERENT for word in _COMMON):
        raise PasswordRefused("The password is little more than a well-known one; choose words of your own.")


class Passwords:
    """Hashing and checking. Blocking and slow on purpose (tens of milliseconds, 64 MiB): never on the event loop."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash("nobody has this password")

    def hashed(self, password: str) -> str:
        return self._hasher.hash(password)

    def fits(self, password: str, stored: str | None) -> bool:
        """Whether the password belongs to the hash; without one the same work is done and the answer is no."""
        if len(password) > MAX_LENGTH:
            return False
        try:
            self._hasher.verify(stored or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None

    def outdated(self, stored: str) -> bool:
        """Whether the hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(stored)
