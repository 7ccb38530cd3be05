from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api.secret_key import FILE_NAME, SecretKeyError, load_secret_key


def test_the_first_start_makes_a_key_only_we_can_read(tmp_path: Path) -> None:
    key = load_secret_key(tmp_path)
    assert len(key) == 32
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == [FILE_NAME]


def test_every_later_start_reads_the_same_key(tmp_path: Path) -> None:
    assert load_secret_key(tmp_path) == load_secret_key(tmp_path)


def test_two_halls_have_two_keys(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert load_secret_key(tmp_path / "a") != load_secret_key(tmp_path / "b")


def test_of_many_starters_at_once_all_get_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as starters:
        keys = set(starters.map(load_secret_key, [tmp_path] * 32))
    assert len(keys) == 1


def test_a_key_that_others_could_read_is_closed_to_them(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    load_secret_key(tmp_path)
    (tmp_path / FILE_NAME).chmod(0o644)
    load_secret_key(tmp_path)
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    assert "open to other users" in caplog.text


@pytest.mark.parametrize("content", [b"", b"no hex", b"abcd", b"\xff\xfe"])
def test_a_file_without_a_key_is_refused_with_the_fix(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(SecretKeyError, match="Remove it"):
        load_secret_key(tmp_path)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(SecretKeyError, match="nowhere"):
        load_secret_key(tmp_path / "nowhere")
