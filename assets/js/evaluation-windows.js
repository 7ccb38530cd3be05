/* /evaluation: its windows. The whole scheme, what locking means, corrections beside the result, what may be exported. */
(function () {
  "use strict";
  const { t, h, ask, why, format } = window.citywall;
  const ev = window.citywall.evaluation;
  const ANSWER_SECONDS = 60;

  const dialog = (page, name) => page.root.querySelector(`[data-dialog="${name}"]`);

  function open(page, name) {
    const shown = dialog(page, name);
    if (!shown || shown.open) return;
    ev.hideHint();
    FILL[name] && FILL[name](page);
    shown.showModal();
  }

  /* ── the scheme ─────────────────────────────────────────────────────────────────────────────── */

  const schemeName = (scheme) => t("{name} 第 {n} 版").replace("{name}", scheme.name).replace("{n}", scheme.version);

  function fillScheme(page) {
    const { scheme, schemes, period } = page.told;
    const validity = `${t("有效期")} ${scheme.valid_from} – ${scheme.valid_to || t("长期")}`;
    const items = scheme.items.map((item) => h("tr", {}, h("th", { scope: "row" }, item.label), h("td", {}, `${item.weight}%`), h("td", {}, item.formula), h("td", {}, item.rule_text)));
    const extras = scheme.extras.map((extra) => h("tr", {}, h("th", { scope: "row" }, extra.label), h("td", {}, "±"), h("td", { colspan: 2 }, extra.rule_text)));
    const head = h("tr", {}, [t("项目"), t("权重"), t("公式"), t("计分")].map((words) => h("th", { scope: "col" }, words)));
    const others = schemes.length > 1 && !period.locked ? h("p", {}, `${t("换用规则")}${ev.COLON}`, schemes.map((one) => h("button", { type: "button", class: "ev-option", "data-choose": "scheme", "data-value": one.standard ? "" : one.id, "aria-checked": String(one.id === scheme.id) }, schemeName(one)))) : null;
    page.part("scheme-text").replaceChildren(...[
      h("p", {}, h("b", {}, schemeName(scheme)), ` · ${validity}`), h("p", { class: "ev-hint" }, `${page.told.convention.label}${ev.COLON}${page.told.convention.note}`),
      h("table", { class: "ev-small" }, h("thead", {}, head), h("tbody", {}, items, extras)),
      h("p", {}, `${t("评级")}${ev.COLON}${scheme.grades.map((one) => `${one.grade} ≥ ${one.from}`).join(" · ")}`, ` · ${t("样本不足 {n} 不排名").replace("{n}", scheme.min_sample)} · ${t("最高 {n} 分").replace("{n}", scheme.most)}`),
      h("p", { class: "ev-hint" }, t("分母为零的项目不计分，其权重按比例分给其他项目。名次只在同类单位中比较。")),
      (page.told.unmeasured || []).length ? h("ul", {}, page.told.unmeasured.map((one) => h("li", {}, `${one.label}${ev.COLON}${one.reason}`))) : null, others].filter(Boolean));
  }

  /* ── export ─────────────────────────────────────────────────────────────────────────────────── */

  /** Excel of what is shown, and the printed reports of three lengths, all with the page's own parameters. */
  function fillExport(page) {
    const asked = page.params();
    const address = (path, more = {}) => `${path}?${new URLSearchParams({ ...asked, ...more })}`;
    const link = (words, about, href) => h("a", { class: "ev-export-link", href, download: "" }, h("b", {}, words), h("small", {}, about));
    const report = "/api/v1/evaluation/report.pdf";
    page.part("export-list").replaceChildren(
      link("Excel", t("本页数字、公式输入、规则版本与时间"), address("/api/v1/evaluation/export.xlsx")),
      link(t("本期报告 PDF"), t("含图表，可打印"), address(report)),
      link(t("日报 PDF"), t("含图表，可打印"), address(report, { kind: "daily" })), link(t("周报 PDF"), t("含图表，可打印"), address(report, { kind: "weekly" })), link(t("月报 PDF"), t("含图表，可打印"), address(report, { kind: "monthly" })),
      h("button", { type: "button", class: "ev-export-link", onclick: () => { dialog(page, "export").close(); window.print(); } }, h("b", {}, t("打印本页")), h("small", {}, t("浅色，不含菜单"))));
  }

  /* ── locking and corrections ────────────────────────────────────────────────────────────────── */

  const body = (page) => ({ object: page.told.object, period: page.periodName(), convention: page.told.convention.key, scheme: page.told.scheme.id });

  function fillLock(page) {
    const { told } = page;
    page.part("lock-problem").textContent = "";
    page.part("lock-what").textContent = `${told.object_label} · ${told.period.label} · ${told.convention.label} · ${schemeName(told.scheme)}`;
  }

  async function lock(page, button) {
    button.disabled = true;
    const answer = await ask("POST", "/api/v1/evaluation/lock", body(page), { seconds: ANSWER_SECONDS });
    button.disabled = false;
    if (!answer.ok) { page.part("lock-problem").textContent = `▲ ${why(answer)}`; return; }
    dialog(page, "lock").close();
    page.reload();
  }

  /** What is typed stays while the window is shut; another period's row begins anew. */
  function fillCorrect(page) {
    page.part("correct-problem").textContent = "";
    const form = page.part("correct-form"), of = JSON.stringify(body(page));
    if (form.dataset.of === of) return;
    form.dataset.of = of;
    const rows = page.told.rows.filter((row) => row.composite !== null);
    form.replaceChildren(
      h("label", {}, t("对象"), h("select", { name: "key", required: true }, rows.map((row) => h("option", { value: row.key, selected: row.key === page.key }, `${row.name} · ${row.composite.toFixed(2)} ${row.grade}`)))),
      h("label", {}, t("应为（综合）"), h("input", { name: "composite", type: "number", step: "0.01", min: "0", max: String(page.told.scheme.most), required: true })),
      h("label", {}, t("理由"), h("textarea", { name: "reason", rows: 3, minlength: 2, maxlength: 500, required: true })), h("button", { class: "ev-button is-main" }, t("写入更正")));
    form.onsubmit = (event) => { event.preventDefault(); correct(page, form); };
  }

  async function correct(page, form) {
    const { key, composite, reason } = form.elements;
    const answer = await ask("POST", "/api/v1/evaluation/correct", { ...body(page), key: key.value, composite: Number(composite.value), reason: reason.value.trim() }, { seconds: ANSWER_SECONDS });
    if (!answer.ok) {
      page.part("correct-problem").textContent = `▲ ${why(answer)}`;
      const field = form.elements[answer.body.field];
      if (field) field.focus();
      return;
    }
    form.dataset.of = "";
    dialog(page, "correct").close();
    page.reload();
  }

  function fillCorrections(page) {
    const rows = page.told.period.corrections.map((one) => h("tr", {}, h("td", {}, format.shortTime(one.at)), h("th", { scope: "row" }, one.name), h("td", {}, `${ev.points(one.original)} ${one.original_grade || ""} → ${ev.points(one.composite)} ${one.grade}`), h("td", {}, one.reason), h("td", {}, one.who_name, one.intact === false ? ` ▲ ${t("校验不符")}` : "")));
    const head = h("tr", {}, [t("时间"), t("对象"), t("原 → 更正"), t("理由"), t("更正人")].map((words) => h("th", { scope: "col" }, words)));
    page.part("corrections-text").replaceChildren(h("table", { class: "ev-small" }, h("thead", {}, head), h("tbody", {}, rows)));
  }

  const FILL = { scheme: fillScheme, export: fillExport, lock: fillLock, correct: fillCorrect, corrections: fillCorrections };

  ev.windows = { open, lock, schemeName };
})();
