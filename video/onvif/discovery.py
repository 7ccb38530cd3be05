"""WS-Discovery: one question to everybody on the local network, answers collected for a few seconds.

Only when somebody asks for it: a probe goes to every device of the network, and whoever answers may claim anything.
What is found is a proposal; nothing is asked of it, and no account sent, before a person chooses it.
"""

from __future__ import annotations

import asyncio
import socket
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from lxml import etree

GROUP, PORT = "239.255.255.250", 3702
LISTEN_SECONDS = 3.0
MOST_DEVICES = 1_000
_LONGEST_BYTES = 65_507
_HOPS = 1
"""Probes stay on the local network."""

_PROBE = (
    '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
    ' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"'
    ' xmlns:n="http://www.onvif.org/ver10/network/wsdl"><s:Header>'
    "<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action>"
    "<a:MessageID>urn:uuid:{id}</a:MessageID>"
    "<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header>"
    "<s:Body><d:Probe><d:Types>n:NetworkVideoTransmitter</d:Types></d:Probe></s:Body></s:Envelope>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A device that answered: the address of its device service, what it calls itself, and what it is."""

    address: str
    name: str
    hardware: str


async def discover(*, seconds: float = LISTEN_SECONDS, group: str = GROUP, port: int = PORT) -> tuple[Found, ...]:
    """Ask the local network and listen for `seconds`; each device once, by address.

    Raises:
        OSError: this machine has no network to ask.
    """
    loop = asyncio.get_running_loop()
    listener = _Listener()
    transport, _ = await loop.create_datagram_endpoint(lambda: listener, sock=_socket())
    try:
        transport.sendto(_PROBE.format(id=uuid.uuid4()).encode(), (group, port))
        await asyncio.sleep(seconds)
    finally:
        transport.close()
    return tuple(listener.found[address] for address in sorted(listener.found))


class _Listener(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.found: dict[str, Found] = {}

    def datagram_received(self, data: bytes, _sender: tuple[str | int, int]) -> None:
        if len(data) <= _LONGEST_BYTES and len(self.found) < MOST_DEVICES:
            self.found.update({one.address: one for one in matches(data)})


def matches(data: bytes) -> tuple[Found, ...]:
    """The devices named in one answer; none in anything else that may arrive at an open port."""
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return ()
    return tuple(found for match in root.iterfind(".//{*}ProbeMatch") for found in _devices(match))


def _devices(match: etree._Element) -> Iterator[Found]:
    """The first web address a match names; devices list one for each of their networks."""
    scopes = (match.findtext(".//{*}Scopes") or "").split()
    for address in (match.findtext(".//{*}XAddrs") or "").split():
        if _readable(address):
            yield Found(address=address, name=_scope(scopes, "name"), hardware=_scope(scopes, "hardware"))
            return


def _readable(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and address.isprintable()


def _scope(scopes: list[str], kind: str) -> str:
    """What a device says of itself under `onvif://www.onvif.org/KIND/…`, as one short printable line."""
    mark = f"//www.onvif.org/{kind}/"
    said = next((unquote(scope.partition(mark)[2]) for scope in scopes if mark in scope), "")
    return "".join(letter for letter in said if letter.isprintable())[:100]


def _socket() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, _HOPS)
    made.bind(("", 0))
    return made
