"""The rules the store's tests run under."""

from __future__ import annotations

from domain.calendars import default_calendar
from domain.policy import Policy
from domain.rights import Mode
from tests.data_access.histories import CITY_ZONE

PLAIN_POLICY = Policy(mode=Mode.TWO_TWO, calendar=default_calendar(CITY_ZONE), photos_needed=False)
