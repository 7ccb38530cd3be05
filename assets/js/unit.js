/* /unit: a department's seat. What is its own, what is late, what it owes an answer; every act by a key. */
(function () {
  "use strict";
  const { t, h, ask, format, mount, now } = window.citywall;
  const FIGURES_MS = 60_000, ANSWER_SECONDS = 10, DAY = 86_400_000, NEVER = 8.64e15;
  const AT_HAND = new Set(["pending_disposal", "disposing"]);
  const FED = new Set(["pending_feedback_review", "pending_check", "pending_close"]);
  const base = () => window.citywall.dispatchBase;
  const ACTS = [
    { action: "receive", code: "KeyR" }, { action: "feed_back", code: "KeyF" }, { action: "answer_order", code: "KeyA" },
    { action: "ask_extension", code: "KeyE" }, { action: "ask_send_back", code: "KeyB" }, { action: "ask_suspension", code: "KeyP" },
    { action: "resume", code: "KeyM" }, { action: "withdraw_request", code: "KeyW" }, { action: "revoke_assignment", code: "KeyZ" }, { action: "appeal" },
  ];
  const TABS = {
    all: () => true,
    pending_disposal: (data) => data.state === "pending_disposal",
    disposing: (data) => data.state === "disposing",
    suspended: (data) => data.state === "suspended",
    requests: (data) => Boolean(data.request),
    late: (data) => data.late,
    orders: (data) => Boolean(data.order_due),
    fed: (data) => FED.has(data.state),
  };

  /** The end of today where the city is. */
  function midnight() {
    const at = window.citywall.caseFields.localText(now());
    return window.citywall.caseFields.epoch(`${at.slice(0, 10)}T00:00`) + DAY;
  }

  function enter(root) {
    base().learn(root);
    const part = (name) => root.querySelector(`[data-unit=${name}]`);
    const page = { root, list: null, tab: "all", figures: null, tabs: [...root.querySelectorAll("[data-tab]")], note: part("note"), cards: part("cards") };
    page.panel = window.citywall.casePanel(part("case"), { acts: ACTS, quick: ["receive", "withdraw_request", "resume"], worker: true, given: true, empty: t("用 J / K 选一件案卷，Enter 打开全文") });
    const stopKeys = window.citywall.caseList.keys(root, (code) => press(page, code));
    root.addEventListener("click", (event) => { const tab = event.target.closest("[data-tab]"); if (tab) show(page, tab.dataset.tab); });
    const askFigures = () => document.hidden || fetchFigures(page);
    const timers = [setInterval(askFigures, FIGURES_MS), setInterval(() => draw(page), 10_000)];
    document.addEventListener("visibilitychange", askFigures);
    begin(page);
    fetchFigures(page);
    return () => { stopKeys(); timers.forEach(clearInterval); document.removeEventListener("visibilitychange", askFigures); page.panel.stop(); if (page.list) page.list.close(); };
  }

  async function begin(page) {
    const grid = await window.citywall.caseList.grid(page.root);
    if (!page.root.isConnected) return;
    page.list = window.citywall.caseList(grid, { takes: () => true, rowOf, chosen: (caseNo) => page.panel.show(caseNo), changed: (news) => heard(page, news) });
    const wanted = new URLSearchParams(window.location.search).get("case");
    if (wanted) page.list.choose(wanted);
  }

  /** By the time left: what is late stands first by itself. What stands still, and what was fed back, comes last. */
  function rowOf(row) {
    const clock = base().clockOf(row);
    const fed = FED.has(row.state);
    const order = fed ? NEVER / 2 + row.state_since : row.state === "suspended" ? NEVER / 4 + (row.suspended_until || 0) : clock.due || NEVER / 8 + row.state_since;
    return { clock: { ...clock, fed, short: window.innerWidth < 800, kind: fed ? "paused" : clock.kind }, order, deadline: row.deadline };
  }

  function heard(page, { failed }) {
    if (!page.list) return setTimeout(() => heard(page, {}), 0); // the first rows come while the list is made
    const { root, note } = page;
    root.dataset.face = failed ? "error" : page.list.rows.size ? "live" : "empty";
    note.textContent = failed ? `${t("案卷读取失败")}（${failed}），${t("正在重试")}` : "";
    if (!failed) draw(page);
    return null;
  }

  /* ---- figures ---- */

  async function fetchFigures(page) {
    const answer = await ask("GET", "/api/v1/unit/figures", undefined, { seconds: ANSWER_SECONDS });
    if (answer.ok) page.figures = answer.body;
    else if (page.figures) page.figures = { ...page.figures, old: true };
    draw(page);
  }

  function draw(page) {
    if (!page.list || !page.root.isConnected) return;
    for (const tab of page.tabs) {
      const count = page.list.count(TABS[tab.dataset.tab]);
      const place = tab.querySelector("b");
      place.textContent = String(count);
      place.toggleAttribute("data-zero", count === 0);
    }
    const end = midnight();
    const today = page.list.count((data) => AT_HAND.has(data.state) && data.deadline !== null && data.deadline < end && !data.late);
    const owed = page.list.count(TABS.orders), late = page.list.count(TABS.late);
    page.cards.replaceChildren(
      card("pending_disposal", t("待签收"), page.list.count(TABS.pending_disposal)),
      card("all", t("今日到期"), today, "", today ? "soon" : ""),
      card("late", t("超期"), late, "", late ? "late" : ""),
      card("orders", t("督办待答复"), owed, "", owed ? "late" : ""),
      rateCard(page.figures));
  }

  function card(tab, label, value, more = "", grave = "") {
    return h("button", { type: "button", class: "unit-card", "data-tab": tab, "data-grave": grave || null }, h("span", {}, label), h("strong", {}, value), h("small", {}, more));
  }

  /** No rate without its parts; unknown is said, never shown as nought. */
  function rateCard(figures) {
    const known = figures && figures.due_disposal !== null && figures.due_disposal !== undefined;
    const share = known && figures.due_disposal ? figures.on_time_disposed / figures.due_disposal : null;
    const parts = !known ? t("尚无数据") : figures.due_disposal ? `${figures.on_time_disposed} / ${figures.due_disposal}${figures.old ? ` · ${format.clock(figures.as_of)}` : ""}` : t("30 天内没有应处置案卷");
    return h("div", { class: "unit-card", title: t("按期处置数 ÷ 应处置数，近 30 天") }, h("span", {}, t("按期处置率 30 天")), h("strong", { "data-few": share !== null && figures.due_disposal < 30 ? "1" : null }, share === null ? "–" : `${format.percent(share)}%`), h("small", {}, parts));
  }

  /* ---- hands ---- */

  function show(page, tab) {
    page.tab = tab;
    for (const other of page.tabs) other.setAttribute("aria-selected", String(other.dataset.tab === tab));
    if (page.list) page.list.tab(TABS[tab]);
  }

  function press(page, code) {
    if (!page.list) return false;
    if (code === "KeyJ" || code === "ArrowDown") page.list.step(1);
    else if (code === "KeyK" || code === "ArrowUp") page.list.step(-1);
    else if (code === "Escape") page.list.choose(null);
    else if (code === "Enter" && page.panel.caseNo) window.location.assign(`/case/${encodeURIComponent(page.panel.caseNo)}`);
    else if (/^Digit[1-8]$/.test(code)) show(page, page.tabs[Number(code.slice(5)) - 1].dataset.tab);
    else return page.panel.press(code);
    return true;
  }

  mount(".unit", enter);
})();
