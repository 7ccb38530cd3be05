"""The little SOAP that the demo's cameras speak: questions read, answers and faults wrapped."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

from lxml import etree

LONGEST_MOVE_SECONDS = 10.0

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tt="http://www.onvif.org/ver10/schema"'
    ' xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl"'
    ' xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl" xmlns:ter="http://www.onvif.org/ver10/error"><s:Body>'
)
_FOOT = "</s:Body></s:Envelope>"


class Fault(Exception):
    """The camera says no; two ONVIF subcodes say why."""

    def __init__(self, subcode: str, detail: str) -> None:
        super().__init__(detail)
        self.subcode, self.detail = subcode, detail


def envelope(inside: str) -> bytes:
    """An answer."""
    return f"{_HEAD}{inside}{_FOOT}".encode()


def fault(refused: Fault) -> bytes:
    """A refusal."""
    return envelope(
        "<s:Fault><s:Code><s:Value>s:Sender</s:Value>"
        f"<s:Subcode><s:Value>{refused.subcode}</s:Value>"
        f"<s:Subcode><s:Value>{refused.detail}</s:Value></s:Subcode></s:Subcode></s:Code>"
        '<s:Reason><s:Text xml:lang="en">refused</s:Text></s:Reason></s:Fault>'
    )


def question_in(body: bytes) -> etree._Element:
    """The operation's own element.

    Raises:
        Fault: no SOAP question.
    """
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        raise Fault("ter:WellFormed", "ter:WellFormed") from None
    found = root.find(".//{*}Body/{*}*")
    if found is None:
        raise Fault("ter:TagMismatch", "ter:TagMismatch")
    return found


def deep(element: etree._Element, name: str) -> str:
    """Text of the first descendant of a local name; empty where there is none."""
    return (element.findtext(f".//{{*}}{name}") or "").strip()


def xml(value: str) -> str:
    """A text as it may stand in an element or attribute."""
    return escape(value, {'"': "&quot;"})


def axis(element: etree._Element | None, name: str) -> float:
    """One speed, kept inside its range; 0 where it is not given."""
    return 0.0 if element is None else max(-1.0, min(1.0, float(element.get(name, "0"))))


def seconds(duration: str) -> float:
    """Length of a move such as `PT2S`; the longest allowed where none is given."""
    found = re.fullmatch(r"PT([0-9.]+)S", duration)
    return min(float(found.group(1)), LONGEST_MOVE_SECONDS) if found else LONGEST_MOVE_SECONDS
