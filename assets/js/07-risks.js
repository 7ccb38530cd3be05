/* Cases at risk: asked every half minute while a page shows them. A hollow mark and a word, never the colour of what is
   late: a risk is a guess, and looks like one. */
(function () {
  "use strict";
  const { ask, h, t, format } = window.citywall;
  const EVERY_MS = 30_000, ANSWER_SECONDS = 15, HOURS = 8784, LEAST = 0.25, MOST = 2000;
  const MARK = "◇";
  let found = new Map(); // case number → its risk, from "possible" up
  let model = null;
  let timer = null;
  const watchers = new Set();

  /** Call `watcher(changed case numbers)` whenever risks are other ones; returns what ends it. */
  function watch(watcher) {
    watchers.add(watcher);
    if (!timer) { load(); timer = setInterval(load, EVERY_MS); }
    return () => {
      watchers.delete(watcher);
      if (watchers.size) return;
      clearInterval(timer);
      timer = null;
    };
  }

  async function load() {
    if (document.hidden) return;
    const answer = await ask("GET", `/api/v1/risk?within=${HOURS}&least=${LEAST}&limit=${MOST}`, undefined, { seconds: ANSWER_SECONDS });
    if (!answer.ok) return; // the last ones stay: each carries its case's version
    const before = found;
    found = new Map(answer.body.cases.map((risk) => [risk.case_no, risk]));
    model = answer.body.model;
    const cases = new Set([...before.keys(), ...found.keys()]);
    const changed = [...cases].filter((caseNo) => percent(before.get(caseNo)) !== percent(found.get(caseNo)));
    for (const watcher of watchers) watcher(changed);
  }

  const percent = (risk) => (risk ? Math.round(100 * risk.probability) : 0);
  const likely = (risk) => Boolean(risk) && risk.band === "likely";
  const text = (risk) => `${MARK} ${percent(risk)}%`;

  /** The model in one line: which, since when, from how much, and how well it did on what it had not seen. */
  function modelText(told) {
    if (!told) return "";
    const { measures } = told;
    const parts = [told.label, told.kind === "prior" ? "" : `${t("版本")} ${told.version}`];
    if (measures) {
      parts.push(t("用 {n} 次观察学习，在之后的 {m} 次上检验").replace("{n}", format.count(told.examples)).replace("{m}", format.count(told.tested)));
      parts.push(`Brier ${measures.brier.toFixed(3)} · AUC ${measures.auc.toFixed(3)}`);
      const baselines = Object.entries(told.rivals).filter(([kind]) => kind !== told.kind).map(([, one]) => one.brier.toFixed(3));
      if (baselines.length) parts.push(`${t("其余方案 Brier")} ${baselines.join(" / ")}`);
      if (measures.recall !== null) parts.push(t("每天看 {k} 件可捕获 {p}% 的超期").replace("{k}", told.capacity).replace("{p}", Math.round(100 * measures.recall)));
    }
    return parts.filter(Boolean).join("\n");
  }

  function adviceText({ advice }) {
    return `${advice.text}${advice.if_done === null ? "" : t("（之后约 {p}%）").replace("{p}", Math.round(100 * advice.if_done))}`;
  }

  const hint = (risk) => [`${risk.label} ${percent(risk)}%`, ...risk.reasons.map((one) => `${one.raises ? "+" : "−"} ${one.text}`), `→ ${adviceText(risk)}`].join("\n");

  /** The whole line: probability, reasons, what to do; the model is one hover away. */
  function line(risk, told = model) {
    return h("p", { class: "risk-line", "data-band": risk.band, title: modelText(told) },
      h("b", {}, `${MARK} ${risk.label} ${percent(risk)}%`), h("small", {}, t("同类 {n} 件").replace("{n}", format.count(risk.similar.cases))),
      ...risk.reasons.map((one) => h("span", { "data-raises": one.raises ? "1" : "" }, one.text)),
      h("em", {}, `→ ${adviceText(risk)}`), told && told.kind !== "full" ? h("small", {}, told.label) : null);
  }

  window.citywall.risks = { watch, of: (caseNo) => found.get(caseNo) || null, likely, percent, text, hint, line, modelText, model: () => model };
})();
