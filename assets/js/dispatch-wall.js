/* /dispatch?display=wall: the officer's queue, chosen case and map at wall size. It follows that officer's desk, shows the
   page of the queue on which the chosen case stands, and takes no input. */
(function () {
  "use strict";
  const { t, now, live, format, h, ask, mount } = window.citywall;
  const base = window.citywall.dispatchBase;
  const ASK_MS = 500, SECOND_MS = 1000, ANSWER_SECONDS = 5, AROUND_METRES = 300, LOST_MS = 10_000;
  const TITLES = {
    pending_dispatch: t("待派遣"), mine: t("认领中"), overdue: t("超期"), all: t("全部"), pending_acceptance: t("待受理"), pending_filing: t("待立案"),
    pending_feedback_review: t("处置反馈"), pending_close: t("待结案"), bounced: t("退回"), frozen: t("扯皮（冻结再派）"), requests: t("待审批申请"), suspended: t("挂账"),
  };

  class Wall {
    constructor(root) {
      base.learn(root);
      this.root = root;
      this.place = (name) => root.querySelector(`[data-dispatch=${name}]`);
      this.view = { tab: "", case_no: null, name: "", at: null };
      this.answered = performance.now();
      this.loaded = false;
      this.silence = window.citywall.liveCases.on((event) => { this.loaded = this.loaded || !event.failed; this.draw(); });
      this.timers = [setInterval(() => this.follow(), ASK_MS), setInterval(() => this.second(), SECOND_MS)];
      this.size = new ResizeObserver(() => this.draw());
      this.size.observe(this.place("rows"));
      this.follow();
    }

    close() {
      this.silence();
      this.timers.forEach(clearInterval);
      this.size.disconnect();
    }

    /** What the officer's desk shows; a server that does not answer leaves what was shown, and is told. */
    async follow() {
      if (this.asking) return;
      this.asking = true;
      const answer = await ask("GET", "/api/v1/dispatch/view", undefined, { seconds: ANSWER_SECONDS });
      this.asking = false;
      if (!answer.ok) return;
      this.answered = performance.now();
      const changed = JSON.stringify(answer.body) !== JSON.stringify(this.view);
      this.view = answer.body;
      if (changed) this.draw();
    }

    second() {
      const place = this.root.querySelector('[data-slot="clock"]');
      if (place && live.newest("tick")) place.textContent = format.clock(now());
      window.citywall.dispatchCells.secondHand(this.root);
      this.head();
    }

    head() {
      const { name, at } = this.view;
      const silent = performance.now() - this.answered > LOST_MS;
      const words = silent ? `⚠ ${t("值班席画面停更")}` : name ? `${t("同步自")} ${name}` : t("尚无值班席，显示待派遣");
      const place = this.place("mirrors");
      const text = name && at && !silent ? `${words} ${format.hourMinute(at)}` : words;
      if (place.textContent !== text) place.textContent = text;
      place.classList.toggle("is-warning", silent);
    }

    /* ---- the queue ---- */

    /** The officer's own view; 我的 are the cases claimed by that officer, whoever looks at the wall. */
    rows() {
      const tab = this.view.tab || "pending_dispatch";
      const mine = (row) => row.claimant === this.view.name;
      return base.ordered([...window.citywall.liveCases.rows.values()].filter((row) => (tab === "mine" ? mine(row) : base.inView(tab, row)) || row.case_no === this.view.case_no));
    }

    draw() {
      if (this.drawing) return;
      this.drawing = requestAnimationFrame(() => { this.drawing = 0; this.show(); });
    }

    show() {
      this.root.dataset.face = this.loaded ? "live" : window.citywall.liveCases.failed ? "error" : "loading";
      this.head();
      if (!this.loaded) { this.place("title").textContent = window.citywall.liveCases.failed ? t("案卷读取失败，正在重试") : t("读取中…"); return; }
      const rows = this.rows(), room = this.room();
      const at = rows.findIndex((row) => row.case_no === this.view.case_no);
      const first = at < room ? 0 : Math.min(at - Math.floor(room / 2), rows.length - room);
      const shown = rows.slice(Math.max(0, first), Math.max(0, first) + room);
      this.place("title").replaceChildren(TITLES[this.view.tab] || TITLES.pending_dispatch, h("b", {}, format.count(rows.length)));
      this.place("rows").replaceChildren(...shown.map((row) => this.line(row)));
      const beyond = rows.length - shown.length;
      this.place("more").textContent = !rows.length ? `${t("今日暂无")} (${format.clock(now())})` : beyond ? t("另有 {n} 件").replace("{n}", format.count(beyond)) : "";
      this.chosen();
      window.citywall.dispatchCells.secondHand(this.root);
    }

    /** As many rows as there is height for; the type decides, never the number of cases. */
    room() {
      const list = this.place("rows"), style = getComputedStyle(list);
      const height = parseFloat(style.getPropertyValue("--row")) * parseFloat(style.fontSize), gap = parseFloat(style.rowGap) || 0;
      return Math.max(1, Math.floor((list.clientHeight + gap + 1) / (height + gap)));
    }

    line(row) {
      const [shape, word] = base.level(row.severity);
      const who = row.claimed_by ? `${row.claimant || row.claimed_by} ${t("认领")}` : base.department(row.department) || base.names().states[row.state];
      return h("li", { class: row.case_no === this.view.case_no ? "is-current" : null, "data-case": row.case_no },
        h("span", { class: `dispatch-level is-${row.severity}` }, h("i", {}, shape), word), h("b", {}, `${base.short(row.case_no)} ${base.className(row.class_code)}`), this.left(row),
        h("span", { class: "dispatch-wall-place" }, row.address), h("span", { class: "dispatch-wall-who" }, row.send_back_count ? `↩${row.send_back_count} ` : "", who));
    }

    left(row) {
      const place = h("span", { class: "dispatch-left" });
      place.cwClock = base.clockOf(row);
      return place;
    }

    /* ---- the chosen case ---- */

    chosen() {
      const row = this.view.case_no ? window.citywall.liveCases.rows.get(this.view.case_no) : null;
      this.place("case").replaceChildren(...(row ? this.card(row) : [h("p", { class: "dispatch-wall-none" }, this.view.case_no ? `${base.short(this.view.case_no)} ${t("已办结")}` : t("值班席未选案卷"))]));
      this.onMap(row);
    }

    card(row) {
      const [shape, word] = base.level(row.severity);
      const clock = base.clockOf(row), state = base.names().states[row.state];
      const lines = [
        [t("剩余"), this.left(row)], [t("状态"), state], [t("认领"), row.claimed_by ? row.claimant || row.claimed_by : t("无人认领")],
        [t("部门"), base.department(row.department) || "–"], row.send_back_count ? [t("退回"), `${row.send_back_count} ${t("次")}`] : null, row.current_request ? [t("待审批"), base.names().requests[row.current_request]] : null,
      ].filter(Boolean).slice(0, 5);
      return [
        h("h2", {}, h("span", { class: `dispatch-level is-${row.severity}` }, h("i", {}, shape), word), ` ${base.short(row.case_no)} ${base.className(row.class_code)}`),
        h("p", {}, row.address), h("dl", { "data-lamp": base.lampOf(clock) }, lines.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
      ];
    }

    onMap(row) {
      const { map } = window.citywall, part = map && map.part(this.root);
      if (!part) return;
      const key = row && row.lon !== null ? `${row.case_no} ${row.lon} ${row.lat}` : "";
      if (this.mapped === key) return;
      if (key) { map.choose(this.root, row); map.focus(this.root, row); part.around(row, AROUND_METRES); }
      else if (this.mapped) { map.choose(this.root, null); map.fit(this.root); part.around(null); }
      this.mapped = key;
    }
  }

  mount(".dispatch-wall", (root) => {
    const wall = new Wall(root);
    return () => wall.close();
  });
})();
