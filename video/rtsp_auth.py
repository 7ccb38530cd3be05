"""The two ways a camera asks for a password over RTSP: Basic and Digest (RFC 7616, MD5 as cameras use it)."""

from __future__ import annotations

import base64
import hashlib
import re

_FIELD = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,]+))')


def answer(challenge: str, *, method: str, uri: str, user: str, password: str) -> str | None:
    """`Authorization` for one `WWW-Authenticate` challenge; None for a scheme nobody's camera uses."""
    scheme, _, rest = challenge.partition(" ")
    if scheme.lower() == "basic":
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    if scheme.lower() != "digest":
        return None
    fields = {name.lower(): quoted or bare for name, quoted, bare in _FIELD.findall(rest)}
    realm, nonce = fields.get("realm", ""), fields.get("nonce", "")
    response = _md5(f"{_md5(f'{user}:{realm}:{password}')}:{nonce}:{_md5(f'{method}:{uri}')}")
    return f'Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", response="{response}"'


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
