/* Acting on a case from any page: a form made from what `/offers` says the action takes, or one act without a form.
   Nothing typed is lost: it lies in localStorage until the act is done. The server alone decides; its refusal is shown
   at the field it names. `window.citywall.caseAct` {open, quick, toast}. */
(function () {
  "use strict";
  const { t, h, ask, why, format } = window.citywall;
  const ANSWER_SECONDS = 15, TOAST_MS = 6000, UNDO_MS = 20_000, MOST_TOASTS = 4, DRAFT_LIFE_MS = 3 * 86_400_000;
  const BY_TABLE = new Set(["limit_value", "limit_unit", "closing_condition"]); // what a filing condition fixes
  const HIDDEN = new Set(["attributes", "reporter", "reporter_phone", "source_system", "outside_id", "edition"]);
  const DRAFT = "citywall.draft";
  let shown = null; // the one form that is open

  const claims = () => window.citywall.claims; // loaded after this script
  const pathOf = (caseNo, what) => `/api/v1/cases/${encodeURIComponent(caseNo)}${what}`;

  /* ── saying it ──────────────────────────────────────────────────────────────────────────────── */

  function toastPlace() {
    const there = document.querySelector(".act-toasts");
    if (there) return there;
    const made = h("div", { class: "act-toasts", role: "status", "aria-live": "polite", popover: "manual" });
    document.body.append(made);
    return made;
  }

  /** Say something for a few seconds, above an open form too. `undo`: what its button does; `level`: "good", "warning", "error". */
  function toast(text, { undo = null, level = "good" } = {}) {
    const place = toastPlace();
    const made = h("div", { class: "act-toast", "data-level": level, ...(level === "error" ? { role: "alert" } : {}) }, h("span", {}, `${{ error: "✕ ", warning: "▲ " }[level] || ""}${text}`));
    const drop = () => { made.remove(); if (!place.children.length && place.hidePopover) place.hidePopover(); };
    if (undo) made.append(h("button", { type: "button", class: "act-undo", onclick: () => { drop(); undo(); } }, t("撤销")));
    made.append(h("button", { type: "button", class: "act-close-toast", "aria-label": t("关闭"), onclick: drop }, "×"));
    place.append(made);
    while (place.children.length > MOST_TOASTS) place.firstElementChild.remove();
    if (place.showPopover) { if (place.matches(":popover-open")) place.hidePopover(); place.showPopover(); }
    setTimeout(drop, undo ? UNDO_MS : level === "good" ? TOAST_MS : 2 * TOAST_MS);
    return made;
  }

  /* ── doing it ───────────────────────────────────────────────────────────────────────────────── */

  /** Hand the act in, with the claim's token; what it says about claims is noted. */
  async function post(caseNo, action, { version, facts = {}, reason = "" }) {
    const answer = await ask("POST", pathOf(caseNo, "/actions"), { action, expected_version: version, claim_token: claims().token(caseNo), reason, facts }, { seconds: ANSWER_SECONDS });
    if (answer.ok) noteClaims(answer.body, action);
    else if (answer.body.error === "claim_lost") claims().noteLost(caseNo);
    return answer;
  }

  function noteClaims({ case: now }, action) {
    if (action === "claim" || action === "take_over") claims().noteClaim(now.case_no, now.claim_token);
    else claims().noteAnswer(now);
  }

  function undoOf({ case: now, undo }) {
    if (!undo) return null;
    return () => quick(now.case_no, undo, { version: now.version, reason: t("误操作，撤销") });
  }

  function sayDone(body) {
    const { case: now, entry, repeated } = body;
    for (const old of document.querySelectorAll(".act-toast[data-case]")) if (old.dataset.case === now.case_no) old.remove(); // only the newest act can be undone
    toast(`${now.case_no} ${entry.label || ""} ${repeated ? t("此前已办") : t("已办")}`, { undo: undoOf(body) }).dataset.case = now.case_no;
    window.dispatchEvent(new CustomEvent("citywall:case", { detail: body }));
  }

  async function versionOf(caseNo) {
    const answer = await ask("GET", pathOf(caseNo, "/offers"), undefined, { seconds: ANSWER_SECONDS });
    return answer.ok ? answer.body.version : null;
  }

  /** Do it without a form; a refusal is said. Resolves to {ok, case, entry, error}. */
  async function quick(caseNo, action, { version, facts = {}, reason = "" } = {}) {
    const seen = version || (await versionOf(caseNo));
    const answer = seen === null ? { ok: false, body: { error: "no_answer", message: t("与服务器失去联系") } } : await post(caseNo, action, { version: seen, facts, reason });
    if (!answer.ok) {
      toast(`${caseNo} ${why(answer)}`, { level: "error" });
      return { ok: false, error: { error: answer.body.error, field: answer.body.field || null, message: why(answer) } };
    }
    sayDone(answer.body);
    return { ok: true, case: answer.body.case, entry: answer.body.entry };
  }

  /* ── what was typed ─────────────────────────────────────────────────────────────────────────── */

  function readDraft(key) {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch (error) {
      console.error("draft", error);
      return null;
    }
  }

  function writeDraft(key, draft) {
    try {
      localStorage.setItem(key, JSON.stringify({ ...draft, at: Date.now() }));
    } catch (error) {
      console.error("draft", error); // a full store: the form itself still holds it
    }
  }

  function forgetOldDrafts() {
    for (const key of Object.keys(localStorage).filter((name) => name.startsWith(DRAFT))) {
      const draft = readDraft(key);
      if (!draft || Date.now() - draft.at > DRAFT_LIFE_MS) localStorage.removeItem(key);
    }
  }

  /* ── the form ───────────────────────────────────────────────────────────────────────────────── */

  class ActForm {
    constructor(caseNo, action, { facts = {}, onDone = null }) {
      Object.assign(this, { caseNo, action, given: facts, onDone, fields: [], offer: null, told: null, busy: false, sure: false, done: null });
      this.title = h("h2", {}, "…");
      this.body = h("div", { class: "act-body" }, h("p", { class: "act-loading", role: "status" }, t("读取中…")));
      this.foot = h("footer", { class: "act-foot" });
      this.form = h("form", { class: "act-form", method: "dialog", novalidate: true }, h("header", { class: "act-head" }, this.title, h("button", { type: "button", class: "act-button act-x", onclick: () => this.dialog.close() }, t("关闭"), h("kbd", {}, "Esc"))), this.body, this.foot);
      this.dialog = h("dialog", { class: "act-dialog", "data-action": action, "data-case": caseNo }, this.form);
      this.form.addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
      this.form.addEventListener("input", () => this.changed());
      this.dialog.addEventListener("keydown", (event) => this.onKey(event));
      this.closed = new Promise((resolve) => this.dialog.addEventListener("close", () => { this.leave(); resolve(this.done); }));
      document.body.append(this.dialog);
      this.dialog.showModal();
      this.load();
    }

    leave() {
      for (const made of this.fields) if (made.stop) made.stop();
      this.dialog.remove();
      if (shown === this) shown = null;
    }

    /** Enter hands it in, also from a long text (Shift+Enter is a new line there); never while a word is composed. */
    onKey(event) {
      event.stopPropagation(); // the page's own keys are not meant for what is typed here
      if (event.isComposing || (event.code !== "Enter" && event.code !== "NumpadEnter") || event.defaultPrevented) return;
      const { target } = event;
      if (event.repeat || (target.tagName === "TEXTAREA" && event.shiftKey)) { if (event.repeat) event.preventDefault(); return; }
      if (target.tagName === "TEXTAREA" || target.type === "datetime-local" || target.type === "radio" || target.type === "checkbox" || target.tagName === "SELECT") {
        event.preventDefault();
        this.submit();
      }
    }

    /* ---- made from the offer ---- */

    async load() {
      const [offers, record] = await Promise.all([
        ask("GET", pathOf(this.caseNo, "/offers"), undefined, { seconds: ANSWER_SECONDS }),
        ask("GET", pathOf(this.caseNo, ""), undefined, { seconds: ANSWER_SECONDS }),
      ]);
      if (!this.dialog.isConnected) return;
      if (!offers.ok) return this.fail(why(offers));
      this.told = offers.body;
      this.facts = record.ok ? record.body.case : null;
      this.history = record.ok ? record.body.history : [];
      this.suggestions = offers.body.suggestions || [];
      this.offer = offers.body.offers.find((offer) => offer.action === this.action);
      this.key = `${DRAFT}.${offers.body.who || ""}.${this.caseNo}.${this.action}`;
      this.title.replaceChildren(this.offer ? this.offer.label : this.action, h("small", {}, this.caseNo), h("span", { class: "act-state" }, offers.body.state_label));
      if (!this.offer) return this.fail(t("您的岗位不办理此操作。"));
      if (this.offer.refusal) return this.fail(this.offer.refusal.message);
      return this.build();
    }

    /** Not possible, or not known: what the hall says about it, and a way to look again. */
    fail(message) {
      this.body.replaceChildren(...[h("p", { class: "act-message", role: "alert" }, message), this.textKept()].filter(Boolean));
      this.foot.replaceChildren(h("button", { type: "button", class: "act-button", onclick: () => this.again() }, t("重新读取")), h("button", { type: "submit", class: "act-button is-main", autofocus: true }, t("知道了")));
      this.blocked = true;
      this.foot.lastElementChild.focus();
    }

    textKept() {
      const draft = this.key ? readDraft(this.key) : null;
      return draft && draft.reason ? h("blockquote", { class: "act-kept" }, h("small", {}, t("您写的理由已保留")), draft.reason) : null;
    }

    again() {
      this.blocked = false;
      this.body.replaceChildren(h("p", { class: "act-loading", role: "status" }, t("读取中…")));
      this.foot.replaceChildren();
      this.load();
    }

    build() {
      const { offer } = this;
      this.fields = offer.fields.filter((field) => !HIDDEN.has(field.name) && !this.fixed(field)).map((field) => window.citywall.caseFields.wrapped(field, this)).filter(Boolean);
      this.reason = this.reasonField(offer.reason);
      this.results = offer.outcomes.length ? this.outcomes(offer.outcomes) : null;
      const asksReason = offer.reason || offer.outcomes.some((one) => one.reason);
      const byTable = (made) => BY_TABLE.has(made.name) && this.has("filing_condition");
      const upFront = (made) => made.field.required || made.field.kind === "emergency";
      const elements = (which) => this.fields.filter(which).map((made) => made.element);
      this.byHand = h("div", { class: "act-by-hand", hidden: true }, elements(byTable));
      const first = [this.results && this.results.element, ...elements(upFront), this.byHand, asksReason ? this.reason.element : null];
      const folded = [...elements((made) => !upFront(made) && !byTable(made)), ...(asksReason ? [] : [this.reason.element])];
      this.more = h("details", { class: "act-more" }, h("summary", {}, t("更多")), folded);
      this.note = h("p", { class: "act-restored", role: "status", hidden: true });
      this.message = h("p", { class: "act-message", role: "alert", hidden: true });
      this.body.replaceChildren(this.note, ...this.asked(), ...first.filter(Boolean), ...(folded.length ? [this.more] : []), this.message);
      this.footer();
      this.start();
    }

    /** What filing has fixed is not asked again. */
    fixed(field) {
      return BY_TABLE.has(field.name) && field.value !== null && this.offer.action !== "file";
    }

    has(name) {
      return this.fields.some((made) => made.name === name);
    }

    /** What is to be decided: the open request, who asked it and why. */
    asked() {
      const { request } = this.told;
      if (!request || !/^(approve|refuse|withdraw)_/.test(this.action)) return [];
      const entry = [...this.history].reverse().find((one) => one.changes.current_request === request.kind);
      const terms = [request.until ? `${t("至")} ${format.shortTime(request.until)}` : "", request.hours ? `${request.hours} ${t("小时")}` : ""].filter(Boolean).join(" ");
      return [h("blockquote", { class: "act-asked" }, h("b", {}, `${request.label} ${terms}`), entry ? h("small", {}, `${entry.who || entry.actor} ${format.shortTime(entry.at)}`) : null, entry && entry.reason ? h("span", {}, entry.reason) : null)];
    }

    reasonField(required) {
      return window.citywall.caseFields.wrapped({ name: "reason", label: { supervise: t("批示内容"), answer_order: t("答复内容") }[this.action] || t("理由"), kind: "long_text", required, choices: [], value: null }, this);
    }

    outcomes(found) {
      const name = `result-${this.caseNo}`;
      const line = (one) => h("label", { class: "act-outcome" }, h("input", { type: "radio", name, value: one.value }), one.label, one.reason ? h("small", {}, t("须说明理由")) : null);
      const error = h("p", { class: "act-error", role: "alert" });
      const element = h("fieldset", { class: "act-field act-outcomes", "data-field": "result" }, h("legend", {}, t("结果"), h("b", { class: "act-required" }, "*")), found.map(line), error);
      const inputs = () => [...element.querySelectorAll("input")];
      return {
        element,
        get: () => (inputs().find((input) => input.checked) || {}).value,
        set: (value) => { for (const input of inputs()) input.checked = input.value === value; },
        wrong: (message) => { error.textContent = message; },
        focus: () => inputs()[0].focus(),
      };
    }

    footer() {
      const { offer } = this;
      this.go = h("button", { type: "submit", class: `act-button is-main${offer.dangerous ? " is-dangerous" : ""}` }, offer.label, h("kbd", {}, "Enter"));
      this.foot.replaceChildren(h("span", { class: "act-hint" }, t("Enter 提交 · Shift+Enter 换行 · Esc 关闭，文字保留")), this.go);
    }

    start() {
      for (const made of this.fields) if (made.field.value !== null && made.field.value !== undefined) made.set(made.field.value);
      if (this.suggestions.length) for (const made of this.fields) if (made.name === "department" && !made.field.value) made.set(this.suggestions[0].department);
      for (const made of this.fields) if (made.name in this.given) made.set(this.given[made.name]);
      this.first = Object.fromEntries(this.fields.map((made) => [made.name, JSON.stringify(made.get())]));
      this.restore();
      if (this.has("filing_condition")) this.conditionsAsked();
      const entry = [this.results, ...this.fields.filter((made) => made.field.required && made.get() === undefined), this.offer.reason ? this.reason : null, ...this.fields.filter((made) => made.field.required)].find(Boolean);
      if (entry) entry.focus(); else this.go.focus();
    }

    restore() {
      const draft = readDraft(this.key);
      if (!draft) return;
      for (const made of this.fields) if (draft.values && made.name in draft.values && !(made.name in this.given)) made.set(draft.values[made.name]);
      if (draft.reason) this.reason.set(draft.reason);
      if (draft.result && this.results) this.results.set(draft.result);
      this.note.hidden = false;
      this.note.replaceChildren(t("已恢复未提交的内容"), ` ${format.shortTime(draft.at)} `, h("button", { type: "button", class: "act-quick", onclick: () => { localStorage.removeItem(this.key); this.again(); } }, t("清空重填")));
      if (this.fields.some((made) => !made.field.required && draft.values && made.name in draft.values)) this.more.open = true;
    }

    /** Rows of the limit table for the class and area that stand in the form now. */
    async conditionsAsked() {
      const made = this.fields.find((one) => one.name === "filing_condition");
      if (!made) return;
      const read = (name) => { const one = this.fields.find((field) => field.name === name); return one ? one.get() : undefined; };
      const code = read("class_code"), area = read("area_class") || (this.facts && this.facts.area_class) || 1;
      if (code === undefined) return made.show([]);
      if (this.facts && code === this.facts.class_code && area === this.facts.area_class && this.told.conditions) return made.show(this.told.conditions);
      const answer = await ask("GET", `/api/v1/limits?class_code=${encodeURIComponent(code)}&area_class=${area}`, undefined, { seconds: ANSWER_SECONDS });
      if (answer.ok) made.show(answer.body.conditions);
      else made.wrong(`${t("立案标准没有读到")}：${why(answer)}`);
    }

    limitByHand(yes) {
      this.withTable = !yes;
      if (this.byHand) this.byHand.hidden = !yes;
    }

    /* ---- what stands in it ---- */

    changed = () => {
      if (!this.offer || this.blocked || this.busy) return;
      this.unsure();
      this.save();
    };

    save() {
      if (!this.first) return;
      const values = {};
      for (const made of this.fields) {
        const value = made.get();
        if (value !== undefined && JSON.stringify(value) !== this.first[made.name]) values[made.name] = value;
      }
      const draft = { values, reason: this.reason.get() || "", result: this.results ? this.results.get() : undefined };
      if (Object.keys(values).length || draft.reason || draft.result) writeDraft(this.key, draft);
      else localStorage.removeItem(this.key);
    }

    /** The command's facts: what is required, and what was changed beyond. */
    factsToSend() {
      const facts = {};
      for (const made of this.fields) {
        const value = made.get();
        if (value === undefined || (BY_TABLE.has(made.name) && this.withTable)) continue;
        if (made.field.required || made.name in this.given || JSON.stringify(value) !== this.first[made.name]) facts[made.name] = value;
      }
      if (this.results) facts.result = this.results.get();
      return facts;
    }

    /** Says of every required field that is empty that it is; the first of them. */
    incomplete() {
      let first = null;
      const tell = (made, empty, words) => { made.wrong(empty ? words : ""); if (empty && !first) first = made; };
      if (this.results) tell(this.results, this.results.get() === undefined, t("请选择结果"));
      for (const made of this.fields) {
        if (made.parts) for (const part of made.parts) part.wrong("");
        if (made.waits && made.waits()) tell(made, true, t("照片还在上传，请稍候"));
        else if (made.missing) tell(made, made.missing(), t("请先上传须有的照片"));
        else tell(made, made.field.required && made.get() === undefined, t("请填写"));
      }
      const outcome = this.results && this.offer.outcomes.find((one) => one.value === this.results.get());
      tell(this.reason, Boolean(this.offer.reason || (outcome && outcome.reason)) && !this.reason.get(), t("请说明理由"));
      return first;
    }

    /* ---- handing it in ---- */

    async submit() {
      if (this.blocked) return this.dialog.close();
      if (this.busy || !this.offer) return undefined;
      this.message.hidden = true;
      const missing = this.incomplete();
      if (missing) { this.reveal(missing); return undefined; }
      if (this.offer.dangerous && !this.sure) return this.makeSure();
      this.working(true);
      const answer = await post(this.caseNo, this.action, { version: this.told.version, facts: this.factsToSend(), reason: this.reason.get() || "" });
      this.working(false);
      if (answer.ok) return this.succeed(answer.body);
      return this.refuse(answer);
    }

    working(yes) {
      this.busy = yes;
      this.go.disabled = yes;
      this.form.toggleAttribute("data-busy", yes);
    }

    succeed(body) {
      localStorage.removeItem(this.key);
      for (const made of this.fields) if (made.done) made.done();
      this.done = { case: body.case, entry: body.entry };
      this.dialog.close();
      sayDone(body);
      if (this.onDone) this.onDone(this.done);
    }

    reveal(made) {
      if (this.more.contains(made.element)) this.more.open = true;
      made.focus();
      made.element.scrollIntoView({ block: "nearest" });
    }

    refuse(answer) {
      this.save();
      this.unsure();
      const { error, field } = answer.body, message = why(answer);
      let made = field === "result" ? this.results : field === "reason" ? this.reason : this.fields.find((one) => one.name === field);
      if (made && made.named) made = made.named(message) || made;
      if (made) {
        made.wrong(message);
        this.reveal(made);
        return;
      }
      const stale = error === "stale_version" || error === "claimed" || error === "claim_lost" || answer.status === 409;
      const act = stale
        ? h("button", { type: "button", class: "act-button", onclick: () => this.again() }, t("读取最新情况再办，文字保留"))
        : answer.status === 0 ? h("button", { type: "button", class: "act-button", onclick: () => this.submit() }, t("重试")) : null;
      this.message.replaceChildren(h("span", {}, message), answer.status === 0 ? h("small", {}, t("内容已保存在本机，可以重试：重复提交只算一次。")) : "", act || "");
      this.message.hidden = false;
      (act || this.go).focus();
    }

    /* ---- what cannot be taken back asks twice ---- */

    makeSure() {
      this.sure = true;
      this.go.replaceChildren(`${t("确认")}${this.offer.label}`, h("kbd", {}, "Enter"));
      this.go.classList.add("is-sure");
      this.message.replaceChildren(h("span", {}, t("{action}后不能撤销。再按一次确认。").replace("{action}", this.offer.label)));
      this.message.hidden = false;
      this.go.focus();
      return undefined;
    }

    unsure() {
      if (!this.sure) return;
      this.sure = false;
      this.message.hidden = true;
      this.footer();
    }
  }

  /** Open the form of an action; resolves to {case, entry} once done, to null when it is closed before. */
  function open(caseNo, action, options = {}) {
    if (shown) shown.dialog.close(); // what stands in it is kept
    shown = new ActForm(caseNo, action, options);
    return shown.closed;
  }

  forgetOldDrafts();
  window.citywall.caseAct = { open, quick, toast };
})();
