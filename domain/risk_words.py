"""How risks are told: bands, reasons, advice, models. The numbers go into the braces; `t` brings the sentence over."""

from __future__ import annotations

from domain.risk import Advice, Band, ModelKind
from domain.risk_features import Cause
from domain.words import text

BANDS: dict[Band, str] = {
    Band.LIKELY: text("将超期"),
    Band.POSSIBLE: text("可能超期"),
    Band.UNLIKELY: text("多半按期"),
}

REASONS: dict[Cause, str] = {
    Cause.DEPARTMENT: text("该部门用时到 {share}% 仍未办结的 {n} 件中 {late} 件超期"),
    Cause.KIND: text("该类别用时到 {share}% 仍未办结的 {n} 件中 {late} 件超期"),
    Cause.DISTRICT: text("该区用时到 {share}% 仍未办结的 {n} 件中 {late} 件超期"),
    Cause.TIME: text("已用时限 {share}%，剩 {left}"),
    Cause.LOAD: text("该部门在办 {load} 件，平日每天办结 {daily} 件"),
    Cause.UNRECEIVED: text("时限已用 {share}%，仍未签收"),
    Cause.SENT_BACK: text("已退回 {times} 次"),
    Cause.REWORKED: text("已返工 {times} 次"),
    Cause.EXTENDED: text("已延期 {times} 次"),
    Cause.URGED: text("已催办 {times} 次"),
    Cause.REQUEST: text("{request}待审批"),
    Cause.ORDER: text("领导已督办"),
    Cause.HOURS: text("时限落在 {due}"),
    Cause.SEVERITY: text("级别 {severity}"),
    Cause.SOURCE: text("来源 {source}"),
}
"""A reason's sentence, whether it raises the risk or lowers it."""

PAIR_REASON = text("该部门同类用时到 {share}% 仍未办结的 {n} 件中 {late} 件超期")

ADVICE: dict[Advice, str] = {
    Advice.DECIDE_SEND_BACK: text("先审批回退申请：批准改派，或驳回让其办理"),
    Advice.DECIDE_TIME: text("先审批延期或挂账申请"),
    Advice.RECEIVE: text("催部门签收"),
    Advice.REDISPATCH: text("部门积压：改派或增派协办"),
    Advice.SUPERVISE: text("催办无效：报领导督办"),
    Advice.URGE: text("催办"),
    Advice.EXTEND: text("请部门在到期前申请延期，并说明原因"),
}

MODELS: dict[ModelKind, str] = {
    ModelKind.FULL: text("逐案模型"),
    ModelKind.CLASS_RATE: text("基线：类别超期率"),
    ModelKind.SHARE: text("基线：时限已用比例"),
    ModelKind.PRIOR: text("学习样本不足（n={n}），按时限已用比例估计"),
}
