"""The field's words for our values, in the hall's own language; `text` marks each for the other languages' catalogs."""

from __future__ import annotations

from domain.case import CaseState, Severity, Source, Stage
from domain.case_query import Count
from domain.period import Period
from domain.roles import Role


def text(source: str) -> str:
    """The text itself: a mark that says "this is shown, translate it when it is"."""
    return source


STATES: dict[CaseState, str] = {
    CaseState.PENDING_ACCEPTANCE: text("待受理"),
    CaseState.PENDING_VERIFY: text("待核实"),
    CaseState.PENDING_FILING: text("待立案"),
    CaseState.REJECTED: text("不予受理"),
    CaseState.PENDING_DISPATCH: text("待派遣"),
    CaseState.PENDING_DISPOSAL: text("待处置"),
    CaseState.DISPOSING: text("处置中"),
    CaseState.SUSPENDED: text("挂账"),
    CaseState.PENDING_FEEDBACK_REVIEW: text("处置反馈"),
    CaseState.PENDING_CHECK: text("待核查"),
    CaseState.PENDING_CLOSE: text("待结案"),
    CaseState.CLOSED: text("结案"),
    CaseState.FORCED_CLOSED: text("强制结案"),
    CaseState.VOIDED: text("作废"),
    CaseState.TRANSFERRED: text("移交"),
}

STAGES: dict[Stage, str] = {
    Stage.COLLECTION: text("采集"),
    Stage.FILING: text("立案"),
    Stage.DISPATCH: text("派遣"),
    Stage.DISPOSAL: text("处置"),
    Stage.FEEDBACK: text("反馈"),
    Stage.CHECK: text("核查"),
    Stage.EVALUATION: text("评价"),
}

SEVERITIES: dict[Severity, str] = {
    Severity.L1: text("一级"),
    Severity.L2: text("二级"),
    Severity.L3: text("三级"),
    Severity.L4: text("四级"),
}

SHAPES: dict[Severity, str] = {Severity.L1: "◆", Severity.L2: "▲", Severity.L3: "■", Severity.L4: "●"}
"""The shape that goes with each severity wherever its colour does (product 3.2)."""

SOURCES: dict[Source, str] = {
    Source.COLLECTOR: text("采集员"),
    Source.HOTLINE: text("热线"),
    Source.PUBLIC: text("公众"),
    Source.LEADER: text("领导交办"),
    Source.MEDIA: text("媒体"),
    Source.VIDEO: text("视频"),
    Source.TRANSFER: text("部门转办"),
    Source.SENSOR: text("传感器"),
    Source.IMPORT: text("历史导入"),
}

COUNTS: dict[Count, str] = {
    Count.REPORTED: text("上报"),
    Count.ACCEPTED: text("受理"),
    Count.FILED: text("立案"),
    Count.DISPATCHED: text("派遣"),
    Count.DISPOSED: text("处置"),
    Count.ON_TIME_DISPOSED: text("按期处置"),
    Count.LATE_DISPOSED: text("超期处置"),
    Count.CLOSED: text("结案"),
    Count.ON_TIME_CLOSED: text("按期结案"),
    Count.REWORK: text("返工"),
    Count.AWAITING_CLOSING: text("待结案"),
    Count.OVERDUE_UNDISPOSED: text("超期未处置"),
    Count.DUE_DISPOSAL: text("应处置"),
    Count.DUE_CLOSING: text("应结案"),
    Count.VOIDED: text("作废"),
    Count.SUSPENDED: text("挂账"),
    Count.SELF_DISPOSED: text("自行处置"),
    Count.OPEN: text("在办"),
    Count.OVERDUE_3X: text("超期三倍"),
}

PERIODS: dict[Period, str] = {
    Period.TODAY: text("今日"),
    Period.DAYS_7: text("近7天"),
    Period.DAYS_30: text("近30天"),
}

ROLES: dict[Role, str] = {
    Role.LEADER: text("领导"),
    Role.DUTY_OFFICER: text("值班员"),
    Role.SUPERVISOR: text("视频督察员"),
    Role.ACCEPTOR: text("受理员"),
    Role.SHIFT_LEADER: text("值班长"),
    Role.DISPATCHER: text("派遣员"),
    Role.DEPARTMENT: text("专业部门"),
    Role.COLLECTOR: text("信息采集员"),
    Role.ADMIN: text("系统管理员"),
    Role.WALL_DEVICE: text("大屏"),
    Role.SYSTEM: text("系统"),
}
