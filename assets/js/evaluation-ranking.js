/* /evaluation: the ranking, rows by groups of like units. Every number says how it came about and opens its list. */
(function () {
  "use strict";
  const { t, h } = window.citywall;
  const ev = window.citywall.evaluation;
  const BARRED = new Set(["closing", "on_time_closing", "on_time_disposal", "disposal"]); // rates whose aim is the 90 %
  const BESIDE = [["on_time_closing", "on_time_closed", "due_closing"], ["rework", "rework", "due_closing"]];
  const ROWS_AT_FIRST = 150;

  /* ── columns ────────────────────────────────────────────────────────────────────────────────── */

  /** The scheme's items, then what is shown beside them without a score, then the sample. */
  function columns(told) {
    const items = told.scheme.items.map((item) => ({ id: item.key, kind: "item", label: item.label, note: `${item.weight}%`, formula: item.formula, rule: item.rule_text }));
    const scored = new Set(items.map((item) => item.id));
    const names = Object.fromEntries((told.rates || []).map((one) => [one.key, one]));
    const units = ev.UNIT_OBJECTS.includes(told.object);
    const beside = (units ? BESIDE : []).filter(([key]) => !scored.has(key) && names[key]);
    return [
      ...[["rank", t("名次")], ["name", t("名称")], ["grade", t("评级")], ["composite", t("综合")], ["change", t("较上期")]].map(([id, label]) => ({ id, kind: id, label })),
      ...items,
      ...(told.scheme.extras.length ? [{ id: "extras", kind: "extras", label: t("加减分") }] : []),
      ...beside.map(([key, numerator, denominator]) => ({ id: key, kind: "beside", label: names[key].label, note: t("不计分"), formula: names[key].formula, counts: [numerator, denominator] })),
      ...(units ? [{ id: "overdue_undisposed", kind: "count", label: t("超期"), formula: t("超期未处置"), note: t("不计分") }] : []),
      { id: "n", kind: "n", label: t("样本 n") },
    ];
  }

  /** The parameters of a list of this row: as one of its own figures has them, with another count. */
  function paramsOf(row, name) {
    for (const item of row.items) {
      const known = item.cases && (item.cases.denominator || item.cases.numerator);
      if (known) return { ...known, count: name };
    }
    return null;
  }

  /** A figure of a row as the table shows it: {value, numerator, denominator, lists}. */
  function measured(row, column) {
    if (column.kind === "item") return row.items.find((item) => item.key === column.id);
    const rate = row.rates[column.id] || { value: null, numerator: null, denominator: null };
    return { ...rate, cases: { numerator: paramsOf(row, column.counts[0]), denominator: paramsOf(row, column.counts[1]) } };
  }

  /* ── cells ──────────────────────────────────────────────────────────────────────────────────── */

  const few = (told, n) => n !== null && n !== undefined && n < told.scheme.min_sample;
  const cell = (row, column, attributes, ...children) => h("td", { tabindex: "-1", "data-row": row.key, "data-col": column.id, class: `ev-c-${column.kind}`, ...attributes }, ...children);

  const CELLS = {
    rank(told, row, column) {
      const moved = row.ranked && row.rank_before ? row.rank_before - row.rank : null;
      const words = row.ranked ? [h("b", {}, String(row.rank)), moved ? h("small", {}, ev.change(moved)) : null] : ["–"];
      return ev.hint(cell(row, column, {}, words), () => rankHint(told, row));
    },
    name: (told, row, column) => h("th", { scope: "row", tabindex: "-1", "data-row": row.key, "data-col": column.id, class: "ev-c-name" }, row.name),
    grade(told, row, column) {
      const words = row.grade ? h("i", { class: "ev-grade", "data-grade": row.grade }, row.grade) : "–";
      return ev.hint(cell(row, column, {}, words, row.grade && row.grade_before && row.grade_before !== row.grade ? h("small", {}, `← ${row.grade_before}`) : null), () => gradeHint(told, row));
    },
    composite: (told, row, column) => ev.hint(cell(row, column, {}, row.composite === null ? "–" : row.composite.toFixed(2)), () => compositeHint(told, row)),
    change: (told, row, column) => ev.hint(cell(row, column, {}, ev.change(row.change) || "–"), () => rankHint(told, row)),
    item: rateCell,
    beside: rateCell,
    count(told, row, column) {
      const number = row.counts[column.id] || 0; // a count that never rose is not in the row
      return ev.hint(cell(row, column, {}, ev.figure(ev.count(number), number ? paramsOf(row, column.id) : null, { tabindex: "-1", class: "ev-v" })), () => [ev.title(column.formula), ev.line(t("期末未反馈且已过时限，未缓办、未作废"))]);
    },
    extras(told, row, column) {
      const sum = row.extras.reduce((total, one) => total + (one.points || 0), 0);
      return ev.hint(cell(row, column, {}, `${sum > 0 ? "+" : ""}${ev.points(sum)}`), () => [ev.title(t("加减分")), ...row.extras.map(extraLine)]);
    },
    n: (told, row, column) => ev.hint(cell(row, column, { class: `ev-c-n${few(told, row.n) && row.key ? " is-few" : ""}` }, few(told, row.n) && row.key ? t("样本过少 (n={n})").replace("{n}", row.n) : ev.count(row.n)), () => sampleHint(told, row)),
  };

  function rateCell(told, row, column) {
    const one = measured(row, column);
    if (!one || one.value === null) return ev.hint(cell(row, column, { class: `ev-c-${column.kind} is-none` }, "–"), () => rateHint(told, row, column, one));
    const lists = one.cases || {};
    const small = few(told, one.denominator ?? one.numerator) && row.key;
    const attributes = { class: `ev-c-${column.kind}${small ? " is-few" : ""}`, ...(BARRED.has(column.id) ? { style: `--share:${one.value}`, "data-barred": "" } : {}) };
    const shown = one.denominator === null || one.denominator === undefined
      ? [ev.figure(ev.count(one.numerator), lists.numerator, { tabindex: "-1", class: "ev-v" }), h("small", {}, t("得 {n} 分").replace("{n}", ev.points(one.score)))]
      : [ev.figure(ev.percent(one.value), lists.denominator, { tabindex: "-1", class: "ev-v" }),
        h("small", {}, ev.figure(ev.count(one.numerator), lists.numerator, { tabindex: "-1", class: "ev-numerator" }), "/", ev.count(one.denominator))];
    return ev.hint(cell(row, column, attributes, shown), () => rateHint(told, row, column, one));
  }

  /* ── how a number came about ────────────────────────────────────────────────────────────────── */

  function rateHint(told, row, column, one) {
    const lines = [ev.title(`${row.name} · ${column.label}`), ev.line(`${column.formula}`)];
    if (!one || one.value === null) return [...lines, ev.line(`– ${(one && one.reason) || t("分母为零。")}`)];
    if (one.denominator === null || one.denominator === undefined) lines.push(ev.line(`${ev.count(one.numerator)} → ${ev.points(one.value)}`));
    else lines.push(ev.line(`${ev.count(one.numerator)} / ${ev.count(one.denominator)} = ${ev.exact(one.value)}`));
    if (column.kind === "item") lines.push(ev.line(column.rule), scoreLine(one));
    else lines.push(ev.line(t("只列出，不计分")));
    if (few(told, one.denominator) && row.key) lines.push(ev.line(t("分母不足 {n}，仅供参考").replace("{n}", told.scheme.min_sample)));
    return [...lines, listLine(one)].filter(Boolean);
  }

  function scoreLine(one) {
    const given = one.score * one.used_weight / 100;
    const spread = one.used_weight !== one.weight ? t("（原权重 {n}%，分担了无分母的项目）").replace("{n}", ev.points(one.weight)) : "";
    return ev.line(t("得分 {score} × 权重 {weight}% = {given}").replace("{score}", ev.points(one.score)).replace("{weight}", ev.points(one.used_weight)).replace("{given}", ev.points(given)), spread);
  }

  function listLine(one) {
    const lists = one.cases || {};
    const first = lists.denominator ? one.denominator : lists.numerator ? one.numerator : null;
    if (first === null) return h("p", { class: "ev-tip-keys" }, t("此数没有案卷清单"));
    return h("p", { class: "ev-tip-keys" }, h("kbd", {}, "Enter"), ` ${t("打开 {n} 件").replace("{n}", ev.count(first))}`,
      lists.denominator && lists.numerator ? [" ", h("kbd", {}, "Shift+Enter"), ` ${t("打开 {n} 件").replace("{n}", ev.count(one.numerator))}`] : null);
  }

  const extraLine = (one) => ev.line(`${one.label}${ev.COLON}${ev.count(one.count)} → ${one.points === null ? "–" : ev.points(one.points)}（${one.rule}）`);

  function compositeHint(told, row) {
    if (row.composite === null) return [ev.title(row.name), ev.line(t("没有一个比率有分母：不评分，不算好也不算差。"))];
    const items = row.items.map((one) => h("tr", {}, h("th", {}, one.label), one.score === null ? h("td", { colspan: 2 }, `– ${one.reason}`) : [h("td", {}, `${ev.points(one.score)} × ${ev.points(one.used_weight)}%`), h("td", {}, (one.score * one.used_weight / 100).toFixed(2))]));
    const extras = row.extras.map((one) => h("tr", {}, h("th", {}, one.label), h("td", {}, ev.count(one.count)), h("td", {}, one.points === null ? "–" : one.points.toFixed(2))));
    const sum = h("tr", { class: "is-sum" }, h("th", {}, t("综合")), h("td", {}, ""), h("td", {}, row.composite.toFixed(2)));
    return [ev.title(`${row.name} · ${t("综合 = Σ 得分 × 权重")}`), h("table", {}, h("tbody", {}, items, extras, sum))];
  }

  function gradeHint(told, row) {
    const steps = told.scheme.grades.map((one) => `${one.grade} ≥ ${one.from}`).join(" · ");
    return [ev.title(`${row.name} · ${t("评级")} ${row.grade || "–"}`), row.composite === null ? null : ev.line(`${t("综合")} ${row.composite.toFixed(2)}`), ev.line(steps), row.grade_before ? ev.line(`${t("上期")} ${row.grade_before}`) : null].filter(Boolean);
  }

  function rankHint(told, row) {
    const lines = [ev.title(row.name)];
    if (!row.ranked) return [...lines, ev.line(row.key ? t("样本过少 (n={n})，不排名；满 {least} 才排名").replace("{n}", row.n).replace("{least}", told.scheme.min_sample) : t("不排名"))];
    lines.push(ev.line(t("同类单位中第 {n} 名").replace("{n}", row.rank)));
    lines.push(ev.line(row.rank_before ? t("上期第 {n} 名").replace("{n}", row.rank_before) : t("上期没有名次")));
    lines.push(ev.line(`${t("综合")}${ev.COLON}${row.composite_before === null ? "–" : row.composite_before.toFixed(2)} → ${row.composite.toFixed(2)}，${ev.changeWords(row.change)}`));
    return [...lines, ev.line(`${t("上期")}${ev.COLON}${told.period.previous.label}`)];
  }

  function sampleHint(told, row) {
    const what = ev.UNIT_OBJECTS.includes(told.object) ? t("样本 = 应结案数") : t("样本 = 本岗位所做的步骤数");
    return [ev.title(`${row.name} · n = ${ev.count(row.n)}`), ev.line(what), few(told, row.n) ? ev.line(t("不足 {n} 的不排名").replace("{n}", told.scheme.min_sample)) : null].filter(Boolean);
  }

  /* ── the table ──────────────────────────────────────────────────────────────────────────────── */

  function rowOf(told, row, shown, chosen) {
    const whole = row === told.whole;
    const state = `${whole ? "is-whole" : row.ranked ? "" : "is-unranked"}`;
    return h("tr", { class: state, "data-key": row.key, "data-whole": whole ? "1" : null, "aria-selected": String(whole ? !chosen : row.key === chosen && chosen !== "") }, shown.map((column) => CELLS[column.kind](told, row, column)));
  }

  /** The rows in groups of like units; a group of one kind needs no heading. */
  function bodies(told, rows, shown, chosen) {
    const names = Object.fromEntries(told.groups.map((group) => [group.key, group.label]));
    const groups = new Map();
    for (const row of rows) (groups.get(row.group) || groups.set(row.group, []).get(row.group)).push(row);
    const headed = [...groups.keys()].filter(Boolean).length > 1;
    return [...groups].map(([key, members]) => h("tbody", { "data-group": key },
      headed ? h("tr", { class: "ev-group" }, h("th", { colspan: shown.length, scope: "rowgroup" }, names[key] || t("未归属"), h("small", {}, t("{n} 个，{m} 个参加排名").replace("{n}", members.length).replace("{m}", members.filter((row) => row.ranked).length)))) : null,
      members.map((row) => rowOf(told, row, shown, chosen))));
  }

  /** `order`: keys in the order that is to stay; null for the order of the answer. `all`: more rows than at first. */
  function table(told, { chosen = "", order = null, all = false } = {}) {
    const shown = columns(told);
    const rows = inOrder(told.rows, order);
    const cut = all ? rows : rows.slice(0, ROWS_AT_FIRST);
    const head = h("tr", {}, shown.map((column) => h("th", { scope: "col", class: `ev-c-${column.kind}`, title: column.formula || null }, column.label, column.note ? h("small", {}, column.note) : null)));
    const made = h("table", { class: "ev-table", role: "grid", "data-columns": String(shown.length), "aria-label": t("排名"), "aria-rowcount": String(rows.length) }, h("thead", {}, head),
      h("tbody", { class: "ev-whole" }, rowOf(told, told.whole, shown, chosen)), bodies(told, cut, shown, chosen));
    const more = rows.length - cut.length;
    return more > 0 ? [made, h("p", { class: "ev-empty" }, t("另有 {n} 行").replace("{n}", more), " ", h("button", { type: "button", class: "ev-button", "data-do": "all-rows" }, t("全部显示")))] : [made];
  }

  function inOrder(rows, order) {
    if (!order) return rows;
    const place = new Map(order.map((key, index) => [key, index]));
    return [...rows].sort((one, other) => (place.get(one.key) ?? Infinity) - (place.get(other.key) ?? Infinity));
  }

  /* ── moving in it by keys ───────────────────────────────────────────────────────────────────── */

  const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

  /** The cell an arrow, Home or End leads to; null for other keys. */
  function next(from, code) {
    const lines = [...from.closest("table").querySelectorAll("tr[data-key]")];
    const here = from.closest("tr"), cells = [...here.children];
    const at = lines.indexOf(here), column = cells.indexOf(from);
    if (code === "Home" || code === "End") return lines[code === "Home" ? 0 : lines.length - 1].children[column];
    if (!STEPS[code]) return null;
    const [down, right] = STEPS[code];
    const line = lines[Math.max(0, Math.min(lines.length - 1, at + down))];
    return line.children[Math.max(0, Math.min(cells.length - 1, column + right))];
  }

  /** One cell is the table's stop for the `Tab` key: the one reached last. */
  function stop(frame, cell) {
    for (const other of frame.querySelectorAll('[data-col][tabindex="0"]')) other.setAttribute("tabindex", "-1");
    if (cell) cell.setAttribute("tabindex", "0");
  }

  ev.ranking = { table, next, stop };
})();
