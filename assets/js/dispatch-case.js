/* /dispatch: the chosen case. What the row says is there at once; the rest is fetched, and fetched again whenever the case
   has a new version. What somebody else changed meanwhile is marked and named. */
(function () {
  "use strict";
  const { t, now, format, h, ask, why } = window.citywall;
  const base = window.citywall.dispatchBase;
  const TIMELINE = 12, MARK_MS = 20_000, AGAIN_MS = 3000, ANSWER_SECONDS = 10;
  const WATCHED = ["state", "department", "claimed_by", "deadline", "severity", "class_code", "address", "current_request", "suspended_until", "supervised", "send_back_count", "description"];
  /* In the order of the buttons: key, action, words. Keys without an action are the desk's own. */
  const OWN = [
    ["C", "claim", t("认领")], ["C", "release", t("放弃认领")], ["Shift+C", "take_over", t("接管")], ["D", "dispatch", t("派遣")], ["R", "return", t("退回/审批")], ["L", "link", t("关联")],
  ];
  const RETURNS = [
    "approve_send_back", "refuse_send_back", "approve_extension", "refuse_extension", "approve_suspension", "refuse_suspension", "approve_void", "refuse_void",
    "approve_appeal", "refuse_appeal", "approve_emergency", "refuse_emergency", "refuse_filing", "refuse_acceptance", "ask_void", "recall",
  ];

  class CasePane {
    constructor(root, place) {
      this.root = root;
      this.place = place;
      this.mayAct = root.dataset.mayAct === "1";
      this.caseNo = null;
      this.clear();
    }

    clear() {
      Object.assign(this, { told: null, offers: null, alike: [], photos: [], error: "", changes: new Map(), news: "", asked: 0 });
      clearTimeout(this.timer);
    }

    /** `caseNo` null: nothing is chosen. */
    show(caseNo) {
      if (this.caseNo === caseNo) return;
      this.clear();
      this.caseNo = caseNo;
      this.place.scrollTop = 0;
      this.draw();
      if (caseNo) this.fetch();
    }

    get row() {
      return this.caseNo ? window.citywall.liveCases.rows.get(this.caseNo) : null;
    }

    get version() {
      return this.told ? this.told.version : this.row && this.row.version;
    }

    offer(action) {
      return this.offers && this.offers.offers.find((one) => one.action === action);
    }

    may(action) {
      const offer = this.offer(action);
      return Boolean(offer && !offer.refusal);
    }

    get returns() {
      return this.offers ? RETURNS.filter((action) => this.may(action)) : [];
    }

    /* ---- asking ---- */

    /** The feed says that the case has moved on, or is open no more. */
    heard(put, drop) {
      if (!this.caseNo) return;
      const row = put.find((one) => one.case_no === this.caseNo);
      if (drop.includes(this.caseNo) || (row && this.told && row.version > this.told.version)) this.fetch();
      else if (row) this.draw();
    }

    async fetch() {
      const caseNo = this.caseNo, turn = ++this.asked;
      const at = `/api/v1/cases/${encodeURIComponent(caseNo)}`;
      const [found, offers] = await Promise.all([ask("GET", at, undefined, { seconds: ANSWER_SECONDS }), this.mayAct ? ask("GET", `${at}/offers`, undefined, { seconds: ANSWER_SECONDS }) : null]);
      if (this.caseNo !== caseNo || this.asked !== turn) return;
      if (!found.ok) return this.fail(found);
      this.error = "";
      this.compare(found.body);
      this.offers = offers && offers.ok ? offers.body : null;
      this.draw();
      this.beside(caseNo);
    }

    /** What was shown stays, and it is asked for again. */
    fail(answer) {
      this.error = answer.status === 404 ? t("没有这件案卷，或无权查看") : why(answer);
      this.draw();
      clearTimeout(this.timer);
      if (answer.status !== 404) this.timer = setTimeout(() => this.caseNo && this.fetch(), AGAIN_MS);
    }

    /** Photos and possible duplicates are worth a second look, never worth waiting for. */
    async beside(caseNo) {
      const { class_code, lon, lat } = this.told;
      const near = this.root.dataset.mayAlike === "1" && lon !== null ? `/api/v1/cases-alike?${new URLSearchParams({ class_code, lon, lat })}` : "";
      const [photos, alike] = await Promise.all([
        window.citywall.casePictures.ask(caseNo, this.told), near ? ask("GET", near, undefined, { seconds: ANSWER_SECONDS }) : null,
      ]);
      if (this.caseNo !== caseNo) return;
      this.photos = photos.ok ? photos.body.photos || [] : [];
      const linked = new Set([caseNo, ...this.told.linked]);
      this.alike = alike && alike.ok ? alike.body.cases.filter((one) => !linked.has(one.case_no)) : [];
      if (this.photos.length || this.alike.length) this.draw();
    }

    /** Fields that are different from what was shown, and who did that; one's own acts are no news. */
    compare({ case: found, history }) {
      const before = this.told;
      this.told = found;
      this.history = history;
      if (!before || before.version === found.version) return;
      const since = history.filter((entry) => entry.version > before.version);
      const others = since.filter((entry) => entry.actor !== base.me());
      if (!others.length) { this.changes.clear(); this.news = ""; return; }
      for (const name of WATCHED) if (JSON.stringify(before[name]) !== JSON.stringify(found[name])) this.changes.set(name, who(others.at(-1)));
      const last = others.at(-1);
      this.news = t("{who} 已于 {time} {act}").replace("{who}", who(last)).replace("{time}", format.clock(last.at)).replace("{act}", this.act(last));
      setTimeout(() => { this.changes.clear(); if (this.told === found) this.draw(); }, MARK_MS);
    }

    act(entry) {
      const { department } = entry.changes;
      const name = base.names().actions[entry.action] || entry.action;
      return department && entry.action.includes("dispatch") ? `${name} → ${base.department(department)}` : name;
    }

    /* ---- drawing ---- */

    draw() {
      const { row, told } = this;
      const known = told || row;
      this.place.dataset.face = this.error ? "error" : known ? (told ? "live" : "loading") : "empty";
      if (!known) {
        this.place.replaceChildren(this.error ? h("p", { class: "dispatch-case-none", role: "alert" }, this.error) : nothingChosen());
        return;
      }
      this.place.replaceChildren(...[
        this.head(known), this.newsLine(), this.time(known, row), this.risk(row), this.owner(known), this.hints(known), h("p", { class: "dispatch-link-warning", role: "alert" }, `⚠ ${t("与服务器失去联系：操作可能不成功，内容已暂存")}`),
        this.buttons(), this.pictures(), this.timeline(),
      ].filter(Boolean));
      window.citywall.dispatchCells.secondHand(this.place);
    }

    field(name, ...children) {
      const by = this.changes.get(name);
      return h("span", { class: by ? "dispatch-field is-changed" : "dispatch-field", "data-field": name, title: by ? t("{who} 刚刚更改").replace("{who}", by) : null }, ...children, by && h("em", {}, by));
    }

    head(known) {
      const [shape, word] = base.level(known.severity);
      return h("header", { class: "dispatch-case-head" },
        h("div", { class: "dispatch-case-no" }, h("a", { href: `/case/${encodeURIComponent(known.case_no)}` }, known.case_no), this.field("state", h("span", { class: "dispatch-state" }, base.names().states[known.state] || known.state))),
        h("h2", {}, this.field("severity", h("span", { class: `dispatch-level is-${known.severity}` }, h("i", {}, shape), word)), " ", this.field("class_code", base.className(known.class_code))),
        h("p", { class: "dispatch-place" }, this.field("address", known.address)),
        h("p", { class: "dispatch-sub" }, [base.district(known.district), known.grid && `${t("网格")} ${known.grid}`, base.names().sources[known.source], `${format.shortTime(known.reported_at)} ${t("上报")}`].filter(Boolean).join(" · ")),
        this.told && this.told.description && this.told.description !== known.address ? h("p", { class: "dispatch-words" }, this.field("description", this.told.description)) : null);
    }

    newsLine() {
      if (this.error) return h("p", { class: "dispatch-news", role: "alert" }, `⚠ ${this.error}`);
      return this.news ? h("p", { class: "dispatch-news", role: "status" }, `↻ ${this.news}`) : null;
    }

    time(known, row) {
      if (!row) return h("div", { class: "dispatch-time" }, h("b", {}, base.names().states[known.state] || known.state), h("span", {}, known.closed_at ? format.shortTime(known.closed_at) : ""));
      const clock = base.clockOf(row), lamp = base.lampOf(clock);
      const words = { red: t("超期"), yellow: t("剩"), green: t("剩"), grey: t("停表"), none: t("已等") }[lamp];
      const place = h("b", { class: "dispatch-left" });
      place.cwClock = clock;
      const made = h("div", { class: "dispatch-time", "data-lamp": lamp },
        h("span", { class: "dispatch-time-word" }, words), place,
        clock.kind === "due" ? h("span", { class: "dispatch-bar", "aria-hidden": "true" }, h("i", {})) : null,
        this.field("deadline", limitWords(known, clock)));
      return Object.assign(made, { cwClock: clock });
    }

    risk(row) {
      const risk = row && base.riskOf(row);
      return risk ? window.citywall.risks.line(risk) : null;
    }

    owner(known) {
      const claim = known.claimed_by ? (known.claimed_by === base.me() ? t("我") : known.claimant || known.claimed_by) : t("无人认领");
      const since = this.told && this.told.claimed_at ? ` ${format.clock(this.told.claimed_at)} ${t("起")}` : "";
      const first = this.offers && this.offers.suggestions && this.offers.suggestions[0];
      const lines = [
        [t("认领"), this.field("claimed_by", h("b", { class: known.claimed_by && known.claimed_by !== base.me() ? "is-other" : null }, claim), since && h("small", {}, since))],
        known.department && [t("责任"), this.field("department", h("b", {}, base.department(known.department)), known.tasked_at ? h("small", {}, ` ${format.shortTime(known.tasked_at)} ${t("派遣")}`) : null)],
        first && [t("建议"), h("span", { class: "dispatch-suggested" }, h("b", {}, first.name), h("small", {}, base.reason(first.why)))],
        known.send_back_count > 0 && [t("退回"), this.field("send_back_count", h("b", { class: known.send_back_count > 1 ? "is-late" : null }, `${known.send_back_count} ${t("次")}`), known.send_back_count > 1 ? h("small", {}, t("已冻结再派，须先确权")) : null)],
        known.ownerless_since && [t("无主"), Object.assign(h("b", { class: "dispatch-age" }), { cwSince: known.ownerless_since })],
        known.suspended_until && [t("挂账至"), this.field("suspended_until", format.shortTime(known.suspended_until))],
        known.current_request && [t("待审批"), this.field("current_request", h("b", { class: "is-late" }, base.names().requests[known.current_request] || known.current_request), h("small", {}, this.requestReason()))],
        this.told && this.told.order_by && [t("督办"), this.field("supervised", h("b", { class: "is-late" }, `${this.told.order_text || t("督办")}`), h("small", {}, this.told.order_answered_at ? t("已答复") : this.told.order_due ? `${t("须于")} ${format.shortTime(this.told.order_due)} ${t("前答复")}` : ""))],
      ].filter(Boolean);
      return h("dl", { class: "dispatch-facts" }, lines.flatMap(([name, ...value]) => [h("dt", {}, name), h("dd", {}, ...value)]));
    }

    requestReason() {
      const asked = [...(this.history || [])].reverse().find((entry) => entry.changes.current_request);
      return asked ? [asked.reason, asked.changes.requested_hours && `${asked.changes.requested_hours} h`, asked.changes.requested_until && `${t("至")} ${format.shortTime(asked.changes.requested_until)}`].filter(Boolean).join(" · ") : "";
    }

    hints() {
      if (!this.alike.length) return null;
      const links = this.alike.slice(0, 3).map((one) => h("a", { href: `/case/${encodeURIComponent(one.case_no)}`, title: `${one.address} · ${one.state_label}` }, `${base.short(one.case_no)} (${one.metres} m)`));
      return h("p", { class: "dispatch-alike" }, h("b", {}, t("疑似重复 {n} 件").replace("{n}", this.alike.length)), links);
    }

    buttons() {
      const made = [];
      for (const [key, action, words] of this.mayAct ? OWN : []) {
        if (action === "return") { made.push(button(key, action, words, this.offers && !this.returns.length ? t("此时没有可退回或审批的事项") : "")); continue; }
        const offer = this.offer(action);
        if ((action === "release" || action === "take_over") && !this.may(action)) continue;
        if (action === "claim" && this.may("release")) continue;
        if (!offer && this.offers) continue;
        made.push(button(key, action, words, offer && offer.refusal ? offer.refusal.message : ""));
      }
      made.push(button("V", "video", t("视频"), ""), button("Enter", "open", t("打开"), ""));
      const shown = new Set(["claim", "release", "take_over", "dispatch", "link", ...this.returns]);
      const more = this.offers ? this.offers.offers.filter((one) => !one.refusal && !shown.has(one.action)) : [];
      return h("div", { class: "dispatch-acts" }, made, more.map((one) => button("", one.action, one.label, "", "is-more")));
    }

    pictures() {
      if (!this.photos.length) return null;
      const shown = this.photos.filter((photo) => photo.stored !== false && photo.thumb_url).slice(0, 4);
      return shown.length ? h("div", { class: "dispatch-photos" }, shown.map((photo) => h("a", { href: photo.url, target: "_blank", rel: "noopener" }, window.citywall.casePictures.view(photo), h("small", {}, (photo.flags || []).map((flag) => flag.label).join(" ") || `${photo.kind === "video" ? photo.kind_label : ""} ${photo.taken_at ? format.hourMinute(photo.taken_at) : ""}`)))) : null;
    }

    timeline() {
      if (!this.history) return h("p", { class: "dispatch-reading" }, t("读取中…"));
      const entries = [...this.history].reverse().slice(0, TIMELINE);
      return h("section", { class: "dispatch-timeline" }, h("h3", {}, t("时间线")), h("ol", {}, entries.map((entry) => h("li", {},
        h("time", {}, sameDay(entry.at) ? format.clock(entry.at) : format.shortTime(entry.at)),
        h("span", {}, h("b", {}, this.act(entry)), ` ${who(entry)}`, h("i", {}, entry.role_label || ""), entry.reason ? h("small", {}, entry.reason) : null)))));
    }
  }

  function button(key, action, words, refusal, extra = "") {
    return h("button", { type: "button", class: `dispatch-act ${extra}`.trim(), "data-act": action, "aria-disabled": refusal ? "true" : null, title: refusal || null }, words, key && h("kbd", {}, key));
  }

  function nothingChosen() {
    return h("p", { class: "dispatch-case-none" }, t("用 ↓ 或 J 选一件案卷"), h("small", {}, t("C 认领 · D 派遣 · Enter 确认 · ? 全部按键")));
  }

  function limitWords(known, clock) {
    const limit = known.limit_value ? `${t("时限")} ${known.limit_value} ${base.names().units[known.limit_unit] || known.limit_unit}` : "";
    const end = clock.kind === "due" ? `${t("至")} ${format.shortTime(clock.due)}` : "";
    if (known.state !== "pending_dispatch") return [limit, end].filter(Boolean).join(" · ");
    return [`${t("须派遣")} ${end}`, limit && `${t("处置")} ${limit}`].filter(Boolean).join(" · ");
  }

  /** Whoever did it, as the hall calls them. */
  function who(entry) {
    return entry.actor === base.me() ? t("我") : entry.who || entry.actor;
  }

  const sameDay = (ms) => format.date(ms) === format.date(now());

  window.citywall.DispatchCase = CasePane;
})();
