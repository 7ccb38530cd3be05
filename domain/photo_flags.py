"""What makes a photo doubtful as evidence (staged evidence, product sheet 6): reused, far away, old, edited, bare.

A flag never refuses anything: a person looks, and decides. Every number here says why it is that number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.action import Action
from domain.geo import distance_m
from domain.photo import Photo, PhotoUse
from domain.words import text

FAR_METRES = 50.0
"""From the case's place, as of a duplicate (domain sheet 4.5): a phone between tall houses errs by 10 to 30 m."""

APART_METRES = 30.0
"""Between before and after: both carry the error of a phone, but stand for the same spot."""

NEAR_BITS = 6
"""Of 64, from another case. Measured on street scenes: saved again or made smaller, a picture differs by 0 to 2; made
brighter, or cut by 2 % at each edge, mostly by up to 6; other pictures by 24 and more. What is cut by a tenth, or
mirrored, is not found. `data_access.photos` finds everything up to 7."""

SAME_SPOT_BITS = 2
"""The same inside one case, where before and after rightly look alike: only a copy is this near."""

CLOCK_SLACK = timedelta(minutes=10)
"""How far a camera's clock may be off before order of times is held against it."""

ON_THE_SPOT = timedelta(hours=4)
"""Whoever stands at the place sends at once; four hours allow for a shift without signal."""

AGES: dict[Action, timedelta] = {
    Action.REGISTER: timedelta(days=3),  # a citizen's picture comes by hotline or web
    Action.FEED_BACK: timedelta(hours=12),  # taken by the worker, sent by the seat in the evening
}
"""How old a photo may be at the step it proves; `ON_THE_SPOT` where nothing is said."""

EDITORS = (
    *("photoshop", "lightroom", "gimp", "snapseed", "picsart", "pixlr", "vsco", "polarr", "affinity", "paint.net"),
    *("photoscape", "facetune", "meitu", "美图", "醒图", "xingtu", "ps express", "coreldraw", "canva"),
)
"""Programs that change pictures, as they sign themselves in a file; phones sign with their own system's name."""


class PhotoFlag(StrEnum):
    """Why a photo is doubtful, gravest first."""

    REUSED = "reused"
    ALIKE = "alike"
    TOO_FAR = "too_far"
    TOO_OLD = "too_old"
    BEFORE_TASK = "before_task"
    AHEAD = "ahead"
    NOT_SAME_PLACE = "not_same_place"
    EDITED = "edited"
    BLANK = "blank"
    NO_TIME = "no_time"
    NO_POSITION = "no_position"


FLAG_WORDS: dict[PhotoFlag, str] = {
    PhotoFlag.REUSED: text("重复使用"),
    PhotoFlag.ALIKE: text("疑似翻用"),
    PhotoFlag.TOO_FAR: text("不在现场"),
    PhotoFlag.TOO_OLD: text("拍摄过早"),
    PhotoFlag.BEFORE_TASK: text("拍于派单前"),
    PhotoFlag.AHEAD: text("时间超前"),
    PhotoFlag.NOT_SAME_PLACE: text("前后异地"),
    PhotoFlag.EDITED: text("经过编辑"),
    PhotoFlag.BLANK: text("画面空白"),
    PhotoFlag.NO_TIME: text("无拍摄时间"),
    PhotoFlag.NO_POSITION: text("无拍摄位置"),
}

DETAIL_WORDS: dict[PhotoFlag, str] = {
    PhotoFlag.REUSED: text("同一张照片已用于案卷 {case_no}"),
    PhotoFlag.ALIKE: text("与案卷 {case_no} 的照片几乎相同"),
    PhotoFlag.TOO_FAR: text("距案发地 {metres} 米，超过 {most} 米"),
    PhotoFlag.TOO_OLD: text("早于办理 {hours} 小时拍摄，超过 {most} 小时"),
    PhotoFlag.BEFORE_TASK: text("拍摄于交办之前 {hours} 小时"),
    PhotoFlag.AHEAD: text("拍摄时间晚于上传时间：相机时钟不准，或时间被改过"),
    PhotoFlag.NOT_SAME_PLACE: text("与处置前照片相距 {metres} 米，超过 {most} 米"),
    PhotoFlag.EDITED: text("文件由 {software} 写出"),
    PhotoFlag.BLANK: text("画面几乎只有一种颜色，看不出现场"),
    PhotoFlag.NO_TIME: text("文件里没有拍摄时间：请用相机直接拍照，不用截图或转发的图片"),
    PhotoFlag.NO_POSITION: text("文件里没有拍摄位置：请在手机相机中打开定位"),
}
"""What exactly, with the values of `Doubt.values` between the braces."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A flag on one photo, and the values its sentence names."""

    flag: PhotoFlag
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a photo is brought to prove: the action, when it was done, and where.

    `case_no` and `version` say which entry it is (version 0: not done yet). `since` is when the case was given to
    whoever brings it (None: nobody was asked before), `earlier` the positions of the photos before it.
    """

    action: Action | None
    at: datetime
    case_no: str = ""
    version: int = 0
    lon: float | None = None
    lat: float | None = None
    since: datetime | None = None
    earlier: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True, slots=True)
class Like:
    """A use of another photo whose picture is nearly the same, and by how many bits it differs."""

    use: PhotoUse
    bits: int


def doubts(photo: Photo, step: Step, uses: Sequence[PhotoUse], likes: Sequence[Like]) -> tuple[Doubt, ...]:
    """Everything doubtful about a photo, gravest first. `uses` are those of this very photo, `likes` of alike ones."""
    found = [*_again(step, uses, likes), *_place(photo, step), *_time(photo, step), *_picture(photo)]
    order = list(PhotoFlag)
    return tuple(sorted(found, key=lambda doubt: order.index(doubt.flag)))


def metres_from(photo: Photo, lon: float | None, lat: float | None) -> float | None:
    """How far from a place the photo was taken; None where either is unknown."""
    if photo.lon is None or photo.lat is None or lon is None or lat is None:
        return None
    return float(distance_m(photo.lon, photo.lat, lon, lat))


def _again(step: Step, uses: Sequence[PhotoUse], likes: Sequence[Like]) -> Iterator[Doubt]:
    """Used at another step, or a picture so like it that it is the same one saved again."""
    this = (step.case_no, step.version)
    if other := next((use for use in uses if (use.case_no, use.version) != this), None):
        yield Doubt(PhotoFlag.REUSED, {"case_no": other.case_no})
        return
    for like in sorted(likes, key=lambda one: one.bits):
        most = SAME_SPOT_BITS if like.use.case_no == step.case_no else NEAR_BITS
        if like.bits <= most and (like.use.case_no, like.use.version) != this:
            yield Doubt(PhotoFlag.ALIKE, {"case_no": like.use.case_no})
            return


def _place(photo: Photo, step: Step) -> Iterator[Doubt]:
    if photo.lon is None or photo.lat is None:
        yield Doubt(PhotoFlag.NO_POSITION)
        return
    metres = metres_from(photo, step.lon, step.lat)
    if metres is not None and metres > FAR_METRES:
        yield Doubt(PhotoFlag.TOO_FAR, {"metres": f"{metres:.0f}", "most": f"{FAR_METRES:.0f}"})
    apart = min((float(distance_m(photo.lon, photo.lat, lon, lat)) for lon, lat in step.earlier), default=0.0)
    if apart > APART_METRES:
        yield Doubt(PhotoFlag.NOT_SAME_PLACE, {"metres": f"{apart:.0f}", "most": f"{APART_METRES:.0f}"})


def _time(photo: Photo, step: Step) -> Iterator[Doubt]:
    taken = photo.taken_at
    if taken is None:
        yield Doubt(PhotoFlag.NO_TIME)
        return
    if taken > photo.uploaded_at + CLOCK_SLACK:
        yield Doubt(PhotoFlag.AHEAD)
    most = ON_THE_SPOT if step.action is None else AGES.get(step.action, ON_THE_SPOT)
    if step.at - taken > most:
        yield Doubt(PhotoFlag.TOO_OLD, {"hours": _hours(step.at - taken), "most": _hours(most)})
    elif step.since is not None and taken < step.since - CLOCK_SLACK:
        yield Doubt(PhotoFlag.BEFORE_TASK, {"hours": _hours(step.since - taken)})


def _picture(photo: Photo) -> Iterator[Doubt]:
    if photo.picture_hash is None:
        yield Doubt(PhotoFlag.BLANK)
    if any(editor in photo.software.lower() for editor in EDITORS):
        yield Doubt(PhotoFlag.EDITED, {"software": photo.software})


def _hours(span: timedelta) -> str:
    return f"{span.total_seconds() / 3600:.1f}".removesuffix(".0")
