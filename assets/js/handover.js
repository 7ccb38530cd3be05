/* /handover: shows what is to be handed over, takes both signatures, lists past handovers. What is signed is what is shown. */
(function () {
  "use strict";
  const { t, mount, format, ask, h, why, thenLink, alarmWords: words } = window.citywall;
  const DRAFT = "citywall.handover.note";
  let page = null;

  function start(root) {
    const part = (name) => root.querySelector(`[data-handover=${name}]`);
    page = { root, note: part("note"), sheet: part("sheet"), form: part("form"), problem: part("problem"), past: part("past"), sign: part("sign"), draft: null };
    for (const place of root.querySelectorAll(".handover-field")) {
      place.replaceWith(h("input", { name: place.dataset.field, type: place.dataset.kind, autocomplete: place.dataset.kind === "password" ? "new-password" : "off", spellcheck: "false" }));
    }
    const note = page.form.elements.note;
    note.value = localStorage.getItem(DRAFT) || "";
    note.addEventListener("input", () => localStorage.setItem(DRAFT, note.value));
    page.form.addEventListener("submit", (event) => { event.preventDefault(); sign(); });
    part("refresh").addEventListener("click", () => fetchDraft());
    part("print").addEventListener("click", () => window.print());
    page.past.addEventListener("click", (event) => {
      const link = event.target.closest("button[data-number]");
      if (link) openPast(link.dataset.number);
    });
    fetchDraft();
    fetchPast();
    const mine = page;
    return () => { if (page === mine) page = null; };
  }

  async function fetchDraft() {
    const mine = page;
    const answer = await ask("GET", "/api/v1/handover", undefined, { seconds: 15 });
    if (page !== mine) return;
    if (!answer.ok) return fail(answer);
    page.draft = answer.body;
    page.root.dataset.face = answer.body.shown.kept ? "live" : "stale";
    page.sign.disabled = false;
    page.note.textContent = answer.body.shown.kept ? t("清单时间 {time}").replace("{time}", format.clock(answer.body.shown.at))
      : t("⚠ 报警停更：清单可能不全，签字前请看数据源");
    page.sheet.replaceChildren(...sheet(answer.body.shown, { sha256: answer.body.sha256 }));
  }

  function fail(answer) {
    page.root.dataset.face = "error";
    page.note.textContent = `${t("读取失败")}（${why(answer)}）`;
    page.sign.disabled = !page.draft;
  }

  async function fetchPast() {
    const answer = await ask("GET", "/api/v1/handovers", undefined, { seconds: 15 });
    if (!page) return;
    const rows = answer.ok ? answer.body.handovers : null;
    const none = h("li", { class: "handover-none" }, rows === null ? t("历史读取失败") : t("还没有交接记录"));
    page.past.replaceChildren(...(rows && rows.length ? rows.map(pastRow) : [none]));
  }

  function pastRow(one) {
    return h("li", { "data-broken": one.intact ? null : "1" },
      h("button", { type: "button", "data-number": one.number }, format.shortTime(one.at)),
      h("span", {}, `${one.leaver_name} → ${one.taker_name}`), one.intact ? null : h("em", {}, t("校验不符")));
  }

  async function openPast(number) {
    const answer = await ask("GET", `/api/v1/handovers/${number}`, undefined, { seconds: 15 });
    if (!page) return;
    if (!answer.ok) return fail(answer);
    page.root.dataset.face = "past";
    page.draft = null;
    page.sign.disabled = true;
    page.note.textContent = t("以往交接第 {n} 号，点“刷新清单”回到现在").replace("{n}", number);
    page.sheet.replaceChildren(...sheet(answer.body.shown, answer.body));
  }

  /* ── the sheet ──────────────────────────────────────────────────────────────────────────────── */

  function sheet(shown, signed) {
    return [
      h("h2", {}, `${shown.shift.name} `, thenLink(shown.shift.begins_at, format.shortTime(shown.shift.begins_at)), `–${format.hourMinute(shown.shift.ends_at)}`),
      h("p", { class: "handover-who" }, `${t("交班人")} ${shown.leaver_name} · ${t("清单时间")} ${format.shortTime(shown.at)}`,
        signed.taker_name ? ` · ${t("接班人")} ${signed.taker_name} ${format.shortTime(signed.at)}` : ""),
      signed.note ? h("p", { class: "handover-said" }, signed.note) : null,
      section(t("未解除的一级、二级报警"), shown.alarms.length + groupCount(shown), [...shown.groups.map(groupLine), ...shown.alarms.map(alarmLine)], shown.more),
      section(t("已搁置的报警"), shown.shelved.length, shown.shelved.map(shelfLine)),
      section(t("交班人认领中的案卷"), shown.claimed.count, shown.claimed.cases.map(caseLine), shown.claimed.count - shown.claimed.cases.length),
      section(t("待审批的申请"), shown.requests.count, shown.requests.cases.map(caseLine), shown.requests.count - shown.requests.cases.length),
      section(t("待答复的领导督办"), shown.orders.count, shown.orders.cases.map(orderLine), shown.orders.count - shown.orders.cases.length),
      section(t("停更的数据源"), shown.sources.length, shown.sources.map(sourceLine)),
      ...quality(shown.rates),
      h("p", { class: "handover-hash" }, `SHA-256 ${signed.sha256}`, signed.intact === false ? h("em", {}, ` ⚠ ${t("校验不符：存储的清单与签字时不同")}`) : null),
    ].filter(Boolean);
  }

  const groupCount = (shown) => shown.groups.reduce((sum, group) => sum + group.count, 0);

  function section(title, count, rows, more = 0) {
    return h("section", {}, h("h3", {}, title, h("b", {}, String(count))),
      rows.length ? h("ul", {}, ...rows) : h("p", { class: "handover-none" }, t("无")),
      more > 0 ? h("p", { class: "handover-none" }, t("另有 {n} 件").replace("{n}", more)) : null);
  }

  const mark = (level) => h("span", { class: "alarm-badge", "data-level": level }, h("i", {}, words.SHAPES[level]), words.LEVELS[level]);
  const caseLink = (case_no, text) => (case_no ? h("a", { href: `/case/${encodeURIComponent(case_no)}` }, text) : text);

  function alarmLine(alarm) {
    const seen = alarm.acked_at ? t("{name} {time} 确认").replace("{name}", alarm.acked_name).replace("{time}", format.clock(alarm.acked_at)) : t("未确认");
    return h("li", {}, mark(alarm.level), h("span", {}, h("b", {}, words.kind(alarm)), " ", caseLink(alarm.case_no, words.subject(alarm)), alarm.department ? h("small", {}, alarm.department) : null),
      h("em", {}, thenLink(alarm.raised_at, format.shortTime(alarm.raised_at)), ` · ${seen}`));
  }

  const groupLine = (group) => h("li", {}, mark(group.level), h("span", {}, h("b", {}, `${words.group(group)} ${group.count} ${t("件")}`)), h("em", {}, thenLink(group.first_at, format.clock(group.first_at)), `–${format.clock(group.last_at)}`));

  function shelfLine(alarm) {
    return h("li", {}, mark(alarm.level), h("span", {}, h("b", {}, words.kind(alarm)), " ", caseLink(alarm.case_no, words.subject(alarm)), h("small", {}, alarm.shelf_reason)),
      h("em", {}, `${alarm.shelved_name} → ${format.hourMinute(alarm.shelved_until)}`));
  }

  function caseLine(row) {
    const due = row.deadline ? `${t("时限")} ${format.shortTime(row.deadline)}` : t("无时限");
    return h("li", {}, mark(row.severity), h("span", {}, caseLink(row.case_no, `${row.class_name} ${row.address}`), h("small", {}, [row.case_no, row.department].filter(Boolean).join(" · "))), h("em", {}, due));
  }

  function orderLine(row) {
    return h("li", {}, mark(row.severity), h("span", {}, caseLink(row.case_no, `${row.class_name} ${row.address}`), h("small", {}, row.department || "")), h("em", {}, `${t("答复期限")} ${format.shortTime(row.order_due)}`));
  }

  const sourceLine = (lamp) => h("li", {}, h("span", {}, "▲"), h("span", {}, lamp.name, lamp.detail ? h("small", {}, lamp.detail) : null), h("em", {}, format.shortTime(lamp.as_of)));

  /** Alarm rates of the shift, each with its aim beside it. */
  function quality(rates) {
    const percent = (share) => (share === null ? "–" : `${format.percent(share)} %`);
    const { aims, shares, acks } = rates;
    const low = shares.L3 === null ? null : shares.L3 + shares.L4;
    const rows = [
      [t("每人每 10 分钟报警"), rates.per_ten_minutes.toFixed(1), t("宜 {a}，至多 {b}").replace("{a}", aims.per_ten_minutes).replace("{b}", aims.per_ten_minutes_most), rates.per_ten_minutes > aims.per_ten_minutes_most],
      [t("10 分钟内最多"), rates.peak_ten_minutes, t("至多 {a}").replace("{a}", aims.peak_ten_minutes), rates.peak_ten_minutes > aims.peak_ten_minutes],
      [t("报警集中的时间"), percent(rates.flood_share), t("低于 {a}").replace("{a}", "1 %"), rates.flood_share >= aims.flood_share],
      [t("级别构成 三四级 / 二级 / 一级"), `${percent(low)} / ${percent(shares.L2)} / ${percent(shares.L1)}`, "80 % / 15 % / 5 %", shares.L1 !== null && shares.L1 > 2 * aims.share_high],
      [t("持续超过 24 小时"), rates.standing_long, t("少于 {a}").replace("{a}", aims.standing_long), rates.standing_long >= aims.standing_long],
      [t("抖动的报警源"), rates.chattering, t("无"), rates.chattering > 0],
      ...["L1", "L2", "L3"].map((level) => [t("{level}确认用时 中位 / 九成").replace("{level}", words.LEVELS[level]), `${words.seconds(acks[level].median_seconds)} / ${words.seconds(acks[level].p90_seconds)}`,
        `${t("{a} 内").replace("{a}", words.seconds(acks[level].aim_seconds))} · ${acks[level].in_time}/${acks[level].raised}`, acks[level].raised > 0 && acks[level].in_time < acks[level].raised]),
    ];
    return [
      h("h3", {}, t("本班报警质量"), h("b", {}, `${rates.raised} ${t("件")}`), h("small", {}, t("值守 {n} 人，升级 {m} 次").replace("{n}", rates.officers).replace("{m}", rates.escalated))),
      h("table", { class: "handover-rates" }, h("thead", {}, h("tr", {}, ...[t("项目"), t("本班"), t("目标")].map((text) => h("th", {}, text)))),
        h("tbody", {}, ...rows.map(([name, value, aim, poor]) => h("tr", poor ? { "data-poor": "1" } : {}, h("th", { scope: "row" }, name), h("td", {}, `${poor ? "▲ " : ""}${value}`), h("td", {}, aim))))),
    ];
  }

  /* ── the signatures ─────────────────────────────────────────────────────────────────────────── */

  async function sign() {
    const fields = page.form.elements;
    if (!page.draft || page.sign.disabled) return;
    page.problem.textContent = "";
    page.sign.disabled = true;
    const body = { sha256: page.draft.sha256, taker: fields.taker.value, password: fields.password.value, note: fields.note.value };
    const answer = await ask("POST", "/api/v1/handover", body, { seconds: 20 });
    if (!page) return;
    page.sign.disabled = false;
    fields.password.value = "";
    if (!answer.ok) return refuse(answer, fields);
    fields.taker.value = fields.note.value = "";
    localStorage.removeItem(DRAFT);
    page.problem.textContent = "";
    await fetchPast();
    await openPast(answer.body.number);
    if (page) page.note.textContent = t("✓ 已交接给 {name}（第 {n} 号）。请退出登录，由接班人登录。").replace("{name}", answer.body.taker_name).replace("{n}", answer.body.number);
  }

  function refuse(answer, fields) {
    page.problem.textContent = why(answer);
    const field = fields[answer.body.field];
    if (field) field.focus();
    if (answer.body.error === "draft_over") fetchDraft();
  }

  mount(".handover", start);
})();
