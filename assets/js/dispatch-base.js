/* /dispatch: what the desk and its wall know of an open case, without touching the page: names, views, time left, order. */
(function () {
  "use strict";
  const { t, now, format, risks } = window.citywall;
  const DAY = 86_400_000, SOON_MS = 7_200_000, YELLOW = 0.8, NEVER = 8.64e15;
  const AT_DEPARTMENT = new Set(["pending_disposal", "disposing"]);
  const LEVELS = { L1: 1, L2: 2, L3: 3, L4: 4 };
  const PERSON_CHARS = 3;
  let names = { departments: [], classes: {}, districts: {}, states: {}, levels: {}, sources: {}, requests: {}, roles: {}, actions: {} };
  let limits = {};
  let me = "";
  let departments = new Map(); // code → {code, name, typed}

  /** What the page was built with; the desk and the wall call it before anything else. */
  function learn(root) {
    names = JSON.parse(root.dataset.names);
    limits = JSON.parse(root.dataset.limits);
    me = root.dataset.who;
    departments = new Map(names.departments.map(([code, name, typed]) => [code, { code, name, typed }]));
    format.useZone(root.dataset.zone);
  }

  const department = (code) => (code ? (departments.get(code) || { name: code }).name : "");
  const className = (code) => names.classes[code] || code;
  const district = (code) => names.districts[code] || code || "";
  /** A reason as the server words it, with districts by name. */
  const reason = (why) => (why || "").replace(/\b\d{6}\b/, (code) => names.districts[code] || code);
  const level = (code) => names.levels[code] || ["?", code];
  /** The end of a number, as one says it: it is asked back in the command bar. */
  const short = (caseNo) => caseNo.replace(/\D+/g, "").slice(-4);

  /* ---- time left ---- */

  /** What counts for a case now: {kind, since, due}. "paused" stands still, "waiting" has no limit and counts up. */
  function clockOf(row) {
    if (row.state === "suspended") return { kind: "paused", since: row.state_since, due: row.suspended_until };
    if (AT_DEPARTMENT.has(row.state)) {
      return row.deadline === null ? { kind: "waiting", since: row.state_since, due: null } : { kind: "due", since: row.tasked_at ?? row.state_since, due: row.deadline };
    }
    const limit = limits[row.state];
    return limit ? { kind: "due", since: row.state_since, due: row.state_since + limit } : { kind: "waiting", since: row.state_since, due: null };
  }

  /** The lamp of domain sheet 5.5: up to four fifths of the limit, up to the limit, beyond. */
  function lampOf({ kind, since, due }, at = now()) {
    if (kind === "paused") return "grey";
    if (kind === "waiting") return "none";
    if (at > due) return "red";
    return at - since > (due - since) * YELLOW ? "yellow" : "green";
  }

  const SHAPES = { grey: "‖", none: "", red: "▲", yellow: "◐", green: "○" };

  /** The time left in words, to the second within a day, never rounded to hours. */
  function leftText(clock, at = now()) {
    if (clock.kind === "paused") return clock.due ? t("至 {day}").replace("{day}", format.shortTime(clock.due).slice(0, 5)) : t("停表");
    if (clock.kind === "waiting") return t("已 {span}").replace("{span}", length(at - clock.since));
    return length(Math.abs(clock.due - at));
  }

  function length(ms) {
    return ms < DAY ? format.stopwatch(ms) : format.span(ms);
  }

  /* ---- views and order ---- */

  const late = (row) => { const { kind, due } = clockOf(row); return kind === "due" && now() > due; };
  const lateAtDepartment = (row) => row.deadline !== null && AT_DEPARTMENT.has(row.state) && now() > row.deadline;
  const VIEWS = {
    pending_dispatch: (row) => row.state === "pending_dispatch",
    pending_acceptance: (row) => row.state === "pending_acceptance",
    pending_filing: (row) => row.state === "pending_filing",
    pending_feedback_review: (row) => row.state === "pending_feedback_review",
    pending_close: (row) => row.state === "pending_close",
    mine: (row) => row.claimed_by === me,
    risk: (row) => risks.likely(riskOf(row)),
    overdue: lateAtDepartment,
    all: () => true,
    bounced: (row) => row.send_back_count >= 1,
    frozen: (row) => row.send_back_count >= 2 && row.state === "pending_dispatch",
    requests: (row) => row.current_request !== null,
    suspended: (row) => row.state === "suspended",
  };
  /** A case's risk while its limit runs; what is late already is no risk any more. */
  const riskOf = (row) => (row.deadline !== null && AT_DEPARTMENT.has(row.state) && now() <= row.deadline ? risks.of(row.case_no) : null);
  const inView = (view, row) => (VIEWS[view] || VIEWS.all)(row);

  /** Level first, within it the time left; what stands still comes last. One number, so that one row says its place. */
  function orderOf(row) {
    const clock = clockOf(row);
    const due = clock.kind === "due" ? clock.due : clock.kind === "waiting" ? clock.since + 10 * 365 * DAY : NEVER / 10;
    return (LEVELS[row.severity] || 5) * NEVER / 8 + Math.min(due, NEVER / 10);
  }

  /** Cases at risk: those due within two hours first, among them the most probable. */
  const riskOrder = (row) => (row.deadline - now() < SOON_MS ? 0 : 1) + (1 - (riskOf(row) || { probability: 0 }).probability) / 2;

  const ordered = (rows) => rows.map((row) => [orderOf(row), row]).sort(([one], [other]) => one - other).map(([, row]) => row);

  /* ---- a row of the queue ---- */

  /** The address without the district it begins with: the room is for the street. */
  function placeOf(row) {
    const name = district(row.district);
    return name && row.address.startsWith(name) ? row.address.slice(name.length) : row.address;
  }

  const isOrderOpen = (row) => row.supervised && row.order_due !== null;

  function rowData(row) {
    return {
      case_no: row.case_no, version: row.version, number: short(row.case_no), level: row.severity, order: orderOf(row),
      class_name: className(row.class_code), place: placeOf(row), state: names.states[row.state] || row.state, ordered: isOrderOpen(row),
      due: clockOf(row), risk: riskOf(row), risk_percent: risks.percent(riskOf(row)), claimed: row.claimed_by === me ? t("我") : row.claimant || row.claimed_by || "", mine: row.claimed_by === me,
      department: department(row.department), send_backs: row.send_back_count, ownerless: row.ownerless_since,
      source: names.sources[row.source] || row.source, request: (names.requests[row.current_request] || "").replace(/申请$/, ""),
    };
  }

  /** What happened to a case that left a view, in a word or two. */
  function departure(before, after) {
    if (!after) return t("已办结");
    if (before.state !== after.state) {
      const to = AT_DEPARTMENT.has(after.state) && after.department ? ` → ${department(after.department)}` : "";
      return `${after.state === "pending_disposal" ? t("已派遣") : names.states[after.state] || after.state}${to}`;
    }
    if (before.claimed_by !== after.claimed_by) return after.claimed_by ? t("{who} 已认领").replace("{who}", after.claimant || after.claimed_by) : t("已放弃认领");
    return t("已不在此列");
  }

  /* ---- finding ---- */

  /** How well a name fits what was typed: exact, begins, contains, initials, letters in order (the closer together the
      better); 0 not at all. */
  function fit(query, name, typed = "") {
    const asked = query.toLowerCase().replace(/\s+/g, "");
    if (!asked) return 0;
    if (name === query) return 9;
    if (name.startsWith(asked)) return 8;
    if (name.includes(asked)) return 7;
    const [full = "", initials = ""] = typed.split(" ");
    if (initials.startsWith(asked)) return 6;
    if (initials.includes(asked) || full.includes(asked)) return 5;
    const close = inOrder(asked, name);
    if (close) return 3 + close;
    const closeInitials = asked.length >= 2 && inOrder(asked, initials);
    return closeInitials ? 2 + closeInitials : 0;
  }

  /** 0 where the letters do not come in this order, else how much of the stretch they span is theirs. */
  function inOrder(asked, text) {
    let at = 0, first = -1;
    for (let place = 0; place < text.length && at < asked.length; place++) {
      if (text[place] !== asked[at]) continue;
      if (first < 0) first = place;
      at += 1;
      if (at === asked.length) return asked.length / (place - first + 1);
    }
    return 0;
  }

  /** Departments that fit, best first; the shorter name first among equals. */
  function departmentsLike(query, most = 8) {
    const found = [...departments.values()].map((one) => ({ ...one, fit: fit(query, one.name, one.typed) })).filter((one) => one.fit);
    return found.sort((one, other) => other.fit - one.fit || one.name.length - other.name.length || (one.code < other.code ? -1 : 1)).slice(0, most);
  }

  const person = (name) => (name && name.length > PERSON_CHARS && !/[ -~]/.test(name) ? name.slice(-PERSON_CHARS) : name);

  window.citywall.dispatchBase = {
    learn, department, className, district, reason, level, short, clockOf, lampOf, leftText, late, inView, orderOf, riskOf, riskOrder, ordered, rowData, departure, departmentsLike, person,
    SHAPES, length, isOrderOpen, me: () => me, names: () => names, departmentCodes: () => departments,
  };
})();
