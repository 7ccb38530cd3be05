"""The tables of cases: journal, case rows, outbox, number counters. All tables of the hall share this `metadata`.

Times are epoch milliseconds (BIGINT), lists and attributes JSON text. A `cases` column bears its `Case` field's name;
`updated_at`, the time of the newest entry, is the one column that is not a field.
City and account tables live in `city_schema` and `accounts_schema`; how to change any table: `migrations/__init__.py`.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

big_serial = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit number the database counts up; SQLite only does so for its INTEGER."""


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _text_or_null(name: str) -> Column[str]:
    return Column(name, Text)


def _time(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _time_or_null(name: str) -> Column[int]:
    return Column(name, BigInteger)


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _json(name: str, empty: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default=empty)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


cases = Table(
    "cases",
    metadata,
    Column("case_no", Text, primary_key=True),
    _number("version"),
    _text("state"),
    _time("state_since"),
    _text("source"),
    _text_or_null("source_system"),
    _text_or_null("outside_id"),
    _text("edition"),
    _text("kind"),
    _text("class_code"),
    _text_or_null("component_code"),
    _text("severity"),
    _text("description"),
    _text("address"),
    Column("lon", Float),
    Column("lat", Float),
    _text_or_null("district"),
    _text_or_null("grid"),
    _number("area_class"),
    _text("owner_level"),
    _text_or_null("reporter"),
    _text_or_null("reporter_phone"),
    _time("reported_at"),
    _time_or_null("accepted_at"),
    _time_or_null("filed_at"),
    _time_or_null("dispatched_at"),
    _time_or_null("tasked_at"),
    _time_or_null("assigned_at"),
    _time_or_null("disposed_at"),
    _time_or_null("checked_at"),
    _time_or_null("closed_at"),
    _time_or_null("last_failed_check_at"),
    _text_or_null("filing_condition"),
    _text_or_null("closing_condition"),
    Column("limit_value", Float),
    _text_or_null("limit_unit"),
    _text_or_null("calendar_version"),
    _time_or_null("deadline"),
    _time_or_null("original_deadline"),
    _text_or_null("limit_code"),
    Column("paused_seconds", Float, nullable=False),
    _time_or_null("paused_since"),
    _json("pauses", "[]"),
    Column("remaining_seconds", Float),
    _text_or_null("department"),
    _text("assisting"),
    _text("departments_tasked"),
    _number("rework_count"),
    _number("extension_count"),
    _number("send_back_count"),
    _number("urged_count"),
    _flag("supervised"),
    _flag("self_disposed"),
    _flag("timeout_exempt"),
    _flag("appealed"),
    _flag("called_back"),
    _text_or_null("current_request"),
    _time_or_null("requested_until"),
    Column("requested_hours", Float),
    _text_or_null("resume_state"),
    _time_or_null("suspended_until"),
    _text_or_null("claimed_by"),
    _text_or_null("claimant"),
    _time_or_null("claimed_at"),
    Column("claim_token", Integer, nullable=False, server_default="0"),
    _time_or_null("ownerless_since"),
    _text_or_null("order_by"),
    _text_or_null("order_text"),
    _time_or_null("order_at"),
    _time_or_null("order_due"),
    _text_or_null("order_answer"),
    _time_or_null("order_answered_at"),
    _text_or_null("owner_department"),
    _text_or_null("owner_scope"),
    _time_or_null("owner_decided_at"),
    _time_or_null("owner_until"),
    _json("emergency", "{}"),
    _json("linked", "[]"),
    _text("photos"),
    _json("evidence", "[]"),
    _text("attributes"),
    _time("updated_at"),
    UniqueConstraint("source_system", "outside_id"),
)

# One index per time stamp that a flow count ranges over; the standing counts go by state, with the deadline beside it.
Index(None, cases.c.state, cases.c.deadline)
Index(None, cases.c.reported_at)
Index(None, cases.c.accepted_at)
Index(None, cases.c.filed_at)
Index(None, cases.c.dispatched_at)
Index(None, cases.c.disposed_at)
Index(None, cases.c.closed_at)
Index(None, cases.c.last_failed_check_at)
# "As of" a past moment: the row holds unless an entry came later; then the journal is folded up to that moment.
Index(None, cases.c.updated_at)
# The leaders' own lists; few cases have an order or an emergency, so only those are indexed.
HAS_EMERGENCY = text("emergency <> '{}'")
"""Said the same way by index and question, or the index would not be used."""
_HAS_ORDER = cases.c.order_at.is_not(None)
Index(None, cases.c.order_at, sqlite_where=_HAS_ORDER, postgresql_where=_HAS_ORDER)
Index("ix_cases_emergency", cases.c.state_since, sqlite_where=HAS_EMERGENCY, postgresql_where=HAS_EMERGENCY)
# The desks' own lists: newest first within one department or one grid.
Index(None, cases.c.department, cases.c.reported_at)
Index(None, cases.c.grid, cases.c.reported_at)

journal = Table(
    "journal",
    metadata,
    Column("entry_id", big_serial, primary_key=True, autoincrement=True),
    _text("case_no"),
    _number("version"),
    _text("action"),
    _time("at"),
    _text("actor"),
    _text("role"),
    _text_or_null("seat"),
    _text("reason"),
    _text("changes"),
    _text("previous_hash"),
    _text("hash"),
    UniqueConstraint("case_no", "version"),
    sqlite_autoincrement=True,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", big_serial, primary_key=True, autoincrement=True),
    Column("payload", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

case_numbers = Table(
    "case_numbers",
    metadata,
    Column("day", Text, primary_key=True),
    _number("serial"),
)
