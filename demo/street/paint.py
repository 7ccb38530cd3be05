"""What stands still in a scene: sky, ground, roads, houses, trees, lamps."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from demo.street.light import Colour
from demo.street.scenes import Block, Road, Scene, Zebra
from demo.street.stage import SMOOTH, Stage
from demo.street.view import Points, ground

ASPHALT: Colour = (96, 92, 89)
MARKING: Colour = (226, 230, 232)
KERB: Colour = (178, 182, 186)
LAMP_LIGHT: Colour = (150, 214, 255)
_STOREY = 3.3
_LEAVES: tuple[Colour, ...] = ((52, 92, 66), (60, 108, 78), (70, 126, 92), (84, 144, 110), (98, 160, 128))
_FACADES: tuple[Colour, ...] = (
    (196, 208, 218),
    (176, 196, 214),
    (204, 206, 202),
    (150, 172, 200),
    (188, 184, 178),
    (166, 188, 204),
)


def painted(scene: Scene) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
    """The empty street as a picture, and how far away its upright things are."""
    stage = Stage(scene.view.scaled(SMOOTH), scene.light, np.random.default_rng(scene.seed))
    _sky(stage)
    _ground(stage, scene)
    for road in scene.roads:
        _road(stage, road)
    for zebra in scene.zebras:
        _zebra(stage, zebra)
    _upright(stage, scene)
    return stage.finished()


def _upright(stage: Stage, scene: Scene) -> None:
    """Everything that stands, from far to near."""
    things = [(block.z[0], lambda block=block: _house(stage, block)) for block in scene.blocks]
    things += [(z, lambda x=x, z=z: _tree(stage, x, z)) for x, z in scene.trees]
    things += [(z, lambda x=x, z=z: _lamp(stage, x, z)) for x, z in scene.lamps]
    for _, draw in sorted(things, key=lambda thing: -thing[0]):
        draw()


def _sky(stage: Stage) -> None:
    width = stage.view.width
    low = max(2, int(stage.view.horizon) + 2)
    share = np.linspace(0, 1, low, dtype=np.float32)[:, None, None] ** 1.15
    stage.surface[:low] = np.float32(stage.light.sky_top) * (1 - share) + np.float32(stage.light.sky_low) * share
    cloud = sum(
        cv2.resize(
            stage.rng.random((3 * scale, 5 * scale)).astype(np.float32), (width, low), interpolation=cv2.INTER_CUBIC
        )
        / scale
        for scale in (1, 2, 4, 8, 16)
    )
    cloud = np.clip((cloud - cloud.mean()) / cloud.std() * 0.5 - 0.1, 0, 1)[:, :, None] * stage.light.clouds
    white = np.float32(stage.light.sky_low) * 1.04
    stage.surface[:low] = stage.surface[:low] * (1 - cloud) + white * cloud


def _ground(stage: Stage, scene: Scene) -> None:
    """Pavement to the horizon, row by row hazed, with a grain that grows towards the lens; sea where there is one."""
    height, width = stage.surface.shape[:2]
    noise = cv2.GaussianBlur(stage.rng.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 1.2)
    for row in range(max(0, int(stage.view.horizon)), height):
        depth = stage.view.row_depth(row)
        if depth <= 0:
            continue
        colour = stage.hazed(scene.ground, min(depth, 4000.0))
        grain = noise[row] * (9.0 * min(1.0, 25 / depth))
        stage.surface[row] = np.float32(colour) + grain[:, None]
    for strip in scene.strips:
        stage.polygon(
            ground(
                [(strip.x[0], strip.z[0]), (strip.x[0], strip.z[1]), (strip.x[1], strip.z[1]), (strip.x[1], strip.z[0])]
            ),
            strip.colour,
        )
    if scene.sea_from is not None:
        _sea(stage, scene.sea_from)


def _sea(stage: Stage, shore_x: float) -> None:
    """Water from `shore_x` to the left, with broken light on it."""
    for near, far in pairwise(_steps(6, 900)):
        shore = [(shore_x, near), (shore_x, far * 1.04), (shore_x - 1500, far * 1.04), (shore_x - 1500, near)]
        stage.polygon(ground(shore, -2.5), stage.light.sea)
    for _ in range(900):
        z = float(np.exp(stage.rng.uniform(np.log(9), np.log(500))))
        x = shore_x - stage.rng.uniform(1, 40 + z * 1.6)
        wide, deep = stage.rng.uniform(0.6, 2.6) * (1 + z / 90), 0.12 * (1 + z / 25)
        bright = stage.rng.uniform(6, 42)
        colour = tuple(part + bright for part in stage.light.sea)
        stage.polygon(
            ground([(x, z), (x + wide * 0.5, z + deep), (x + wide, z), (x + wide * 0.5, z - deep)], -2.5), colour
        )


def _steps(near: float, far: float) -> list[float]:
    return list(np.geomspace(near, far, 40))


def _road(stage: Stage, road: Road) -> None:
    """Asphalt between kerbs in pieces (so that haze follows distance), lane lines, stop lines are zebras' business."""
    edges = list(np.linspace(*road.along, 60)) if road.sideways else _steps(*road.along)
    pieces = list(pairwise(edges))[::-1]
    for near, far in pieces:
        stage.polygon(_lying(road, (road.across[0] - 0.35, road.across[1] + 0.35), (near, far)), KERB)
    for near, far in pieces:  # each reaches under the next one, so that no seam shows
        stage.polygon(_lying(road, road.across, (near, far + 0.04 * abs(far))), ASPHALT)
    for line in road.lines:
        _line(stage, road, line, dashed=line not in road.solid)


def _line(stage: Stage, road: Road, at: float, *, dashed: bool) -> None:
    z = road.along[0]
    while z < min(road.along[1], 240):
        if not any(low <= z <= high for low, high in road.gaps):
            stage.polygon(_lying(road, (at - 0.09, at + 0.09), (z, z + (4 if dashed else 6.2))), MARKING)
        z += 10 if dashed else 6


def _lying(road: Road, across: tuple[float, float], along: tuple[float, float]) -> Points:
    corners = [(across[0], along[0]), (across[0], along[1]), (across[1], along[1]), (across[1], along[0])]
    return ground([(z, x) for x, z in corners] if road.sideways else corners)


def _zebra(stage: Stage, zebra: Zebra) -> None:
    at = zebra.x[0]
    while at < zebra.x[1]:
        stripe = [(at, zebra.z[0]), (at, zebra.z[1]), (at + 0.5, zebra.z[1]), (at + 0.5, zebra.z[0])]
        if zebra.sideways:
            stripe = [(z, x) for x, z in stripe]
        stage.polygon(ground(stripe), MARKING)
        at += 1.05


def _house(stage: Stage, block: Block) -> None:
    """Front and the side that shows, as facade textures; a roof where one looks down on it."""
    colour = block.colour or _FACADES[int(stage.rng.integers(len(_FACADES)))]
    (x0, x1), (z0, z1), top = block.x, block.z, block.height
    side_x = x1 if x1 < stage.view.aside else x0
    _facade(
        stage,
        colour,
        0.78,
        np.array([(side_x, top, z1), (side_x, top, z0), (side_x, 0, z0), (side_x, 0, z1)], float),
        z1 - z0,
        top,
    )
    _facade(stage, colour, 1.0, np.array([(x0, top, z0), (x1, top, z0), (x1, 0, z0), (x0, 0, z0)], float), x1 - x0, top)
    if block.roof is not None:
        ridge = (x0 + x1) / 2
        for edge, shade in ((x0, 0.9), (x1, 1.08)):
            slope = np.array([(edge, top, z0), (edge, top, z1), (ridge, top + 2.6, z1), (ridge, top + 2.6, z0)], float)
            stage.polygon(slope, tuple(part * shade for part in block.roof), stands=True)
        gable = np.array([(x0, top, z0), (ridge, top + 2.6, z0), (x1, top, z0)], float)
        stage.polygon(gable, tuple(part * 0.97 for part in colour), stands=True)


def _facade(stage: Stage, colour: Colour, shade: float, corners: Points, wide: float, high: float) -> None:
    """Storeys and windows; some windows shine at dusk, the ground floor is shops."""
    floors, bays = max(1, round(high / _STOREY)), max(1, round(wide / 2.8))
    wall = np.empty((floors * 24, bays * 22, 3), np.float32)
    wall[:] = np.float32(colour) * shade
    wall *= np.linspace(1.05, 0.9, wall.shape[0], dtype=np.float32)[:, None, None]
    lit = np.zeros_like(wall)
    for floor in range(floors):
        for bay in range(bays):
            _window(stage, wall, lit, floor, bay, shop=floor == floors - 1)
    stage.warp(wall, corners)
    if stage.light.lamps:
        stage.warp(lit, corners, glow=True)


def _window(
    stage: Stage, wall: npt.NDArray[np.float32], lit: npt.NDArray[np.float32], floor: int, bay: int, *, shop: bool
) -> None:
    top, left = floor * 24, bay * 22
    rows, columns = (
        (slice(top + 4, top + 23), slice(left + 1, left + 21))
        if shop
        else (slice(top + 6, top + 19), slice(left + 5, left + 17))
    )
    glass = np.float32((104, 92, 80)) * stage.rng.uniform(0.75, 1.35)
    wall[rows, columns] = glass
    wall[rows.start : rows.start + 3, columns] = glass * 1.35
    if stage.rng.random() < (0.85 if shop else 0.34):
        warm = np.float32((96, 172, 236) if stage.rng.random() < 0.8 else (206, 208, 196))
        lit[rows, columns] = warm * stage.rng.uniform(0.35, 0.85) * (1.1 if shop else 0.8)


def _tree(stage: Stage, x: float, z: float) -> None:
    """A plane tree: shadow, trunk, and a crown of leaves lit from the upper left."""
    size = stage.rng.uniform(0.85, 1.2)
    _shadow(stage, x + 1.6, z + 0.6, 2.2 * size)
    stage.polygon(
        np.array([(x - 0.13, 0, z), (x - 0.09, 3.2, z), (x + 0.09, 3.2, z), (x + 0.13, 0, z)], float),
        (62, 74, 86),
        stands=True,
    )
    for layer, leaf in enumerate(_LEAVES):
        for _ in range(26):
            turn, out = stage.rng.uniform(0, 2 * np.pi), np.sqrt(stage.rng.random())
            reach = (1.75 - layer * 0.24) * size
            centre = np.array(
                [
                    x - layer * 0.14 + np.cos(turn) * out * reach,
                    4.3 * size + layer * 0.2 + np.sin(turn) * out * reach * 0.85,
                    z,
                ]
            )
            shade = stage.rng.uniform(0.9, 1.1)
            stage.disc(centre, stage.rng.uniform(0.22, 0.42) * size, tuple(part * shade for part in leaf), stands=True)


def _shadow(stage: Stage, x: float, z: float, radius: float) -> None:
    turn = np.linspace(0, 2 * np.pi, 24)
    rim = np.stack([x + np.cos(turn) * radius, np.zeros(24), z + np.sin(turn) * radius * 0.7], axis=1)
    stage.shade(rim, stage.light.shadow)


def _lamp(stage: Stage, x: float, z: float) -> None:
    """A pole with an arm over the road."""
    arm = 1.8 if x < 0 else -1.8
    grey: Colour = (120, 124, 128)
    stage.polygon(
        np.array([(x - 0.07, 0, z), (x - 0.05, 8, z), (x + 0.05, 8, z), (x + 0.07, 0, z)], float), grey, stands=True
    )
    stage.polygon(
        np.array([(x, 7.9, z), (x, 8.05, z), (x + arm, 8.25, z), (x + arm, 8.1, z)], float), grey, stands=True
    )
    stage.shine(np.array([x + arm, 8.0, z]), 0.24, LAMP_LIGHT)
