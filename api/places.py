"""`/api/v1/places` and `/api/v1/where`: from words to a place, and from a point to its grid, district and address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Query

from api.desk_lists import Lat, Lon
from api.identity import asker
from domain.city import Place
from domain.whereabouts import Where

Words = Annotated[str, Query(min_length=1, max_length=60)]


class Whereabouts(Protocol):
    """What knows the city's places: `data_access.whereabouts`. Blocking."""

    def at(self, lon: float, lat: float) -> Where: ...

    def places(self, words: str) -> Sequence[Place]: ...


def places_router(whereabouts: Whereabouts) -> APIRouter:
    """The routes. Plain functions: the framework runs them in threads."""
    router = APIRouter(tags=["places"])

    @router.get("/api/v1/places", summary="Places by name or address, landmarks first")
    def places(q: Words) -> dict[str, Any]:
        asker()
        return {"places": [place_json(place) for place in whereabouts.places(q)]}

    @router.get("/api/v1/where", summary="Grid, district, address and nearest places of a point")
    def where(lon: Lon, lat: Lat) -> dict[str, Any]:
        asker()
        found = whereabouts.at(lon, lat)
        return {
            "grid": found.grid,
            "district": found.district,
            "street": found.street,
            "community": found.community,
            "address": found.address,
            "ring": [list(point) for point in found.ring],
            "near": [place_json(one.place) | {"metres": round(one.metres)} for one in found.near],
        }

    return router


def place_json(place: Place) -> dict[str, Any]:
    """A place as pages list and draw it."""
    return {
        "name": place.name,
        "kind": place.kind.value,
        "address": place.address,
        "district": place.district,
        "lon": place.lon,
        "lat": place.lat,
    }
