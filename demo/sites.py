"""Believable places of the demo city: points of interest and landmarks with Chinese addresses.

Names of shops and houses are put together from fortunate characters, so that they belong to nobody; only the
landmarks of `demo/data/landmarks.csv`, streets and communities are real names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from demo.areas import DemoDistrict
from demo.facts import SHORT_NAMES, read, streets
from demo.mesh import SCALE, Floats, to_degrees
from demo.objects import split

POI_NUMBER = 56_642
LANDMARK_NUMBER = 1_457

_FIRST = "福鑫宏天祥金瑞盛广裕荣嘉"
_SECOND = "源达隆泰和茂兴安润通宜庆"
_HOUSE_M = 22.0
"""Street front of one house number."""

_SHOPS = (
    ("餐饮", "酒家 饺子馆 海鲜馆 面馆 烧烤店 茶楼 快餐店 饭店", 24),
    ("购物", "超市 便利店 五金店 服装店 文具店 水果店 药店 家电行 书店", 26),
    ("生活服务", "理发店 洗衣店 照相馆 修车行 宠物店 家政服务部 快递点", 16),
    ("企业", "商贸公司 科技公司 物流公司 装饰公司 房产中介", 9),
    ("住宿", "宾馆 招待所 快捷酒店 旅社", 4),
)
_PUBLIC = (
    ("居住", "小区 花园 公寓 家园 里", 12),
    ("教育", "小学 中学 幼儿园 培训学校", 4),
    ("医疗", "社区卫生服务站 诊所 门诊部", 3),
    ("金融", "储蓄所 营业厅", 2),
    ("公共设施", "公共厕所 停车场 农贸市场 邮政所 派出所 健身广场", 5),
)
_ALL = (*_SHOPS, *_PUBLIC)


@dataclass(frozen=True, slots=True)
class Site:
    """A row of `places.csv` before its id."""

    name: str
    kind: str
    category: str
    address: str
    district: str
    lon: float
    lat: float


def make_sites(districts: Sequence[DemoDistrict], seed: int, scale: float) -> list[Site]:
    """Landmarks first, then points of interest."""
    landmarks = [*_known(), *_offices(districts), *_crossings(districts)][: max(60, round(LANDMARK_NUMBER * scale))]
    lengths = np.array([district.mesh.edges.length.sum() for district in districts])
    numbers = split(round(POI_NUMBER * scale), lengths)
    return landmarks + [
        site
        for district, number in zip(districts, numbers, strict=True)
        for site in _shops(district, number, np.random.default_rng([seed, int(district.mesh.district), 56]))
    ]


def _known() -> Iterator[Site]:
    for row in read("landmarks.csv"):
        address = f"{SHORT_NAMES[row['district']]}区{row['name']}"
        point = float(row["lon"]), float(row["lat"])
        yield Site(row["name"], "landmark", row["category"], address, row["district"], *point)


def _offices(districts: Sequence[DemoDistrict]) -> Iterator[Site]:
    """Each street office and each community's committee, in the middle of one of its grids."""
    for district in districts:
        first = {(grid.street, grid.community): grid for grid in reversed(district.grids)}
        own = [street for street in streets() if street.district == district.mesh.district]
        for street in own:
            names = [(name, grid) for (of, name), grid in first.items() if of == street.name]
            for index, (community, grid) in enumerate(reversed(names)):
                if index == 0:
                    yield _office(district, street.name, f"{street.name}办事处", grid.shape)
                yield _office(district, street.name, _committee(community), grid.shape)


def _office(district: DemoDistrict, street: str, name: str, shape: shapely.Geometry) -> Site:
    lon, lat = to_degrees(shapely.get_coordinates(shapely.point_on_surface(shape))[0]).tolist()
    place = f"{SHORT_NAMES[district.mesh.district]}区{street}"
    return Site(name, "landmark", "机关", place, district.mesh.district, round(lon, 6), round(lat, 6))


def _committee(community: str) -> str:
    for ending in ("社区居委会", "居委会", "社区", "村委会", "村"):
        community = community.removesuffix(ending)
    return f"{community}社区居民委员会"


def _crossings(districts: Sequence[DemoDistrict]) -> Iterator[Site]:
    """Crossings, of two main roads first."""
    for rank in (2, 1, 0):
        for district in districts:
            crossings, names = district.mesh.crossings, district.road_names
            for index in np.flatnonzero(crossings.rank == rank).tolist():
                lon, lat = to_degrees(crossings.at[index]).tolist()
                ew, ns = names[crossings.ew[index]], names[crossings.ns[index]]
                area = SHORT_NAMES[district.mesh.district]
                place = f"{area}区{ew}与{ns}交叉口"
                point = round(lon, 6), round(lat, 6)
                yield Site(f"{ew}与{ns}口", "landmark", "路口", place, district.mesh.district, *point)


def _shops(district: DemoDistrict, number: int, rng: np.random.Generator) -> Iterator[Site]:
    points, lines, along, side = _fronts(district, number, rng)
    kinds = rng.choice(len(_ALL), number, p=np.array([share for *_, share in _ALL]) / sum(share for *_, share in _ALL))
    degrees = np.round(points / SCALE, 6).tolist()
    draws = rng.integers(0, 1 << 30, (number, 3)).tolist()
    area = SHORT_NAMES[district.mesh.district]
    houses = (2 * (along // _HOUSE_M) + 1 + side).astype(int).tolist()
    for index, (lon, lat) in enumerate(degrees):
        road = district.road_names[lines[index]]
        category, words, _ = _ALL[kinds[index]]
        name = _name(road, int(kinds[index]), words.split(), draws[index])
        yield Site(name, "poi", category, f"{area}区{road}{houses[index]}号", district.mesh.district, lon, lat)


def _name(road: str, kind: int, words: list[str], draws: list[int]) -> str:
    fortunate = _FIRST[draws[0] % len(_FIRST)] + _SECOND[draws[1] % len(_SECOND)]
    word = words[draws[2] % len(words)]
    return f"{road}{word}" if kind >= len(_SHOPS) + 1 else f"{fortunate}{word}"


def _fronts(district: DemoDistrict, number: int, rng: np.random.Generator) -> tuple[Floats, Floats, Floats, Floats]:
    """Places behind the pavement: points, street line, metres from the street's beginning, side 0 or 1."""
    edges = district.mesh.edges
    ends = np.cumsum(edges.length)
    at = (np.arange(number) + rng.random(number)) * (ends[-1] / number)
    index = np.minimum(np.searchsorted(ends, at, side="right"), len(ends) - 1)
    inside = edges.length[index] - (ends[index] - at)
    along = (edges.end[index] - edges.start[index]) / edges.length[index][:, None]
    side = rng.integers(0, 2, number)
    away = np.stack([-along[:, 1], along[:, 0]], axis=1) * np.where(side == 0, 14.0, -14.0)[:, None]
    begins = np.full(int(edges.line.max()) + 1, np.inf)
    np.minimum.at(begins, edges.line, edges.along)
    metres = edges.along[index] + inside - begins[edges.line[index]]
    return edges.start[index] + along * inside[:, None] + away, edges.line[index], metres, side
