from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from data_access.passwords import MAX_LENGTH, MIN_LENGTH, PasswordRefused, Passwords, check_rules

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("kurz", f"at least {MIN_LENGTH}"),
        ("x" * (MAX_LENGTH + 1), f"at most {MAX_LENGTH}"),
        ("abababababab", "different characters"),
        ("my-Li.Wei-pass", "the account's name"),
        ("Password1234", "well-known"),
        ("citywall2026", "well-known"),
    ],
)
def test_a_weak_password_is_refused_with_the_rule_it_breaks(password: str, reason: str) -> None:
    with pytest.raises(PasswordRefused, match=reason):
        check_rules(password, "li.wei")


@pytest.mark.parametrize(
    "password", ["correct horse battery", "黄海之滨的城市管理中心", "password of the harbour wind"]
)
def test_a_long_password_of_own_words_is_accepted(password: str) -> None:
    check_rules(password, "li.wei")


@pytest.mark.parametrize("password", ["geheim", "li.wei-2026-08", "abababababab"])
def test_a_refusal_never_repeats_the_password(password: str) -> None:
    with pytest.raises(PasswordRefused) as refused:
        check_rules(password, "li.wei")
    assert password not in str(refused.value)


def test_only_the_right_password_fits() -> None:
    passwords = Passwords(QUICK)
    stored = passwords.hashed("correct horse battery")
    assert passwords.fits("correct horse battery", stored)
    assert not passwords.fits("correct horse batterz", stored)


def test_without_a_hash_nothing_fits_not_even_the_password_it_is_compared_with() -> None:
    passwords = Passwords(QUICK)
    assert not passwords.fits("nobody has this password", None)


def test_a_broken_hash_fits_nothing() -> None:
    assert not Passwords(QUICK).fits("correct horse battery", "$argon2id$broken")


def test_a_password_beyond_the_limit_is_not_even_hashed() -> None:
    passwords = Passwords(QUICK)
    endless = "x" * 10_000_000
    assert not passwords.fits(endless, passwords.hashed("correct horse battery"))


def test_hashes_are_argon2id_and_never_equal() -> None:
    passwords = Passwords(QUICK)
    first, second = passwords.hashed("correct horse battery"), passwords.hashed("correct horse battery")
    assert first.startswith("$argon2id$")
    assert first != second


def test_a_hash_of_weaker_parameters_counts_as_outdated() -> None:
    weak = QUICK.hash("correct horse battery")
    assert Passwords().outdated(weak)
    assert not Passwords(QUICK).outdated(weak)
