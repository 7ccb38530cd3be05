/* /dispatch: D. One case: its department is chosen already, Enter confirms. Several: a preview of every case's outcome
   first, then one after another with what became of each; what failed stays marked. */
(function () {
  "use strict";
  const { t, format, h, ask, why } = window.citywall;
  const base = window.citywall.dispatchBase;
  const AT_ONCE = 10, ANSWER_SECONDS = 20, MOST = 200;
  const draftKey = (caseNo) => `citywall.dispatch.${base.me()}.${caseNo}`;

  const caseAct = () => window.citywall.caseAct;
  const tokenOf = (caseNo) => (window.citywall.claims ? window.citywall.claims.token(caseNo) : null);

  /* ---- what was typed outlives a reload ---- */

  function kept(caseNo) {
    try {
      return JSON.parse(localStorage.getItem(draftKey(caseNo))) || {};
    } catch (error) {
      console.error("dispatch draft", error);
      return {};
    }
  }

  function keep(caseNo, draft) {
    if (draft.reason || draft.query || draft.department) localStorage.setItem(draftKey(caseNo), JSON.stringify(draft));
    else localStorage.removeItem(draftKey(caseNo));
  }

  function dialog(name, label, ...children) {
    const made = h("dialog", { class: `dispatch-dialog ${name}`, "aria-label": label }, ...children);
    made.addEventListener("close", () => made.remove());
    document.querySelector(".dispatch").append(made);
    made.showModal();
    return made;
  }

  function head(title, small) {
    return h("div", { class: "dispatch-dialog-head" }, h("h2", {}, title, small && h("small", {}, small)), h("button", { type: "button", class: "desk-button", onclick: (event) => event.target.closest("dialog").close() }, t("取消"), h("kbd", {}, "Esc")));
  }

  /* ---- a department: those that are offered with their reasons, or any by name or pinyin ---- */

  class DepartmentPick {
    /** `wanted`: chosen from the start although perhaps not offered. */
    constructor(suggestions, { wanted = "", query = "", changed }) {
      this.suggestions = suggestions;
      this.changed = changed;
      this.chosen = wanted || (suggestions[0] || {}).department || "";
      this.input = h("input", { type: "text", class: "dispatch-find", placeholder: t("其他部门：名称或拼音首字母"), autocomplete: "off", spellcheck: "false", value: query, "aria-label": t("部门") });
      this.list = h("ol", { class: "dispatch-departments", role: "listbox", "aria-label": t("部门") });
      this.element = h("div", { class: "dispatch-pick" }, this.list, this.input);
      this.input.addEventListener("input", () => { this.draw(); this.changed(); });
      this.draw();
    }

    get lines() {
      const query = this.input.value.trim();
      const found = query ? base.departmentsLike(query, 6).map((one) => this.suggestions.find((known) => known.department === one.code) || { department: one.code, name: one.name, why: "" }) : this.suggestions.slice(0, 5);
      const chosen = this.chosen && !found.some((one) => one.department === this.chosen) ? [{ department: this.chosen, name: base.department(this.chosen), why: t("所选") }] : [];
      return query ? found : [...chosen, ...found];
    }

    draw() {
      const { lines } = this;
      if (this.input.value.trim() && lines.length && !lines.some((one) => one.department === this.chosen)) this.chosen = lines[0].department;
      this.list.replaceChildren(...lines.map((one, index) => h("li", { role: "option", "aria-selected": String(one.department === this.chosen), onclick: () => this.choose(one.department) },
        h("kbd", {}, String(index + 1)), h("b", {}, one.name), h("span", {}, base.reason(one.why) || t("不在建议之列")))));
      if (!lines.length) this.list.replaceChildren(h("li", { class: "is-none" }, this.input.value.trim() ? t("没有这样的部门，请换个名称或拼音") : t("没有规则指明部门，请输入名称或拼音")));
    }

    choose(code) {
      this.chosen = code;
      this.draw();
      this.changed();
    }

    step(by) {
      const { lines } = this;
      const at = lines.findIndex((one) => one.department === this.chosen);
      const to = lines[Math.max(0, Math.min(lines.length - 1, at + by))];
      if (to) this.choose(to.department);
    }

    digit(number) {
      const line = this.lines[number - 1];
      if (line) this.choose(line.department);
    }
  }

  /* ---- one case ---- */

  /** `wanted`: the department named in the command bar. Resolves to the case once it is dispatched, else to null. */
  async function one(caseNo, { wanted = "", told = null } = {}) {
    const offers = told || await offersOf(caseNo);
    if (!offers) return null;
    const offer = offers.offers.find((each) => each.action === "dispatch");
    if (!offer || offer.refusal) {
      caseAct().toast(`${base.short(caseNo)} ${offer ? offer.refusal.message : t("您的岗位不派遣案卷")}`, { level: "error" });
      return null;
    }
    return new Promise((resolve) => confirm(caseNo, offers, wanted, resolve));
  }

  async function offersOf(caseNo) {
    const answer = await ask("GET", `/api/v1/cases/${encodeURIComponent(caseNo)}/offers`, undefined, { seconds: ANSWER_SECONDS });
    if (!answer.ok) caseAct().toast(`${base.short(caseNo)} ${why(answer)}`, { level: "error" });
    return answer.ok ? answer.body : null;
  }

  function confirm(caseNo, offers, wanted, resolve) {
    const draft = kept(caseNo);
    const row = window.citywall.liveCases.rows.get(caseNo);
    const reason = h("textarea", { class: "dispatch-reason", rows: 2, maxlength: 2000, placeholder: t("说明（派回原部门时必填）"), "aria-label": t("说明") });
    reason.value = draft.reason || "";
    const pick = new DepartmentPick(offers.suggestions || [], { wanted: wanted || draft.department || "", query: draft.query || "", changed: () => save() });
    const save = () => keep(caseNo, { reason: reason.value, query: pick.input.value, department: pick.chosen === ((offers.suggestions || [])[0] || {}).department ? "" : pick.chosen });
    const message = h("p", { class: "dispatch-refused", role: "alert", hidden: true });
    const go = h("button", { type: "button", class: "dispatch-go", onclick: () => submit() }, t("派遣"), h("kbd", {}, "Enter"));
    const more = h("button", { type: "button", class: "desk-button", onclick: () => { box.close(); caseAct().open(caseNo, "dispatch", { facts: { department: pick.chosen } }); } }, t("协办等更多选项"));
    const box = dialog("dispatch-one", t("派遣"), head(`${t("派遣")} ${base.short(caseNo)}`, row ? `${base.className(row.class_code)} · ${row.address}` : caseNo), pick.element, reason, message, h("div", { class: "dispatch-dialog-foot" }, more, go));
    let done = null, busy = false;
    reason.addEventListener("input", save);
    box.addEventListener("close", () => resolve(done));
    box.addEventListener("keydown", (event) => keys(event, { pick, go, submit, reason }));
    go.focus();

    async function submit() {
      if (busy) return;
      if (!pick.chosen) { say(t("请先选部门")); pick.input.focus(); return; }
      busy = go.disabled = true;
      const answer = await caseAct().quick(caseNo, "dispatch", { version: offers.version, facts: { department: pick.chosen }, reason: reason.value.trim() });
      busy = go.disabled = false;
      if (answer.ok) {
        localStorage.removeItem(draftKey(caseNo));
        done = answer.case;
        box.close();
        return;
      }
      say(answer.error.message);
      if (answer.error.field === "reason") reason.focus(); else go.focus();
    }

    function say(words) {
      message.hidden = false;
      message.textContent = words;
    }
  }

  /** Enter confirms from anywhere; arrows and digits choose; letters begin a search. Nothing while Chinese is composed. */
  function keys(event, { pick, go, submit, reason }) {
    event.stopPropagation();
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target === pick.input, writing = event.target === reason;
    const act = { Enter: submit, NumpadEnter: submit, ArrowDown: () => pick.step(1), ArrowUp: () => pick.step(-1) }[event.code];
    if (act && !(writing && (event.code.startsWith("Arrow") || event.shiftKey)) && !(event.code.endsWith("Enter") && event.target.closest("button") && event.target !== go)) {
      event.preventDefault();
      act();
    } else if (!typing && !writing) {
      const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
      if (digit) { event.preventDefault(); pick.digit(Number(digit[1])); }
      else if (/^Key[A-Z]$/.test(event.code) || event.key === "Process") pick.input.focus(); // the letter goes into the field
    }
  }

  /* ---- several ---- */

  const item = (caseNo, more) => {
    const row = window.citywall.liveCases.rows.get(caseNo);
    return row && { case_no: caseNo, expected_version: row.version, claim_token: tokenOf(caseNo), ...more };
  };

  class Bulk {
    /** `finished(done, failed)` gets case numbers. */
    constructor(caseNos, finished) {
      this.finished = finished;
      this.lines = new Map(caseNos.slice(0, MOST).map((caseNo) => [caseNo, { caseNo, department: "", suggestions: [], state: "asking", words: t("读取中…") }]));
      this.done = [];
      this.failed = [];
      this.rows = h("tbody", {});
      this.bar = h("progress", { max: this.lines.size, value: 0, hidden: true });
      this.sum = h("span", { role: "status" }, caseNos.length > MOST ? t("每批至多 {n} 件").replace("{n}", MOST) : "");
      this.go = h("button", { type: "button", class: "dispatch-go", disabled: true, onclick: () => this.run() }, t("全部派遣"), h("kbd", {}, "Enter"));
      const table = h("table", {}, h("thead", {}, h("tr", {}, [t("编号"), t("类别"), t("地点"), t("部门"), t("理由"), t("结果")].map((word) => h("th", {}, word)))), this.rows);
      this.box = dialog("dispatch-bulk", t("批量派遣"), head(t("批量派遣 {n} 件").replace("{n}", this.lines.size)), h("div", { class: "dispatch-bulk-rows" }, table), this.bar, h("div", { class: "dispatch-dialog-foot" }, this.sum, this.go));
      this.box.addEventListener("close", () => this.finished(this.done, this.failed));
      this.box.addEventListener("keydown", (event) => this.onKey(event));
      this.draw();
      this.preview([...this.lines.keys()]);
    }

    onKey(event) {
      event.stopPropagation();
      if (event.isComposing || !["Enter", "NumpadEnter"].includes(event.code) || event.target.closest("select, input, .desk-button")) return;
      event.preventDefault();
      if (!this.go.disabled) this.go.click();
    }

    async preview(caseNos) {
      const asked = caseNos.map((caseNo) => item(caseNo, { department: this.lines.get(caseNo).department }) || this.settle(caseNo, "refused", t("已办结"))).filter(Boolean);
      if (asked.length) {
        const answer = await ask("POST", "/api/v1/dispatch/preview", { items: asked }, { seconds: 3 * ANSWER_SECONDS });
        if (!answer.ok) asked.forEach(({ case_no }) => this.settle(case_no, "refused", why(answer)));
        else answer.body.outcomes.forEach((outcome, index) => this.take(outcome, asked[index].department));
      }
      this.draw();
      if (!this.go.disabled) this.go.focus();
    }

    /** An answer to a question that is asked no more, since the hand chose another department, is let go. */
    take(outcome, asked) {
      const line = this.lines.get(outcome.case_no);
      if (line.department !== asked) return;
      Object.assign(line, { department: outcome.department, suggestions: outcome.suggestions || line.suggestions });
      if (outcome.ok) this.settle(outcome.case_no, "ready", outcome.deadline ? `${t("时限至")} ${format.shortTime(outcome.deadline)}` : t("可派遣"));
      else this.settle(outcome.case_no, "refused", outcome.department ? outcome.message : t("没有规则指明部门，请选择"));
    }

    settle(caseNo, state, words) {
      Object.assign(this.lines.get(caseNo), { state, words });
      return null;
    }

    draw() {
      this.rows.replaceChildren(...[...this.lines.values()].map((line) => this.line(line)));
      const count = (state) => [...this.lines.values()].filter((line) => line.state === state).length;
      this.go.disabled = this.running || !count("ready");
      if (!this.running) this.sum.textContent = this.done.length || this.failed.length
        ? t("已派遣 {done} 件，未成 {failed} 件（仍选中）").replace("{done}", this.done.length).replace("{failed}", this.failed.length)
        : t("可派遣 {ready} 件，不可 {refused} 件").replace("{ready}", count("ready")).replace("{refused}", count("refused"));
    }

    line(line) {
      const row = window.citywall.liveCases.rows.get(line.caseNo);
      const suggestion = line.suggestions.find((one) => one.department === line.department);
      return h("tr", { "data-state": line.state, "data-case": line.caseNo },
        h("td", {}, base.short(line.caseNo)), h("td", {}, row ? base.className(row.class_code) : ""), h("td", { title: row ? row.address : "" }, row ? row.address : ""),
        h("td", {}, line.state === "done" || this.running ? base.department(line.department) : this.select(line)), h("td", {}, suggestion ? base.reason(suggestion.why) : line.department ? t("不在建议之列") : ""),
        h("td", { class: "dispatch-outcome" }, `${{ ready: "○", refused: "✕", done: "✓", failed: "✕", sending: "…", asking: "…" }[line.state]} ${line.words}`));
    }

    select(line) {
      const offered = new Set(line.suggestions.map((one) => one.department));
      const option = (code, name) => h("option", { value: code, selected: code === line.department }, name);
      return h("select", { "aria-label": t("部门"), onchange: (event) => this.change(line, event.target.value) },
        line.department ? null : option("", "–"), h("optgroup", { label: t("建议") }, line.suggestions.map((one) => option(one.department, one.name))),
        h("optgroup", { label: t("其他") }, [...base.departmentCodes().values()].filter((one) => !offered.has(one.code)).map((one) => option(one.code, one.name))));
    }

    async change(line, code) {
      line.department = code;
      this.settle(line.caseNo, "asking", t("读取中…"));
      await this.preview([line.caseNo]);
    }

    /** Ten at a time, so that the bar moves and a lost link leaves few in doubt. */
    async run() {
      const ready = [...this.lines.values()].filter((line) => line.state === "ready");
      this.running = true;
      Object.assign(this.bar, { max: ready.length, value: 0, hidden: false });
      for (let from = 0; from < ready.length; from += AT_ONCE) {
        const batch = ready.slice(from, from + AT_ONCE);
        batch.forEach((line) => this.settle(line.caseNo, "sending", t("办理中")));
        this.draw();
        await this.send(batch);
        this.bar.value = Math.min(ready.length, from + batch.length);
        this.sum.textContent = `${this.bar.value}/${ready.length}`;
      }
      this.running = false;
      this.failed.push(...[...this.lines.values()].filter((line) => line.state === "refused").map((line) => line.caseNo));
      this.draw();
      this.box.querySelector(".dispatch-dialog-head button").focus();
    }

    async send(batch) {
      const items = batch.map((line) => item(line.caseNo, { department: line.department }));
      batch.forEach((line, index) => { if (!items[index]) this.end(line.caseNo, false, t("已办结")); });
      const answer = await ask("POST", "/api/v1/dispatch", { items: items.filter(Boolean) }, { seconds: 3 * ANSWER_SECONDS });
      if (!answer.ok) items.filter(Boolean).forEach(({ case_no }) => this.end(case_no, false, why(answer)));
      else answer.body.outcomes.forEach((one) => this.end(one.case_no, one.ok, one.ok ? t("已派遣") : one.message));
    }

    end(caseNo, ok, words) {
      this.settle(caseNo, ok ? "done" : "failed", words);
      (ok ? this.done : this.failed).push(caseNo);
      if (ok && window.citywall.claims) window.citywall.claims.noteDone(caseNo);
    }
  }

  window.citywall.dispatchSend = { one, several: (caseNos, finished) => new Bulk(caseNos, finished), dialog, head };
})();
