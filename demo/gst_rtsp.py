"""A real RTSP server for the demo cameras, with GStreamer's own library. Runs under the system's Python, by itself:

    /usr/bin/python3 demo/gst_rtsp.py --clips DIR --port 8554

Every film `NAME-STREAM.vN.mp4` in DIR is served at `/NAME/STREAM` (whatever stands after `?` only tells cameras
apart), in step with the wall clock. `/locked/sub` asks for a password that nobody has. The next port after `--port`
accepts connections and never says a word. Imports nothing of ours: the environment it runs in has nothing of ours.
"""

from __future__ import annotations

import argparse
import ctypes
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402 - the versions must be chosen first

RATE = 10
MOST_BEHIND = 15  # pictures a source may be given at once; it holds 20
LAUNCH = (
    "( appsrc name=film is-live=true format=time do-timestamp=true max-buffers=20 leaky-type=downstream "
    'caps="video/x-h264,stream-format=byte-stream,alignment=au" ! h264parse ! rtph264pay name=pay0 pt=96 '
    "config-interval=1 )"
)
LOAD = (
    'filesrc location="{path}" ! qtdemux ! h264parse config-interval=-1 '
    "! video/x-h264,stream-format=byte-stream,alignment=au ! appsink name=sink sync=false"
)
LOCKED = "/locked/sub"
CLIENT_THREADS = 8  # one is the default: then a hundred cameras wait for the slowest of them
DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG


class Film:
    """All encoded pictures of a film in memory, and the sources that play it now."""

    def __init__(self, path: Path) -> None:
        self.pictures = _load(path)
        self.lock = threading.Lock()
        self.sources: dict[Gst.Element, int | None] = {}
        """Source → the picture it is given next; None until it has had a key frame."""

    def play(self, index: int) -> None:
        """Give every source all pictures up to this moment: where one is missing, those after it are smeared.

        A source that is not running yet refuses, and is asked again; one far behind goes on at a key frame.
        """
        with self.lock:
            sources = dict(self.sources)
        for source, due in sources.items():
            first = self.key_before(index) if due is None or index - due > MOST_BEHIND else due
            running = True
            for step in range(first, index + 1):
                picture = self.pictures[step % len(self.pictures)].copy()
                running = source.emit("push-buffer", picture) == Gst.FlowReturn.OK
            with self.lock:
                if source in self.sources:
                    self.sources[source] = index + 1 if running else None

    def key_before(self, index: int) -> int:
        while self.pictures[index % len(self.pictures)].has_flags(Gst.BufferFlags.DELTA_UNIT):
            index -= 1
        return index

    def add(self, _factory: GstRtspServer.RTSPMediaFactory, media: GstRtspServer.RTSPMedia) -> None:
        source = media.get_element().get_by_name_recurse_up("film")
        media.connect("unprepared", lambda _media: self.forget(source))
        with self.lock:
            self.sources[source] = None

    def forget(self, source: Gst.Element) -> None:
        with self.lock:
            self.sources.pop(source, None)


def _load(path: Path) -> list[Gst.Buffer]:
    """The film's pictures without times: the live source stamps them when they are played."""
    pipeline = Gst.parse_launch(LOAD.format(path=path))
    sink = pipeline.get_by_name("sink")
    pipeline.set_state(Gst.State.PLAYING)
    pictures = []
    while (sample := sink.emit("pull-sample")) is not None:
        buffer = sample.get_buffer().copy_deep()
        buffer.pts = buffer.dts = buffer.duration = Gst.CLOCK_TIME_NONE
        pictures.append(buffer)
    pipeline.set_state(Gst.State.NULL)
    return pictures


def _serve(films: dict[str, Film], port: int) -> GstRtspServer.RTSPServer:
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(port))
    server.set_auth(_auth())
    server.get_thread_pool().set_max_threads(CLIENT_THREADS)
    mounts = server.get_mount_points()
    for name, film in films.items():
        mounts.add_factory(name, _factory(film, {"anybody": True}))
    mounts.add_factory(LOCKED, _factory(next(iter(films.values())), {"anybody": False, "owner": True}))
    if server.attach(None) == 0:
        sys.exit(f"port {port} is taken: choose another with --port")
    return server


def _factory(film: Film, may_open: dict[str, bool]) -> GstRtspServer.RTSPMediaFactory:
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(LAUNCH)
    factory.set_shared(True)
    factory.connect("media-configure", film.add)
    rights = GstRtspServer.RTSPPermissions()
    for role, may in may_open.items():
        rights.add_permission_for_role(role, "media.factory.access", True)  # without it: "not found"
        rights.add_permission_for_role(role, "media.factory.construct", may)
    factory.set_permissions(rights)
    return factory


def _auth() -> GstRtspServer.RTSPAuth:
    """Everybody may see what is for anybody; for the locked camera a name and password are asked."""
    auth = GstRtspServer.RTSPAuth()
    anybody = GstRtspServer.RTSPToken()
    anybody.set_string("media.factory.role", "anybody")
    auth.set_default_token(anybody)
    return auth


def _play(films: list[Film], stop: threading.Event) -> None:
    """Ten times a second, the pictures up to the one that belongs to this moment of the clock."""
    while not stop.is_set():
        index = int(time.time() * RATE)
        for film in films:
            film.play(index)
        stop.wait(max(0.0, (index + 1) / RATE - time.time()))


def _silent(port: int) -> socket.socket:
    """A port that takes connections (the system does) and never answers."""
    listener = socket.create_server(("127.0.0.1", port), backlog=128)
    listener.setblocking(False)
    return listener


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--clips", type=Path, required=True)
    arguments.add_argument("--port", type=int, default=8554)
    given = arguments.parse_args()
    ctypes.CDLL("libc.so.6", use_errno=True).prctl(DIES_WITH_PARENT, signal.SIGTERM)
    Gst.init(None)
    films = {_mount(path): Film(path) for path in sorted(given.clips.glob("*.mp4"))}
    if not films:
        sys.exit(f"no films in {given.clips}")
    stop = threading.Event()
    player = threading.Thread(target=_play, args=(list(films.values()), stop))
    listener = _silent(given.port + 1)
    server = _serve(films, given.port)
    loop = GLib.MainLoop()
    for number in (signal.SIGINT, signal.SIGTERM):
        GLib.unix_signal_add(GLib.PRIORITY_HIGH, number, loop.quit)
    player.start()
    print(f"ready rtsp://127.0.0.1:{given.port} ({len(films)} films)", flush=True)
    loop.run()
    stop.set()
    player.join()
    listener.close()
    del server


def _mount(path: Path) -> str:
    """`avenue-sub.v2.mp4` → `/avenue/sub`."""
    name, _, stream = path.name.split(".")[0].partition("-")
    return f"/{name}/{stream}"


if __name__ == "__main__":
    main()
