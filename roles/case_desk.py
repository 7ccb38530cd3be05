"""What acting on cases is made of in a web process: offers, commands, claims, and the lists their forms choose from."""

from __future__ import annotations

from fastapi import APIRouter
from redis.asyncio import Redis

from api.case_actions import CaseDesk, case_actions_router
from api.case_offers import OfferDesk
from api.desk_lists import DeskLists, desk_lists_router
from data_access.claims import ClaimLeases
from data_access.hall import Hall
from data_access.ownership import OwnershipDecisions
from runtime.clock import Clock


def case_desk_routers(hall: Hall, redis: Redis, clock: Clock) -> tuple[APIRouter, ...]:
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
    desk = CaseDesk(cases=hall.cases, leases=ClaimLeases(redis), offers=offers, now=clock.now)
    lists = DeskLists(
        departments=store.departments(), classes=store.classes(), offers=offers, cases=hall.cases, now=clock.now
    )
    return case_actions_router(desk), desk_lists_router(lists)
