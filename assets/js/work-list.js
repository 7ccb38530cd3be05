/* The queues of /unit and /intake: rows of the live cases under their case number, changed by transactions only. The
   chosen row keeps its place under the hand whatever comes or goes around it.
     citywall.caseList(grid, {takes, rowOf, chosen, changed}) → {tab, choose, step, count, current, close} */
(function () {
  "use strict";
  const { t, now, format } = window.citywall;
  const NEVER = 8.64e15, NARROW_PX = 800;
  const base = () => window.citywall.dispatchBase;
  const element = (type, props, ...children) => window.React.createElement(type, props, ...children);
  const cells = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});

  /* ── cells ──────────────────────────────────────────────────────────────────────────────────── */

  cells.ListLevel = ({ data }) => element("span", { className: `list-level is-${data.level}`, title: data.level_word }, element("i", { "aria-hidden": true }, data.level_shape), data.level_word);
  cells.ListWhat = ({ data }) => element("span", { className: "list-what", title: `${data.class_name} ${data.place}` }, element("b", null, data.class_name), data.place);
  cells.ListMarks = ({ data }) => element("span", { className: "list-marks" },
    data.order_due && element("b", { className: "is-order", title: `${t("须答复")} ${format.shortTime(data.order_due)}` }, `★${t("督办")}`),
    data.request && element("b", { className: "is-request", title: t("待审批") }, data.request),
    data.send_backs ? element("b", { className: "is-back", title: t("回退次数") }, `↩${data.send_backs}`) : null,
    data.claimed && element("em", null, data.claimed));
  /** Empty for React; the ref writes it at once and `second` every second after. */
  cells.ListLeft = ({ data }) => element("span", { className: "list-left", ref: (place) => place && writeLeft(Object.assign(place, { cwClock: data.clock })) });

  function writeLeft(place, at = now()) {
    const clock = place.cwClock;
    if (!clock) return;
    const lamp = base().lampOf(clock, at);
    const left = clock.short && clock.due ? format.age(Math.abs(clock.due - at)) : base().leftText(clock, at);
    const words = clock.fed ? t("已反馈") : lamp === "red" ? `▲ ${t("超期")} ${left}` : lamp === "grey" ? `‖ ${left}` : left;
    if (place.textContent !== words) place.textContent = words;
    if (place.dataset.lamp !== lamp) place.dataset.lamp = lamp;
  }

  /* ── rows ───────────────────────────────────────────────────────────────────────────────────── */

  /** What every list shows of a case. */
  function common(row) {
    const [shape, word] = base().level(row.severity);
    const names = base().names();
    return {
      case_no: row.case_no, version: row.version, state: row.state, state_word: names.states[row.state] || row.state, level: row.severity, level_shape: shape, level_word: word,
      class_name: base().className(row.class_code), place: row.address, clock: base().clockOf(row), order_due: row.supervised ? row.order_due : null,
      request: row.current_request ? names.requests[row.current_request] || row.current_request : "", send_backs: row.send_back_count,
      claimed: row.claimed_by ? (row.claimed_by === base().me() ? t("我") : row.claimant || row.claimed_by) : "", source: names.sources[row.source] || row.source,
    };
  }

  const isLate = (data, at = now()) => data.clock.kind === "due" && !data.clock.fed && at > data.clock.due;

  class List {
    /** `takes(row)`: whether a case belongs to this desk at all; `rowOf(row)`: more than `common`, with `order`. */
    constructor(grid, { takes, rowOf, chosen, changed }) {
      Object.assign(this, { grid, takes, rowOf, chosen, changed, belongs: () => true, current: null, at: 0, rows: new Map() });
      grid.setGridOption("isExternalFilterPresent", () => true);
      grid.setGridOption("doesExternalFilterPass", (node) => this.belongs(node.data));
      grid.addEventListener("rowClicked", ({ data, node }) => { this.at = node.rowIndex; this.choose(data.case_no); });
      this.stop = window.citywall.liveCases.on((event) => this.follow(event));
      this.timer = setInterval(() => this.second(), 1000);
    }

    close() {
      this.stop();
      clearInterval(this.timer);
    }

    follow({ put, drop, all, failed }) {
      if (failed) return this.changed({ failed });
      const add = [], update = [], remove = [];
      const gone = new Set(drop);
      if (all) for (const caseNo of this.rows.keys()) if (!window.citywall.liveCases.rows.has(caseNo)) gone.add(caseNo);
      for (const row of put) {
        if (!this.takes(row)) { gone.add(row.case_no); continue; }
        const known = this.rows.get(row.case_no);
        if (known && known.version === row.version && known.seen_overdue === row.overdue) continue;
        const data = this.dataOf(row, known);
        this.rows.set(row.case_no, data);
        (known ? update : add).push(data);
      }
      for (const caseNo of gone) if (this.rows.delete(caseNo)) remove.push({ case_no: caseNo });
      this.keepingPlace(() => this.apply({ add, update, remove }));
      return this.changed({});
    }

    /** By transaction; cells drawn from more than their own field are drawn anew. */
    apply({ add = [], update = [], remove = [] }) {
      if (!add.length && !update.length && !remove.length) return;
      const done = this.grid.applyTransaction({ add, update, remove });
      if (update.length) this.grid.refreshCells({ force: true, rowNodes: done.update });
    }

    /** The row as the list holds it; the chosen one keeps the place it has until another is chosen. */
    dataOf(row, known) {
      const data = { ...common(row), seen_overdue: row.overdue, ...this.rowOf(row) };
      if (known && row.case_no === this.current) data.order = known.order;
      data.current = row.case_no === this.current;
      data.late = isLate(data);
      return data;
    }

    /** The chosen row stays at its height on screen. */
    keepingPlace(change) {
      const top = () => { const node = this.current && this.grid.getRowNode(this.current); return node && node.rowTop !== null ? node.rowTop : null; };
      const before = top();
      change();
      const after = top();
      const body = this.grid.getDisplayedRowCount() && document.querySelector(".work-list .ag-body-viewport");
      if (body && before !== null && after !== null && after !== before) body.scrollTop += after - before;
    }

    /** What one second changes: the clocks on screen, and a row whose deadline has just passed. */
    second() {
      const at = now(), update = [];
      for (const data of this.rows.values()) if (!data.late && isLate(data, at)) { data.late = true; update.push(data); }
      if (update.length) { this.apply({ update }); this.grid.onFilterChanged(); this.changed({}); }
      for (const place of document.querySelectorAll(".work-list .list-left")) writeLeft(place, at);
    }

    /* ---- hands ---- */

    tab(belongs) {
      this.belongs = belongs;
      this.at = 0;
      this.grid.onFilterChanged();
    }

    count(belongs) {
      let found = 0;
      for (const data of this.rows.values()) if (belongs(data)) found += 1;
      return found;
    }

    choose(caseNo) {
      const before = this.current;
      this.current = caseNo;
      const update = [];
      for (const no of new Set([before, caseNo])) {
        const data = no && this.rows.get(no);
        if (!data) continue;
        data.current = no === caseNo;
        const row = window.citywall.liveCases.rows.get(no);
        if (row && no === before && before !== caseNo) data.order = this.rowOf(row).order; // its own place again
        update.push(data);
      }
      this.apply({ update });
      const node = caseNo && this.grid.getRowNode(caseNo);
      if (node && node.rowIndex !== null) { this.at = node.rowIndex; this.grid.ensureNodeVisible(node); }
      this.chosen(caseNo);
    }

    /** The next row or the one before; when the chosen one has left the list, whatever stands in its place. */
    step(by) {
      const count = this.grid.getDisplayedRowCount();
      if (!count) return;
      const node = this.current && this.grid.getRowNode(this.current);
      const here = node && node.displayed !== false && node.rowIndex !== null;
      const wanted = here ? node.rowIndex + by : this.current ? this.at + (by < 0 ? -1 : 0) : 0;
      const next = this.grid.getDisplayedRowAtIndex(Math.max(0, Math.min(count - 1, wanted)));
      if (next) this.choose(next.data.case_no);
    }
  }

  /** Keys of a page with a list: never while typing or composing, never the letter after G. */
  function listKeys(root, press) {
    let goAt = -Infinity;
    function onKey(event) {
      if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
      if (event.target.closest("input, textarea, select, [contenteditable], dialog") || document.querySelector("dialog[open]")) return;
      if (event.code === "KeyG") { goAt = performance.now(); return; }
      if (performance.now() - goAt < 1500 && /^Key/.test(event.code)) { goAt = -Infinity; return; }
      if (event.code === "Enter" && event.target.closest("button, a, summary")) return;
      if (!event.repeat || event.code === "KeyJ" || event.code === "KeyK" || event.code.startsWith("Arrow")) { if (press(event.code, event)) event.preventDefault(); }
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }

  async function listGrid(root) {
    const grid = await window.dash_ag_grid.getApiAsync(root.dataset.grid);
    const px = parseFloat(getComputedStyle(root).fontSize);
    grid.setGridOption("rowHeight", Math.round(2.5 * px));
    grid.setGridOption("headerHeight", Math.round(2.1 * px));
    if (window.innerWidth < NARROW_PX) grid.setColumnsVisible(["level_word", "state_word", "case_no"], false);
    return grid;
  }

  window.citywall.caseList = (grid, options) => new List(grid, options);
  Object.assign(window.citywall.caseList, { keys: listKeys, grid: listGrid, NEVER });
})();
