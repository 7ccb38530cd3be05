/* /case/<no>: asks for one case, hands it to the parts that draw it, and asks again when the feed, a clock or an act says
   that it may have changed. What changed under the reader's eyes is marked and named; an open form is left alone. */
(function () {
  "use strict";
  const { t, h, ask, why, live, format, mount, now } = window.citywall;
  const LOOK_MS = 30_000, SOON_MS = 150, ANSWER_SECONDS = 15, MARK_MS = 60_000, SILENT_MS = 15_000;
  const parts = []; // {draw(page), tick(page), leave(page)}, each optional
  let page = null;

  /** Take part in drawing the page. */
  function part(mine) {
    parts.push(mine);
  }

  const path = (what = "") => `/api/v1/cases/${encodeURIComponent(page.caseNo)}${what}`;
  const get = (address) => ask("GET", address, undefined, { seconds: ANSWER_SECONDS });
  const place = (name) => page.root.querySelector(`[data-case="${name}"]`);

  function enter(root) {
    page = {
      root, caseNo: root.dataset.caseNo, may: { act: Boolean(root.dataset.acts), video: Boolean(root.dataset.video), seeAll: Boolean(root.dataset.seesAll) }, place, get, path,
      told: null, offers: null, photos: null, asOf: null, asking: false, again: false, version: 0, marked: new Map(),
    };
    const mine = page;
    load(mine);
    mine.timers = [setInterval(() => look(mine), LOOK_MS), setInterval(() => tick(mine), 1000)];
    mine.onDone = ({ detail }) => { if (detail.case.case_no === mine.caseNo) { mine.ownVersion = detail.case.version; soon(mine); } };
    mine.onShow = () => { if (!document.hidden) look(mine); };
    window.addEventListener("citywall:case", mine.onDone);
    document.addEventListener("visibilitychange", mine.onShow);
    return () => {
      mine.timers.forEach(clearInterval);
      window.removeEventListener("citywall:case", mine.onDone);
      document.removeEventListener("visibilitychange", mine.onShow);
      for (const one of parts) if (one.leave) one.leave(mine);
      if (page === mine) page = null;
    };
  }

  /* ── asking ─────────────────────────────────────────────────────────────────────────────────── */

  function soon(mine) {
    clearTimeout(mine.soon);
    mine.soon = setTimeout(() => load(mine), SOON_MS);
  }

  /** Has it changed without a word of the feed? Clocks of stages and the lamp are told anew in any case. */
  function look(mine) {
    if (!document.hidden) load(mine);
  }

  async function load(mine) {
    if (page !== mine) return;
    if (mine.asking) { mine.again = true; return; }
    mine.asking = true;
    const first = get(path());
    const pictures = window.citywall.casePictures.ask(mine.caseNo, first.then((answer) => (answer.ok ? answer.body.case : null)));
    const [record, story, offers, photos] = await Promise.all([first, get(path("/story")), mine.may.act ? get(path("/offers")) : null, pictures]);
    mine.asking = false;
    if (page !== mine) return;
    take(mine, { record, story, offers, photos });
    if (mine.again) { mine.again = false; load(mine); }
  }

  function take(mine, { record, story, offers, photos }) {
    if (record.status === 404 || story.status === 404) return lost(mine);
    if (!record.ok || !story.ok) return fail(mine, record.ok ? story : record);
    if (record.body.case.version !== story.body.version) return soon(mine); // a change came between the two
    const before = mine.told;
    mine.told = { ...record.body, story: story.body };
    if (offers) mine.offers = offers.ok ? offers.body : { error: why(offers), offers: [], next: story.body.next };
    mine.photos = photos.ok ? photos.body.photos : mine.photos;
    mine.photosError = photos.ok || photos.status === 404 ? "" : why(photos);
    mine.asOf = now();
    mine.error = "";
    format.useZone(story.body.zone);
    mine.root.dataset.face = "live";
    mine.root.dataset.state = record.body.case.state;
    document.title = `${mine.caseNo} ${story.body.names.class} · ${t("城墙")}`;
    if (!before || before.case.version !== record.body.case.version || !mine.drawn) draw(mine);
    else for (const one of parts) if (one.refresh) one.refresh(mine);
    if (before && before.case.version < record.body.case.version) tellChanges(mine, before.case.version);
    mine.version = record.body.case.version;
    tick(mine);
    return undefined;
  }

  function draw(mine) {
    mine.drawn = true;
    for (const one of parts) {
      try {
        if (one.draw) one.draw(mine);
      } catch (error) {
        console.error("case page", error);
      }
    }
  }

  /** What was shown stays, and is called old. */
  function fail(mine, answer) {
    mine.root.dataset.face = mine.told ? "stale" : "error";
    mine.error = mine.told
      ? `${t("读取失败")}（${why(answer)}）：${t("以下为 {time} 的内容。仍可操作，以服务器当时的情况为准。").replace("{time}", format.clock(mine.asOf))}`
      : `${t("读取失败")}（${why(answer)}）：${t("正在重试")}`;
    if (!mine.told) { place("what").textContent = mine.error; setTimeout(() => load(mine), 3000); }
    tick(mine);
  }

  /** No such case, for this asker: the search with the number in it, and who may see what. */
  function lost(mine) {
    mine.root.dataset.face = "lost";
    place("lost").textContent = mine.may.seeAll
      ? t("请核对编号，或按地点查找。")
      : t("编号可能有误，也可能不归您的岗位查看：专业部门只看派给本部门的案卷，采集员只看待核实、待核查的案卷。可查看全部案卷的岗位：{posts}。").replace("{posts}", mine.root.dataset.seers);
    if (!place("search").children.length) place("search").append(h("input", { id: "case-search", name: "text", value: mine.caseNo, autocomplete: "off", autofocus: true }), h("button", { type: "submit", class: "desk-button" }, t("查找")));
    place("search").querySelector("input").select();
  }

  /* ── what changed meanwhile ─────────────────────────────────────────────────────────────────── */

  /** Every entry since the version that was shown, named; its fields are marked wherever they stand. */
  function tellChanges(mine, since) {
    const { history, story } = mine.told;
    const news = history.map((entry, index) => ({ entry, changes: story.changes[index] })).filter(({ entry }) => entry.version > since && entry.version !== mine.ownVersion);
    for (const { changes } of news) for (const change of changes) mine.marked.set(change.field, now());
    mark(mine);
    if (!news.length) return;
    const words = news.map(({ entry, changes }) => `${entry.who} ${format.clock(entry.at)} ${entry.label}${changes.length ? `：${changes.slice(0, 3).map(inWords).join("，")}` : ""}`);
    mine.news = [...words, ...(mine.news || [])].slice(0, 3);
    if (document.querySelector(`.act-dialog[data-case="${CSS.escape(mine.caseNo)}"]`)) window.citywall.caseAct.toast(`${words[0]}。${t("表单没有改动，提交时以最新情况为准。")}`, { level: "warning" });
  }

  function inWords({ label, before, after, time }) {
    const said = (value) => (value === null ? t("空") : time ? format.shortTime(value) : String(value));
    return before === null ? `${label} ${said(after)}` : `${label} ${said(before)} → ${said(after)}`;
  }

  function mark(mine) {
    for (const [field, at] of mine.marked) if (now() - at > MARK_MS) mine.marked.delete(field);
    for (const element of mine.root.querySelectorAll("[data-fields]")) {
      const changed = element.dataset.fields.split(" ").some((field) => mine.marked.has(field));
      element.toggleAttribute("data-changed", changed);
      if (changed) element.title = t("刚刚改动");
    }
  }

  /* ── every second ───────────────────────────────────────────────────────────────────────────── */

  function notices(mine) {
    const told = [];
    if (mine.error) told.push(["bad", mine.error]);
    const beat = live.newest("tick");
    const silent = beat ? now() - beat.now > SILENT_MS || (beat.sources || []).some((lamp) => ["role live", "relay"].includes(lamp.name) && lamp.state !== "live") : false;
    if (silent && !mine.error) told.push(["bad", t("实时更新中断：本页每 30 秒自行读取一次，操作仍以服务器当时的情况为准。")]);
    for (const words of mine.news || []) told.push(["news", words]);
    const key = JSON.stringify(told);
    if (mine.noticed === key) return;
    mine.noticed = key;
    place("notices").replaceChildren(...told.map(([kind, words]) => h("p", { "data-kind": kind }, words, kind === "news" ? h("button", { type: "button", class: "act-quick", onclick: () => { mine.news = mine.news.filter((one) => one !== words); notices(mine); } }, t("知道了")) : null)));
  }

  function tick(mine) {
    if (page !== mine) return;
    notices(mine);
    mark(mine);
    if (mine.told) for (const one of parts) if (one.tick) one.tick(mine);
  }

  /** A row of the feed: the case has a version that is not the one shown, or is no longer open. */
  live.on("cases", ({ steps }) => {
    const mine = page;
    if (!mine) return;
    if (!steps) return soon(mine);
    const touched = steps.some(({ put, drop }) => put.some((row) => row.case_no === mine.caseNo && row.version !== mine.version) || drop.includes(mine.caseNo));
    if (touched) soon(mine);
    return undefined;
  });

  mount(".case-page", enter);
  window.citywall.casePage = { part, inWords, page: () => page, reload: () => page && load(page) };
})();
