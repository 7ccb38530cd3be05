from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from sqlalchemy import Engine

from data_access.by_content import LOOK_EVERY_SECONDS, ByContent, content_version
from data_access.city_import import import_city
from data_access.map_documents import make_documents
from tests.city_folder import change, write_small_city


@pytest.fixture
def folder(engine: Engine, tmp_path: Path) -> Path:
    folder = write_small_city(tmp_path / "city")
    import_city(folder, engine)
    return folder


@pytest.mark.usefixtures("folder")
def test_the_base_map_has_districts_and_dim_neighbours(engine: Engine) -> None:
    base = json.loads(make_documents(engine, "v").base.body)
    inside = {f["properties"]["name"]: f["properties"]["inside"] for f in base["features"]}
    assert inside == {"市南区": True, "市北区": True, "崂山区": False}
    label = base["features"][0]["properties"]["label"]
    assert label == pytest.approx([120.305, 36.055])


@pytest.mark.usefixtures("folder")
def test_grids_are_compact_and_numbered_from_one(engine: Engine) -> None:
    grids = json.loads(make_documents(engine, "v").grids.body)["features"]
    assert [f["properties"]["id"] for f in grids] == list(range(1, 41))
    assert grids[0]["properties"]["code"] == "370202001001001"
    numbers = [n for f in grids for ring in f["geometry"]["coordinates"] for point in ring for n in point]
    assert all(number == round(number, 5) for number in numbers)


@pytest.mark.usefixtures("folder")
def test_the_compressed_body_is_the_same(engine: Engine) -> None:
    document = make_documents(engine, "v").grids
    assert gzip.decompress(document.gzipped) == document.body
    assert document.etag == '"v"'
    assert make_documents(engine, "v").grids.gzipped == document.gzipped


def test_without_a_city_the_map_is_empty(engine: Engine) -> None:
    documents = make_documents(engine, "none")
    assert json.loads(documents.base.body) == {"type": "FeatureCollection", "attribution": "", "features": []}
    assert json.loads(documents.grids.body)["features"] == []


class Watch:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_value_is_made_again_only_after_an_import_that_changed_something(engine: Engine, folder: Path) -> None:
    watch, made = Watch(), []
    held = ByContent(engine, lambda version: made.append(version) or version, monotonic=watch)
    assert held.current() == held.current() == content_version(engine)
    import_city(folder, engine)
    watch.seconds += LOOK_EVERY_SECONDS
    held.current()
    assert len(made) == 1
    change(folder, "departments.csv", "0532-00000001", "0532-00000009")
    import_city(folder, engine)
    assert held.current() == made[0]
    watch.seconds += LOOK_EVERY_SECONDS
    assert held.current() == content_version(engine)
    assert len(made) == 2


def test_a_failure_to_make_is_told_and_tried_again(engine: Engine) -> None:
    failures = [OSError("no room")]

    def make(version: str) -> str:
        if failures:
            raise failures.pop()
        return version

    held = ByContent(engine, make, monotonic=Watch())
    with pytest.raises(OSError, match="no room"):
        held.current()
    assert held.current() == "none"
