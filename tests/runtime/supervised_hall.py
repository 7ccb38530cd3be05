"""A hall of three roles for tests to end in unkind ways: prints each role's process number as it comes up.

Role `polite` ends when asked, `deaf` ignores the asking, `parent` has a child of its own in its group.
"""

from __future__ import annotations

import asyncio
import random
import sys

from runtime.clock import SystemClock
from runtime.supervision import Role, RoleState, RoleStatus, Supervisor, stop_on_signals

_WAIT = "signal.pause()"
_PROGRAMS = {
    "polite": f"import signal; {_WAIT}",
    "deaf": f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); {_WAIT}",
    "parent": f"""
import signal, subprocess
from runtime.children import die_with_parent
child = subprocess.Popen(["sleep", "600"], preexec_fn=die_with_parent())
print("grandchild", child.pid, flush=True)
{_WAIT}
""",
}


def tell(status: RoleStatus) -> None:
    if status.state is RoleState.RUNNING:
        print(status.name, status.pid, flush=True)


async def main() -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    roles = [
        Role(name=name, argv=(sys.executable, "-c", program), stop_within_seconds=0.5)
        for name, program in _PROGRAMS.items()
    ]
    await Supervisor(roles, clock=SystemClock(), rng=random.Random(1), on_status=tell).run(stop)
    print("ended", flush=True)


asyncio.run(main())
