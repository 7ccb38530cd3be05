#!/usr/bin/env bash
# Brings the programs that tests start for real: Chromium, PostgreSQL, an RTSP server, Chinese fonts.
# Looks first and installs only what is missing, so a warm run takes a moment. Asks nothing.
set -euo pipefail

missing=()

need() { # need PACKAGES… -- COMMAND…: the packages are missing where the command fails
    local packages=()
    while [ "$1" != "--" ]; do packages+=("$1"); shift; done
    shift
    "$@" >/dev/null 2>&1 || missing+=("${packages[@]}")
}

has_postgresql() { command -v initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb'; }
has_chinese_font() { fc-list :lang=zh family | grep -q .; }
has_rtsp_server() {
    /usr/bin/python3 -I - <<'PYTHON'
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gst, GstRtspServer  # noqa: F401

Gst.init(None)
elements = ("h264parse", "h265parse", "x264enc", "rtph264pay", "qtdemux", "videotestsrc")
sys.exit(not all(Gst.ElementFactory.find(name) for name in elements))
PYTHON
}

need chromium-headless-shell -- command -v chromium-headless-shell
need postgresql -- has_postgresql
need fontconfig fonts-noto-cjk -- has_chinese_font
need python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-rtsp gstreamer1.0-plugins-base gstreamer1.0-plugins-good \
    gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly -- has_rtsp_server

[ "${#missing[@]}" -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
    echo "Tests need these packages, and only root on Debian or Ubuntu can install them from here:" >&2
    echo "    sudo apt-get install ${missing[*]}" >&2
    echo "Going on without them: tests that need one are skipped at a desk and fail where CI is set." >&2
    exit 0
fi

echo "Installing what tests need: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
wait_for_lock=(-o DPkg::Lock::Timeout=300)
apt-get "${wait_for_lock[@]}" -qq update
apt-get "${wait_for_lock[@]}" -qq -y --no-install-recommends install "${missing[@]}" >/dev/null
