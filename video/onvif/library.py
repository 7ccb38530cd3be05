"""The one door to the kept library (onvif-zeep-async, zeep): one question, one bounded answer, failures as codes.

aiohttp, lxml and zeep are the library's own. The service descriptions come with it: nothing is fetched but the camera's
own answers, and nothing is kept on disk. An answer is read up to `LONGEST_ANSWER_BYTES`, must be well-formed XML
without a document type, and is followed nowhere else. There is no retry: whoever asks decides whether to ask again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import onvif
from lxml import etree
from onvif.client import ONVIFService
from onvif.definition import SERVICES
from onvif.zeep_aiohttp import AIOHTTPTransport
from zeep.exceptions import Error as ZeepError
from zeep.exceptions import Fault, TransportError

from domain.turning import TurnRefusal
from video.onvif.failure import OnvifFailed

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 5.0
LONGEST_ANSWER_BYTES = 1_000_000

_DESCRIPTIONS = Path(onvif.__file__).parent / "wsdl"
_AUTH_SIGNS = ("notauthorized", "failedauthentication", "failedcheck", "invalidsecurity")
_FOREIGN = (ZeepError, onvif.ONVIFError, etree.LxmlError, ValueError, TypeError, AttributeError, LookupError)
"""What the library raises on an answer that is XML but not what its description says."""

for _name in ("onvif", "zeep"):  # at lower levels they write whole messages, user names included
    logging.getLogger(_name).setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a device knows us as; an empty user asks without."""

    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return "Account(***)"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the library wants to know of an HTTP answer."""

    status_code: int
    content: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/soap+xml"})
    encoding: str = "utf-8"


class Wire(AIOHTTPTransport):  # type: ignore[misc]  # the library has no types
    """One POST a question: bounded in time and length, no redirect, no second try; HTTP Digest where asked for."""

    def __init__(self, session: aiohttp.ClientSession, account: Account) -> None:
        super().__init__(session)
        self._digest: tuple[aiohttp.DigestAuthMiddleware, ...] = ()
        if account.user:
            self._digest = (aiohttp.DigestAuthMiddleware(account.user, account.password, preemptive=False),)

    async def post_xml(self, address: str, envelope: Any, headers: dict[str, str]) -> Answer:
        """Ask, and look at the answer before the library does.

        Raises:
            OnvifFailed: there is no answer, or none that could be ONVIF.
        """
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                status, content = await self._post(address, etree.tostring(envelope, encoding="utf-8"), headers)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise OnvifFailed(_network_code(error)) from None
        _demand_envelope(status, content)
        return Answer(status, content)

    async def _post(self, address: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        async with self.session.post(
            address, data=body, headers=headers, allow_redirects=False, middlewares=self._digest
        ) as response:
            content = b""
            async for part in response.content.iter_chunked(65_536):
                content += part
                if len(content) > LONGEST_ANSWER_BYTES:
                    raise OnvifFailed(TurnRefusal.BROKEN_ANSWER)
            return response.status, content


def open_session() -> aiohttp.ClientSession:
    """A session for one device: few connections, no cookies, no proxy."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=4),
        timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS, connect=CONNECT_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
    )


class Service:
    """One service of one device (`devicemgmt`, `media`, `ptz`, …) at its own address."""

    def __init__(
        self, name: str, address: str, session: aiohttp.ClientSession, account: Account, clock_offset: timedelta
    ) -> None:
        known = SERVICES[name]
        self._proxy = ONVIFService(
            address,
            account.user or None,
            account.password or None,
            str(_DESCRIPTIONS / known["wsdl"]),
            no_cache=True,
            dt_diff=clock_offset,
            binding_name=f"{{{known['ns']}}}{known['binding']}",
        )
        self._proxy.transport = Wire(session, account)
        self._with_account = bool(account.user)

    async def ask(self, operation: str, /, **parameters: Any) -> Any:
        """The answer as the library reads it: an object, a list, or None.

        Raises:
            OnvifFailed: no answer, a refusal, or nonsense.
        """
        return await self._asked(operation, parameters, signed=self._with_account)

    async def ask_openly(self, operation: str) -> Any:
        """As `ask`, without our account: what a device tells everybody."""
        return await self._asked(operation, {}, signed=False)

    async def _asked(self, operation: str, parameters: Mapping[str, Any], *, signed: bool) -> Any:
        try:
            await self._ready()
            client = self._proxy.ws_client if signed else self._proxy.ws_client_authless
            return await getattr(client, operation)(**parameters)
        except Fault as fault:
            raise OnvifFailed(_fault_code(fault)) from None
        except TransportError as error:
            raise OnvifFailed(_status_code(error.status_code)) from None
        except _FOREIGN:
            raise OnvifFailed(TurnRefusal.BROKEN_ANSWER) from None

    async def _ready(self) -> None:
        if self._proxy.ws_client is None:
            await self._proxy.setup()

    async def close(self) -> None:
        await self._proxy.close()


def plain(value: Any) -> Mapping[str, Any]:
    """An answer object as a mapping; empty for anything else."""
    found = ONVIFService.to_dict(value)
    return found if isinstance(found, Mapping) else {}


def _network_code(error: Exception) -> TurnRefusal:
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        return TurnRefusal.CERTIFICATE
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, ConnectionRefusedError):
        return TurnRefusal.REFUSED
    if isinstance(error, aiohttp.ClientPayloadError):
        return TurnRefusal.BROKEN_ANSWER
    if isinstance(error, OSError) and not isinstance(error, aiohttp.ServerDisconnectedError):
        return TurnRefusal.TIMEOUT
    return TurnRefusal.NOT_ONVIF


def _demand_envelope(status: int, content: bytes) -> None:
    """An answer that is no whole SOAP envelope is told at once: the library would repair and guess.

    Raises:
        OnvifFailed: see there.
    """
    if status in (401, 403):
        raise OnvifFailed(TurnRefusal.AUTH)
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        raise OnvifFailed(TurnRefusal.BROKEN_ANSWER if b"Envelope" in content else TurnRefusal.NOT_ONVIF) from None
    if root.getroottree().docinfo.doctype:
        raise OnvifFailed(TurnRefusal.BROKEN_ANSWER)
    if etree.QName(root).localname != "Envelope":
        raise OnvifFailed(TurnRefusal.NOT_ONVIF)


def _fault_code(fault: Fault) -> TurnRefusal:
    said = " ".join(str(part) for part in (fault.code, *(fault.subcodes or ()))).lower()
    return TurnRefusal.AUTH if any(sign in said for sign in _AUTH_SIGNS) else TurnRefusal.DENIED


def _status_code(status: int | None) -> TurnRefusal:
    return TurnRefusal.AUTH if status in (401, 403) else TurnRefusal.BROKEN_ANSWER
