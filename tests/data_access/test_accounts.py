from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, text

from data_access.accounts import AccountRefused, AccountStore
from data_access.passwords import PasswordRefused, Passwords
from domain.roles import Permission, Role
from tests.hand_clock import HandClock

PASSWORD = "correct horse battery"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def store(engine: Engine, clock: HandClock) -> AccountStore:
    return AccountStore(engine, now=clock.now, passwords=Passwords(QUICK))


def test_an_account_comes_in_with_its_password(store: AccountStore, clock: HandClock) -> None:
    made = store.add("li.wei", PASSWORD, role=Role.DUTY_OFFICER, display_name="李伟", district="370202")
    assert store.authenticate("li.wei", PASSWORD) == made
    assert made.password_changed_at == clock.now()
    assert made.identity.display_name == "李伟"
    assert made.identity.may(Permission.ACT_ON_CASE)


def test_a_wrong_password_or_name_is_nobody(store: AccountStore) -> None:
    store.add("li.wei", PASSWORD, role=Role.LEADER)
    assert store.authenticate("li.wei", PASSWORD + "!") is None
    assert store.authenticate("li.we", PASSWORD) is None
    assert store.authenticate("", "") is None


def test_the_database_holds_no_password(store: AccountStore, engine: Engine) -> None:
    store.add("li.wei", PASSWORD, role=Role.LEADER)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM accounts")).all()
    assert PASSWORD not in str(rows)
    assert "$argon2id$" in str(rows)


def test_no_password_reaches_the_log(store: AccountStore, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        store.add("li.wei", PASSWORD, role=Role.LEADER)
        store.authenticate("li.wei", PASSWORD)
        store.authenticate("li.wei", "wrong but secret")
    assert PASSWORD not in caplog.text
    assert "wrong but secret" not in caplog.text


def test_a_taken_name_is_refused_and_keeps_its_password(store: AccountStore) -> None:
    store.add("li.wei", PASSWORD, role=Role.LEADER)
    with pytest.raises(AccountRefused, match="exists already"):
        store.add("li.wei", "another long password", role=Role.ADMIN)
    assert store.authenticate("li.wei", PASSWORD) is not None


@pytest.mark.parametrize("name", ["", "x", "has space", "new\nline", "a" * 65, "<b>", "device:wall"])
def test_a_malformed_name_is_refused(store: AccountStore, name: str) -> None:
    with pytest.raises(AccountRefused, match=r"^name"):
        store.add(name, PASSWORD, role=Role.LEADER)


def test_a_department_seat_needs_its_department(store: AccountStore) -> None:
    with pytest.raises(AccountRefused, match=r"^department"):
        store.add("water", PASSWORD, role=Role.DEPARTMENT)
    assert store.add("water", PASSWORD, role=Role.DEPARTMENT, department="A01").identity.department == "A01"


def test_nobody_gets_a_walls_role_with_a_password(store: AccountStore) -> None:
    with pytest.raises(AccountRefused, match="device add"):
        store.add("lobby", PASSWORD, role=Role.WALL_DEVICE)


def test_a_new_password_ends_all_sessions_and_the_old_password(store: AccountStore, clock: HandClock) -> None:
    before = store.add("li.wei", PASSWORD, role=Role.LEADER)
    clock.forward(days=3)
    store.set_password("li.wei", "a quite different one")
    after = store.authenticate("li.wei", "a quite different one")
    assert store.authenticate("li.wei", PASSWORD) is None
    assert after is not None
    assert after.session_epoch == before.session_epoch + 1
    assert after.password_changed_at == clock.now()


def test_a_weak_new_password_changes_nothing(store: AccountStore) -> None:
    before = store.add("li.wei", PASSWORD, role=Role.LEADER)
    with pytest.raises(PasswordRefused):
        store.set_password("li.wei", "kurz")
    assert store.get("li.wei") == before


def test_a_disabled_account_stays_out_until_it_is_opened_again(store: AccountStore) -> None:
    store.add("li.wei", PASSWORD, role=Role.LEADER)
    store.disable("li.wei")
    assert store.authenticate("li.wei", PASSWORD) is None
    store.disable("li.wei", disabled=False)
    assert store.authenticate("li.wei", PASSWORD) is not None


def test_changing_an_account_nobody_has_says_so(store: AccountStore) -> None:
    for change in (store.disable, store.end_sessions, lambda name: store.set_password(name, PASSWORD)):
        with pytest.raises(AccountRefused, match="no account nobody"):
            change("nobody")


def test_a_hash_of_weaker_parameters_is_renewed_at_the_next_login(engine: Engine, clock: HandClock) -> None:
    AccountStore(engine, now=clock.now, passwords=Passwords(QUICK)).add("li.wei", PASSWORD, role=Role.LEADER)
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    store = AccountStore(engine, now=clock.now, passwords=Passwords(stronger))
    assert store.authenticate("li.wei", PASSWORD) is not None
    with engine.connect() as connection:
        stored = connection.execute(text("SELECT password_hash FROM accounts")).scalar_one()
    assert not stronger.check_needs_rehash(stored)
    assert store.authenticate("li.wei", PASSWORD) is not None


def test_accounts_are_listed_by_name(store: AccountStore) -> None:
    for name in ("zhao", "an", "li"):
        store.add(name, PASSWORD, role=Role.LEADER)
    assert [account.name for account in store.all()] == ["an", "li", "zhao"]


def test_a_device_comes_in_with_its_token_only(store: AccountStore, engine: Engine) -> None:
    token = store.add_device("lobby")
    device = store.authenticate_device(token)
    assert device is not None
    assert device.identity.role is Role.WALL_DEVICE
    assert store.authenticate_device(token + "x") is None
    assert store.authenticate_device("") is None
    with engine.connect() as connection:
        assert token not in str(connection.execute(text("SELECT * FROM devices")).all())


def test_a_new_token_kills_the_old_link_but_no_screen(store: AccountStore) -> None:
    old = store.add_device("lobby")
    epoch = store.devices()[0].session_epoch
    new = store.add_device("lobby")
    assert store.authenticate_device(old) is None
    renewed = store.authenticate_device(new)
    assert renewed is not None
    assert renewed.session_epoch == epoch


def test_a_revoked_device_is_refused_for_good(store: AccountStore) -> None:
    token = store.add_device("lobby")
    store.revoke_device("lobby")
    assert store.authenticate_device(token) is None
    with pytest.raises(AccountRefused, match="was revoked"):
        store.add_device("lobby")
    with pytest.raises(AccountRefused, match="no device hall"):
        store.revoke_device("hall")


def test_when_a_device_was_last_seen_is_remembered(store: AccountStore, clock: HandClock) -> None:
    store.add_device("lobby")
    assert store.devices()[0].last_seen_at is None
    clock.forward(hours=2)
    store.device_seen("lobby")
    device = store.device("lobby")
    assert device is not None
    assert device.last_seen_at == clock.now()


def test_an_ended_session_is_remembered_until_its_cookie_would_end(store: AccountStore, clock: HandClock) -> None:
    store.end_session("s1", clock.now() + timedelta(hours=12))
    store.end_session("s1", clock.now() + timedelta(hours=13))
    assert store.session_ended("s1")
    assert not store.session_ended("s2")
    clock.forward(hours=14)
    store.end_session("s2", clock.now() + timedelta(hours=12))
    assert not store.session_ended("s1")
    assert store.session_ended("s2")
