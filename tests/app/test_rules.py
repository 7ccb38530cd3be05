"""The door's rules against the real application: nothing that answers stands outside them."""

from __future__ import annotations

from pathlib import Path

import pytest
from dash import page_registry
from pydantic import SecretStr

from api.dash_guard import unguarded_callbacks, unguarded_pages, unguarded_routes
from data_access.hall import open_hall
from roles.web import Web
from runtime.settings import Settings


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory, valkey_url: str) -> Web:
    """The web role's parts, made but not serving."""
    folder: Path = tmp_path_factory.mktemp("hall")
    settings = Settings(data_dir=folder, demo=False, redis_url=SecretStr(valkey_url))
    made = Web(settings, open_hall(f"sqlite:///{folder / 'citywall.sqlite3'}"))
    made.app()
    return made


def test_every_route_and_socket_has_a_rule(web: Web) -> None:
    assert unguarded_routes(web.dash.server.routes) == []


def test_every_page_has_a_rule_in_front_of_its_layout(web: Web) -> None:
    assert {page["path"] for page in page_registry.values()} >= {"/", "/wall", "/video", "/cases"}
    assert unguarded_pages(page_registry) == []


def test_every_server_callback_has_a_mark(web: Web) -> None:
    assert unguarded_callbacks(web.dash.callback_map) == []


def test_a_hall_without_a_city_has_its_parts(web: Web) -> None:
    assert not web.hall.has_city
    assert web.cameras == ()
