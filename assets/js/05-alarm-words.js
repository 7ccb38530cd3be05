/* How alarms are called: one place for the bar, the panel, the wall and the handover page. */
(function () {
  "use strict";
  const { t, format, now } = window.citywall;
  const SHAPES = { L1: "◆", L2: "▲", L3: "■", L4: "●" };
  const LEVELS = { L1: t("一级"), L2: t("二级"), L3: t("三级"), L4: t("四级") };
  const KINDS = {
    severe: t("一级案卷无人签收"), order_overdue: t("领导督办逾期未答复"), cameras_lost: t("摄像机全部失联"),
    overdue: t("案卷超期"), unanswered: t("部门未签收"), platform_lost: t("共享平台中断"), wall_silent: t("大屏失联"),
    sound_lost: t("声音不可用"), due_soon: t("时限已用八成"), bounced: t("多次退回，待确权"), request_waiting: t("申请待审批"),
    suspension_ending: t("挂账即将到期"),
  };
  const RISING = ["L1", "L2", "L3", "L4"];

  const kind = (alarm) => KINDS[alarm.kind] || alarm.kind;

  /** What it is about: the case's class and place, or the platform, wall, seat. */
  function subject(alarm) {
    if (alarm.case_no) return [alarm.class_name, alarm.address || alarm.district || alarm.case_no].filter(Boolean).join(" ");
    if (alarm.kind === "platform_lost") return `${alarm.subject} ${alarm.lost}/${alarm.total}`;
    if (alarm.kind === "sound_lost") return alarm.who || alarm.subject.split("|")[0];
    return alarm.subject;
  }

  /** A group's place: the finest its alarms have in common. */
  function group(one) {
    const place = [one.district, !one.grid && one.street ? t("{n} 街道").replace("{n}", one.street) : "", one.grid ? t("网格 {n}").replace("{n}", one.grid) : ""].filter(Boolean).join(" ");
    const what = one.class_name || (one.kind ? KINDS[one.kind] : t("多种报警"));
    return [what, place].filter(Boolean).join(" · ");
  }

  /** 报警集中:暴雨 46 件 / 3 组 */
  function flood(told) {
    if (!told) return "";
    const what = told.class_name || (told.kind ? KINDS[told.kind] : "");
    if (!told.count) return t("报警集中：仅一级发声");
    return t("报警集中：{what} {count} 件 / {groups} 组").replace("{what}", what).replace("{count}", told.count).replace("{groups}", told.groups).replace("： ", "：");
  }

  const waited = (alarm) => format.stopwatch(now() - alarm.raised_at);
  const total = (counts) => RISING.reduce((sum, level) => sum + (counts[level] || 0), 0);

  /** How a span of seconds is written in figures of quality. */
  function seconds(value) {
    return value === null || value === undefined ? "–" : value < 90 ? `${Math.round(value)} ${t("秒")}` : format.stopwatch(value * 1000);
  }

  window.citywall.alarmWords = { SHAPES, LEVELS, KINDS, RISING, kind, subject, group, flood, waited, total, seconds };
})();
