from __future__ import annotations

from pathlib import Path

import pytest

from runtime.settings import SettingsError, load_settings


def test_defaults_need_no_environment() -> None:
    assert load_settings({}).port == 8050


def test_a_variable_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "hall.toml"
    file.write_text('port = 9000\nhost = "10.0.0.5"\n')
    settings = load_settings({"CITYWALL_CONFIG": str(file), "CITYWALL_PORT": "9001"})
    assert (settings.host, settings.port) == ("10.0.0.5", 9001)


def test_all_mistakes_are_reported_together_with_the_nearest_name() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({"CITYWALL_PROT": "1", "CITYWALL_PORT": "many", "CITYWALL_DEMO_SPEED": "0"})
    message = str(caught.value)
    assert "CITYWALL_PROT" in message
    assert "CITYWALL_PORT" in message
    assert "did you mean CITYWALL_PORT?" in message
    assert "CITYWALL_DEMO_SPEED" in message


def test_secrets_never_show_in_a_repr() -> None:
    settings = load_settings({"CITYWALL_DATABASE_URL": "postgresql://hall:hunter2@db/hall"})
    assert "hunter2" not in repr(settings)


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"missing\.toml"):
        load_settings({"CITYWALL_CONFIG": str(tmp_path / "missing.toml")})
