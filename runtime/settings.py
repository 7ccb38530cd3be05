"""All that an operator may set, in one frozen model: `CITYWALL_*` variables, or a TOML file named by `CITYWALL_CONFIG`.

Read once, by `app`; below it only values travel, never the whole model. Variables win over the file, the file over the
defaults. An unknown name is an error with the nearest known one; all errors are reported together. Secrets mask
themselves. `docs/settings.md` lists every field; a test compares the two.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

PREFIX = "CITYWALL_"
CONFIG_VARIABLE = PREFIX + "CONFIG"


class SettingsError(Exception):
    """One or more settings are wrong; the message has a line for each, with the fix."""


class Settings(BaseModel):
    """The hall's settings. Units are in the names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Annotated[
        Path, Field(description="Folder of the database, the embedded server's socket and made files.")
    ] = Path("var")
    host: Annotated[str, Field(description="Address the web role listens on.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="Port the web role listens on.")] = 8050
    database_url: Annotated[
        SecretStr | None, Field(description="PostgreSQL address (postgresql://…); absent: SQLite in the data folder.")
    ] = None
    redis_url: Annotated[
        SecretStr | None, Field(description="Redis ≥ 6.2 or Valkey address; absent: an embedded Valkey.")
    ] = None
    demo: Annotated[bool, Field(description="Make the demo city on the first start and let its day run.")] = True
    demo_seed: Annotated[int, Field(ge=0, description="Seed of the demo city: the same seed, the same city.")] = 370200
    demo_password: Annotated[
        SecretStr | None, Field(description="Fixes the demo accounts' password; absent: made at the first start.")
    ] = None
    demo_speed: Annotated[float, Field(gt=0, le=3600, description="How fast the demo city's day runs.")] = 1.0
    demo_storm: Annotated[
        float | None,
        Field(ge=0, le=1440, description="Minutes after the start at which a storm comes over the demo city."),
    ] = None
    allowed_origins: Annotated[
        tuple[str, ...], Field(description="Further origins (https://…) whose pages may open our sockets.")
    ] = ()
    session_hours: Annotated[float, Field(gt=0, le=720, description="How long a login lasts without use.")] = 12.0
    wall_distance_mm: Annotated[int, Field(ge=500, le=30_000, description="From the farthest viewer to the wall.")] = (
        8000
    )
    wall_pitch_mm: Annotated[float, Field(gt=0.05, le=10, description="Pixel pitch of the wall at 3840 × 2160.")] = 1.25
    video_workers: Annotated[int, Field(ge=1, le=16, description="Capture processes on this machine.")] = 1
    video_cores: Annotated[float, Field(gt=0.1, le=64, description="Cores a capture process may use.")] = 1.5
    shared_cameras: Annotated[
        str, Field(pattern="^(always|on_demand|snapshot)$", description="When shared cameras are pulled.")
    ] = "always"
    risk_capacity: Annotated[
        int, Field(ge=1, le=1000, description="Cases at risk that the officers can take up a day.")
    ] = 30
    checks_off: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[^:\s]+(:(black|covered|blurred|moved|damaged|wrong_clock))?$")], ...],
        Field(description="Picture checks that are switched off (CAMERA, or CAMERA:CHECK)."),
    ] = ()
    history_memory_mb: Annotated[
        int, Field(ge=256, le=65_536, description="Memory, in MB, that DuckDB may use for historic questions.")
    ] = 1024
    history_threads: Annotated[
        int, Field(ge=1, le=64, description="Cores that DuckDB may use for historic questions.")
    ] = 2
    log_level: Annotated[str, Field(pattern="^(debug|info|warning|error)$", description="Least level logged.")] = "info"


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment and the TOML file it may name.

    Raises:
        SettingsError: unknown names, wrong values, an unreadable file; every problem in one message.
    """
    values: dict[str, object] = {}
    problems: list[str] = []
    config = environment.get(CONFIG_VARIABLE)
    if config:
        values.update(_from_file(Path(config), problems))
    values.update(_from_environment(environment, problems))
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        problems += [_in_words(item["loc"], item["msg"]) for item in error.errors()]
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def _from_file(path: Path, problems: list[str]) -> dict[str, object]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(f"{CONFIG_VARIABLE}: cannot read {path}: {error}. Give the path of a TOML file.")
        return {}
    return _known(table, lambda name: name, str(path), problems)


def _from_environment(environment: Mapping[str, str], problems: list[str]) -> dict[str, object]:
    found = {
        name.removeprefix(PREFIX).lower(): _parsed(name, text)
        for name, text in environment.items()
        if name.startswith(PREFIX) and name != CONFIG_VARIABLE
    }
    return _known(found, lambda name: PREFIX + name.upper(), "the environment", problems)


def _parsed(name: str, text: str) -> object:
    """A list setting is written with commas; everything else is left to the model."""
    if name in (PREFIX + "ALLOWED_ORIGINS", PREFIX + "CHECKS_OFF"):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return text


def _known(
    found: Mapping[str, object], spell: Callable[[str], str], where: str, problems: list[str]
) -> dict[str, object]:
    for name in found.keys() - Settings.model_fields.keys():
        near = difflib.get_close_matches(name, Settings.model_fields, n=1)
        hint = f"did you mean {spell(near[0])}?" if near else "see docs/settings.md."
        problems.append(f"{spell(name)} in {where} is not a setting: {hint}")
    return {name: value for name, value in found.items() if name in Settings.model_fields}


def _in_words(location: tuple[int | str, ...], message: str) -> str:
    name = str(location[0]) if location else "settings"
    return f"{PREFIX}{name.upper()} ({name}): {message}. See docs/settings.md."
