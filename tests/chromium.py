"""How tests and benchmarks start Debian's Chromium: headless, and silent about the outside world.

The headless shell is the same engine without the windows of a desktop browser, which no test looks at and which cost
three times the processor time for every page that is opened.
"""

from __future__ import annotations

CHROMIUM = "/usr/bin/chromium-headless-shell"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
