/* /case/<no>: the head with its countdown, the seven stages, and the deadline and matters of the case in words. */
(function () {
  "use strict";
  const { t, h, format, now, casePage } = window.citywall;
  const HOUR = 3_600_000;
  const LAMPS = { green: t("按期"), yellow: t("临期"), red: t("超期"), grey: t("停表") };

  const codeName = (page, code) => (code ? page.told.departments[code] || page.told.story.names.departments[code] || code : null);

  /** A length of the limit's own time: working hours, or plain time. */
  function length(ms, { continuous }) {
    const hours = ms / HOUR, whole = Math.abs(hours) < 1 ? `${Math.round(hours * 60)} ${t("分钟")}` : `${+hours.toFixed(1)} ${t("小时")}`;
    return continuous ? whole : `${t("工作时间")} ${whole}`;
  }

  /* ── head ───────────────────────────────────────────────────────────────────────────────────── */

  function drawHead(page) {
    const { case: found, story } = page.told, { names } = story;
    const level = page.place("level");
    level.dataset.level = found.severity;
    level.textContent = `${names.shape} ${names.severity}`;
    const where = [found.address, found.grid ? `${t("网格")} ${found.grid}` : "", names.district].filter(Boolean).join(" · ");
    page.place("what").replaceChildren(h("b", { "data-fields": "class_code" }, names.class || t("未定类别")), h("span", { "data-fields": "address grid district", title: where }, where), h("small", {}, `${names.source} ${format.shortTime(found.reported_at)}`));
    page.place("standing").replaceChildren(
      h("b", { "data-fields": "state current_request" }, names.state, found.current_request && page.offers && page.offers.request ? h("em", {}, `${page.offers.request.label} ${t("待审批")}`) : null),
      h("span", { "data-fields": "department assisting" }, codeName(page, found.department) || t("未派遣")),
      h("small", {}, ...badges(found))
    );
  }

  function badges(found) {
    return [
      found.supervised ? h("i", { "data-tone": "act", "data-fields": "supervised order_text" }, t("督办")) : null,
      found.send_back_count ? h("i", { "data-tone": found.send_back_count > 1 ? "act" : "", "data-fields": "send_back_count" }, t("回退 {n} 次").replace("{n}", found.send_back_count)) : null,
      found.rework_count ? h("i", { "data-fields": "rework_count" }, t("返工 {n} 次").replace("{n}", found.rework_count)) : null,
      found.extension_count ? h("i", { "data-fields": "extension_count" }, t("延期 {n} 次").replace("{n}", found.extension_count)) : null,
      found.urged_count ? h("i", { "data-fields": "urged_count" }, t("催办 {n} 次").replace("{n}", found.urged_count)) : null,
      found.ownerless_since && !found.is_final ? h("i", { "data-tone": "act" }, `${t("无人签收")} ${format.age(now() - found.ownerless_since)}`) : null,
      found.timeout_exempt ? h("i", {}, t("超期免责")) : null,
    ].filter(Boolean);
  }

  /** The time that is left, or how it ended; a lamp by shape and word, never by colour alone. */
  function drawClock(page) {
    const { case: found, story: { deadline } } = page.told;
    const clock = page.place("clock");
    if (!deadline || deadline.end === null) {
      clock.dataset.lamp = "none";
      clock.replaceChildren(h("b", {}, deadline ? t("时限已收回") : t("未定时限")), h("small", {}, deadline ? t("再次派遣时起算") : t("派遣时起算")));
      return;
    }
    const stopped = deadline.running !== "running";
    const end = found.disposed_at || (deadline.running === "stopped" ? found.closed_at || found.state_since : deadline.running === "paused" ? null : now());
    const left = end === null ? deadline.left_ms : deadline.end - end;
    const late = left < 0 && !found.timeout_exempt;
    const lamp = late ? "red" : deadline.running === "paused" ? "grey" : deadline.lamp || "green";
    clock.dataset.lamp = lamp;
    const share = late ? 1 : Math.max(0, Math.min(1, deadline.share === null ? 0 : deadline.share));
    const words = deadline.running === "paused" ? `${t("停表，余")} ${length(deadline.left_ms, deadline)}`
      : stopped ? (late ? `${t("超期")} ${format.span(-left)}` : t("按期反馈"))
      : late ? `${t("超期")} ${format.span(-left)}` : `${t("剩")} ${left < HOUR ? format.stopwatch(left) : format.span(left)}`;
    const meter = h("span", { class: "case-meter", role: "img", "aria-label": `${t("时限已用")} ${Math.round(share * 100)}%` });
    meter.style.setProperty("--share", share);
    clock.replaceChildren(h("b", { "data-fields": "deadline paused_since" }, `${{ red: "▲", yellow: "■", green: "○", grey: "‖" }[lamp]} ${words}`), meter, h("small", {}, `${t("至")} ${format.shortTime(deadline.end)} · ${stopped && deadline.running === "stopped" ? (late ? t("超期") : t("按期")) : LAMPS[lamp]}`));
  }

  /* ── the seven stages, and the steps within ─────────────────────────────────────────────────── */

  function drawStages(page) {
    const { case: found, story } = page.told;
    const posts = [...new Set(story.next.flatMap((step) => step.posts))];
    page.place("stages").replaceChildren(...story.stages.map((stage) => {
      const late = story.steps.filter((step) => stageOf(step.state) === stage.stage && step.on_time === false).length;
      const owner = stage.passed === "now" ? currentOwner(page, found, posts) : stage.ended_by || "";
      const spent = stage.entered === null || stage.stage === "evaluation" ? "" : format.span(stage.spent_ms);
      return h("li", { "data-passed": stage.passed, "data-stage": stage.stage, "data-fields": stage.passed === "now" ? "state department claimant" : "", ...(stage.passed === "now" ? { "aria-current": "step" } : {}) },
        h("b", {}, stage.label, stage.visits > 1 ? h("em", {}, `×${stage.visits}`) : null),
        h("time", {}, stage.entered ? format.shortTime(stage.entered) : stage.passed === "skipped" ? t("略过") : "…"),
        h("span", { class: "case-spent" }, spent, late ? h("i", { title: t("有步骤超过时限") }, ` ▲ ${t("超时")}`) : null),
        h("small", { title: owner }, owner));
    }));
  }

  const STAGES = {
    pending_acceptance: "collection", pending_verify: "collection", pending_filing: "filing", pending_dispatch: "dispatch", pending_disposal: "disposal", disposing: "disposal",
    suspended: "disposal", pending_feedback_review: "feedback", pending_check: "check", pending_close: "check",
  };
  const stageOf = (state) => STAGES[state];

  function currentOwner(page, found, posts) {
    if (found.claimant) return `${found.claimant} ${t("认领")}`;
    return stageOf(found.state) === "disposal" ? codeName(page, found.department) || "" : posts.slice(0, 2).join("、");
  }

  /* ── the deadline explained ─────────────────────────────────────────────────────────────────── */

  function row(name, ...told) {
    return told.some(Boolean) ? [h("dt", {}, name), h("dd", {}, ...told)] : [];
  }

  function deadlineLines(page) {
    const { case: found, story: { deadline } } = page.told;
    if (!deadline) return [h("p", {}, found.limit_value ? t("派遣时按立案条件起算。") : t("还没有时限：立案时按立案条件确定。"))];
    const rule = deadline.limit_value === null ? t("外部系统给定的时限") : `${deadline.filing_condition || ""} → ${+deadline.limit_value} ${deadline.unit}${deadline.limit_code ? `（${deadline.limit_code}）` : ""}`;
    const kind = deadline.continuous ? t("连续计时，节假日与夜间也算") : t("只计工作时间，节假日与班外不算");
    const sum = deadline.end === null ? null : h("dd", { class: "case-sum", "data-fields": "deadline" }, h("b", {}, format.shortTime(deadline.end)));
    const lines = [
      ...row(t("规则"), rule),
      ...row(t("起算"), `${format.shortTime(deadline.start)} ${deadline.started_by}${deadline.department ? ` ${deadline.department}` : ""}`),
      ...row(t("计时"), `${kind} · ${t("日历")} ${deadline.computed_with || deadline.calendar}`),
      ...row(t("原截止"), format.shortTime(deadline.first_end)),
      ...deadline.pauses.flatMap((pause) => (deadline.running === "stopped" && pause.end === null ? row(t("停止计时"), `${format.shortTime(pause.start)} ${pause.cause}`) : row(t("停表"), `${format.shortTime(pause.start)} – ${pause.end ? format.shortTime(pause.end) : t("至今")} ${pause.cause}`, pause.spent_ms === null ? null : h("em", {}, ` +${length(pause.spent_ms, deadline)}`), pause.reason ? h("small", {}, pause.reason) : null))),
      ...deadline.extensions.flatMap((extension) => row(t("延期"), `${format.shortTime(extension.at)} ${extension.actor}`, h("em", {}, ` +${length(extension.more_ms, deadline)}`), extension.reason ? h("small", {}, extension.reason) : null)),
      ...row(deadline.left_ms < 0 ? t("停表时已超") : t("停表时余"), deadline.left_ms === null ? "" : length(Math.abs(deadline.left_ms), deadline)),
      ...(sum ? [h("dt", {}, t("截止")), sum] : row(t("截止"), t("已收回，再次派遣时起算"))),
      ...(deadline.restarts ? row(t("此前"), t("另有 {n} 次完整时限已作废（改派或返工）").replace("{n}", deadline.restarts)) : []),
      ...(deadline.adds_up ? [] : row(t("注意"), t("计时所用日历与现行的 {version} 不同，分项按现行日历估算").replace("{version}", deadline.calendar))),
    ];
    return [h("dl", { class: "case-list" }, lines)];
  }

  /** How long each step took, who ended it, and whether within its own limit. */
  function stepLines(page) {
    const { steps } = page.told.story;
    const judged = (step) => (step.on_time === null ? "" : step.on_time ? t("按时") : `▲ ${t("超时")}`);
    const lines = steps.map((step) => h("tr", { "data-late": step.on_time === false }, h("th", { scope: "row" }, step.label), h("td", {}, format.shortTime(step.start)), h("td", {}, format.span(step.spent_ms), step.end === null ? "…" : ""), h("td", {}, step.limit_ms ? `/ ${format.span(step.limit_ms)}` : ""), h("td", {}, judged(step)), h("td", {}, step.ended_by || (step.end === null ? t("在办") : ""))));
    return h("table", { class: "case-steps" }, h("tbody", {}, lines));
  }

  /* ── what else there is to know ─────────────────────────────────────────────────────────────── */

  function block(title, fields, ...content) {
    return h("section", { class: "case-block", "data-fields": fields }, h("h3", {}, title), ...content);
  }

  function order(page, found) {
    if (!found.order_at) return null;
    const open = found.order_answered_at === null;
    return h("section", { class: "case-block", "data-fields": "order_text order_due order_answer", "data-tone": open ? "act" : "" }, h("h3", {}, t("领导督办")),
      h("p", {}, h("b", {}, found.order_by), ` ${format.shortTime(found.order_at)}`), h("blockquote", {}, found.order_text),
      open ? h("p", { "data-due": found.order_due }, "") : h("p", {}, `${t("已答复")} ${format.shortTime(found.order_answered_at)}：${found.order_answer}`));
  }

  function request(page) {
    const told = page.offers && page.offers.request;
    if (!told) return null;
    const entry = [...page.told.history].reverse().find((one) => one.changes.current_request === told.kind);
    const terms = [told.until ? `${t("至")} ${format.shortTime(told.until)}` : "", told.hours ? `${told.hours} ${t("小时")}` : ""].filter(Boolean).join(" ");
    return h("section", { class: "case-block", "data-tone": "act", "data-fields": "current_request requested_until requested_hours" }, h("h3", {}, `${told.label} · ${t("待审批")}`), h("p", {}, entry ? `${entry.who} ${format.shortTime(entry.at)} ${terms}` : terms), entry && entry.reason ? h("blockquote", {}, entry.reason) : null);
  }

  const SCOPES = { case: t("仅本案"), component: t("该部件"), duty: t("该类别在本网格") };

  function ownership(page, found) {
    if (!found.owner_department) return null;
    return block(t("确权"), "owner_department owner_scope owner_until", h("p", {}, h("b", {}, codeName(page, found.owner_department)), ` · ${SCOPES[found.owner_scope] || ""} · ${format.shortTime(found.owner_decided_at)}${found.owner_until ? ` ${t("至")} ${format.shortTime(found.owner_until)}` : ""}`));
  }

  const PARTS = [
    ["reason", t("应急事由")], ["department", t("组织实施部门")], ["contractor", t("施工单位")], ["measures", t("处置措施")], ["cost_estimate", t("预估费用")], ["fund_line", t("资金科目")],
    ["approved_by", t("批准人")], ["by_phone", t("电话批准人")], ["signed_by", t("补签人")], ["cost_actual", t("实际费用")], ["liable", t("责任单位")], ["recovered", t("费用已追回")],
  ];
  const REASONS = { no_owner: t("无主"), unreachable: t("责任单位联系不上"), danger: t("险情不能等待") };

  function emergency(page, found) {
    const told = found.emergency || {};
    if (!Object.keys(told).length) return null;
    const said = (name, value) => (name === "reason" ? REASONS[value] || value : name === "department" ? codeName(page, value) : name.startsWith("cost_") ? `${format.count(value)} ${t("元")}` : typeof value === "boolean" ? (value ? t("是") : t("否")) : value);
    const waiting = told.approved_by && !told.signed ? h("p", { class: "case-warning" }, `▲ ${t("电话批准，待领导补签")}`) : null;
    return block(t("应急处置"), "emergency", waiting, h("dl", { class: "case-list" }, PARTS.flatMap(([name, label]) => (name in told ? row(label, said(name, told[name])) : []))));
  }

  const caseLink = (caseNo) => h("a", { href: `/case/${encodeURIComponent(caseNo)}` }, caseNo);

  function linked(page, found) {
    const place = h("div", { class: "case-alike" });
    alike(page, found, place);
    return block(t("关联与疑似重复"), "linked", h("p", {}, found.linked.length ? found.linked.flatMap((caseNo) => [caseLink(caseNo), " "]) : t("没有关联案卷")), place);
  }

  /** Open cases of the class nearby: asked once a version, shown where the post may ask. */
  async function alike(page, found, place) {
    if (!page.may.act || !found.lon || !found.class_code || page.root.dataset.face === "lost") return;
    const answer = await page.get(`/api/v1/cases-alike?class_code=${encodeURIComponent(found.class_code)}&lon=${found.lon}&lat=${found.lat}`);
    const others = answer.ok ? answer.body.cases.filter((one) => one.case_no !== found.case_no) : [];
    place.replaceChildren(...others.map((one) => h("p", {}, `▲ ${t("疑似重复")} `, caseLink(one.case_no), ` ${one.metres} ${t("米")} · ${one.state_label}`)));
  }

  function about(found) {
    const people = found.reporter || found.reporter_phone ? row(t("举报人"), `${found.reporter || ""} ${found.reporter_phone || ""}`) : [];
    return block(t("案情"), "description closing_condition", h("p", {}, found.description || "–"), h("dl", { class: "case-list" }, row(t("结案条件"), found.closing_condition || ""), people, row(t("外部编号"), found.outside_id ? `${found.source_system || ""} ${found.outside_id}` : ""), row(t("协办部门"), ""), row(t("回访"), found.source === "hotline" ? (found.called_back ? t("已回访") : t("尚未回访")) : "")));
  }

  function drawFacts(page) {
    const { case: found } = page.told;
    const open = page.place("facts").querySelector(".case-fold[open]") !== null || !page.factsDrawn;
    page.factsDrawn = true;
    const assisting = found.assisting.length ? block(t("协办部门"), "assisting", h("p", {}, found.assisting.map((code) => codeName(page, code)).join("、"))) : null;
    page.place("facts").replaceChildren(...[
      order(page, found), request(page), block(t("时限是怎么算的"), "deadline paused_since", ...deadlineLines(page)), about(found), assisting, ownership(page, found), emergency(page, found), linked(page, found),
      h("details", { class: "case-fold", open }, h("summary", {}, t("各步用时")), stepLines(page)),
    ].filter(Boolean));
  }

  function tickOrder(page) {
    for (const place of page.root.querySelectorAll("[data-due]")) {
      const left = Number(place.dataset.due) - now();
      place.textContent = left < 0 ? `▲ ${t("答复已超期")} ${format.span(-left)}` : `${t("须在 {time} 前答复，剩").replace("{time}", format.shortTime(Number(place.dataset.due)))} ${format.span(left)}`;
    }
  }

  casePage.part({
    draw: (page) => { drawHead(page); drawStages(page); drawFacts(page); },
    refresh: (page) => { drawStages(page); },
    tick: (page) => { drawClock(page); tickOrder(page); },
  });
})();
