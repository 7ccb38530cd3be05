"""Pictures that the demo's people take with their phones: a street corner for every place, and what is wrong there.

Simple paintings, but never twice the same: each place has its own houses, light and ground, so that pictures of two
places differ and those of one place do not.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from demo.luck import Luck

WIDTH, HEIGHT = 480, 360
Picture = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]
Random = np.random.Generator

_SHOUTING = 60
_SUBJECTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("hole", ("井盖", "箅子", "塌陷", "破损", "掘路")),
    ("water", ("积水", "排水", "污水", "水管", "供水", "水域", "河道")),
    ("tree", ("树", "绿地", "绿化", "花")),
    ("stall", ("经营", "摊", "游商", "市", "停放", "车", "拉客", "烧烤")),
    ("notice", ("广告", "牌", "标语", "标识", "彩旗", "外立面")),
    ("heap", ("垃圾", "渣土", "不洁", "遗撒", "堆", "弃", "废", "扬尘", "工地")),
)
"""What to paint, by words of the class's name; a leaning pole for all others."""


def subject_of(name: str) -> str:
    """What a class's name calls to mind."""
    return next((subject for subject, words in _SUBJECTS if any(word in name for word in words)), "pole")


def snapshot(place: str, subject: str, *, wrong: bool, look: int) -> Picture:
    """A picture (BGR) of a place, `wrong` with what is to be put right. Every `look` is another step and light."""
    seed = int(Luck(0, place).share("place") * 2**32)
    rng = np.random.default_rng(seed)
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    horizon = _background(picture, rng)
    spot = (int(WIDTH * rng.uniform(0.3, 0.7)), int(HEIGHT * rng.uniform(0.68, 0.84)))
    size = int(HEIGHT * rng.uniform(0.13, 0.22))
    (_PAINT[subject] if wrong else _put_right)(picture, spot, size, rng)
    return _looked_at(picture, horizon, np.random.default_rng([seed, look]))


def _background(picture: Picture, rng: Random) -> int:
    horizon = int(HEIGHT * rng.uniform(0.26, 0.46))
    sky, ground = _near((205, 190, 170), rng, 45), _near((130, 130, 132), rng, 38)
    picture[:horizon] = np.linspace(_near(sky, rng, 30), sky, horizon)[:, None].astype(np.uint8)
    picture[horizon:] = np.linspace(_near(ground, rng, 18), ground, HEIGHT - horizon)[:, None].astype(np.uint8)
    vanish = int(WIDTH * rng.uniform(0.15, 0.85))
    left, right = (int(WIDTH * rng.uniform(-0.4, 0.3)), int(WIDTH * rng.uniform(0.7, 1.4)))
    corners = np.array([(vanish - 8, horizon), (vanish + 8, horizon), (right, HEIGHT), (left, HEIGHT)])
    cv2.fillPoly(picture, [corners], _near((92, 88, 86), rng, 22))
    for side in (left, right):
        cv2.line(picture, (side, HEIGHT), (vanish, horizon), (196, 200, 202), 4, cv2.LINE_AA)
    for _ in range(int(rng.integers(2, 6))):
        _house(picture, horizon, rng)
    for _ in range(int(rng.integers(0, 4))):
        _bush(picture, (int(rng.uniform(0, WIDTH)), horizon + 6), int(rng.uniform(14, 46)), rng)
    return horizon


def _house(picture: Picture, horizon: int, rng: Random) -> None:
    left, wide = int(rng.uniform(-40, WIDTH - 30)), int(rng.uniform(60, 190))
    top, bottom = int(horizon * rng.uniform(-0.2, 0.75)), int(horizon + rng.uniform(0, 46))
    wall = _near((168, 182, 196), rng, 55)
    cv2.rectangle(picture, (left, top), (left + wide, bottom), wall, -1)
    glass = tuple(int(part * 0.6) for part in wall)
    for x in range(left + 10, left + wide - 14, 26):
        for y in range(top + 10, bottom - 18, 30):
            cv2.rectangle(picture, (x, y), (x + 13, y + 16), glass, -1)


def _bush(picture: Picture, foot: tuple[int, int], size: int, rng: Random) -> None:
    cv2.line(picture, foot, (foot[0], foot[1] - size), (58, 74, 92), 5, cv2.LINE_AA)
    for _ in range(9):
        at = (foot[0] + int(rng.normal(0, size / 2)), foot[1] - size - int(abs(rng.normal(0, size / 2))))
        cv2.circle(picture, at, int(size * rng.uniform(0.25, 0.5)), _near((62, 118, 80), rng, 24), -1, cv2.LINE_AA)


def _hole(picture: Picture, spot: tuple[int, int], size: int, rng: Random) -> None:
    cv2.ellipse(picture, spot, (size, size // 2), 0, 0, 360, (70, 74, 80), -1, cv2.LINE_AA)
    cv2.ellipse(picture, spot, (size - 8, size // 2 - 5), 0, 0, 360, (14, 14, 16), -1, cv2.LINE_AA)
    beside = (spot[0] + int(size * 0.9), spot[1] + size // 4)
    cv2.ellipse(picture, beside, (size, size // 2), float(rng.uniform(10, 40)), 0, 360, (88, 92, 98), -1, cv2.LINE_AA)


def _water(picture: Picture, spot: tuple[int, int], size: int, rng: Random) -> None:
    for _ in range(7):
        at = (spot[0] + int(rng.normal(0, size * 1.2)), spot[1] + int(rng.normal(0, size * 0.25)))
        axes = (int(size * rng.uniform(0.8, 1.9)), int(size * rng.uniform(0.25, 0.5)))
        cv2.ellipse(picture, at, axes, 0, 0, 360, _near((168, 142, 112), rng, 16), -1, cv2.LINE_AA)


def _tree(picture: Picture, spot: tuple[int, int], size: int, rng: Random) -> None:
    end = (spot[0] + int(size * rng.uniform(1.6, 2.6)), spot[1] - int(size * rng.uniform(0.1, 0.7)))
    cv2.line(picture, (spot[0] - size, spot[1] + 8), end, (52, 72, 96), max(6, size // 6), cv2.LINE_AA)
    for _ in range(16):
        at = (end[0] + int(rng.normal(0, size * 0.6)), end[1] + int(rng.normal(0, size * 0.4)))
        cv2.circle(picture, at, int(size * rng.uniform(0.2, 0.42)), _near((58, 128, 84), rng, 30), -1, cv2.LINE_AA)


def _stall(picture: Picture, spot: tuple[int, int], size: int, rng: Random) -> None:
    for step in range(int(rng.integers(1, 4))):
        x, y, wide = spot[0] - size + step * int(size * 1.5), spot[1], int(size * 1.3)
        cv2.rectangle(picture, (x, y - size), (x + wide, y), _near((110, 118, 160), rng, 60), -1)
        awning = np.array([(x - 8, y - size), (x + wide + 8, y - size), (x + wide - 6, y - size * 3 // 2)])
        cv2.fillPoly(picture, [awning], _near((70, 90, 190), rng, 60))
        for wheel in (x + wide // 5, x + wide * 4 // 5):
            cv2.circle(picture, (wheel, y), size // 5, (36, 36, 38), -1, cv2.LINE_AA)


def _notice(picture: Picture, spot: tuple[int, int], size: int, rng: Random) -> None:
    for _ in range(int(rng.integers(4, 10))):
        x, y = spot[0] + int(rng.normal(0, size * 1.3)), spot[1] - int(abs(rng.normal(size, size)))
        wide, high = int(size * rng.uniform(0.4, 1.1)), int(size * rng.uniform(0.4, 0.9))
        cv2.rectangle(picture, (x, y), (x + wide, y + high), _near((120, 160, 220), rng, 90), -1)
        for line in range(y + 7, y + high - 4, 9):
            cv2.line(picture, (x + 5, line), (x + wide - 5, line), (40, 40, 60), 2)


def _heap(picture: Picture, spot: tuple[int, int], size: int, rng: Random) -> None:
    for _ in range(60):
        at = np.array([spot[0] + rng.normal(0, size * 0.9), spot[1] - abs(rng.normal(0, size * 0.45))])
        corners = (at + rng.normal(0, size * 0.22, (4, 2))).astype(np.int32)
        cv2.fillConvexPoly(picture, cv2.convexHull(corners), _near((130, 140, 150), rng, 100), cv2.LINE_AA)


def _pole(picture: Picture, spot: tuple[int, int], size: int, rng: Random) -> None:
    top = (spot[0] + int(size * rng.uniform(0.9, 1.8)), spot[1] - int(size * 2.4))
    cv2.line(picture, spot, top, (90, 96, 104), max(7, size // 6), cv2.LINE_AA)
    cv2.circle(picture, top, size // 3, _near((60, 150, 210), rng, 50), -1, cv2.LINE_AA)
    cv2.ellipse(picture, spot, (size // 2, size // 6), 0, 0, 360, (60, 62, 66), -1, cv2.LINE_AA)


def _put_right(picture: Picture, spot: tuple[int, int], size: int, rng: Random) -> None:
    """Nothing to be seen but a cleaner patch of ground."""
    cleaner = picture.copy()
    cv2.ellipse(cleaner, spot, (int(size * 1.5), size // 2), 0, 0, 360, _near((150, 152, 154), rng, 10), -1)
    cv2.addWeighted(cleaner, 0.25, picture, 0.75, 0, dst=picture)


_PAINT = {
    "hole": _hole,
    "water": _water,
    "tree": _tree,
    "stall": _stall,
    "notice": _notice,
    "heap": _heap,
    "pole": _pole,
}


def _looked_at(picture: Picture, horizon: int, rng: Random) -> Picture:
    """From another step of the pavement, in other light, by a hand that is not quite still."""
    turn = cv2.getRotationMatrix2D((WIDTH / 2, horizon), float(rng.uniform(-2.5, 2.5)), float(rng.uniform(1.05, 1.16)))
    turn[:, 2] += rng.uniform(-14, 14, 2)
    moved = cv2.warpAffine(picture, turn, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
    light = float(rng.uniform(0.84, 1.1)) * np.linspace(rng.uniform(0.9, 1.1), 1, WIDTH)[None, :, None]
    grain = rng.normal(0, 3.0, (HEIGHT, WIDTH, 1))
    return np.clip(moved * light + grain, 0, 255).astype(np.uint8)


def _near(colour: Colour, rng: Random, spread: int) -> Colour:
    """A colour like it: lighter or darker; of another hue only where colours are meant to shout."""
    hue = spread if spread >= _SHOUTING else max(3, spread // 5)
    shift = 0 if spread >= _SHOUTING else int(rng.integers(-spread, spread + 1))
    blue, green, red = (int(np.clip(part + shift + rng.integers(-hue, hue + 1), 0, 255)) for part in colour)
    return blue, green, red
