"""One child process: its own process group, dying with its parent, ended politely first and surely after.

Linux only does the "dying with its parent" part by itself (PR_SET_PDEATHSIG); elsewhere an orderly stop still ends all.
"""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

log = logging.getLogger(__name__)

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(sent: signal.Signals = signal.SIGKILL) -> Callable[[], None]:
    """What a new process runs before its program (`preexec_fn`): the kernel will send it `sent` when its parent ends.

    The parent must start it from a thread that lives as long as the parent: the kernel watches the thread.
    """
    return partial(end_with, os.getpid(), sent)


def end_with(parent: int, sent: signal.Signals = signal.SIGKILL) -> None:
    """Ask the kernel to send this process `sent` when its parent, which must be `parent`, ends."""
    if _LIBC is None:
        return
    _LIBC.prctl(_PR_SET_PDEATHSIG, int(sent))
    if os.getppid() != parent:  # it ended between the fork and our asking
        os._exit(0)


async def start_child(
    argv: Sequence[str],
    *,
    environment: Mapping[str, str],
    directory: Path | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
) -> asyncio.subprocess.Process:
    """Start `argv` as leader of a group of its own, without our terminal's keys, with its output going where ours goes.

    Raises:
        OSError: the program cannot be started.
    """
    return await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.DEVNULL,
        cwd=directory,
        env={**os.environ, **environment},
        start_new_session=True,
        preexec_fn=die_with_parent(death_signal),
    )


async def end_child(child: asyncio.subprocess.Process, *, within_seconds: float) -> bool:
    """Ask the child to stop, wait, then kill what is left of its group. True when it stopped by itself in time."""
    send(child, signal.SIGTERM)
    try:
        async with asyncio.timeout(within_seconds):
            await child.wait()
        in_time = True
    except TimeoutError:
        in_time = False
        log.warning("a child did not stop in time and is killed", extra={"facts": {"pid": child.pid}})
    kill_group(child.pid)
    await child.wait()
    return in_time


def send(child: asyncio.subprocess.Process, what: signal.Signals) -> None:
    """Send a signal to the child alone, if it still runs."""
    if child.returncode is None:
        child.send_signal(what)


def kill_group(leader: int) -> None:
    """Kill whatever is left of a child's process group; nothing left is the usual case."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        log.debug("the group has ended by itself", extra={"facts": {"pid": leader}})
    except PermissionError:  # macOS answers this for a group of zombies
        log.debug("the group holds only ended processes", extra={"facts": {"pid": leader}})
