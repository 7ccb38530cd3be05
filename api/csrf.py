"""The login form's own token: it proves that we served the form to this browser, and not long ago.

Everything else that changes something is protected by its origin (`origin`); the login form is too, but a session
forced upon somebody is worth a second lock.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from domain.journal import milliseconds, moment

COOKIE = "cw_form"
LIFE = timedelta(hours=12)


class Csrf:
    """Makes and checks tokens, each bound to a random value in the browser's cookie."""

    def __init__(self, key: bytes, *, now: Callable[[], datetime]) -> None:
        self._now = now
        self._signer = URLSafeSerializer(
            key, salt="citywall.form", signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"}
        )

    def browser_value(self) -> str:
        """A value for the cookie of a browser that has none."""
        return secrets.token_urlsafe(16)

    def token(self, browser_value: str) -> str:
        signed = self._signer.dumps([browser_value, milliseconds(self._now())])
        return signed if isinstance(signed, str) else signed.decode()

    def accepts(self, token: str, browser_value: str | None) -> bool:
        """Whether the token is ours, of this browser, and at most twelve hours old."""
        try:
            value, made_at_ms = self._signer.loads(token)
            age = self._now() - moment(made_at_ms)
        except (BadData, TypeError, ValueError, OverflowError):
            return False
        return bool(browser_value) and secrets.compare_digest(str(value), str(browser_value)) and age < LIFE
