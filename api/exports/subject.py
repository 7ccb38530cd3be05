"""What is exported: one evaluation in words, and what is known about its making. Pure values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from domain.evaluation.scheme import Per, Rule, Target
from domain.evaluation.score import Scale
from domain.journal import moment
from runtime.i18n import t


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One evaluation to take along. `told` is the answer of `/api/v1/evaluation`, all its rows in it.

    `divisors` says by what a row's count was divided before it met its steps, by row and figure; the city's own row
    has the key None.
    """

    told: Mapping[str, Any]
    city: str
    demo: bool
    made: datetime
    made_by: str
    zone: ZoneInfo
    divisors: Mapping[tuple[str | None, str], float]

    @property
    def target(self) -> Target:
        return Target(self.told["object"])

    @property
    def scheme(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.told["scheme"]
        return found

    @property
    def title(self) -> str:
        return t("{city} {object}评价 {period}").format(
            city=self.city, object=self.told["object_label"], period=self.told["period"]["label"]
        )

    @property
    def period_label(self) -> str:
        """The period's name and its two ends."""
        period = self.told["period"]
        return t("{label}（{start} – {end}）").format(
            label=period["label"], start=self.local(period["from"]), end=self.local(period["to"])
        )

    @property
    def unmeasured(self) -> list[str]:
        """What no journal answers, and why."""
        return [
            t("{label}：{words}").format(label=one["label"], words=one["reason"]) for one in self.told["unmeasured"]
        ]

    @property
    def scheme_label(self) -> str:
        return t("{name}（{id} 第{version}版）").format(
            name=self.scheme["name"], id=self.scheme["id"], version=self.scheme["version"]
        )

    @property
    def state_label(self) -> str:
        """Whether the result can still change."""
        locked = self.told["period"]["locked"]
        if locked is not None:
            words = t("已锁定（第{number}号，{who}，{at}）").format(
                number=locked["number"], who=locked["who_name"] or locked["who"], at=self.local(locked["at"])
            )
            return words if locked["intact"] else words + t("；封印不符，内容可能被改动")
        return t("本期尚未结束") if self.told["period"]["running"] else t("本期已结束，尚未锁定")

    @property
    def footer(self) -> str:
        """What stands on every page: whose, which rules, as of when."""
        parts = [
            self.title,
            t("口径：{convention}").format(convention=self.told["convention"]["label"]),
            t("方案：{scheme}").format(scheme=f"{self.scheme['id']} v{self.scheme['version']}"),
            t("数据至 {at}").format(at=self.local(self.told["as_of"])),
        ]
        return " · ".join(([t("演示")] if self.demo else []) + parts)

    def local(self, ms: int) -> str:
        """A moment as the city reads it."""
        return f"{moment(ms).astimezone(self.zone):%Y-%m-%d %H:%M}"


def divisors_of(
    told: Mapping[str, Any], months: Fraction, grids: Mapping[str, int]
) -> dict[tuple[str | None, str], float]:
    """By what each row's step counts were divided: as the result itself shows, else by months and today's grids."""
    stepped = {
        item["figure"]: Per(item["per"])
        for item in told["scheme"]["items"]
        if item["rule"] == Rule.STEPS and item.get("per", Per.PERIOD) != Per.PERIOD
    }
    rows = [(row["key"], row, grids.get(row["key"], 0)) for row in told["rows"]]
    rows.append((None, told["whole"], sum(grids.values())))
    return {
        (key, item["key"]): _divisor(item, Scale(months, number).divisor(stepped[item["key"]]))
        for key, row, number in rows
        for item in row["items"]
        if item["key"] in stepped
    }


def _divisor(item: Mapping[str, Any], otherwise: Fraction) -> float:
    if item["value"] is None:
        return 0.0
    if item["denominator"] is None and item["numerator"]:
        return float(item["numerator"] / item["value"])
    return float(otherwise)
