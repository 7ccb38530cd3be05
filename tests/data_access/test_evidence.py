from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from data_access.engine import is_sqlite
from data_access.evidence import EvidenceDamaged, EvidenceStore
from domain.evidence import Evidence, EvidenceKind, EvidenceReference, digest
from tests.hand_clock import HandClock

PICTURE = b"\xff\xd8 a street \xff\xd9"
NOON = HandClock().now()
KEPT = Evidence(
    evidence_id="0a1b2c3d4e5f6071",
    kind=EvidenceKind.PICTURE,
    camera_id="QD-017",
    begins_at=NOON,
    ends_at=NOON,
    preset="路口",
    operator="li.wei",
    case_no="QD202608060001",
    sha256=digest(PICTURE),
    size=len(PICTURE),
    note="井盖缺失",
    created_at=NOON,
)


@pytest.fixture
def store(engine: Engine) -> EvidenceStore:
    made = EvidenceStore(engine)
    made.keep(KEPT, PICTURE)
    return made


def test_what_was_kept_comes_back_as_it_was(store: EvidenceStore) -> None:
    assert store.get(KEPT.evidence_id) == KEPT
    assert store.media(KEPT.evidence_id) == PICTURE


def test_of_unknown_evidence_there_is_nothing(store: EvidenceStore) -> None:
    assert (store.get("ffff"), store.media("ffff")) == (None, None)


def test_several_come_in_the_order_they_were_taken(store: EvidenceStore) -> None:
    earlier = replace(KEPT, evidence_id="ffffffffffffffff", begins_at=NOON.replace(hour=1), case_no=None)
    store.keep(earlier, PICTURE)
    assert store.some([KEPT.evidence_id, "unknown", earlier.evidence_id]) == [earlier, KEPT]


def test_media_that_do_not_fit_their_seal_are_not_kept(store: EvidenceStore) -> None:
    with pytest.raises(ValueError, match="hash"):
        store.keep(replace(KEPT, evidence_id="ffffffffffffffff"), b"another street")


@pytest.mark.parametrize("change", ["UPDATE evidence SET operator = 'nobody'", "DELETE FROM evidence"])
def test_evidence_can_neither_be_changed_nor_removed(store: EvidenceStore, engine: Engine, change: str) -> None:
    with engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(change))
    assert store.get(KEPT.evidence_id) == KEPT


def test_a_picture_exchanged_behind_the_halls_back_is_told(store: EvidenceStore, engine: Engine) -> None:
    lift = "DROP TRIGGER evidence_no_UPDATE" if is_sqlite(engine) else "SET LOCAL session_replication_role = replica"
    with engine.begin() as connection:
        connection.execute(text(lift))
        connection.execute(text("UPDATE evidence SET media = :media"), {"media": b"another street"})
    with pytest.raises(EvidenceDamaged, match=KEPT.sha256):
        store.media(KEPT.evidence_id)


def test_a_reference_survives_its_way_through_the_journal() -> None:
    reference = replace(KEPT, camera_id="市南:017").reference
    assert EvidenceReference.parse(str(reference)) == reference


@pytest.mark.parametrize("wrong", ["", "QD-017", "0a1b2c3d:xyz:1:QD-017", f"0a1b2c3d:{'5e' * 32}:now:QD-017"])
def test_what_is_no_reference_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="id:sha256"):
        EvidenceReference.parse(wrong)
