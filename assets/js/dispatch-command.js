/* /dispatch: the command bar. A verb in Chinese or by the initials of its pinyin, then a case by the end of its number or
   a department by name or pinyin. What fits is listed while one types; an error says what to type instead. */
(function () {
  "use strict";
  const { t, h } = window.citywall;
  const base = window.citywall.dispatchBase;
  const MOST = 8;
  const KEPT = "citywall.dispatch.command";

  /** `needs`: what follows the verb. The first word of each is how it is shown. */
  const VERBS = [
    { act: "dispatch", words: ["派", "派遣", "p", "pai", "pq"], needs: "case department", about: t("派 1284 市南市政 — 派遣，Enter 确认") },
    { act: "search", words: ["查", "查找", "c", "cha", "cz"], needs: "words", about: t("查 香港中路 — 在队列中查找；不写则取消") },
    { act: "video", words: ["视", "视频", "s", "shi", "sp", "v"], needs: "case", about: t("视 1284 — 看现场视频") },
    { act: "claim", words: ["领", "认领", "l", "ling", "rl"], needs: "case", about: t("领 1284 — 认领") },
    { act: "return", words: ["退", "退回", "t", "tui", "th"], needs: "case", about: t("退 1284 — 退回、申请审批") },
    { act: "choose", words: ["选", "x", "xuan"], needs: "case", about: t("选 1284 — 在队列中选中") },
    { act: "open", words: ["开", "打开", "k", "kai", "dk"], needs: "case", about: t("开 1284 — 打开案卷页") },
    { act: "handover", words: ["接班", "交班", "交接班", "jb", "jiaoban", "jieban"], needs: "", about: t("接班 — 交接班页") },
    { act: "keys", words: ["键", "按键", "帮助", "j", "aj", "bz"], needs: "", about: t("键 — 全部按键") },
  ];

  /** {verb, rest}: the longest verb that the text begins with; Latin ones need a space or a digit after them. */
  function verbOf(text) {
    const asked = text.trim();
    let best = null;
    for (const verb of VERBS) {
      for (const word of verb.words) {
        if (!asked.toLowerCase().startsWith(word) || (best && word.length <= best.word.length)) continue;
        const rest = asked.slice(word.length);
        if (/[a-z]$/.test(word) && rest && !/^[\s\d]/.test(rest)) continue;
        best = { verb, word, rest: rest.trim() };
      }
    }
    return best;
  }

  /** {caseNo} or {error}: the one open case whose number ends so; of several, the one that the act is for. */
  function caseOf(digits, act = "") {
    const rows = window.citywall.liveCases.rows;
    const asked = digits.toUpperCase();
    if (rows.has(asked)) return { caseNo: asked };
    const found = [...rows.keys()].filter((caseNo) => caseNo.endsWith(asked));
    if (!found.length) return { error: t("没有在办案卷以 {digits} 结尾：请核对，或用“查 {digits}”").replaceAll("{digits}", digits) };
    const meant = found.length === 1 ? found : narrowed(found, act);
    if (meant.length === 1) return { caseNo: meant[0] };
    const longer = meant.slice(0, 3).map(unique).join("、");
    return { error: t("有 {n} 件以 {digits} 结尾，请多输几位：{longer}").replace("{n}", meant.length).replace("{digits}", digits).replace("{longer}", longer) };
  }

  /** Only what waits for dispatch can be dispatched; else what stands in the queue before one's eyes is meant. */
  function narrowed(found, act) {
    const rows = window.citywall.liveCases.rows;
    const fits = act === "dispatch" ? found.filter((caseNo) => rows.get(caseNo).state === "pending_dispatch") : found;
    const desk = window.citywall.dispatch.desk();
    const seen = desk ? fits.filter((caseNo) => desk.queue.grid.getRowNode(caseNo)) : fits;
    return seen.length === 1 ? seen : fits.length ? fits : found;
  }

  /** What the text asks for: {act, caseNo, department, words} or {error}. */
  function parse(text) {
    const said = verbOf(text);
    if (!said) {
      const number = /^[A-Za-z]*\d{2,}$/.test(text.trim());
      if (number) return parse(`选 ${text.trim()}`);
      return { error: t("没有这样的命令：请先写动词，如“派 1284”“查 香港中路”") };
    }
    const { verb, rest } = said;
    if (verb.needs === "") return { act: verb.act };
    if (verb.needs === "words") return { act: verb.act, words: rest };
    const [, number = "", after = ""] = /^([A-Za-z]*\d+)\s*(.*)$/.exec(rest) || [];
    if (!number) return { error: t("请写案卷号的末几位：{about}").replace("{about}", verb.about), verb };
    const found = caseOf(number, verb.act);
    if (found.error) return { ...found, verb, number };
    const told = { act: verb.act, caseNo: found.caseNo };
    return verb.needs === "case department" && after ? { ...told, ...departmentOf(after) } : told;
  }

  /** The department that clearly fits best; several that fit alike are an error with their names. */
  function departmentOf(query) {
    const found = base.departmentsLike(query, MOST);
    if (!found.length) return { error: t("没有部门叫“{query}”：可写名称中的几个字，或拼音首字母").replace("{query}", query) };
    const best = found.filter((one) => one.fit === found[0].fit);
    if (best.length > 1 && found[0].fit < 9) return { error: t("“{query}”有 {n} 个部门：{names}").replace("{query}", query).replace("{n}", best.length).replace("{names}", best.slice(0, 3).map((one) => one.name).join("、")), departments: best };
    return { department: found[0].code };
  }

  /* ---- what fits, while one types: {text, about} ---- */

  function suggestions(text) {
    const said = verbOf(text);
    if (!said) return verbsLike(text);
    const { verb, rest } = said;
    if (!verb.needs || verb.needs === "words") return [{ text: text.trim(), about: verb.about }];
    const [, number = "", gap = "", after = ""] = /^([A-Za-z]*\d*)(\s*)(.*)$/.exec(rest) || [];
    const exact = number && caseOf(number, verb.act);
    if (verb.needs === "case department" && exact && exact.caseNo && (gap || after)) return departmentLines(verb, number, after);
    return caseLines(verb, number);
  }

  function verbsLike(text) {
    const asked = text.trim().toLowerCase();
    const found = VERBS.filter((verb) => !asked || verb.words.some((word) => word.startsWith(asked)));
    return found.map((verb) => ({ text: `${verb.words[0]}${verb.needs ? " " : ""}`, about: verb.about }));
  }

  function caseLines(verb, number) {
    const rows = [...window.citywall.liveCases.rows.values()].filter((row) => row.case_no.endsWith(number.toUpperCase()));
    const wanted = verb.act === "dispatch" ? rows.filter((row) => row.state === "pending_dispatch") : rows;
    return base.ordered(wanted).slice(0, MOST).map((row) => ({
      text: `${verb.words[0]} ${number.length > 4 ? number : unique(row.case_no)}${verb.needs === "case department" ? " " : ""}`,
      about: `${base.level(row.severity).join("")} ${base.className(row.class_code)} · ${row.address}`,
    }));
  }

  /** The shortest end of a number, four digits or more, that no other open case has. */
  function unique(caseNo) {
    const others = [...window.citywall.liveCases.rows.keys()].filter((other) => other !== caseNo);
    for (let length = 4; length < caseNo.length; length++) if (!others.some((other) => other.endsWith(caseNo.slice(-length)))) return caseNo.slice(-length);
    return caseNo;
  }

  function departmentLines(verb, number, query) {
    const found = query ? base.departmentsLike(query, MOST) : [];
    return found.map((one) => ({ text: `${verb.words[0]} ${number} ${one.name}`, about: one.typed.split(" ")[1] || "" }));
  }

  /* ---- the line itself ---- */

  class CommandBar {
    /** `run({act, …})` does it; the bar keeps the text until it is done. */
    constructor(root, run) {
      this.run = run;
      this.said = root.querySelector("[data-dispatch=said]");
      this.input = h("input", { type: "text", autocomplete: "off", spellcheck: "false", "aria-label": t("命令栏"), "aria-controls": "dispatch-suggestions", placeholder: t("输入命令：派 1284 市南市政 ｜ 查 香港中路 ｜ 视 1284 ｜ 接班") });
      this.list = h("ol", { class: "dispatch-suggestions", id: "dispatch-suggestions", role: "listbox", hidden: true });
      root.querySelector("[data-dispatch=command]").append(this.list, this.input);
      this.input.value = sessionStorage.getItem(KEPT) || "";
      this.at = -1;
      this.input.addEventListener("input", () => this.changed());
      this.input.addEventListener("focus", () => this.changed());
      this.input.addEventListener("blur", () => { this.list.hidden = true; });
      this.input.addEventListener("keydown", (event) => this.onKey(event));
      this.list.addEventListener("pointerdown", (event) => { event.preventDefault(); const line = event.target.closest("li"); if (line) this.take(Number(line.dataset.index)); });
    }

    focus() {
      this.input.focus();
      this.input.select();
    }

    changed() {
      this.at = -1;
      sessionStorage.setItem(KEPT, this.input.value);
      this.tell("");
      this.lines = suggestions(this.input.value);
      this.draw();
    }

    draw() {
      this.list.hidden = !this.lines.length;
      this.list.replaceChildren(...this.lines.map((line, index) => h("li", { role: "option", "data-index": index, "aria-selected": String(index === this.at) }, h("b", {}, line.text), h("span", {}, line.about))));
    }

    take(index) {
      const line = this.lines[index];
      if (!line) return;
      this.input.value = line.text;
      this.changed();
    }

    tell(words) {
      this.said.textContent = words;
      this.said.classList.toggle("is-error", Boolean(words));
    }

    onKey(event) {
      if (event.isComposing) return;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.code];
      if (step && this.lines.length) { this.at = Math.max(-1, Math.min(this.lines.length - 1, this.at + step)); this.draw(); }
      else if (event.code === "Tab" && this.lines.length && !event.shiftKey) this.take(Math.max(0, this.at));
      else if (event.code === "Enter" || event.code === "NumpadEnter") this.enter();
      else if (event.code === "Escape") this.input.blur();
      else { event.stopPropagation(); return; }
      event.preventDefault();
      event.stopPropagation();
    }

    enter() {
      if (this.at >= 0) { this.take(this.at); return; }
      const asked = parse(this.input.value);
      if (asked.error) { this.tell(asked.error); return; }
      this.input.value = "";
      this.changed();
      this.input.blur();
      this.run(asked);
    }
  }

  window.citywall.dispatchCommand = { Bar: CommandBar, parse, suggestions };
})();
