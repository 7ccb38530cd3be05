"""A small, valid city folder to change one thing in: two districts of one kilometre, some rows in every file."""

from __future__ import annotations

import json
from pathlib import Path

WEST, SOUTH, STEP = 120.30, 36.05, 0.01

CITY_TOML = """\
code = "370200"
name = "青岛市"
name_en = "Qingdao"
time_zone = "Asia/Shanghai"
crs = "wgs84"
mode = "one_two"
edition = "GB/T 30428.2-2013"
number_prefix = "QD"
grid_cell_m = 250
[calendar]
version = "test"
"""

FILES = {
    "departments.csv": """\
code,name,level,district_code,phone
D001,青岛市市政工程管理处,city,,0532-00000001
D101,市南区环境卫生管理处,district,370202,0532-00000002
""",
    "classes.csv": """\
code,kind,major,major_name_zh,major_name_en,minor,name_zh,name_en,department
C0101,component,01,公用设施,Public utilities,01,上水井盖,Water cover,D001
C0102,component,01,公用设施,Public utilities,02,污水井盖,Sewage cover,D001
E0102,event,01,市容环境,Cityscape,02,暴露垃圾,Exposed rubbish,D101
""",
    "limits.csv": """\
code,class_code,filing_condition,closing_condition,limit_value,limit_unit,area_class,season
C0101-1,C0101,缺失,恢复,2,urgent_hour,0,
E0102-1,E0102,暴露垃圾,清理,4,work_hour,1,
""",
    "components.csv": """\
code,lon,lat,grid,department,owner,maintainer,state
3702020101000001,120.3021,36.0521,,D001,青岛水务,青岛水务,intact
3702020102000001,120.3022,36.0522,,D001,青岛水务,,
3702030101000001,120.3121,36.0521,,D101,,,damaged
""",
    "places.csv": """\
place_id,name,kind,category,address,district_code,lon,lat
P1,五四广场,landmark,广场,市南区东海西路,370202,120.3030,36.0530
P2,小卖部,poi,商店,市北区某路1号,,120.3130,36.0530
""",
    "cameras.csv": """\
camera_id,name,district_code,lon,lat,bearing,fov,main_url,sub_url,owner_unit,shared,ptz
CAM-001,香港中路口,370202,120.3031,36.0531,90,60,rtsp://hall:s3cret@10.0.0.1/main,rtsp://hall:s3cret@10.0.0.1/sub,城管,0,1
CAM-002,辽宁路口,370203,120.3131,36.0531,,,file:clips/a.mp4,,公安,1,0
""",
    "people.csv": """\
person_id,name,role,department_code,district_code,grid_code,phone,shift_start,shift_end
U1,李采集,collector,,370202,,0532-00000003,08:00,16:00
U2,王值班,duty_officer,,,,,,
""",
}


def square(west: float, south: float, step: float = STEP) -> list[list[float]]:
    """A closed ring."""
    corners = [(0.0, 0.0), (step, 0.0), (step, step), (0.0, step), (0.0, 0.0)]
    return [[round(west + x, 6), round(south + y, 6)] for x, y in corners]


def feature(ring: list[list[float]], **properties: object) -> dict[str, object]:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def collection(*features: dict[str, object], **more: object) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features, **more}, ensure_ascii=False)


DISTRICTS = collection(
    feature(square(WEST, SOUTH), code="370202", name="市南区", name_en="Shinan"),
    feature(square(WEST + STEP, SOUTH), code="370203", name="市北区"),
    feature(square(WEST, SOUTH + STEP), code="370212", name="崂山区", inside=False),
)


def write_small_city(folder: Path) -> Path:
    """The folder with every file of design 6 but `grids.geojson`."""
    folder.mkdir(exist_ok=True)
    (folder / "city.toml").write_text(CITY_TOML, encoding="utf-8")
    (folder / "districts.geojson").write_text(DISTRICTS, encoding="utf-8")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def change(folder: Path, name: str, old: str, new: str) -> None:
    """Replace a text that must be there."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
