/* /case/<no>: how probable it is that the running deadline is missed, why, and what would change it. */
(function () {
  "use strict";
  const { t, h, casePage, risks } = window.citywall;

  async function look(page) {
    const answer = await page.get(page.path("/risk"));
    const place = page.place("risk");
    if (!place || !page.told || !answer.ok) return;
    const { risk, runs, model } = answer.body;
    if (risk) place.replaceChildren(risks.line(risk, model));
    else place.replaceChildren(...(runs ? [h("p", { class: "risk-line" }, h("small", {}, model ? t("超期风险：下一分钟内评估") : t("超期风险：暂无评估")))] : []));
  }

  casePage.part({ draw: look, refresh: look });
})();
