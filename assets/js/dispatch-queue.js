/* /dispatch: the queue. Rows are changed where they stand, by transactions under the case number. Under a hand (a chosen
   or marked row, a scrolled list, an open dialog or filter) nothing moves: what is new waits behind N, what left its view
   stays and says what happened. */
(function () {
  "use strict";
  const { t } = window.citywall;
  const base = window.citywall.dispatchBase;
  const REORDER_MS = 1000;

  class Queue {
    /** `changed()` is called when counts, marks or what waits are different. */
    constructor(grid, { changed }) {
      this.grid = grid;
      this.changed = changed;
      this.view = "all";
      this.words = "";
      this.current = null;
      this.anchor = null; // where a Shift selection began
      this.marked = new Set();
      this.waiting = new Set();
      this.gone = new Set();
      this.sources = new Map(); // case number → the row as it was last known
      grid.addEventListener("bodyScrollEnd", () => this.rest());
      grid.addEventListener("filterChanged", () => this.changed());
      this.timer = setInterval(() => this.rest(), REORDER_MS);
    }

    close() {
      clearInterval(this.timer);
    }

    /* ---- what is wanted ---- */

    wants(row) {
      return base.inView(this.view, row) && this.finds(row);
    }

    finds(row) {
      if (!this.words) return true;
      const told = base.rowData(row);
      const text = `${row.case_no} ${told.class_name} ${told.place} ${told.department} ${told.claimed} ${told.source} ${told.state}`.toLowerCase();
      return this.words.split(/\s+/).every((word) => text.includes(word));
    }

    /** Whether somebody is at work here. */
    get held() {
      return this.current !== null || this.marked.size > 0 || this.scrolled || Boolean(document.querySelector("dialog[open], .ag-popup-child"));
    }

    get scrolled() {
      const range = this.grid.getVerticalPixelRange();
      return Boolean(range) && range.top > 1;
    }

    /* ---- the feed ---- */

    feed({ put, drop, all }) {
      if (all) return this.anew();
      const add = [], update = [], remove = [];
      for (const row of put) this.takeRow(row, { add, update, remove });
      for (const caseNo of drop) this.takeEnd(caseNo, null, { update, remove });
      this.apply({ add, update, remove });
    }

    takeRow(row, lists) {
      const node = this.grid.getRowNode(row.case_no);
      const wanted = this.wants(row);
      if (!node) {
        if (!wanted) this.waiting.delete(row.case_no);
        else if (this.held) this.waiting.add(row.case_no);
        else lists.add.push(this.dataOf(row));
      } else if (wanted) {
        this.gone.delete(row.case_no);
        lists.update.push(this.dataOf(row, node.data));
      } else {
        this.takeEnd(row.case_no, row, lists);
      }
    }

    takeEnd(caseNo, row, { update, remove }) {
      this.waiting.delete(caseNo);
      const node = this.grid.getRowNode(caseNo);
      if (!node) return;
      const before = this.sources.get(caseNo);
      if (!this.held) { remove.push({ case_no: caseNo }); return; }
      this.gone.add(caseNo);
      this.marked.delete(caseNo);
      const gone = before ? base.departure(before, row) : t("已不在此列");
      update.push({ ...(row ? this.dataOf(row, node.data) : node.data), marked: false, gone });
    }

    /** The row as the grid holds it; under a hand it keeps the place it has. */
    dataOf(row, known = null) {
      if (!known || !this.gone.has(row.case_no)) this.sources.set(row.case_no, row);
      const data = base.rowData(row);
      if (this.view === "risk") data.order = base.riskOrder(row);
      if (known) data.order = known.order;
      return { ...data, current: row.case_no === this.current, marked: this.marked.has(row.case_no), gone: "" };
    }

    apply({ add = [], update = [], remove = [] }) {
      for (const { case_no } of remove) { this.sources.delete(case_no); this.marked.delete(case_no); }
      if (add.length || update.length || remove.length) this.grid.applyTransaction({ add, update, remove });
      // a cell shows more than its own value: who left, what is marked, what was ordered
      if (update.length) this.grid.refreshCells({ rowNodes: update.map(({ case_no }) => this.grid.getRowNode(case_no)).filter(Boolean), force: true });
      this.changed();
    }

    /* ---- taking the view anew ---- */

    /** Everything that belongs here, in its order; a row that stays keeps its identity and, as far as can be, its place on screen. */
    settle() {
      const rows = window.citywall.liveCases.rows;
      const wanted = new Map([...rows.values()].filter((row) => this.wants(row)).map((row) => [row.case_no, row]));
      const add = [], update = [], remove = [];
      const kept = this.current !== null && !wanted.has(this.current) ? this.current : null;
      this.grid.forEachNode(({ data }) => {
        if (!wanted.has(data.case_no) && data.case_no !== kept) remove.push({ case_no: data.case_no });
      });
      this.gone = new Set(kept && this.grid.getRowNode(kept) ? [kept] : []);
      for (const row of wanted.values()) {
        const node = this.grid.getRowNode(row.case_no);
        const data = this.dataOf(row);
        if (!node) add.push(data);
        else if (changedOrder(node.data, data)) update.push(data);
      }
      this.waiting.clear();
      this.keepingPlace(() => {
        this.apply({ add, update, remove });
        if (update.length) this.grid.refreshClientSideRowModel("sort");
      });
    }

    /** The board came anew: under a hand only what is shown is brought up to date. */
    anew() {
      if (!this.held) return this.settle();
      const rows = window.citywall.liveCases.rows;
      const drop = [];
      this.grid.forEachNode(({ data }) => { if (!rows.has(data.case_no)) drop.push(data.case_no); });
      this.feed({ put: [...rows.values()], drop, all: false });
    }

    /** Time alone moves cases too: in their order, and past their deadline. */
    rest() {
      if (!this.held) { this.settle(); return; }
      if (this.view !== "overdue") return;
      for (const row of window.citywall.liveCases.rows.values()) {
        if (!this.grid.getRowNode(row.case_no) && this.wants(row)) this.waiting.add(row.case_no);
      }
      this.changed();
    }

    /** The chosen row stays at the same height on screen while rows above it come and go. */
    keepingPlace(change) {
      const node = this.current && this.grid.getRowNode(this.current);
      const before = node ? node.rowTop - this.grid.getVerticalPixelRange().top : null;
      change();
      const after = this.current && this.grid.getRowNode(this.current);
      if (before === null || !after || after.rowTop === null) return;
      const body = document.querySelector(".dispatch-grid .ag-body-viewport");
      if (body) body.scrollTop = Math.max(0, after.rowTop - before);
    }

    show(view, words = this.words) {
      this.choose(null);
      this.unmark();
      this.view = view;
      this.words = words.trim().toLowerCase();
      const body = document.querySelector(".dispatch-grid .ag-body-viewport");
      if (body) body.scrollTop = 0;
      this.grid.setColumnsVisible(["risk"], view === "risk");
      this.grid.setColumnsVisible(["source"], view !== "risk");
      this.settle();
    }

    /* ---- choosing ---- */

    /** Make a row the chosen one. The row that was chosen and has left its view goes now. */
    choose(caseNo, { extend = false } = {}) {
      const before = this.current;
      if (before === caseNo) return;
      this.current = caseNo;
      if (!extend) this.anchor = caseNo;
      const update = [], remove = [];
      const last = before && this.grid.getRowNode(before);
      if (last && this.gone.has(before)) { this.gone.delete(before); remove.push({ case_no: before }); }
      else if (last) update.push({ ...last.data, current: false });
      const next = caseNo && this.grid.getRowNode(caseNo);
      if (next) update.push({ ...next.data, current: true });
      if (remove.length) this.keepingPlace(() => this.apply({ update, remove }));
      else this.apply({ update });
      if (next) this.grid.ensureNodeVisible(next);
    }

    /** The row `step` rows on, among those that the column filters leave. */
    neighbour(step) {
      const count = this.grid.getDisplayedRowCount();
      if (!count) return null;
      const node = this.current && this.grid.getRowNode(this.current);
      const at = node && node.rowIndex !== null ? node.rowIndex + step : step > 0 ? 0 : count - 1;
      const to = this.grid.getDisplayedRowAtIndex(Math.max(0, Math.min(count - 1, at)));
      return to ? to.data.case_no : null;
    }

    mark(caseNos, on) {
      const update = [];
      for (const caseNo of caseNos) {
        const node = this.grid.getRowNode(caseNo);
        if (!node || (on && node.data.gone)) continue;
        if (on) this.marked.add(caseNo);
        else this.marked.delete(caseNo);
        update.push({ ...node.data, marked: on });
      }
      this.apply({ update });
    }

    unmark() {
      this.mark([...this.marked], false);
      this.marked.clear();
    }

    /** From where the selection began to `caseNo`, in the order on screen. */
    markTo(caseNo) {
      const from = this.grid.getRowNode(this.anchor || caseNo), to = this.grid.getRowNode(caseNo);
      if (!from || !to) return;
      const [first, last] = [from.rowIndex, to.rowIndex].sort((one, other) => one - other);
      const between = [];
      for (let index = first; index <= last; index++) between.push(this.grid.getDisplayedRowAtIndex(index).data.case_no);
      this.mark([...this.marked].filter((marked) => !between.includes(marked)), false);
      this.mark(between, true);
    }
  }

  function changedOrder(known, data) {
    return ["order", "version", "current", "marked", "gone", "claimed", "risk_percent"].some((name) => known[name] !== data[name]);
  }

  window.citywall.DispatchQueue = Queue;
})();
