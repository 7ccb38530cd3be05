/* /evaluation: asking, refreshing, and the hands. The ranking is asked first, the panels one after the other beside it. */
(function () {
  "use strict";
  const { t, h, ask, format, freshness, language, mount, now } = window.citywall;
  const ev = window.citywall.evaluation;
  const API = "/api/v1/evaluation";
  const EVERY_MS = 60_000, PANELS_EVERY_MS = 300_000, SLOW_MS = 1000, ANSWER_SECONDS = 60, AGAIN_MS = 15_000;
  const THEME = "citywall.evaluation.theme";
  const LONGEST_RATES_MS = 92 * ev.DAY;
  let page = null;

  /* ── entering and leaving ───────────────────────────────────────────────────────────────────── */

  function enter(root) {
    const asked = ev.question.read();
    page = {
      root, question: asked, key: asked.key, told: null, order: null, all: false, panels: {}, views: { trend: "on_time_closing", gap: "department", rate: "closing", bottleneck: "now" },
      round: 0, waiting: 0, done: 0, since: 0, panelsAt: 0, zone: root.dataset.zone, part: (name) => root.querySelector(`[data-ev="${name}"]`), panel: (name) => root.querySelector(`[data-panel="${name}"]`),
      params, periodName, reload: () => askAll(),
    };
    const mine = page;
    page.part("tip").id = "ev-tip"; // what `aria-describedby` names
    root.dataset.language = language; // English words are longer
    theme(new URLSearchParams(window.location.search).get("theme") || localStorage.getItem(THEME) || "dark");
    dateField();
    drawChoices();
    const listeners = [["click", onClick], ["focusin", onFocus], ["focusout", onLeave], ["pointerover", onPoint], ["pointerleave", onPointerGone], ["change", onChange]];
    for (const [name, act] of listeners) root.addEventListener(name, act);
    const outside = [[document, "keydown", keys], [document, "visibilitychange", wake], [window, "resize", ev.hideHint]];
    for (const [place, name, act] of outside) place.addEventListener(name, act);
    const timer = setInterval(second, 1000);
    askAll();
    return () => {
      clearInterval(timer);
      for (const [place, name, act] of outside) place.removeEventListener(name, act);
      delete document.documentElement.dataset.theme;
      if (page === mine) page = null;
    };
  }

  function theme(name) {
    const chosen = name === "light" ? "light" : "dark";
    document.documentElement.dataset.theme = chosen;
    localStorage.setItem(THEME, chosen);
  }

  function dateField() {
    page.part("date").replaceChildren(h("input", { type: "date", "data-date": "", "aria-label": t("按日期选期"), title: t("按日期选期") }));
  }

  /* ── asking ─────────────────────────────────────────────────────────────────────────────────── */

  /** The parameters every route of this page takes. */
  function params() {
    const { object, period, convention, scheme } = page.question;
    return { object, period, convention, ...(scheme ? { scheme } : {}) };
  }

  /** The name of the very period that is shown, also when "week" was asked a while ago. */
  const periodName = () => (page.told.period.kind === "range" ? page.question.period : ev.question.around(page.told.period.kind, page.told.period.from, page.zone, -ev.DAY * 3650));

  /** What each panel asks, and how it is drawn. */
  const PANELS = {
    trend: { ask: askTrend, draw: (told) => ev.charts.trend(told.city, told.own, { rate: page.views.trend, name: nameOf(page.key) }), tools: () => [ev.toggle("trend", ev.charts.RATES, page.views.trend)] },
    credibility: { path: "credibility", draw: (told) => ev.panels.credibility(told, page.key) },
    gap: {
      ask: () => get(`${API}/gap`, { ...params(), rate: page.views.rate }), draw: (told, room) => ev.charts.gap(told, page.views.gap, room), row: 1.75, rest: 5.2,
      tools: () => [ev.toggle("rate", [["closing", t("结案率")], ["on_time_closing", t("按期结案率")]], page.views.rate), ev.toggle("gap", [["department", t("按部门")], ["class", t("按类别")]], page.views.gap)],
    },
    times: { path: "times", draw: (told) => ev.charts.times(told, page.key) },
    bottleneck: { path: "bottleneck", draw: (told, room) => ev.panels.bottleneck(told, page.views.bottleneck, room), row: 1.9, rest: 6.3, tools: () => [ev.toggle("bottleneck", [["now", t("此刻")], ["period", t("本期")]], page.views.bottleneck)] },
    ageing: { path: "ageing", draw: (told) => ev.charts.ageing(told, page.key) },
    pauses: { path: "pauses", draw: (told) => ev.panels.pauses(told, page.key) },
    alarms: { ask: askAlarms, draw: ev.panels.alarms },
  };

  const get = (path, query) => ask("GET", `${path}?${new URLSearchParams(query)}`, undefined, { seconds: ANSWER_SECONDS });

  /** The whole page anew: two questions at a time, the ranking among the first, so that one page does not fill the server. */
  async function askAll({ quiet = false, panels = true } = {}) {
    if (!page) return;
    const mine = page, round = ++mine.round;
    const names = panels ? Object.keys(PANELS) : [];
    Object.assign(mine, { waiting: 1 + names.length, done: 0, since: performance.now(), quiet });
    if (!quiet) for (const name of ["ranking", ...names]) ev.face(mine.panel(name), "loading", t("读取中…"));
    const current = () => page === mine && mine.round === round;
    mine.ranked = askRanking(current);
    if (panels) mine.panelsAt = performance.now();
    const queue = [...names];
    const worker = async () => {
      while (queue.length && current()) {
        const name = queue.shift();
        await askPanel(name, current);
        mine.done += 1;
      }
    };
    await Promise.all([worker(), mine.ranked.then(worker)]);
    if (current()) { mine.waiting = 0; mine.askedAt = performance.now(); progress(); }
  }

  async function askRanking(current) {
    const answer = await get(API, params());
    if (!current()) return;
    page.done += 1;
    if (answer.ok) showRanking(answer.body);
    else failRanking(answer);
  }

  async function askPanel(name, current = () => Boolean(page)) {
    const panel = PANELS[name];
    const answer = await (panel.ask ? panel.ask() : get(`${API}/${panel.path}`, params()));
    if (!current()) return;
    if (answer.ok) { page.panels[name] = { told: answer.body, at: now() }; drawPanel(name); return; }
    const known = page.quiet && page.panels[name];
    if (!known) delete page.panels[name];
    ev.fail(page.panel(name), name, answer, known ? known.at : 0);
    if (answer.status === 503 || answer.status === 0) page.againAt = performance.now() + AGAIN_MS;
  }

  /** The city's months, and the chosen unit's beside them where there is such a course. */
  async function askTrend() {
    const { object, convention } = page.question, key = page.key;
    const city = await get(`${API}/trend`, { object: "city", months: 12, convention });
    if (!city.ok || !key || !ev.UNIT_OBJECTS.includes(object)) return { ...city, body: city.ok ? { city: city.body, own: null } : city.body };
    const own = await get(`${API}/trend`, { object, key, months: 12, convention });
    return { ...own, body: own.ok ? { city: city.body, own: own.body } : own.body };
  }

  /** Alarm quality of the period as far as it has gone; of its last 92 days where it is longer. */
  async function askAlarms() {
    const mine = page;
    await mine.ranked; // the period's ends come with it
    if (!mine.told) return get("/api/v1/alarms/rates", {});
    const until = Math.min(mine.told.period.to, mine.told.as_of);
    return get("/api/v1/alarms/rates", { since: Math.max(mine.told.period.from, until - LONGEST_RATES_MS), until });
  }

  /* ── showing the ranking ────────────────────────────────────────────────────────────────────── */

  const nameOf = (key) => { const row = page.told && page.told.rows.find((one) => one.key === key); return row && key ? row.name : t("全市"); };

  function showRanking(told) {
    page.told = told;
    page.root.dataset.face = "live";
    ev.face(page.panel("ranking"), "live");
    if (page.key && !told.rows.some((row) => row.key === page.key)) choose("", { draw: false });
    const order = told.rows.map((row) => row.key);
    const held = holding() && page.order && page.shownOf === shownOf(told);
    const moved = held && page.order.join() !== order.join();
    if (!held) page.order = order;
    page.shownOf = shownOf(told);
    page.root.querySelector('[data-do="reorder"]').hidden = !moved;
    drawTable();
    drawState();
    drawPanel("trend"); // it names the unit, whose name came just now
  }

  /** The same question as before keeps its rows in place; another one begins anew. */
  const shownOf = (told) => [told.object, told.period.kind, told.period.from, told.convention.key, told.scheme.id].join();

  /** Whether a hand is at the table: the pointer in it, or the focus. */
  function holding() {
    const frame = ev.slot(page.panel("ranking"), "body");
    return frame.matches(":hover") || frame.contains(document.activeElement);
  }

  /** Drawn anew with everything at its place: scroll, focus, the open hint. */
  function drawTable() {
    const { told } = page, panel = page.panel("ranking"), frame = ev.slot(panel, "body");
    const held = document.activeElement && frame.contains(document.activeElement) ? where(document.activeElement.closest("[data-col]")) : null;
    const pointed = ev.tip() && ev.tip().cwFor && frame.contains(ev.tip().cwFor) ? where(ev.tip().cwFor) : null;
    const { scrollTop, scrollLeft } = frame;
    const none = !told.rows.length || (!told.whole.n && told.rows.every((row) => !row.n));
    if (none) frame.replaceChildren(ev.empty(t("本期没有案卷"), h("small", {}, ` (${format.clock(told.as_of)})`)));
    page.root.toggleAttribute("data-many", told.rows.length > 12);
    if (!none) frame.replaceChildren(...ev.ranking.table(told, { chosen: page.key, order: page.order, all: page.all }));
    Object.assign(frame, { scrollTop, scrollLeft });
    const again = held && cellAt(frame, held);
    ev.ranking.stop(frame, again || (held ? null : cellAt(frame, page.stop)) || frame.querySelector("[data-col]"));
    if (again) again.focus({ preventScroll: true });
    if (pointed) { const cell = cellAt(frame, pointed); if (cell) ev.showHint(cell); else ev.hideHint(); }
    ev.slot(panel, "foot").textContent = footnote(told);
  }

  function footnote(told) {
    const few = told.rows.filter((row) => row.n && !row.ranked).length, idle = told.rows.filter((row) => !row.n).length;
    return [told.convention.note, few ? t("{n} 个样本不足 {least}，灰色，不排名").replace("{n}", few).replace("{least}", told.scheme.min_sample) : "", idle ? t("{n} 个本期没有案卷").replace("{n}", idle) : "", ...(told.problems || [])].filter(Boolean).join(" · ");
  }

  const where = (cell) => (cell ? { row: cell.dataset.row, col: cell.dataset.col, whole: cell.closest("tr").dataset.whole || "" } : null);
  const cellAt = (frame, at) => (at ? [...frame.querySelectorAll(`[data-col="${CSS.escape(at.col)}"]`)].find((cell) => cell.dataset.row === at.row && (cell.closest("tr").dataset.whole || "") === at.whole) : null);

  function failRanking(answer) {
    const known = page.quiet && page.told;
    page.root.dataset.face = known ? "error" : "failed";
    if (!known) { page.told = null; page.order = null; }
    ev.fail(page.panel("ranking"), "ranking", answer, known ? page.told.as_of : 0);
    drawState();
  }

  /* ── showing the head ───────────────────────────────────────────────────────────────────────── */

  function drawChoices() {
    const { question } = page, kind = ev.question.RUNNING[ev.question.kindOf(question.period)];
    const chosen = { object: question.object, convention: question.convention, period: kind, scheme: question.scheme };
    for (const option of page.root.querySelectorAll("[data-choose]")) {
      const mine = option.dataset.value === chosen[option.dataset.choose];
      option.setAttribute("aria-checked", String(mine));
      if (option.dataset.choose !== "scheme") option.tabIndex = mine ? 0 : -1;
    }
  }

  function drawState() {
    const { told } = page, may = page.root.dataset.mayLock === "1";
    const button = (name) => page.root.querySelector(`[data-do="${name}"]`);
    for (const name of ["lock", "correct", "corrections"]) if (button(name)) button(name).hidden = true;
    page.part("period").textContent = told ? told.period.label : page.question.period;
    page.part("basis").textContent = told ? `${told.object_label} · ${told.convention.label}` : "";
    page.part("scheme").textContent = told ? `${t("评价规则")}${ev.COLON}${ev.windows.schemeName(told.scheme)}` : "–";
    page.part("status").textContent = told ? statusWords(told) : "";
    if (!told) return;
    const { locked, running, corrections } = told.period;
    page.part("status").dataset.state = locked ? "locked" : running ? "running" : "open";
    if (may && !locked && !running) button("lock").hidden = false;
    if (may && locked) button("correct").hidden = false;
    if (corrections.length) Object.assign(button("corrections"), { hidden: false, textContent: t("更正 {n} 条").replace("{n}", corrections.length) });
    button("later").disabled = running;
    const day = page.root.querySelector("[data-date]");
    if (document.activeElement !== day) day.value = ev.question.isoDay(told.period.running ? told.as_of : told.period.from, page.zone);
  }

  function statusWords(told) {
    const { locked, running } = told.period;
    if (locked) return `▣ ${t("已锁定 {time} {name}").replace("{time}", format.shortTime(locked.at)).replace("{name}", locked.who_name)}${locked.intact === false ? ` ▲ ${t("校验不符")}` : ""}`;
    return running ? `◔ ${t("进行中，每分钟更新")}` : `○ ${t("已结束，未锁定")}`;
  }

  /** Once a second: the age of what is shown, the bar over a second, and what is due to be asked again. */
  function second() {
    if (!page) return;
    progress();
    if (page.told) {
      const { running } = page.told.period, age = (now() - page.told.as_of) / 1000;
      const face = running ? freshness.face({ age, expected: EVERY_MS / 1000 }) : "live";
      const note = running ? freshness.words(face, { age, asOf: page.told.as_of }) : "";
      page.part("as-of").textContent = `${t("数据至")} ${running ? format.clock(page.told.as_of) : `${format.shortTime(page.told.as_of)}`}${note ? ` · ${note}` : ""}`;
      page.part("as-of").dataset.face = face;
    }
    if (document.hidden || page.waiting) return;
    const at = performance.now();
    if (page.againAt && at > page.againAt) { page.againAt = 0; askAll({ quiet: Boolean(page.told) }); return; }
    if (page.told && page.told.period.running && at - (page.askedAt || at) > EVERY_MS) refresh(at);
  }

  /** The ranking each minute; the panels with it for today, every five minutes for longer periods. */
  const refresh = (at) => askAll({ quiet: true, panels: page.told.period.kind === "day" || at - page.panelsAt > PANELS_EVERY_MS });

  const wake = () => { if (page && !document.hidden) second(); };

  function progress() {
    const bar = page.part("progress"), slow = page.waiting > 0 && performance.now() - page.since > SLOW_MS && !page.quiet;
    bar.hidden = !slow;
    if (!slow) return;
    const share = Math.round(100 * page.done / page.waiting);
    bar.setAttribute("aria-valuenow", String(share));
    bar.firstElementChild.style.width = `${Math.max(3, share)}%`;
    if (!page.told) page.part("as-of").textContent = t("读取中… {done}/{all}，已 {n} 秒").replace("{done}", page.done).replace("{all}", page.waiting).replace("{n}", Math.round((performance.now() - page.since) / 1000));
  }

  function drawPanel(name) {
    const known = page.panels[name], panel = page.panel(name), how = PANELS[name];
    if (!known) return;
    ev.face(panel, "live");
    const body = ev.slot(panel, "body"), u = parseFloat(getComputedStyle(panel).fontSize);
    const room = how.row ? Math.max(2, Math.floor((panel.clientHeight / u - how.rest) / how.row)) : 0;
    body.replaceChildren(...how.draw(known.told, room));
    if (how.tools) ev.slot(panel, "tools").replaceChildren(...how.tools());
  }

  /* ── hands ──────────────────────────────────────────────────────────────────────────────────── */

  function set(change) {
    Object.assign(page.question, change);
    ev.question.write({ ...page.question, key: page.key });
    drawChoices();
    page.all = false;
    askAll();
  }

  const CHOOSE = {
    object: (value) => { page.key = ""; set({ object: value, scheme: "" }); },
    convention: (value) => set({ convention: value }),
    scheme: (value) => { page.root.querySelector("[data-dialog=scheme]").close(); set({ scheme: value }); },
    period: (value) => set({ period: value }),
  };

  /** A unit of the ranking: the panels speak of it, the address names it. */
  function choose(key, { draw = true } = {}) {
    page.key = key;
    ev.question.write({ ...page.question, key });
    if (!draw) return;
    for (const row of page.root.querySelectorAll("tr[data-key]")) row.setAttribute("aria-selected", String(row.dataset.whole ? !key : Boolean(key) && row.dataset.key === key));
    for (const name of Object.keys(PANELS)) if (name !== "trend") drawPanel(name);
    askPanel("trend");
  }

  function step(by) {
    if (!page.told || (by > 0 && page.told.period.running) || page.told.period.kind === "range") return;
    const { kind, from, to } = page.told.period;
    set({ period: ev.question.around(kind, by < 0 ? from - 1 : to, page.zone, now()) });
  }

  const ACTS = {
    earlier: () => step(-1), later: () => step(1), again: () => askAll(), reorder: () => { page.order = page.told.rows.map((row) => row.key); page.root.querySelector('[data-do="reorder"]').hidden = true; drawTable(); },
    "all-rows": () => { page.all = true; drawTable(); }, theme: () => theme(document.documentElement.dataset.theme === "light" ? "dark" : "light"),
    close: (button) => button.closest("dialog").close(), "lock-now": (button) => ev.windows.lock(page, button),
    keys: () => ev.windows.open(page, "keys"), export: () => ev.windows.open(page, "export"),
  };
  for (const name of ["scheme", "lock", "correct", "corrections"]) ACTS[name] = () => page.told && ev.windows.open(page, name);

  function onClick(event) {
    const option = event.target.closest("[data-choose]"), view = event.target.closest("[data-view]"), act = event.target.closest("[data-do]");
    if (option) return CHOOSE[option.dataset.choose](option.dataset.value);
    if (view) return look(view.dataset.view, view.dataset.value);
    if (act) return ACTS[act.dataset.do](act);
    const row = event.target.closest("tr[data-key]");
    if (row && !event.target.closest("a")) choose(row.dataset.whole ? "" : row.dataset.key);
    return undefined;
  }

  /** Another view of one panel; another rate must be asked for. */
  function look(name, value) {
    page.views[name] = value;
    const panel = name === "rate" ? "gap" : name;
    if (name === "rate") askPanel("gap");
    else drawPanel(panel);
    const button = page.panel(panel).querySelector(`[data-view="${name}"][data-value="${value}"]`);
    if (button) button.focus({ preventScroll: true });
  }

  function onChange(event) {
    if (!event.target.matches("[data-date]") || !event.target.value) return;
    const at = ev.question.noon(event.target.value);
    if (at > now()) return;
    set({ period: ev.question.around(ev.question.kindOf(page.question.period), at, page.zone, now()) });
  }

  function onFocus(event) {
    const cell = event.target.closest("[data-col]");
    if (cell) { page.stop = where(cell); ev.ranking.stop(cell.closest("table"), cell); }
    const hinted = ev.hinted(event.target);
    if (hinted) ev.showHint(hinted);
  }

  function onLeave(event) {
    if (!page.root.contains(event.relatedTarget) || !ev.hinted(event.relatedTarget)) ev.hideHint();
  }

  function onPoint(event) {
    const hinted = ev.hinted(event.target);
    if (hinted) { if (ev.tip().cwFor !== hinted) ev.showHint(hinted); } else if (!event.target.closest(".ev-tip")) ev.hideHint();
  }

  const onPointerGone = () => ev.hideHint();

  /** A level up: from a unit to the city, from there home. */
  function up() {
    if (page.key) choose("");
    else window.location.assign("/");
  }

  const keys = ev.keys({ acts: ACTS, choose: (key) => choose(key), up, open: () => Boolean(page && !page.root.querySelector("dialog[open]")) });

  mount(".ev", enter);
})();
