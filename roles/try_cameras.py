"""`citywall cameras discover` and `citywall cameras test`: look at cameras before the catalogue believes in them.

Passwords are read from the terminal or standard input, never from the command line, and never printed.
"""

from __future__ import annotations

import asyncio
import csv
import getpass
import os
import sys
from argparse import Namespace
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import SecretStr

from data_access.city_tables import CAMERA_COLUMNS
from data_access.errors import StoreError
from data_access.hall import database_url, open_hall
from domain.turning import REFUSALS
from domain.worktime import CalendarError
from runtime.console import complain, say, show_json
from runtime.i18n import t
from runtime.settings import Settings
from video.address import scheme_of
from video.onvif.acquaintance import Acquaintance, is_onvif_address, meet
from video.onvif.discovery import Found, discover
from video.onvif.failure import OnvifFailed
from video.source import OpenFailed
from video.trial import Trial, look

WRONG = 1
STDIN = "-"
PLACEHOLDER = "USER:PASSWORD@"
"""Stands in every printed address where the account belongs."""


class NoSuchCamera(Exception):
    """Neither an address nor a camera of the catalogue; the message says what can be given."""


TROUBLE = (StoreError, CalendarError, NoSuchCamera, OSError)


# --- discover ---------------------------------------------------------------------------------------------------------


def run_discover(_settings: Settings, arguments: Namespace) -> int:
    """Rows for `cameras.csv`, one a device that answered; place and name are for a person to fill in."""
    account = SecretStr(f"{quote(arguments.user, safe='')}:{quote(_password(), safe='')}@") if arguments.user else None
    found = asyncio.run(_discovered(account))
    writer = csv.DictWriter(sys.stdout, CAMERA_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for number, (device, known) in enumerate(found, 1):
        writer.writerow(_row(f"CAM-{number:03d}", device, known))
        if isinstance(known, OnvifFailed):
            complain(f"{device.address}: {known.code}")
    complain(f"{len(found)} devices answered. Fill in district, place and {PLACEHOLDER[:-1]}, then import.")
    return 0


async def _discovered(account: SecretStr | None) -> list[tuple[Found, Acquaintance | OnvifFailed | None]]:
    return [(device, await _known(device, account)) for device in await discover()]


async def _known(device: Found, account: SecretStr | None) -> Acquaintance | OnvifFailed | None:
    """What a device tells whoever has an account; None without one."""
    if account is None:
        return None
    try:
        return await meet(SecretStr(_with_account(device.address, account.get_secret_value())))
    except OnvifFailed as failed:
        return failed


def _row(camera_id: str, device: Found, known: Acquaintance | OnvifFailed | None) -> dict[str, str]:
    """What is known of a device; the columns it leaves out stay empty."""
    row = {
        "camera_id": camera_id,
        "name": device.name or device.hardware or camera_id,
        "shared": "0",
        "onvif_url": _with_account(device.address, PLACEHOLDER),
    }
    if isinstance(known, Acquaintance):
        row |= {"main_url": printable(known.main), "ptz": str(int(known.turns))}
        row |= {"sub_url": printable(known.sub)} if known.sub else {}
    return row


def printable(address: SecretStr) -> str:
    """An address with the placeholder where its account is."""
    return _with_account(address.get_secret_value(), PLACEHOLDER)


def _with_account(address: str, account: str) -> str:
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, account + parts.netloc.rpartition("@")[2], parts.path, parts.query, ""))


# --- test -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a trial: `seen` or `error`; `device` is what an ONVIF device said of itself."""

    seen: Trial | None = None
    error: str = ""
    device: Acquaintance | None = None

    def json(self) -> dict[str, Any]:
        """For programs; without the picture and without any address."""
        told: dict[str, Any] = {"ok": self.seen is not None, "error": self.error or None}
        if self.seen is not None:
            told |= {name: value for name, value in asdict(self.seen).items() if name != "jpeg"}
        if self.device is not None:
            told["device"] = {
                **asdict(self.device.information),
                "clock_offset_seconds": round(self.device.clock_offset.total_seconds(), 1),
                "turns": self.device.turns,
                "presets": [preset.name for preset in self.device.presets],
                "profiles": [f"{one.codec} {one.width}×{one.height}" for one in self.device.profiles],
            }
        return told

    def addresses(self) -> dict[str, str]:
        """The streams of an ONVIF device with the account in them: to be stored, never to be shown."""
        if self.device is None:
            return {}
        sub = self.device.sub.get_secret_value() if self.device.sub else ""
        return {"main_url": self.device.main.get_secret_value(), "sub_url": sub}


def run_test(settings: Settings, arguments: Namespace) -> int:
    """Try an address, a camera of the catalogue, or (`-`) an address from standard input."""
    verdict = tried(SecretStr(_address(settings, arguments.target)))
    if verdict.seen is not None and arguments.picture is not None:
        write_private(arguments.picture, verdict.seen.jpeg)
    if arguments.json:
        show_json(verdict.json() | (verdict.addresses() if arguments.addresses else {}))
    else:
        _say(verdict)
    return 0 if verdict.seen is not None else WRONG


def tried(address: SecretStr) -> Verdict:
    """Look at a stream, or at the main stream of an ONVIF device."""
    device: Acquaintance | None = None
    try:
        if is_onvif_address(address.get_secret_value()):
            device = asyncio.run(meet(address))
            address = device.main
        return Verdict(look(address.get_secret_value()), device=device)
    except OnvifFailed as failed:
        return Verdict(error=failed.code.value)
    except OpenFailed as failed:
        return Verdict(error=failed.error.value, device=device)


def _address(settings: Settings, target: str) -> str:
    if target == STDIN:
        return _password("Address: ")
    if scheme_of(target) is not None:
        return target
    urls = open_hall(database_url(settings)).city_store.camera_addresses()
    if target not in urls:
        raise NoSuchCamera(f"{target[:40]!r} is no camera of the catalogue and no address (rtsp://, http://, file:).")
    return urls[target][0].get_secret_value()


def _say(verdict: Verdict) -> None:
    if verdict.device is not None:
        about = verdict.device.information
        say(f"{about.manufacturer} {about.model}, firmware {about.firmware}, {len(verdict.device.profiles)} profiles")
    if verdict.seen is None:
        words = {code.value: t(text) for code, text in REFUSALS.items()}
        complain(f"✗ {verdict.error}: {words.get(verdict.error, 'see docs/operations.md')}")
        return
    seen = verdict.seen
    say(f"✓ {seen.codec} {seen.width}×{seen.height}, {seen.fps} pictures/s, first one after {seen.first_picture_ms} ms")


def write_private(file: Path, content: bytes) -> None:
    """A picture of a street is for its owner alone."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(content)


def _password(question: str = "Password: ") -> str:
    """From the terminal without echo, or the first line of standard input for scripts."""
    return getpass.getpass(question) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
