"""The demo city's streets: films for its cameras, played by a real RTSP server where one is installed."""

from __future__ import annotations

from argparse import Namespace

from demo.streams import StreetsClosed, serve_streets
from runtime.settings import Settings
from runtime.supervision import run_until_stopped

TROUBLE = (StreetsClosed,)


def run(settings: Settings, _arguments: Namespace) -> int:
    """Until told to stop."""
    run_until_stopped(lambda stop: serve_streets(settings.data_dir, stop))
    return 0
