/* /evaluation: what is drawn. The year's course, time per step, how old the open cases are, the way to 90 %. */
(function () {
  "use strict";
  const { t, h, format } = window.citywall;
  const ev = window.citywall.evaluation;
  const SVG = "http://www.w3.org/2000/svg";
  const FEW = 30, LEAST_MONTHS = 6;

  function s(tag, attributes, ...children) {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes || {})) if (value !== null && value !== undefined) made.setAttribute(name, String(value));
    made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
    return made;
  }

  /** A drawing that fills its frame and is drawn anew when the frame changes size. `draw(width, height, u)` gives shapes. */
  function drawing(label, draw) {
    const frame = h("div", { class: "ev-drawing" });
    const paint = () => {
      const { width, height } = frame.getBoundingClientRect();
      if (width < 40 || height < 40) return;
      const u = parseFloat(getComputedStyle(frame).fontSize);
      frame.replaceChildren(s("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label }, draw(width, height, u)));
    };
    new ResizeObserver(paint).observe(frame);
    return frame;
  }

  /* ── trend ──────────────────────────────────────────────────────────────────────────────────── */

  const RATES = [["on_time_closing", t("按期结案率")], ["closing", t("结案率")]];

  /** `own`: the chosen unit's months, or null; `rate`: which of the two rates. */
  function trend(city, own, { rate, name }) {
    const label = RATES.find(([key]) => key === rate)[1];
    const first = Math.max(0, Math.min(city.months.length - LEAST_MONTHS, city.months.findIndex((month) => month.n)));
    const known = (told) => ({ ...told, months: told.months.slice(first) }); // a young city's empty months are not drawn
    const lines = own ? [{ told: known(city), name: t("全市"), kind: "city" }, { told: known(own), name, kind: "own" }] : [{ told: known(city), name: t("全市"), kind: "own" }];
    const legend = h("p", { class: "ev-legend" }, lines.map((line) => h("span", { "data-line": line.kind }, h("i"), line.name)), h("span", { "data-line": "band" }, h("i"), t("良好区间 ≥{n}%").replace("{n}", Math.round(city.target * 100))));
    return [legend, drawing(`${label} ${lines.map((line) => line.name).join(" / ")}`, (width, height, u) => course(lines, rate, label, city.target, { width, height, u }))];
  }

  function course(lines, rate, label, target, { width, height, u }) {
    const months = lines[0].told.months;
    const values = lines.flatMap((line) => line.told.months.map((month) => month[rate].value)).filter((value) => value !== null);
    const least = Math.min(0.5, Math.floor(Math.min(1, ...values) * 10) / 10);
    const box = { left: 3 * u, right: width - 1.2 * u, top: 0.8 * u, bottom: height - 2.9 * u };
    const x = (index) => box.left + (box.right - box.left) * (months.length > 1 ? index / (months.length - 1) : 0.5);
    const y = (value) => box.bottom - (box.bottom - box.top) * (value - least) / (1 - least);
    const marks = [least, ...[0.25, 0.5, 0.75].filter((mark) => mark > least + 0.1), target, 1].filter((mark, index, all) => all.indexOf(mark) === index);
    return [
      s("rect", { class: "ev-band", x: box.left, y: y(1), width: box.right - box.left, height: y(target) - y(1) }),
      marks.map((mark) => [s("line", { class: mark === target ? "ev-aim" : "ev-rule", x1: box.left, x2: box.right, y1: y(mark), y2: y(mark) }), s("text", { x: box.left - 0.4 * u, y: y(mark) + 0.3 * u, "text-anchor": "end" }, `${Math.round(mark * 100)}%`)]),
      months.map((month, index) => monthMark(month, index, months.length, lines, x(index), box, u)),
      lines.map((line) => courseLine(line, rate, x, y)),
      lines.map((line) => line.told.months.map((month, index) => point(line, month, rate, label, x(index), y, u))),
    ];
  }

  function monthMark(month, index, number, lines, at, box, u) {
    const every = Math.max(1, Math.ceil(number * 2.6 * u / (box.right - box.left)));
    if ((number - 1 - index) % every) return null;
    const own = lines[lines.length - 1].told.months[index];
    const first = monthOf(month.from);
    return [s("text", { x: at, y: box.bottom + 1.2 * u, "text-anchor": "middle" }, first), s("text", { class: "ev-n", x: at, y: box.bottom + 2.4 * u, "text-anchor": "middle" }, own.n ? short(own.n) : "–")];
  }

  /** The month's number; its middle is asked, for its first midnight is another month's last hour elsewhere. */
  const monthOf = (from) => String(new Date(from + 15 * ev.DAY).getUTCMonth() + 1).padStart(2, "0");
  const short = (number) => (number >= 10_000 ? `${Math.round(number / 1000)}k` : number >= 1000 ? `${(number / 1000).toFixed(1)}k` : String(number));

  function courseLine(line, rate, x, y) {
    const pieces = [];
    line.told.months.forEach((month, index) => {
      const value = month[rate].value;
      if (value === null) { pieces.push(null); return; }
      const before = pieces[pieces.length - 1];
      pieces.push(`${before ? "L" : "M"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`);
    });
    return s("path", { class: "ev-line", "data-line": line.kind, d: pieces.filter(Boolean).join(" ") });
  }

  function point(line, month, rate, label, at, y, u) {
    const one = month[rate];
    if (one.value === null) return null;
    const few = month.n < FEW;
    const dot = s("circle", { class: "ev-dot", "data-line": line.kind, "data-few": few ? "1" : null, cx: at, cy: y(one.value), r: 0.28 * u });
    const target = s("circle", { class: "ev-touch", cx: at, cy: y(one.value), r: 0.9 * u });
    ev.hint(target, () => [ev.title(`${line.name} · ${month.label}`), ev.line(`${label} ${ev.count(one.numerator)} / ${ev.count(one.denominator)} = ${ev.exact(one.value)}`), few ? ev.line(t("样本过少 (n={n})").replace("{n}", month.n)) : null].filter(Boolean));
    return [dot, target];
  }

  /* ── time per step ──────────────────────────────────────────────────────────────────────────── */

  const SHORTEST = ev.MINUTE, TICKS = [[ev.MINUTE, t("1分")], [ev.HOUR, t("1时")], [ev.DAY, t("1天")]];

  /** Bars on a scale where each step to the right is ten times as long: minutes and weeks are both readable. */
  function times(told, key) {
    const row = ev.rowOf(told.rows, key), city = told.rows.find((one) => one.whole);
    const longest = Math.max(10 * ev.DAY, ...row.steps.map((step) => step.p90_ms || 0));
    const place = (ms) => 100 * Math.log(Math.max(SHORTEST, ms) / SHORTEST) / Math.log(longest / SHORTEST);
    const of = (one, state) => one && one.steps.find((step) => step.state === state);
    const rows = told.steps.map((step) => [step, of(row, step.state), row !== city ? of(city, step.state) : null]).filter(([, step]) => step && step.n);
    if (!rows.length) return [ev.empty(t("本期没有走完的环节"))];
    const scale = h("div", { class: "ev-scale", "aria-hidden": "true" }, TICKS.filter(([ms]) => place(ms) <= 100).map(([ms, words]) => h("span", { style: `left:${place(ms)}%` }, words)));
    return [h("div", { class: "ev-times-head" }, h("span", {}, row.name), scale, h("span", {}, t("中位 / 九成 · n"))), h("div", { class: "ev-times" }, rows.map(([step, one, whole]) => timesRow(step, one, whole, place)))];
  }

  function timesRow(step, one, whole, place) {
    const few = one.n < FEW;
    const bar = h("span", { class: "ev-track" },
      h("i", { class: "ev-whisker", style: `left:${place(one.median_ms)}%;width:${Math.max(0, place(one.p90_ms) - place(one.median_ms))}%` }), h("i", { class: "ev-bar", style: `width:${Math.max(0.6, place(one.median_ms))}%` }),
      step.limit_ms ? h("i", { class: "ev-limit", style: `left:${place(step.limit_ms)}%` }) : null, whole && whole.n ? h("i", { class: "ev-ghost", style: `left:${place(whole.median_ms)}%` }) : null);
    const words = h("span", { class: "ev-times-words" }, h("b", {}, ev.length(one.median_ms)), " / ", ev.length(one.p90_ms), h("small", {}, ` ${ev.count(one.n)}`));
    const made = h("div", { class: `ev-times-row${few ? " is-few" : ""}`, tabindex: "-1", "data-beyond": one.beyond_limit ? "1" : null }, h("span", { class: "ev-times-name" }, step.label), bar, words);
    return ev.hint(made, () => [ev.title(step.label), ev.line(`${t("中位")} ${ev.length(one.median_ms)} · ${t("九成在此之内")} ${ev.length(one.p90_ms)} · n = ${ev.count(one.n)}`),
      step.limit_ms ? ev.line(`${t("时限")} ${ev.length(step.limit_ms)}${one.beyond_limit ? `${ev.COLON}${t("九成线超出时限")}` : ""}`) : null,
      one.before ? ev.line(`${t("上期")} ${ev.length(one.before.median_ms)} / ${ev.length(one.before.p90_ms)}，${t("中位")}${ev.changeWords(one.median_change_ms, ev.length)}`) : ev.line(t("上期无可比")),
      whole && whole.n ? ev.line(`${t("全市")} ${ev.length(whole.median_ms)} / ${ev.length(whole.p90_ms)}`) : null, few ? ev.line(t("样本过少 (n={n})").replace("{n}", one.n)) : null].filter(Boolean));
  }

  /* ── ages of open cases ─────────────────────────────────────────────────────────────────────── */

  const BARE = /\s*(天|d|days?)$/; // the unit stands once, above the bars

  function ageing(told, key) {
    const row = ev.rowOf(told.rows, key);
    if (!row || !row.open) return [ev.empty(t("没有未结案卷"), h("small", {}, ` (${format.clock(told.as_of)})`))];
    const most = Math.max(1, ...row.bands.map((band) => band.open));
    const names = Object.fromEntries(told.bands.map((band) => [band.key, band.label]));
    const head = h("p", { class: "ev-legend" }, h("b", {}, `${row.name} ${ev.count(row.open)} ${t("件")}`), h("span", {}, t("按上报至今天数")), h("span", { "data-part": "in_time" }, h("i"), `${t("在时限内")} ${ev.count(row.in_time)}`), h("span", { "data-part": "overdue" }, h("i"), `▲ ${t("超期")} ${ev.count(row.overdue)}`), h("span", { "data-part": "suspended" }, h("i"), `${t("挂账")} ${ev.count(row.suspended)}`));
    return [head, h("div", { class: "ev-ages" }, row.bands.map((band) => ageBar(band, names[band.key], most)))];
  }

  function ageBar(band, name, most) {
    const list = band.cases && band.cases.open;
    const parts = ["suspended", "in_time", "overdue"].filter((part) => band[part]).map((part) => h("i", { "data-part": part, style: `height:${100 * band[part] / most}%` }));
    const made = h(list && band.open ? "a" : "span", { class: "ev-age", href: list && band.open ? ev.listAddress(list) : null, tabindex: "-1" }, h("span", { class: "ev-age-bar" }, h("b", {}, ev.count(band.open)), parts), h("span", { class: "ev-age-name" }, name.replace(BARE, "")));
    return ev.hint(made, () => [ev.title(name), ev.line(`${t("在时限内")} ${ev.count(band.in_time)} + ${t("超期")} ${ev.count(band.overdue)} + ${t("挂账")} ${ev.count(band.suspended)} = ${ev.count(band.open)}`)]);
  }

  /* ── the way to 90 % ────────────────────────────────────────────────────────────────────────── */

  const tenths = (number) => Math.round(number * 10); // sums of tenths are whole numbers: they add up exactly

  /** As many units as fit; the rest joins the others below the target, so that the sum stays the sum. */
  function folded(rows, room) {
    const of = (kind) => rows.filter((row) => row.kind === kind), units = of("unit"), beyond = of("beyond"), total = of("total");
    if (rows.length <= room) return rows;
    const kept = units.slice(0, Math.max(1, room - 1 - beyond.length - total.length)), rest = [...units.slice(kept.length), ...of("others")];
    const sum = (name) => rest.reduce((whole, row) => whole + row[name], 0), members = rest.reduce((whole, row) => whole + row.units, 0);
    const from = tenths(kept[kept.length - 1].to), short = rest.reduce((whole, row) => whole + tenths(row.gap), 0);
    const other = { kind: "others", key: "", name: t("其他 {n} 个未达标").replace("{n}", members), units: members, numerator: sum("numerator"), denominator: sum("denominator"), gap: short / 10, from: from / 10, to: (from + short) / 10, what_if: null };
    other.value = other.denominator ? other.numerator / other.denominator : null;
    return [...kept, other, ...beyond, ...total];
  }

  function gap(told, view, room) {
    const shown = told.views.find((one) => one.by === view) || told.views[0];
    const rows = folded(shown.rows, room);
    const ends = rows.flatMap((row) => [row.from, row.to]), low = Math.min(0, ...ends), high = Math.max(0.1, ...ends);
    const place = (value) => 100 * (value - low) / (high - low);
    const facts = h("p", { class: "ev-gap-facts" }, h("b", {}, `${told.label} ${ev.percent(told.value)}`), h("small", {}, ` ${ev.count(told.numerator)}/${ev.count(told.denominator)}`),
      told.gap > 0 ? ` · ${t("距 {target}% 差 {n} 件").replace("{target}", Math.round(told.target * 100)).replace("{n}", told.gap)}` : ` · ${t("已达到 {target}%").replace("{target}", Math.round(told.target * 100))}`);
    return [facts, h("p", { class: "ev-sentence", title: shown.sentence || told.sentence }, shown.sentence || told.sentence), h("div", { class: "ev-fall" }, rows.map((row) => fallRow(told, row, place)))];
  }

  function fallRow(told, row, place) {
    const [left, right] = [Math.min(row.from, row.to), Math.max(row.from, row.to)];
    const list = row.cases && row.cases.denominator;
    const name = list ? h("a", { class: "ev-fall-name", href: ev.listAddress(list), tabindex: "-1" }, row.name) : h("span", { class: "ev-fall-name" }, row.name);
    const made = h("div", { class: "ev-fall-row", "data-kind": row.kind, "data-key": row.key, "data-beyond": row.gap < 0 ? "1" : null }, name,
      h("span", { class: "ev-track" }, h("i", { class: "ev-zero", style: `left:${place(0)}%` }), h("i", { class: "ev-fall-bar", style: `left:${place(left)}%;width:${Math.max(0.4, place(right) - place(left))}%` })), h("b", {}, row.gap.toFixed(1)));
    const target = Math.round(told.target * 100);
    return ev.hint(made, () => [ev.title(row.name), ev.line(`${told.label} ${ev.count(row.numerator)} / ${ev.count(row.denominator)} = ${ev.exact(row.value)}`), ev.line(`${target}% × ${ev.count(row.denominator)} − ${ev.count(row.numerator)} = ${row.gap.toFixed(1)}`),
      row.what_if ? ev.line(t("达到 {target}% 时，全市为 {n}").replace("{target}", target).replace("{n}", ev.percent(row.what_if))) : null, row.kind === "total" ? ev.line(t("各行之和等于此数")) : null].filter(Boolean));
  }

  ev.charts = { trend, times, ageing, gap, RATES };
})();
