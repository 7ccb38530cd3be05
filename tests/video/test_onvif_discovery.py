"""Asking the whole network: who answers is proposed once, and nonsense at the open port is nobody."""

from __future__ import annotations

import asyncio

from video.onvif.discovery import Found, discover, matches

MATCH = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><s:Body><d:ProbeMatches><d:ProbeMatch>'
    "<d:Scopes>onvif://www.onvif.org/name/East%20gate onvif://www.onvif.org/hardware/DS-2</d:Scopes>"
    "<d:XAddrs>{addresses}</d:XAddrs></d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>"
)


class Network(asyncio.DatagramProtocol):
    """Devices that answer every probe with all of `answers`."""

    def __init__(self, *answers: bytes) -> None:
        self.answers, self.heard = answers, b""

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self.transport = transport

    def datagram_received(self, data: bytes, sender: tuple[str | int, int]) -> None:
        self.heard = data
        for answer in self.answers:
            self.transport.sendto(answer, sender)


def match(addresses: str) -> bytes:
    return MATCH.format(addresses=addresses).encode()


async def found_among(*answers: bytes) -> tuple[tuple[Found, ...], bytes]:
    loop = asyncio.get_running_loop()
    transport, network = await loop.create_datagram_endpoint(lambda: Network(*answers), local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    found = await discover(seconds=0.5, group="127.0.0.1", port=port)
    transport.close()
    return found, network.heard


async def test_devices_that_answer_are_found_once_each() -> None:
    first = match("http://10.0.0.1/onvif/device_service http://[fe80::1]/onvif/device_service")
    found, heard = await found_among(first, first, match("http://10.0.0.2/onvif/device_service"))
    assert [one.address.split("/")[2] for one in found] == ["10.0.0.1", "10.0.0.2"]
    assert (found[0].name, found[0].hardware) == ("East gate", "DS-2")
    assert b"NetworkVideoTransmitter" in heard


async def test_an_empty_network_is_no_error() -> None:
    assert (await found_among())[0] == ()


def test_what_is_no_answer_names_nobody() -> None:
    for nonsense in (b"", b"hello", b"<a/>", match(""), match("ftp://10.0.0.1/x file:///etc/passwd")):
        assert matches(nonsense) == ()
