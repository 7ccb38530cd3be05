"""Films of a few seconds in place of the demo streets' minutes, which take a core two minutes to draw."""

from __future__ import annotations

from pathlib import Path

from demo.clips import BLACK, COVERED, FROZEN, STREAMS, clip_name, make_film
from demo.street.scenes import SCENES


def make_short_films(folder: Path) -> None:
    """The first scene's under every name but the still one's: the hall finds all its films made."""
    folder.mkdir(parents=True)
    first, *others = (scene.name for scene in SCENES)
    make_film(folder, first, seconds=4)
    make_film(folder, FROZEN)
    for name in (*others, BLACK, COVERED):
        for stream in STREAMS:
            film = folder / clip_name(first, stream.name)
            (folder / clip_name(name, stream.name)).write_bytes(film.read_bytes())
