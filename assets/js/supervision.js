/* /supervision: orders that owe an answer, cases nobody wants, emergencies and their fund; urging in one tap.
   The attention list is the wall's own; the registers come from their route, asked again when a case of theirs moves. */
(function () {
  "use strict";
  const { t, h, ask, why, format, mount, now, live } = window.citywall;
  const PATH = "/api/v1/supervision";
  const EVERY_MS = 30_000, SOONEST_MS = 1500, ANSWER_SECONDS = 12;
  const SECTIONS = { Digit1: "orders", Digit2: "ownership", Digit3: "emergencies" };
  const SHAPES = { L1: "◆", L2: "▲", L3: "■", L4: "●" };
  const LEVELS = { L1: t("一级"), L2: t("二级"), L3: t("三级"), L4: t("四级") };
  const MAIN = new Set(["approve_emergency", "confirm_emergency", "settle_emergency", "decide_ownership", "answer_order"]);
  const BY_FORM = new Set(["supervise", "answer_order", "decide_ownership", "approve_emergency", "refuse_emergency", "settle_emergency"]);
  let page = null;

  /* ── entering and leaving ───────────────────────────────────────────────────────────────────── */

  function enter(root) {
    const part = (name) => root.querySelector(`[data-sv="${name}"]`);
    page = { root, part, told: null, asOf: 0, shown: "", asked: 0, asking: false, again: null, attention: [], urging: new Set(), open: new Set() };
    const mine = page;
    orderForm(part("order"));
    root.addEventListener("click", onClick);
    const off = window.citywall.liveCases ? window.citywall.liveCases.on(onCases) : null;
    const timers = [setInterval(() => !document.hidden && fetchTold(), EVERY_MS), setInterval(tick, 1000)];
    const wake = () => !document.hidden && fetchTold();
    document.addEventListener("visibilitychange", wake);
    window.addEventListener("citywall:case", soon);
    document.addEventListener("keydown", onKey);
    if (live.newest("wall")) onWall(live.newest("wall"));
    fetchTold();
    return () => {
      timers.forEach(clearInterval);
      clearTimeout(mine.again);
      if (typeof off === "function") off();
      document.removeEventListener("visibilitychange", wake);
      window.removeEventListener("citywall:case", soon);
      document.removeEventListener("keydown", onKey);
      if (page === mine) page = null;
    };
  }

  /* ── asking ─────────────────────────────────────────────────────────────────────────────────── */

  /** One question at a time; what was wanted meanwhile is asked once more after it, for its answer may be older. */
  async function fetchTold() {
    if (!page) return;
    if (page.asking) { page.wanted = true; return; }
    const mine = page;
    mine.asking = true;
    mine.wanted = false;
    mine.asked = performance.now();
    const answer = await ask("GET", PATH, undefined, { seconds: ANSWER_SECONDS });
    mine.asking = false;
    if (page !== mine) return;
    if (answer.ok) show(answer.body);
    else fail(why(answer));
    if (mine.wanted) soon();
  }

  /** Soon, but not more often than a leader can read: many changes make one question. */
  function soon() {
    if (!page) return;
    clearTimeout(page.again);
    page.again = setTimeout(fetchTold, Math.max(150, page.asked + SOONEST_MS - performance.now()));
  }

  function onCases({ put, drop, all }) {
    if (!page) return;
    drawAttention();
    const known = page.known || new Set();
    const ours = (row) => row.order_due || row.send_back_count >= 2 || row.current_request === "emergency" || known.has(row.case_no);
    if (all || put.some(ours) || drop.some((no) => known.has(no))) soon();
  }

  function onWall(wall) {
    if (!page) return;
    page.attention = wall.attention;
    page.total = wall.attention_total;
    drawAttention();
  }

  /** What stood there stays, and is called old. */
  function fail(words) {
    page.root.dataset.face = page.told ? "error" : "failed";
    page.part("note").textContent = page.told ? `${t("读取失败")}（${words}），${t("以下为 {time} 的数据").replace("{time}", format.clock(page.asOf))}` : `${t("读取失败")}：${words}`;
    if (page.told) return;
    for (const name of Object.values(SECTIONS)) page.part(name).replaceChildren(h("p", { class: "sv-empty" }, t("读取失败"), " ", h("button", { type: "button", class: "sv-button", "data-do": "reload" }, t("重试"))));
  }

  /* ── showing ────────────────────────────────────────────────────────────────────────────────── */

  function show(told) {
    page.root.dataset.face = "live";
    page.part("note").textContent = format.clock(told.now);
    page.asOf = told.now;
    page.told = told;
    page.known = new Set([...told.orders, ...told.ownership, ...told.emergencies].map((one) => one.case_no));
    const text = JSON.stringify({ ...told, now: 0 });
    if (text !== page.shown) { page.shown = text; draw(told); }
    tick();
  }

  function draw(told) {
    const held = document.activeElement && document.activeElement.closest("[data-hold]");
    const hold = held && page.root.contains(held) ? held.dataset.hold : null;
    const late = told.orders.filter((one) => one.order_due !== null && one.order_due < now()).length;
    count("orders", told.orders.length, late ? `${t("超期")} ${late}` : "", late > 0);
    count("ownership", told.ownership.length, "", told.ownership.length > 0);
    page.root.toggleAttribute("data-calm", !told.ownership.length && !told.emergencies.some((one) => one.stage !== "settled"));
    const waiting = told.emergencies.filter((one) => one.stage === "proposed" || one.unsigned).length;
    count("emergencies", told.emergencies.filter((one) => one.stage !== "settled").length, waiting ? `${t("待您处理")} ${waiting}` : "", waiting > 0);
    drawOrders(told);
    drawList("ownership", told.ownership, ownershipCard, t("没有待确权的案卷"));
    drawEmergencies(told);
    if (hold) { const again = page.root.querySelector(`[data-hold="${CSS.escape(hold)}"]`); if (again) again.focus({ preventScroll: true }); }
    drawAttention();
  }

  function count(name, number, more, hot) {
    for (const place of page.root.querySelectorAll(`[data-sv="${name}-count"]`)) {
      place.textContent = more ? `${number} · ${more}` : String(number);
      place.toggleAttribute("data-hot", hot);
    }
  }

  function drawList(name, items, card, none) {
    const scroll = page.part(name);
    const top = scroll.scrollTop;
    const cards = items.map((item) => card(item));
    if (items.length >= page.told.most) cards.push(h("p", { class: "sv-empty" }, t("只列前 {n} 件，其余见案卷列表").replace("{n}", page.told.most)));
    scroll.replaceChildren(cards.length ? h("div", { class: "sv-cards" }, cards) : h("p", { class: "sv-empty" }, none));
    scroll.scrollTop = top;
  }

  function drawOrders(told) {
    drawList("orders", told.orders.filter((one) => !one.ended), orderCard, t("没有待答复的督办"));
    const ended = told.orders.filter((one) => one.ended);
    if (ended.length) page.part("orders").append(folded("ended", h("span", { class: "sv-late" }, `▲ ${t("案卷已办结，督办仍未答复")} ${ended.length}`), ended.map(orderCard)));
    if (!told.answered.length) return;
    const late = told.answered.filter((one) => one.answered_at > one.order_due).length;
    page.part("orders").append(folded("answered", `${t("近 30 天已答复")} ${told.answered.length}${late ? ` · ${t("超期答复")} ${late}` : ""}`, told.answered.map(answeredCard)));
  }

  /** A part that stays as a hand left it, open or shut; its cards are put in when it is opened. */
  function folded(name, title, cards) {
    return h("details", { class: "sv-done", open: page.open.has(name), ontoggle: (event) => (event.target.open ? page.open.add(name) : page.open.delete(name)) }, h("summary", {}, title), h("div", { class: "sv-cards" }, cards));
  }

  function drawEmergencies(told) {
    drawList("emergencies", told.emergencies.filter((one) => one.stage !== "settled"), emergencyCard, t("没有进行中的应急处置"));
    const scroll = page.part("emergencies");
    if (told.fund.length) scroll.prepend(fundTable(told.fund));
    const settled = told.emergencies.filter((one) => one.stage === "settled");
    if (settled.length) scroll.append(folded("settled", `${t("已结算")} ${settled.length}`, settled.map(emergencyCard)));
  }

  /* ── cards ──────────────────────────────────────────────────────────────────────────────────── */

  function headOf(item, ...right) {
    return h("header", { class: "sv-card-head" }, h("span", { class: "sv-sym", "data-level": item.severity, title: LEVELS[item.severity] }, SHAPES[item.severity]), h("b", { class: "sv-class" }, item.class_name || item.case_no),
      h("a", { class: "sv-no", href: `/case/${encodeURIComponent(item.case_no)}`, "data-hold": `no ${item.case_no}` }, item.case_no), ...right);
  }

  function whereOf(item) {
    return h("p", { class: "sv-where" }, item.address || t("无地址"), h("span", {}, item.department_name || item.state_label), item.department_name ? h("span", { class: "sv-state" }, item.state_label) : null, item.urged_count ? h("span", {}, `${t("已催")} ${item.urged_count}`) : null);
  }

  /** The acts of this person's post; one that is impossible now says why when touched. */
  function actsOf(item, only = null) {
    const acts = item.acts.filter((act) => (only ? only.includes(act.action) : !(act.action === "supervise")) && (act.why === null || (act.action === "urge" && !item.ended)));
    if (!acts.length) return null;
    return h("div", { class: "sv-acts" }, acts.map((act) => h("button", {
      type: "button", class: `sv-button${MAIN.has(act.action) ? " is-main" : ""}`, "data-do": act.action, "data-case": item.case_no, "data-version": item.version, "data-hold": `${act.action} ${item.case_no}`,
      "data-why": act.why, "aria-disabled": act.why ? "true" : null, title: act.why, disabled: page.urging.has(item.case_no) && act.action === "urge",
    }, act.label)));
  }

  function orderCard(item) {
    return h("article", { class: "sv-card sv-order-card", "data-case": item.case_no },
      h("div", { class: "sv-count", "data-due": item.order_due, role: "timer" }),
      h("div", { class: "sv-card-body" }, headOf(item), h("blockquote", {}, item.order_text, h("small", {}, `${item.order_by} ${format.shortTime(item.order_at)} · ${t("答复期限")} ${format.shortTime(item.order_due)}`)),
        whereOf(item), actsOf(item)));
  }

  function answeredCard(item) {
    const late = item.answered_at - item.order_due;
    const took = `${t("用时")} ${format.span(item.answered_at - item.order_at)}`;
    return h("article", { class: "sv-card", "data-case": item.case_no }, h("div", { class: "sv-card-body" }, headOf(item, h("span", { class: late > 0 ? "sv-late" : "sv-ontime" }, late > 0 ? `▲ ${t("超期")} ${format.span(late)}` : `✓ ${t("按期")}`)),
      h("blockquote", {}, item.order_text, h("small", {}, `${item.order_by} ${format.shortTime(item.order_at)}`)),
      h("blockquote", { class: "sv-answer" }, item.answer, h("small", {}, `${item.answered_by} ${format.shortTime(item.answered_at)} · ${took}`)), whereOf(item), actsOf(item, ["supervise"])));
  }

  function ownershipCard(item) {
    const backs = item.send_backs.map((back) => h("li", {}, h("b", {}, back.department_name || back.by), h("time", {}, format.shortTime(back.at)), h("span", {}, back.reason)));
    const decide = item.acts.find((act) => act.action === "decide_ownership" && act.why === null);
    const suggested = item.suggestions.map((one) => h(decide ? "button" : "span", { type: decide ? "button" : null, class: "sv-suggested", "data-do": decide ? "decide_ownership" : null, "data-case": item.case_no, "data-version": item.version, "data-department": one.department, "data-hold": `${one.department} ${item.case_no}` }, h("b", {}, one.name), h("small", {}, one.why)));
    return h("article", { class: "sv-card", "data-case": item.case_no }, h("div", { class: "sv-card-body" }, headOf(item, h("span", { class: "sv-late" }, `${t("退回")} ${item.send_back_count} · ${t("无主")} `, h("i", { "data-since": item.ownerless_since }))),
      whereOf(item), h("ol", { class: "sv-backs" }, backs.length ? backs : h("li", {}, t("退回记录在导入的历史中"))),
      h("div", { class: "sv-suggestions" }, h("span", { class: "sv-label" }, decide ? t("确权给") : t("建议")), suggested.length ? suggested : h("span", {}, t("职责表没有建议"))), actsOf(item)));
  }

  function emergencyCard(item) {
    const { record } = item;
    const pair = (label, value) => (value === undefined || value === null || value === "" ? null : h("div", {}, h("dt", {}, label), h("dd", {}, value)));
    const approved = record.approved_by ? `${record.by_phone ? `${record.by_phone}（${t("电话")}，${record.approved_by}）` : record.approved_by}` : "";
    return h("article", { class: "sv-card", "data-case": item.case_no }, h("div", { class: "sv-card-body" },
      headOf(item, h("span", { class: "sv-stage", "data-stage": item.stage }, item.stage_label), item.unsigned ? h("span", { class: "sv-late" }, `▲ ${t("待补签")}`) : null), whereOf(item),
      h("dl", { class: "sv-facts" }, pair(t("事由"), item.reason_label), pair(t("实施"), [item.for_name, record.contractor].filter(Boolean).join(" · ")), pair(t("措施"), record.measures), pair(t("预估"), money(record.cost_estimate)),
        pair(t("实际"), money(record.cost_actual)), pair(t("资金科目"), record.fund_line), pair(t("批准"), approved), pair(t("责任单位"), item.liable_name || record.liable), pair(t("追回"), record.recovered === undefined ? "" : record.recovered ? t("是") : t("否"))), actsOf(item)));
  }

  function money(yuan) {
    return yuan === undefined || yuan === null ? "" : `¥ ${format.count(Math.round(yuan))}`;
  }

  function fundTable(fund) {
    const line = (one) => h("tr", {}, h("th", { scope: "row" }, one.line), [String(one.count), money(one.estimate), money(one.actual), money(one.recovered)].map((value) => h("td", {}, value)));
    return h("table", { class: "sv-fund" }, h("thead", {}, h("tr", {}, [t("资金科目"), t("件"), t("预估"), t("实际"), t("追回")].map((name) => h("th", { scope: "col" }, name)))), h("tbody", {}, fund.map(line)));
  }

  /* ── what needs attention ───────────────────────────────────────────────────────────────────── */

  function drawAttention() {
    if (!page || !page.attention) return;
    const list = page.part("attention"), top = list.scrollTop;
    const held = document.activeElement && document.activeElement.closest(".sv-attention [data-hold]");
    const hold = held ? held.dataset.hold : null;
    page.part("attention-count").textContent = page.total === undefined ? "–" : format.count(page.total);
    const rows = page.attention.map(attentionRow);
    if (page.total > rows.length) rows.push(h("li", { class: "sv-empty" }, h("a", { href: "/cases" }, t("另有 {n} 件").replace("{n}", format.count(page.total - rows.length)))));
    list.replaceChildren(...(rows.length ? rows : [h("li", { class: "sv-empty" }, live.newest("wall") ? t("暂无需要关注的案卷") : t("等待数据…"))]));
    list.scrollTop = top;
    if (hold) { const again = list.querySelector(`[data-hold="${CSS.escape(hold)}"]`); if (again) again.focus({ preventScroll: true }); }
    tick();
  }

  function attentionRow(item) {
    const row = window.citywall.liveCases ? window.citywall.liveCases.rows.get(item.case_no) : null;
    const at = !row || row.state === "pending_disposal" || row.state === "disposing";
    const button = (act, words, possible, reason, main) => h("button", { type: "button", class: `sv-button${main ? " is-main" : ""}`, "data-do": act, "data-case": item.case_no, "data-version": row ? row.version : null, "data-hold": `${act} ${item.case_no}`, "data-why": possible ? null : reason, "aria-disabled": possible ? null : "true", title: possible ? null : reason, disabled: page.urging.has(item.case_no) && act === "urge" }, words);
    const order = page.root.dataset.mayOrder && !item.order_due ? button("supervise", t("督办"), true, "", false) : null;
    return h("li", { class: "sv-att", "data-case": item.case_no },
      h("div", { class: "sv-att-text" }, h("p", { class: "sv-att-first" }, h("span", { class: "sv-sym", "data-level": item.severity, title: LEVELS[item.severity] }, SHAPES[item.severity]), h("a", { href: `/case/${encodeURIComponent(item.case_no)}`, "data-hold": `case ${item.case_no}` }, item.class_name || item.case_no), h("span", { class: "sv-left", "data-deadline": item.deadline === null ? "" : item.deadline, "data-else": item.state_label })),
        h("p", { class: "sv-att-second" }, item.order_due ? h("b", { class: "sv-owed", "data-owed": item.order_due }) : item.reason === "sent_back" ? h("b", {}, `${t("退回")} ${item.send_back_count}`) : null, h("span", {}, item.address || item.district), h("span", { class: "sv-who", title: item.department }, shortName(item.department) || item.state_label))),
      h("div", { class: "sv-acts" }, order, button("urge", t("催办"), at, t("案卷不在部门，无从催办"), true)));
  }

  /** A department's name without the city's own name before it. */
  function shortName(name) {
    const city = page.root.dataset.city;
    return city && name.startsWith(city) && name.length > city.length ? name.slice(city.length) : name;
  }

  /* ── the second hand ────────────────────────────────────────────────────────────────────────── */

  function write(place, words, late) {
    if (place.textContent !== words) place.textContent = words;
    place.toggleAttribute("data-late", late);
  }

  function tick() {
    if (!page) return;
    const at = now();
    for (const place of page.root.querySelectorAll("[data-due]")) {
      const left = Number(place.dataset.due) - at;
      const words = `${left < 0 ? t("超期") : t("答复剩")}\n${format.span(Math.abs(left))}`;
      if (place.dataset.words === words) continue;
      place.dataset.words = words;
      place.replaceChildren(h("small", {}, words.split("\n")[0]), h("b", {}, words.split("\n")[1]));
      place.toggleAttribute("data-late", left < 0);
      place.toggleAttribute("data-soon", left >= 0 && left < 3_600_000);
    }
    for (const place of page.root.querySelectorAll("[data-owed]")) {
      const left = Number(place.dataset.owed) - at;
      write(place, `${left < 0 ? t("答复超期") : t("答复剩")} ${format.span(Math.abs(left))}`, left < 0);
    }
    for (const place of page.root.querySelectorAll("[data-deadline]")) {
      const left = place.dataset.deadline === "" ? null : Number(place.dataset.deadline) - at;
      write(place, left === null ? place.dataset.else : `${left < 0 ? t("超") : t("剩")} ${format.span(Math.abs(left))}`, left !== null && left < 0);
    }
    for (const place of page.root.querySelectorAll("[data-since]")) write(place, format.age(at - Number(place.dataset.since)), false);
  }

  /* ── hands ──────────────────────────────────────────────────────────────────────────────────── */

  function orderForm(form) {
    if (!form) return;
    const number = h("input", { type: "search", name: "case", required: true, maxlength: 64, autocomplete: "off", placeholder: t("案卷编号"), "aria-label": t("案卷编号") });
    form.replaceChildren(number, h("button", { type: "submit", class: "sv-button is-main" }, t("督办"), h("kbd", {}, "N")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const wanted = number.value.trim();
      if (wanted) window.citywall.caseAct.open(wanted, "supervise", { onDone: () => { number.value = ""; fetchTold(); } });
    });
  }

  function onClick(event) {
    const tab = event.target.closest("[data-tab]");
    if (tab) choose(tab.dataset.tab);
    const button = event.target.closest("[data-do]");
    if (!button || !page) return;
    if (button.dataset.do === "reload") { fetchTold(); return; }
    if (button.dataset.why) { window.citywall.caseAct.toast(button.dataset.why, { level: "warning" }); return; }
    act(button.dataset);
  }

  async function act({ do: action, case: caseNo, version, department }) {
    const seen = version ? Number(version) : undefined;
    if (BY_FORM.has(action)) {
      window.citywall.caseAct.open(caseNo, action, { facts: department ? { owner_department: department } : {}, onDone: fetchTold });
      return;
    }
    if (page.urging.has(caseNo)) return; // one tap is one urge, however often the finger comes down
    page.urging.add(caseNo);
    const buttons = [...page.root.querySelectorAll(`[data-do="${action}"][data-case="${CSS.escape(caseNo)}"]`)];
    for (const button of buttons) button.disabled = true;
    try {
      await window.citywall.caseAct.quick(caseNo, action, { version: seen });
    } finally {
      if (page) page.urging.delete(caseNo);
      for (const button of buttons) button.disabled = false;
    }
    fetchTold();
  }

  function choose(name) {
    for (const tab of page.root.querySelectorAll("[data-tab]")) tab.setAttribute("aria-selected", String(tab.dataset.tab === name));
    for (const section of page.root.querySelectorAll("[data-section]")) section.dataset.chosen = section.dataset.section === name ? "1" : "";
  }

  /** 1–3 choose a register, N gives an order, arrows go from row to row, C urges the row in hand. */
  function onKey(event) {
    if (!page || event.isComposing || event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, textarea, select, dialog, [contenteditable]")) return;
    if (SECTIONS[event.code]) { choose(SECTIONS[event.code]); page.root.querySelector(`[data-section="${SECTIONS[event.code]}"] .sv-scroll`).querySelector("a, button")?.focus(); return; }
    if (event.code === "KeyN" && page.part("order")) { event.preventDefault(); page.part("order").querySelector("input").focus(); return; }
    if (event.code === "ArrowDown" || event.code === "ArrowUp") step(event, event.code === "ArrowDown" ? 1 : -1);
    if (event.code === "KeyC") { const row = document.activeElement.closest("[data-case]"); const urge = row && (row.closest(".sv-att, .sv-card") || row).querySelector('[data-do="urge"]'); if (urge) urge.click(); }
  }

  function step(event, by) {
    const rows = [...page.root.querySelectorAll(".sv-att, .sv-card")].filter((row) => row.getClientRects().length);
    if (!rows.length) return;
    event.preventDefault();
    const at = rows.indexOf(document.activeElement.closest(".sv-att, .sv-card"));
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
    next.querySelector("a").focus();
    next.scrollIntoView({ block: "nearest" });
  }

  live.on("wall", onWall);
  mount(".sv", enter);
})();
