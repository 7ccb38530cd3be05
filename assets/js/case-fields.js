/* The inputs of an action's form, one a kind of fact (`domain.fact_kinds`). Each is {element, get, set, focus}:
   `get` gives the plain JSON value the command carries, undefined where there is none. */
(function () {
  "use strict";
  const { t, h, ask, live } = window.citywall;
  const MINUTE_MS = 60_000, DAY_MS = 86_400_000, SECONDS = 10;
  let nextId = 1;

  /* ── time in the city's zone ────────────────────────────────────────────────────────────────── */

  const zone = () => (live.newest("wall") || {}).zone || "Asia/Shanghai";

  /** How far the city's clocks are ahead of UTC at a moment, ms. */
  function ahead(ms) {
    const parts = new Intl.DateTimeFormat("en-GB", { timeZone: zone(), hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" }).formatToParts(ms);
    const part = (type) => Number(parts.find((one) => one.type === type).value);
    return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second")) - Math.floor(ms / 1000) * 1000;
  }

  const localText = (ms) => new Date(ms + ahead(ms)).toISOString().slice(0, 16);

  function epoch(text) {
    const asUtc = Date.parse(`${text}Z`);
    return Number.isNaN(asUtc) ? undefined : asUtc - ahead(asUtc - ahead(asUtc));
  }

  /** So many days from now, at six in the evening where the city is. */
  const evening = (days) => `${localText(window.citywall.now() + days * DAY_MS).slice(0, 10)}T18:00`;

  /* ── plain inputs ───────────────────────────────────────────────────────────────────────────── */

  function plain(id, attributes, { read = (text) => text.trim() || undefined, tag = "input", write = String } = {}) {
    const input = h(tag, { id, autocomplete: "off", ...attributes });
    return { element: input, input, get: () => read(input.value), set: (value) => { input.value = value === null || value === undefined ? "" : write(value); } };
  }

  const number = (text) => (text.trim() === "" || Number.isNaN(Number(text)) ? undefined : Number(text));

  function quick(field, input, words, value) {
    return h("button", { type: "button", class: "act-quick", onclick: () => { input.value = value; input.dispatchEvent(new Event("input", { bubbles: true })); input.focus(); } }, words);
  }

  function moment(id, field) {
    const made = plain(id, { type: "datetime-local", min: localText(window.citywall.now() - MINUTE_MS), step: "60" }, { read: (text) => (text ? epoch(text) : undefined), write: localText });
    const presets = [[1, t("明天 18 点")], [3, t("3 天后")], [7, t("7 天后")], [30, t("30 天后")]];
    return { ...made, element: h("div", { class: "act-with-quick" }, made.input, presets.map(([days, words]) => quick(field, made.input, words, evening(days)))) };
  }

  function hours(id, field) {
    const made = plain(id, { type: "number", min: "0", step: "any", inputmode: "decimal" }, { read: number });
    return { ...made, element: h("div", { class: "act-with-quick" }, made.input, h("span", {}, t("小时")), [24, 48, 72].map((value) => quick(field, made.input, String(value), value))) };
  }

  function flag(id, field) {
    const input = h("input", { id, type: "checkbox" });
    return { element: h("label", { class: "act-check" }, input, field.label), input, bare: true, get: () => input.checked, set: (value) => { input.checked = Boolean(value); } };
  }

  function choice(id, field) {
    const whole = typeof field.value === "number";
    const input = h("select", { id }, h("option", { value: "" }, t("请选择")), field.choices.map((one) => h("option", { value: one.value }, one.label)));
    return { element: input, input, get: () => (input.value === "" ? undefined : whole ? Number(input.value) : input.value), set: (value) => { input.value = value === null || value === undefined ? "" : String(value); } };
  }

  /* ── lists the server keeps; each asked for once a page ─────────────────────────────────────── */

  const asked = new Map();

  function listed(path, read) {
    if (!asked.has(path)) {
      asked.set(path, ask("GET", path, undefined, { seconds: SECONDS }).then((answer) => {
        if (!answer.ok) asked.delete(path); // asked again by the next form
        return answer.ok ? read(answer.body) : [];
      }));
    }
    return asked.get(path);
  }

  const LEVELS = { city: t("市级"), district: t("区级") };
  const departments = () => listed("/api/v1/departments", (body) => body.departments.map((one) => ({ value: one.code, label: one.name, typed: one.typed, note: LEVELS[one.level] || "" })));
  const classes = () => listed("/api/v1/classes", (body) => body.classes.map((one) => ({ value: one.code, label: one.name, typed: one.typed, note: `${one.major} ${one.code}` })));

  function department(id, field, form) {
    const reasons = new Map((form.suggestions || []).map((one) => [one.department, one.why]));
    const made = window.citywall.pick({
      id, options: departments(), first: [...reasons.keys()], placeholder: t("名称、拼音或首字母"), why: (value) => reasons.get(value) || "",
      several: field.kind === "departments", picked: form.changed,
    });
    return { ...made, get: () => { const value = made.get(); return value && value.length ? value : undefined; } };
  }

  function caseClass(id, field, form) {
    const made = window.citywall.pick({ id, options: classes(), placeholder: t("名称、拼音或首字母"), picked: () => { form.changed(); form.conditionsAsked(); } });
    return made;
  }

  /* ── filing condition: the rows of the city's table, each with what it fixes ────────────────── */

  function condition(id, field, form) {
    const place = h("div", { id, class: "act-conditions", role: "radiogroup", "aria-label": field.label, tabindex: "-1" });
    const byHand = plain(`${id}-text`, { type: "text", "aria-label": field.label });
    let rows = [], wanted = null;

    function draw() {
      form.limitByHand(!rows.length);
      place.replaceChildren(...(rows.length ? rows.map(line) : [h("p", { class: "act-hint" }, t("立案标准表中没有该类别：请写明立案条件与处置时限。")), byHand.input]));
      if (rows.length === 1 && !wanted) wanted = rows[0].filing_condition;
      choose(wanted);
    }

    function line(row) {
      const input = h("input", { type: "radio", name: id, value: row.filing_condition, onchange: () => { wanted = row.filing_condition; } });
      return h("label", { class: "act-condition" }, input, h("b", {}, row.filing_condition), h("em", {}, row.limit), h("small", {}, `${t("结案条件")}：${row.closing_condition}`));
    }

    function choose(value) {
      byHand.set(value);
      for (const input of place.querySelectorAll("input[type=radio]")) input.checked = input.value === value;
    }

    return {
      element: place, input: place,
      get: () => (rows.length ? (place.querySelector("input:checked") || {}).value : byHand.get()),
      set: (value) => { wanted = value; choose(value); },
      focus: () => (place.querySelector("input:checked, input") || place).focus(),
      show: (found) => { rows = found; draw(); },
    };
  }

  /* ── component, linked cases, evidence ──────────────────────────────────────────────────────── */

  function component(id, field, form) {
    const made = plain(id, { type: "text", spellcheck: "false" });
    const told = h("p", { class: "pick-note", role: "status" });
    async function look() {
      const code = made.get();
      if (!code) { told.textContent = ""; return; }
      const answer = await ask("GET", `/api/v1/components/${encodeURIComponent(code)}`, undefined, { seconds: SECONDS });
      told.textContent = answer.ok ? `${answer.body.class_name} · ${answer.body.department_name}` : answer.status === 404 ? t("没有这个部件") : "";
    }
    async function near() {
      const { lon, lat } = form.facts || {};
      if (!lon || !lat) { told.textContent = t("案卷没有位置"); return; }
      const answer = await ask("GET", `/api/v1/components/nearest?lon=${lon}&lat=${lat}&within_m=50`, undefined, { seconds: SECONDS });
      const found = answer.ok ? answer.body.nearest : null;
      if (!found) { told.textContent = t("50 米内没有部件"); return; }
      made.set(found.component.code);
      told.textContent = `${found.class_name} · ${found.department_name} · ${Math.round(found.distance_m)} ${t("米")}`;
      form.changed();
    }
    made.input.addEventListener("change", look);
    const button = h("button", { type: "button", class: "act-quick", onclick: near }, t("最近的部件"));
    return { ...made, element: h("div", {}, h("div", { class: "act-with-quick" }, made.input, button), told) };
  }

  const words = (text) => text.split(/[\s,，、;；]+/).filter(Boolean);

  function cases(id, field, form) {
    const made = plain(id, { type: "text", spellcheck: "false", placeholder: t("案卷编号，多个用空格隔开") }, { read: (text) => (words(text).length ? words(text) : undefined), write: (list) => [].concat(list).join(" ") });
    const alike = h("div", { class: "act-alike" });
    const { lon, lat, class_code: code } = form.facts || {};
    if (lon && lat && code) {
      ask("GET", `/api/v1/cases-alike?class_code=${encodeURIComponent(code)}&lon=${lon}&lat=${lat}`, undefined, { seconds: SECONDS }).then((answer) => {
        const found = answer.ok ? answer.body.cases.filter((one) => one.case_no !== form.caseNo) : [];
        const add = (caseNo) => { if (!words(made.input.value).includes(caseNo)) made.set([...words(made.input.value), caseNo]); form.changed(); };
        alike.replaceChildren(...found.map((one) => h("button", { type: "button", class: "act-quick", onclick: () => add(one.case_no) }, `${t("疑似重复")} ${one.case_no} · ${one.metres} ${t("米")} · ${one.state_label}`)));
      });
    }
    return { ...made, element: h("div", {}, made.input, alike) };
  }

  function lines(id) {
    return plain(id, { rows: "2", spellcheck: "false", placeholder: t("每行一件") }, { tag: "textarea", read: (text) => { const found = text.split("\n").map((line) => line.trim()).filter(Boolean); return found.length ? found : undefined; }, write: (list) => [].concat(list).join("\n") });
  }

  /* ── photos: the upload part of photo-input.js ──────────────────────────────────────────────── */

  const PHOTO_KINDS = { far: t("远景"), near: t("近景"), reference: t("参照"), before: t("处置前"), after: t("处置后") };

  function photos(id, field, form) {
    const groups = form.offer.photos, kinds = groups.length ? [...new Set(groups.flat())] : Object.keys(PHOTO_KINDS);
    const place = h("div", { id, class: "act-photos", tabindex: "-1" });
    const kept = h("div", { class: "act-kept-photos" });
    let earlier = [], list = [];
    const all = () => [...new Set([...earlier, ...list])];

    /** Photos of a form that was left: they are on the server already. */
    function drawEarlier() {
      kept.replaceChildren(...earlier.map((photo) => h("button", { type: "button", class: "act-photo", title: t("去掉"), onclick: () => { earlier = earlier.filter((one) => one !== photo); drawEarlier(); form.changed(); } },
        h("img", { src: `/photos/${photo.split(":")[1]}.jpg`, alt: PHOTO_KINDS[photo.split(":")[0]] || photo }), h("span", {}, `${PHOTO_KINDS[photo.split(":")[0]] || photo} ×`))));
    }

    const upload = h("div", { class: "act-upload" });
    const draft = `${form.caseNo} ${form.offer.action}`;
    const widget = window.citywall.photoInput && window.citywall.photoInput(upload, { kinds, caseNo: form.caseNo, draft, onChange: (found) => { list = found; form.changed(); } });
    if (widget) list = widget.value() || [];
    else upload.append(h("p", { class: "act-hint is-bad" }, t("照片上传部件没有载入：请刷新页面后再试，已填内容会保留。")));
    const needed = groups.map((group) => group.map((kind) => PHOTO_KINDS[kind] || kind).join(` ${t("或")} `)).join("、");
    place.append(...(needed ? [h("p", { class: "act-hint" }, `${t("须有照片")}：${needed}`)] : []), kept, upload);
    const missing = () => groups.some((group) => !all().some((photo) => group.includes(photo.split(":")[0])));
    return {
      element: place, input: place, missing,
      get: () => (all().length ? all() : undefined),
      set: (found) => { earlier = [].concat(found || []).filter((photo) => !list.includes(photo)); drawEarlier(); },
      focus: () => (place.querySelector("button, input:not([hidden])") || place).focus(),
      waits: () => Boolean(widget && widget.pending()),
      done: () => { if (widget) widget.clear(); },
      stop: () => { if (widget) widget.stop(); },
    };
  }

  /* ── emergency disposal: the parts of `domain.emergency` that belong to the action ──────────── */

  const REASONS = [["no_owner", t("无主")], ["unreachable", t("责任单位联系不上")], ["danger", t("险情不能等待")]];
  const PARTS = {
    reason: { label: t("应急事由"), kind: "choice", choices: REASONS.map(([value, label]) => ({ value, label })) },
    department: { label: t("组织实施部门"), kind: "department" },
    contractor: { label: t("施工单位"), kind: "text" },
    measures: { label: t("处置措施"), kind: "long_text" },
    cost_estimate: { label: t("预估费用"), kind: "money" },
    fund_line: { label: t("资金科目"), kind: "text" },
    by_phone: { label: t("电话批准人"), kind: "text" },
    cost_actual: { label: t("实际费用"), kind: "money" },
    liable: { label: t("责任单位"), kind: "text" },
    recovered: { label: t("费用已追回"), kind: "flag" },
  };
  const PARTS_OF = {
    propose_emergency: ["reason", "department", "contractor", "measures", "cost_estimate", "fund_line"],
    approve_emergency: ["by_phone"],
    settle_emergency: ["cost_actual", "liable", "recovered"],
  };

  function emergency(id, field, form) {
    const parts = (PARTS_OF[form.offer.action] || []).map((name) => [name, wrapped({ name: `emergency.${name}`, required: field.required, value: null, choices: [], ...PARTS[name] }, form)]);
    return {
      element: h("div", { class: "act-parts", id, tabindex: "-1" }, parts.map(([, part]) => part.element)),
      get: () => { const told = Object.fromEntries(parts.map(([name, part]) => [name, part.get()]).filter(([, value]) => value !== undefined)); return Object.keys(told).length ? told : undefined; },
      set: (value) => { for (const [name, part] of parts) if (value && name in value) part.set(value[name]); },
      parts: parts.map(([, part]) => part), group: true,
      /** The part a refusal names in its sentence. */
      named: (message) => (parts.find(([name]) => message.includes(`“${PARTS[name].label}”`)) || [])[1],
    };
  }

  /* ── a field: its label, its input, what is wrong with it ───────────────────────────────────── */

  const KINDS = {
    text: (id) => plain(id, { type: "text" }),
    long_text: (id) => plain(id, { rows: "3" }, { tag: "textarea" }),
    number: (id, field, form) => (field.name === "hours" ? hours(id, field, form) : plain(id, { type: "number", step: "any", inputmode: "decimal" }, { read: number })),
    money: (id) => { const made = plain(id, { type: "number", min: "0", step: "0.01", inputmode: "decimal" }, { read: number }); return { ...made, element: h("div", { class: "act-with-quick" }, made.input, h("span", {}, t("元"))) }; },
    moment, flag, choice, department, departments: department, case_class: caseClass, condition, component, cases, photos, evidence: lines, emergency,
  };

  /** The field with its label and its place for a refusal; null for a kind no form asks for. */
  function wrapped(field, form) {
    const make = KINDS[field.kind];
    if (!make) return null;
    const id = `act-${nextId++}`;
    const made = make(id, field, form);
    const error = h("p", { class: "act-error", id: `${id}-error`, role: "alert" });
    const target = made.input || made.element;
    const title = [field.label, field.required ? h("b", { class: "act-required", title: t("必填") }, "*") : null];
    const label = made.bare ? null : made.group ? h("h3", {}, title) : h("label", { for: id }, title);
    const element = h("div", { class: "act-field", "data-field": field.name, "data-kind": field.kind }, label, made.element, error);
    return {
      ...made, name: field.name, field, element,
      focus: made.focus || (() => target.focus()),
      wrong: (message) => {
        error.textContent = message;
        target.toggleAttribute("aria-invalid", Boolean(message));
        if (message) { target.setAttribute("aria-invalid", "true"); target.setAttribute("aria-describedby", error.id); } else target.removeAttribute("aria-describedby");
      },
    };
  }

  window.citywall.caseFields = { wrapped, departments, classes, localText, epoch };
})();
