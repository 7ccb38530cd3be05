"""What stands and moves where, scene by scene. Periods divide the clip's 60 s, so every clip loops without a jump."""

from __future__ import annotations

from dataclasses import dataclass, field

from demo.street.light import DAY, DUSK, OVERCAST, Colour, Light
from demo.street.view import View

Span = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """A straight road; `across` and `along` are X and Z, the other way round when `sideways`."""

    across: Span
    along: Span = (4.0, 600.0)
    lines: tuple[float, ...] = ()
    solid: tuple[float, ...] = ()
    gaps: tuple[Span, ...] = ()
    sideways: bool = False


@dataclass(frozen=True, slots=True)
class Zebra:
    """A crossing; with `sideways` its X and Z change places."""

    x: Span
    z: Span
    sideways: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A house. With a `roof` colour it is an old one with a ridge."""

    x: Span
    z: Span
    height: float
    colour: Colour | None = None
    roof: Colour | None = None


@dataclass(frozen=True, slots=True)
class Strip:
    """A flat coloured piece of ground: grass, promenade, square."""

    x: Span
    z: Span
    colour: Colour


@dataclass(frozen=True, slots=True)
class Lane:
    """Cars in a lane: they run `period_seconds` from one end to the other, `cars` of them at a time."""

    at: float
    run: Span
    period_seconds: float
    cars: int
    sideways: bool = False
    phase: float = 0.0


@dataclass(frozen=True, slots=True)
class Path:
    """Where people walk, to and fro between two points (x, z)."""

    start: tuple[float, float]
    end: tuple[float, float]
    walkers: int
    period_seconds: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One demo camera's view of the world."""

    name: str
    seed: int
    view: View
    light: Light
    ground: Colour = (160, 166, 172)
    sea_from: float | None = None
    strips: tuple[Strip, ...] = ()
    roads: tuple[Road, ...] = ()
    zebras: tuple[Zebra, ...] = ()
    blocks: tuple[Block, ...] = ()
    trees: tuple[tuple[float, float], ...] = ()
    lamps: tuple[tuple[float, float], ...] = ()
    lanes: tuple[Lane, ...] = ()
    paths: tuple[Path, ...] = field(default=())


def _row(x: float, start: float, end: float, step: float) -> tuple[tuple[float, float], ...]:
    return tuple((x, start + step * index) for index in range(int((end - start) / step) + 1))


def _street(x: Span, heights: tuple[float, ...], *, start: float, depth: float, gap: float = 3.0) -> tuple[Block, ...]:
    """Houses one behind the other along a side of the road."""
    return tuple(
        Block(x, (start + index * (depth + gap), start + index * (depth + gap) + depth), height)
        for index, height in enumerate(heights)
    )


_RED: Colour = (72, 92, 178)
_GRASS: Colour = (92, 148, 116)

AVENUE = Scene(
    name="avenue",
    seed=11,
    view=View(1280, 720, pole=8.5, pitch_degrees=11, yaw_degrees=-3, aside=1.0),
    light=DAY,
    strips=(Strip((-13.5, -11.2), (5, 400), _GRASS), Strip((11.2, 13.5), (5, 400), _GRASS)),
    roads=(Road(across=(-10.8, 10.8), lines=(-7.2, -3.6, -0.15, 0.15, 3.6, 7.2), solid=(-0.15, 0.15)),),
    blocks=_street((-46, -19), (38, 27, 62, 33, 45, 70), start=26, depth=30)
    + _street((19, 46), (24, 48, 30, 56, 36, 64), start=22, depth=30),
    trees=_row(-12.4, 14, 150, 9) + _row(12.4, 17, 150, 9),
    lamps=_row(-11.4, 22, 160, 27) + _row(11.4, 22, 160, 27),
    lanes=(
        Lane(1.9, (-8, 260), 20, 4),
        Lane(5.5, (-8, 260), 15, 3, phase=0.3),
        Lane(9.0, (-8, 260), 30, 4, phase=0.1),
        Lane(-1.9, (260, -8), 20, 4, phase=0.15),
        Lane(-5.5, (260, -8), 15, 3, phase=0.55),
        Lane(-9.0, (260, -8), 30, 5, phase=0.2),
    ),
    paths=(Path((15.5, 12), (15.5, 90), 5, 60), Path((-16, 15), (-16, 80), 4, 60)),
)

CROSSING = Scene(
    name="crossing",
    seed=23,
    view=View(1280, 720, pole=10.5, pitch_degrees=21, yaw_degrees=14, aside=-11.0, focal_share=0.8),
    light=DAY,
    ground=(168, 172, 178),
    roads=(
        Road(across=(-7.2, 7.2), along=(2, 400), lines=(-3.6, 0.0, 3.6), solid=(0.0,), gaps=((20, 41),)),
        Road(
            across=(23.5, 37.9),
            along=(-260, 260),
            lines=(27.1, 30.7, 34.3),
            solid=(30.7,),
            gaps=((-13, 13),),
            sideways=True,
        ),
    ),
    zebras=(
        Zebra((-7.0, 7.0), (18.6, 22.2)),
        Zebra((-7.0, 7.0), (39.2, 42.8)),
        Zebra((23.8, 37.6), (8.6, 12.2), sideways=True),
        Zebra((23.8, 37.6), (-12.2, -8.6), sideways=True),
    ),
    blocks=(
        Block((14, 40), (46, 74), 30),
        Block((-44, -15), (47, 76), 42),
        Block((16, 46), (80, 120), 66),
        Block((-50, -16), (82, 125), 36),
        Block((44, 84), (46, 80), 48),
        Block((17, 40), (4, 19), 17),
    ),
    trees=((-13.5, 44.5), (-20, 44.5), (12.5, 44), (19, 44), (26, 44), (12, 52), (12, 60), (-12, 56), (-12, 66)),
    lamps=((-9.5, 45), (9.5, 45), (9.5, 16)),
    lanes=(
        Lane(1.8, (-8, 240), 20, 3),
        Lane(5.4, (-8, 240), 20, 2, phase=0.4),
        Lane(-1.8, (240, -8), 20, 3, phase=0.2),
        Lane(-5.4, (240, -8), 30, 3, phase=0.6),
        Lane(25.3, (-120, 120), 15, 3, sideways=True),
        Lane(28.9, (-120, 120), 20, 3, sideways=True, phase=0.35),
        Lane(32.5, (120, -120), 20, 3, sideways=True, phase=0.1),
        Lane(36.1, (120, -120), 15, 2, sideways=True, phase=0.5),
    ),
    paths=(
        Path((-9, 20.3), (10, 20.0), 4, 30),
        Path((-9, 40.8), (10, 41.2), 3, 30),
        Path((10.4, 22), (10.6, 41), 3, 30),
        Path((-10.6, 41), (-10.4, 22), 2, 30),
        Path((11, 44), (40, 44.5), 3, 60),
    ),
)

SEAFRONT = Scene(
    name="seafront",
    seed=37,
    view=View(1280, 720, pole=7.5, pitch_degrees=8, yaw_degrees=-7, aside=-3.0),
    light=DAY,
    ground=(164, 176, 186),
    sea_from=-13.0,
    strips=(
        Strip((-13, -7.6), (4, 500), (176, 196, 212)),
        Strip((-7.6, -6.0), (4, 500), _GRASS),
        Strip((8.0, 60), (6, 500), (104, 150, 122)),
    ),
    roads=(Road(across=(-5.4, 7.2), lines=(-2.0, 0.8, 4.0), solid=(0.8,)),),
    blocks=(
        Block((26, 48), (60, 84), 22, (170, 204, 226), _RED),
        Block((20, 34), (96, 114), 14, (160, 196, 222), _RED),
        Block((40, 64), (110, 140), 54),
        Block((30, 50), (150, 180), 70),
        Block((16, 28), (210, 240), 88),
        Block((32, 60), (230, 280), 96),
    ),
    trees=_row(-6.8, 27, 150, 13) + _row(9.6, 16, 150, 10) + ((16, 34), (21, 48), (18, 62)),
    lamps=_row(8.4, 20, 150, 28),
    lanes=(
        Lane(2.4, (-8, 240), 20, 3),
        Lane(5.6, (-8, 240), 30, 3, phase=0.45),
        Lane(-0.6, (240, -8), 20, 3, phase=0.2),
        Lane(-3.7, (240, -8), 30, 3, phase=0.7),
    ),
    paths=(Path((-9.5, 8), (-9.5, 90), 6, 60), Path((-11.4, 70), (-11.4, 8), 5, 60)),
)

OLD_TOWN = Scene(
    name="old_town",
    seed=41,
    view=View(1280, 720, pole=6.5, pitch_degrees=10, yaw_degrees=2, aside=-0.8),
    light=OVERCAST,
    ground=(158, 164, 170),
    roads=(Road(across=(-3.6, 3.6), lines=(0.0,)),),
    zebras=(Zebra((-3.5, 3.5), (16.5, 19.5)),),
    blocks=tuple(
        Block(
            (-15.5, -6.4),
            (14 + 17 * i, 28 + 17 * i),
            8.5 + 2.2 * (i % 3),
            ((172, 206, 226), (188, 200, 206), (150, 188, 214))[i % 3],
            _RED,
        )
        for i in range(7)
    )
    + tuple(
        Block(
            (6.4, 15.5), (9 + 16 * i, 22 + 16 * i), 8.0 + 2.6 * (i % 2), ((184, 206, 218), (160, 196, 220))[i % 2], _RED
        )
        for i in range(8)
    ),
    trees=_row(-5.0, 15, 100, 12) + _row(5.0, 21, 100, 12),
    lamps=_row(4.4, 13, 90, 24),
    lanes=(Lane(1.8, (-8, 130), 30, 3), Lane(-1.8, (130, -8), 30, 3, phase=0.4)),
    paths=(
        Path((4.6, 9), (4.9, 70), 6, 60),
        Path((-4.7, 60), (-4.6, 10), 5, 60),
        Path((-4.6, 18), (4.6, 18), 3, 20),
    ),
)

SQUARE = Scene(
    name="square",
    seed=53,
    view=View(1280, 720, pole=13.0, pitch_degrees=24, yaw_degrees=-10, aside=8.0, focal_share=0.78),
    light=DAY,
    ground=(186, 194, 202),
    strips=(
        *(Strip((-40 + 8 * i, -36.4 + 8 * i), (8, 62), (170, 180, 192)) for i in range(11)),
        Strip((-24, -10), (30, 44), _GRASS),
        Strip((16, 30), (30, 44), _GRASS),
        Strip((-4, 10), (32, 44), (150, 160, 178)),
    ),
    roads=(Road(across=(66, 76), along=(-200, 200), lines=(71.0,), sideways=True),),
    blocks=(
        Block((-60, -26), (82, 110), 34),
        Block((-18, 16), (86, 116), 26, (178, 196, 208)),
        Block((22, 60), (82, 112), 52),
        Block((-52, -34), (20, 60), 18),
    ),
    trees=(
        *((-20, 34), (-14, 40), (-21, 41), (19, 34), (26, 40), (20, 42), (27, 33)),
        *((x, 63.0) for x in range(-30, 44, 8)),
    ),
    lamps=((-7, 30), (13, 30), (-7, 47), (13, 47)),
    lanes=(Lane(68.5, (-130, 130), 20, 4, sideways=True), Lane(73.5, (130, -130), 20, 4, sideways=True, phase=0.3)),
    paths=(
        Path((-14, 14), (30, 58), 5, 60),
        Path((26, 16), (-24, 56), 5, 60),
        Path((-30, 26), (34, 27), 6, 60),
        Path((2, 12), (3, 60), 4, 60),
        Path((-6, 48), (32, 49), 4, 30),
    ),
)

EVENING = Scene(
    name="evening",
    seed=67,
    view=View(1280, 720, pole=9.0, pitch_degrees=11, yaw_degrees=4, aside=-1.0),
    light=DUSK,
    roads=(Road(across=(-10.8, 10.8), lines=(-7.2, -3.6, -0.15, 0.15, 3.6, 7.2), solid=(-0.15, 0.15)),),
    blocks=_street((-44, -17), (46, 30, 72, 40, 58, 84), start=20, depth=28)
    + _street((17, 44), (34, 58, 28, 66, 44, 76), start=28, depth=28),
    trees=_row(-13.4, 18, 120, 12) + _row(13.4, 15, 120, 12),
    lamps=_row(-11.4, 18, 190, 22) + _row(11.4, 18, 190, 22),
    lanes=(
        Lane(1.9, (-8, 260), 20, 5),
        Lane(5.5, (-8, 260), 20, 4, phase=0.33),
        Lane(9.0, (-8, 260), 30, 5, phase=0.1),
        Lane(-1.9, (260, -8), 20, 5, phase=0.15),
        Lane(-5.5, (260, -8), 20, 4, phase=0.55),
        Lane(-9.0, (260, -8), 30, 5, phase=0.2),
    ),
    paths=(Path((14.8, 12), (14.8, 80), 5, 60), Path((-15, 70), (-15, 14), 5, 60)),
)

SCENES: tuple[Scene, ...] = (CROSSING, SEAFRONT, AVENUE, EVENING, OLD_TOWN, SQUARE)
"""In the order in which cameras take them: neighbours on a wall differ."""
