"""What acting on cases is made of in a web process: offers, commands, claims, and the lists their forms choose from."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from redis.asyncio import Redis

from api.case_actions import CaseDesk, case_actions_router
from api.case_offers import OfferDesk
from api.case_story import CaseStories, case_story_router
from api.desk_lists import DeskLists, desk_lists_router
from api.desk_view import desk_view_router
from api.photos import PhotoDesk, photos_router
from api.risk import RiskDesk, risk_router
from api.supervision import SupervisionDesk, supervision_router
from data_access.claims import ClaimLeases
from data_access.desk_view import DeskViews
from data_access.hall import Hall
from data_access.live_risks import LiveRisks
from data_access.ownership import OwnershipDecisions
from data_access.photos import PhotoStore
from data_access.supervision import SupervisionLists
from data_access.whereabouts import Whereabouts
from domain.board import Board
from roles.field_work import field_routers
from runtime.clock import Clock


def case_desk_routers(
    hall: Hall, redis: Redis, clock: Clock, board: Callable[[], Board | None]
) -> tuple[APIRouter, ...]:
    """The routes. Asks the database once for duties, departments and classes."""
    store = hall.city_store
    offers = OfferDesk(
        policy=hall.policy,
        duties=store.duty_table(),
        decisions=OwnershipDecisions(hall.engine),
        component=store.component,
        department=hall.called.department,
        now=clock.now,
    )
    whereabouts = Whereabouts(hall.engine, monotonic=clock.monotonic)
    photos = PhotoDesk(store=PhotoStore(hall.engine, hall.city.zone), cases=hall.cases, now=clock.now)
    desk = CaseDesk(
        cases=hall.cases,
        leases=ClaimLeases(redis),
        offers=offers,
        now=clock.now,
        told=whereabouts.told,
        foreign_photos=photos.missing,
    )
    lists = DeskLists(
        departments=store.departments(), classes=store.classes(), offers=offers, cases=hall.cases, now=clock.now
    )
    supervision = SupervisionDesk(
        lists=SupervisionLists(hall.engine),
        offers=offers,
        class_names={known.code: known.name_zh for known in lists.classes},
        person=hall.called.person,
        now=clock.now,
    )
    field = field_routers(hall, whereabouts, offers, board, clock)
    story = CaseStories(
        cases=hall.cases,
        policy=hall.policy,
        called=hall.called,
        class_names=supervision.class_names,
        district_names=hall.names().districts,
        now=clock.now,
    )
    risks = RiskDesk(newest=LiveRisks(redis, clock).newest, cases=hall.cases, zone=hall.city.zone, now=clock.now)
    views = desk_view_router(DeskViews(redis), now=clock.now)
    return (
        *(case_actions_router(desk), desk_lists_router(lists), photos_router(photos)),
        *(supervision_router(supervision), case_story_router(story), risk_router(risks), views, *field),
    )
