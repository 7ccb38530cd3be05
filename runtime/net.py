"""Small questions about this machine's network."""

from __future__ import annotations

import http.client
import socket


def free_port(host: str) -> int:
    """A port nobody listens on now."""
    with socket.create_server((host, 0)) as probe:
        return int(probe.getsockname()[1])


def answers(host: str, port: int, path: str, *, within_seconds: float = 1.0) -> bool:
    """Whether a plain request is answered with 200. Blocks for at most `within_seconds`."""
    line = http.client.HTTPConnection(host, port, timeout=within_seconds)
    try:
        line.request("GET", path)
        return line.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        line.close()


def is_loopback(host: str) -> bool:
    """Whether only programs on this machine can reach `host`."""
    return host in ("localhost", "::1") or host.startswith("127.")
