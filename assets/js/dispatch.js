/* /dispatch: the desk. Puts queue, map, case and command bar together, hears the keys, and says to walls what it shows. */
(function () {
  "use strict";
  const { t, live, now, format, h, ask, mount } = window.citywall;
  const base = window.citywall.dispatchBase;
  const KEPT = "citywall.dispatch.desk", SECOND_MS = 1000, TELL_MS = 150, FOCUS_METRES = 300, TOAST_SECONDS = 15;
  let desk = null;

  class Desk {
    constructor(root, grid) {
      this.root = root;
      this.mayAct = root.dataset.mayAct === "1";
      this.place = (name) => root.querySelector(`[data-dispatch=${name}]`);
      this.queue = new window.citywall.DispatchQueue(grid, { changed: () => this.soon() });
      this.pane = new window.citywall.DispatchCase(root, this.place("case"));
      this.bar = new window.citywall.dispatchCommand.Bar(root, (asked) => this.command(asked));
      this.views = [...root.querySelectorAll("[data-view]")];
      this.kept = this.remembered();
      this.loaded = false;
      grid.addEventListener("rowClicked", (event) => this.clicked(event));
      grid.addEventListener("rowDoubleClicked", (event) => this.openPage(event.data.case_no));
      root.addEventListener("click", (event) => this.onClick(event));
      this.onDone = (event) => this.pane.caseNo === event.detail.case.case_no && this.pane.fetch();
      window.addEventListener("citywall:case", this.onDone);
      this.second = setInterval(() => this.everySecond(), SECOND_MS);
      this.silence = window.citywall.liveCases.on((event) => this.feed(event));
      this.stopRisks = window.citywall.risks.watch((changed) => this.risksMoved(changed));
      this.pane.draw();
    }

    close() {
      clearInterval(this.second);
      clearTimeout(this.telling);
      this.silence();
      this.stopRisks();
      this.queue.close();
      window.removeEventListener("citywall:case", this.onDone);
    }

    /* ---- the feed ---- */

    feed(event) {
      if (event.failed) return this.face();
      if (!this.loaded) return this.begin();
      this.queue.feed(event);
      this.pane.heard(event.put, event.drop);
      if (this.pane.caseNo && event.put.some((row) => row.case_no === this.pane.caseNo)) this.onMap();
      this.soon();
    }

    /** Risks are other ones although the cases are not. */
    risksMoved(changed) {
      const { rows } = window.citywall.liveCases;
      if (this.loaded) this.feed({ put: changed.map((caseNo) => rows.get(caseNo)).filter(Boolean), drop: [], all: false });
    }

    begin() {
      this.loaded = true;
      this.queue.grid.setGridOption("loading", false);
      const known = new Set(this.views.map((button) => button.dataset.view));
      this.queue.show(known.has(this.kept.view) ? this.kept.view : this.views[0].dataset.view, this.kept.words || "");
      const wanted = this.root.dataset.open || this.kept.caseNo;
      if (wanted) this.reach(wanted);
      this.remember();
      this.soon();
    }

    /** Counts, notes and what waits: at most once a frame, however much comes. */
    soon() {
      if (this.drawing) return;
      this.drawing = requestAnimationFrame(() => { this.drawing = 0; if (this.loaded) this.draw(); });
    }

    draw() {
      const rows = [...window.citywall.liveCases.rows.values()];
      for (const button of this.views) {
        const count = rows.reduce((sum, row) => sum + base.inView(button.dataset.view, row), 0);
        const place = button.querySelector("b");
        if (place.textContent !== String(count)) place.textContent = String(count);
        button.toggleAttribute("data-zero", !count);
        button.setAttribute("aria-pressed", String(button.dataset.view === this.queue.view));
      }
      this.drawBar();
      this.face();
    }

    drawBar() {
      const { marked, waiting, gone, words } = this.queue;
      const left = [...gone].filter((caseNo) => caseNo !== this.queue.current).length;
      const parts = [waiting.size && t("新到 {n} 件").replace("{n}", waiting.size), left && t("已离开 {n} 件").replace("{n}", left)].filter(Boolean);
      this.place("arrivals").textContent = parts.join(" · ");
      this.root.querySelector(".dispatch-arrivals").hidden = !parts.length;
      this.place("marked").replaceChildren(...(marked.size ? [t("已选 {n} 件").replace("{n}", marked.size), actButton("D", "dispatch", t("批量派遣")), actButton("Esc", "unmark", t("取消"))] : []));
      this.place("search").replaceChildren(...(words ? [h("button", { type: "button", class: "dispatch-chip", "data-act": "unsearch", title: t("去掉此条件") }, `${t("查")} ${words} ×`)] : []));
    }

    face() {
      const { liveCases } = window.citywall;
      const lost = document.documentElement.classList.contains("cw-link-lost");
      const empty = this.loaded && !this.queue.grid.getDisplayedRowCount();
      const face = liveCases.failed ? "error" : !this.loaded ? "loading" : lost ? "stale" : empty ? "empty" : "live";
      this.root.dataset.face = face;
      const tick = live.newest("tick");
      const shown = this.queue.grid.getDisplayedRowCount();
      const note = {
        error: `⚠ ${t("案卷读取失败，正在重试")}（${liveCases.failed}）`, loading: t("读取中…"), stale: `⚠ ${t("数据停更")}`,
        empty: `${this.queue.words || this.queue.grid.isAnyFilterPresent() ? t("没有符合条件的案卷") : t("今日暂无")}${tick ? ` (${format.clock(tick.now)})` : ""}`, live: t("{n} 件").replace("{n}", shown),
      }[face];
      if (this.place("note").textContent !== note) this.place("note").textContent = note;
    }

    everySecond() {
      window.citywall.dispatchCells.secondHand(this.root);
      this.soon();
    }

    /* ---- choosing ---- */

    choose(caseNo, options) {
      this.queue.choose(caseNo, options);
      this.pane.show(caseNo);
      this.onMap();
      this.remember();
      this.soon();
    }

    /** Choose a case wherever it is: in this view, else among all. */
    reach(caseNo) {
      if (!this.queue.grid.getRowNode(caseNo) && window.citywall.liveCases.rows.has(caseNo)) this.queue.show("all", "");
      this.choose(caseNo);
    }

    onMap() {
      const { map } = window.citywall, row = this.pane.row;
      const part = map && map.part(this.root);
      if (!part) return;
      if (!row || row.lon === null) { if (this.mapped) { map.choose(this.root, null); map.fit(this.root); part.around(null); } this.mapped = null; return; }
      const moved = !this.mapped || this.mapped.case_no !== row.case_no || this.mapped.lon !== row.lon || this.mapped.lat !== row.lat;
      this.mapped = row;
      if (!moved) return;
      map.choose(this.root, row);
      map.focus(this.root, row);
      part.around(row, FOCUS_METRES);
    }

    clicked({ data, event }) {
      if (event.shiftKey) { this.queue.markTo(data.case_no); this.choose(data.case_no, { extend: true }); }
      else if (event.ctrlKey || event.metaKey) this.toggle(data.case_no);
      else this.choose(data.case_no);
    }

    toggle(caseNo) {
      if (!caseNo) return;
      this.queue.mark([caseNo], !this.queue.marked.has(caseNo));
      this.queue.anchor = caseNo;
    }

    move(step, extend) {
      const to = this.queue.neighbour(step);
      if (!to) return;
      if (extend) { if (!this.queue.anchor) this.queue.anchor = this.queue.current || to; this.queue.markTo(to); }
      this.choose(to, { extend });
    }

    back() {
      if (this.queue.marked.size) this.queue.unmark();
      else if (this.queue.current) { this.choose(null); this.queue.settle(); }
      else if (this.queue.words) this.find("");
    }

    find(words) {
      this.choose(null);
      this.queue.show(words ? "all" : this.queue.view, words);
      this.remember();
    }

    show(view) {
      this.choose(null);
      this.queue.show(view);
      this.remember();
    }

    /* ---- kept over a reload, told to walls ---- */

    remembered() {
      try {
        return JSON.parse(sessionStorage.getItem(KEPT)) || {};
      } catch (error) {
        console.error("dispatch", error);
        return {};
      }
    }

    remember() {
      const { view, words, current } = this.queue;
      sessionStorage.setItem(KEPT, JSON.stringify({ view, words, caseNo: current }));
      if (this.root.dataset.mirrors !== "1") return;
      clearTimeout(this.telling);
      this.telling = setTimeout(() => ask("PUT", "/api/v1/dispatch/view", { tab: view, case_no: current }, { seconds: TOAST_SECONDS }), TELL_MS);
    }

    /* ---- acts ---- */

    async act(action) {
      const own = {
        settle: () => this.queue.settle(), keys: () => this.root.querySelector(".dispatch-key-card").showModal(), "close-keys": () => this.root.querySelector(".dispatch-key-card").close(),
        unmark: () => this.queue.unmark(), unsearch: () => this.find(""), fit: () => this.refit(), command: () => this.bar.focus(), back: () => this.back(),
      }[action];
      if (own) return own();
      if (action === "dispatch" && this.queue.marked.size) return this.bulk();
      const caseNo = this.pane.caseNo;
      if (!caseNo) return this.say(t("请先选一件案卷"));
      return this.onCase(caseNo, action);
    }

    onCase(caseNo, action) {
      const { caseAct, caseView, dispatchSend } = window.citywall;
      if (action === "video") return caseView.open(caseNo);
      if (action === "open") return this.openPage(caseNo);
      if (!this.mayAct) return this.say(t("您的岗位只能查看，不能办理"));
      if (action === "dispatch") return dispatchSend.one(caseNo, { told: this.freshOffers(caseNo) });
      if (action === "claim") return this.claim(caseNo);
      if (action === "release") return caseAct.quick(caseNo, action, { version: this.pane.version });
      if (action === "return") return this.returns();
      if (action === "link") return caseAct.open(caseNo, "link", this.pane.alike.length ? { facts: { linked: this.pane.alike.map((one) => one.case_no) } } : {});
      return caseAct.open(caseNo, action);
    }

    /** What `/offers` said, if the case has not moved since. */
    freshOffers(caseNo) {
      const row = window.citywall.liveCases.rows.get(caseNo);
      return this.pane.caseNo === caseNo && this.pane.offers && row && this.pane.offers.version === row.version ? this.pane.offers : null;
    }

    async claim(caseNo) {
      const offer = this.pane.offer("claim"), mine = this.pane.may("release");
      if (mine) return window.citywall.caseAct.quick(caseNo, "release", { version: this.pane.version });
      if (offer && offer.refusal) return this.say(`${base.short(caseNo)} ${offer.refusal.message}`);
      return window.citywall.caseAct.quick(caseNo, "claim", { version: this.pane.version });
    }

    /** One decision opens at once; several are offered by number. */
    returns() {
      const { returns, caseNo } = this.pane;
      const { caseAct, dispatchSend } = window.citywall;
      if (!returns.length) return this.say(`${base.short(caseNo)} ${t("此时没有可退回或审批的事项")}`);
      if (returns.length === 1) return caseAct.open(caseNo, returns[0]);
      const take = (action) => { box.close(); caseAct.open(caseNo, action); };
      const lines = returns.map((action, index) => h("li", {}, h("button", { type: "button", class: "dispatch-act", onclick: () => take(action) }, this.pane.offer(action).label, h("kbd", {}, String(index + 1)))));
      const box = dispatchSend.dialog("dispatch-menu", t("退回/审批"), dispatchSend.head(`${t("退回/审批")} ${base.short(caseNo)}`, this.pane.requestReason()), h("ol", {}, lines));
      box.addEventListener("keydown", (event) => {
        const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
        event.stopPropagation();
        if (digit && !event.isComposing && returns[digit[1] - 1]) take(returns[digit[1] - 1]);
      });
      box.querySelector("li button").focus();
      return box;
    }

    bulk() {
      if (!this.mayAct) return this.say(t("您的岗位只能查看，不能办理"));
      return window.citywall.dispatchSend.several([...this.queue.marked], (done) => this.queue.mark(done, false));
    }

    refit() {
      this.mapped = null;
      this.onMap();
      if (!this.pane.caseNo) window.citywall.map.fit(this.root);
    }

    openPage(caseNo) {
      location.assign(`/case/${encodeURIComponent(caseNo)}`);
    }

    say(words) {
      window.citywall.caseAct.toast(words, { level: "warning" });
    }

    command({ act, caseNo, department, words }) {
      if (act === "handover") return location.assign("/handover");
      if (act === "keys") return this.act("keys");
      if (act === "search") return this.find(words);
      if (act === "open" || act === "video") return this.onCase(caseNo, act);
      this.reach(caseNo);
      if (act === "dispatch") return window.citywall.dispatchSend.one(caseNo, { wanted: department || "" });
      if (act === "choose") return undefined;
      return this.pane.fetch().then(() => this.onCase(caseNo, act));
    }

    onClick(event) {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.view) this.show(button.dataset.view);
      else if (button.dataset.act && button.getAttribute("aria-disabled") !== "true") this.act(button.dataset.act);
      else if (button.dataset.act) this.say(button.title);
      if (document.activeElement === button) button.blur(); // the keys are the desk's again
    }
  }

  function actButton(key, action, words) {
    return h("button", { type: "button", class: "dispatch-act", "data-act": action }, words, h("kbd", {}, key));
  }

  /* ---- keys, by their place on the keyboard ---- */

  const ACTS = {
    KeyC: "claim", F2: "claim", "Shift+KeyC": "take_over", KeyD: "dispatch", F3: "dispatch", KeyR: "return", KeyL: "link", KeyV: "video", F4: "video",
    KeyN: "settle", Slash: "command", NumpadDivide: "command", "Shift+Slash": "keys", Enter: "open", NumpadEnter: "open", KeyF: "fit", Escape: "back",
  };
  const STEPS = { ArrowDown: 1, KeyJ: 1, ArrowUp: -1, KeyK: -1, PageDown: 20, PageUp: -20, Home: -1e6, End: 1e6 };
  let goAt = -Infinity; // G, then a letter, goes to another page (desk.js)

  function rests({ target, isComposing, ctrlKey, metaKey, altKey, code }) {
    if (isComposing || ctrlKey || metaKey || altKey || document.querySelector("dialog[open]")) return true;
    if (!(target instanceof Element)) return false;
    if (target.closest("input, textarea, select, [contenteditable], .ag-popup")) return true;
    return Boolean(target.closest("button, a")) && ["Enter", "NumpadEnter", "Space"].includes(code);
  }

  function onKey(event) {
    if (!desk || rests(event)) return;
    if (event.code === "KeyG") { goAt = performance.now(); return; }
    if (/^Key[A-Z]$/.test(event.code) && performance.now() - goAt < 1500) { goAt = -Infinity; return; }
    const act = ACTS[`${event.shiftKey || event.key === "?" ? "Shift+" : ""}${event.code}`];
    const step = STEPS[event.code];
    if (step) desk.move(step, event.shiftKey);
    else if (event.code === "Space") desk.toggle(desk.queue.current);
    else if (act && !(event.repeat && act !== "back")) desk.act(act);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  document.addEventListener("keydown", onKey, true);

  mount(".dispatch", (root) => {
    base.learn(root);
    let left = false;
    window.dash_ag_grid.getApiAsync(root.dataset.grid).then((grid) => { if (!left) desk = new Desk(root, grid); });
    return () => { left = true; if (desk && desk.root === root) { desk.close(); desk = null; } };
  });

  window.citywall.dispatch = { desk: () => desk, now };
})();
