/* The wall's departments: beside what is late, how many more will be (probability of one half or more). */
(function () {
  "use strict";
  const { ask, cells, live, mount, t } = window.citywall;
  const EVERY_MS = 30_000, ANSWER_SECONDS = 15;
  const walls = new Set();
  let told = {};
  let timer = null;

  function start(root) {
    walls.add(root);
    if (!timer) { load(); timer = setInterval(load, EVERY_MS); }
    return () => {
      walls.delete(root);
      if (walls.size) return;
      clearInterval(timer);
      timer = null;
    };
  }

  /** Without an answer nothing is claimed: the words go. */
  async function load() {
    const answer = await ask("GET", "/api/v1/risk/departments", undefined, { seconds: ANSWER_SECONDS });
    told = answer.ok ? answer.body.departments : {};
    drawAll();
  }

  function draw(root) {
    const panel = root.querySelector('[data-cell="departments"]');
    const rows = panel && cells.slot(panel, "rows").cwRows;
    if (!rows) return;
    for (const [code, row] of rows) {
      const { count } = told[code] || { count: 0 };
      cells.write(row, "risk", count ? `◇${t("将超期 {n}").replace("{n}", count)}` : "");
    }
  }

  const drawAll = () => walls.forEach(draw);

  live.on("wall", drawAll);
  mount(".cw-wall", start);
})();
