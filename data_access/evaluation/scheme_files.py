"""The schemes of a hall: the packaged ones, and those its city wrote under `[[evaluation.scheme]]` in `city.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from domain.evaluation.scheme import Scheme, with_city_schemes
from domain.evaluation.scheme_rows import schemes_from

PACKAGED = Path(__file__).with_name("schemes.toml")


def packaged_schemes() -> tuple[Scheme, ...]:
    """What the program brings."""
    return schemes_from(tomllib.loads(PACKAGED.read_text(encoding="utf-8"))["scheme"])


def hall_schemes(evaluation: Mapping[str, Any]) -> tuple[Scheme, ...]:
    """All schemes of a city whose own ones are `evaluation["scheme"]`.

    Raises:
        SchemeError: a scheme of the city's that cannot be; the message names it, the field and the fix.
    """
    return with_city_schemes(packaged_schemes(), schemes_from(evaluation.get("scheme", [])))
