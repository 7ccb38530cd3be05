/* /evaluation: what is told in tables. Credibility, where cases stand, pauses, alarm quality. */
(function () {
  "use strict";
  const { t, h, format } = window.citywall;
  const ev = window.citywall.evaluation;
  const FEW = 30, WORST = 4, BUSIEST = 8;

  /** A share never stands without its n. */
  function share(words, part, whole, value, { label, rule }) {
    const few = whole < FEW;
    const made = h("td", { class: few ? "is-few" : "" }, ev.percent(value), h("small", {}, ` ${ev.count(part)}/${ev.count(whole)}`));
    return ev.hint(made, () => [ev.title(`${words} · ${label}`), ev.line(`${ev.count(part)} / ${ev.count(whole)} = ${ev.exact(value)}`), rule ? ev.line(rule) : null, few ? ev.line(t("样本过少 (n={n})").replace("{n}", whole)) : null].filter(Boolean));
  }

  /* ── credibility ────────────────────────────────────────────────────────────────────────────── */

  /** The chosen unit and the city side by side; with nothing chosen the city alone. */
  function credibility(told, key) {
    const photos = pair(told.photos.rows, key), checks = pair(told.rechecks.rows, key);
    const columns = photos.length > 1 || checks.length > 1 ? [names(photos, checks), t("全市")] : [t("全市")];
    const lines = [
      [t("照片存疑"), photos, (row) => [row.doubted, row.photos], told.photos.rule],
      ...told.photos.kinds.map((kind) => [`· ${kind.label}`, photos, (row) => [row.kinds[kind.key] || 0, row.photos], told.photos.rule]),
      [t("核查不通过"), checks, (row) => [row.failed, row.checks], told.rechecks.rule],
      [t("复核仍不通过"), checks, (row) => [row.second_failed, row.second_checks], told.rechecks.rule],
      [t("7 天内同处再报"), checks, (row) => [row.came_back, row.passed], told.rechecks.rule],
    ];
    const head = h("thead", {}, h("tr", {}, h("th", {}, ""), columns.map((name) => h("th", { scope: "col" }, name))));
    const body = h("tbody", {}, lines.map(([words, rows, parts, rule]) => h("tr", {}, h("th", { scope: "row" }, words), columns.map((label, index) => columnCell(rows, index, columns.length, words, label, parts, rule)))));
    const judged = told.photos.judged < told.photos.total ? h("p", { class: "ev-hint" }, t("照片只看了最新的 {n} 张，共 {m} 张").replace("{n}", ev.count(told.photos.judged)).replace("{m}", ev.count(told.photos.total))) : null;
    return [h("table", { class: "ev-small" }, head, body), judged, outliers(told.collectors)].filter(Boolean);
  }

  function pair(rows, key) {
    const city = rows.find((row) => row.whole), own = key ? rows.find((row) => !row.whole && row.key === key) : null;
    return own ? [own, city] : [city];
  }

  const names = (...pairs) => (pairs.find((rows) => rows.length > 1) || [{ name: "" }])[0].name;

  /** A unit without a row of its own has nothing to show: "–", not the city's figure. */
  function columnCell(rows, index, columns, words, label, parts, rule) {
    const row = index === columns - 1 ? rows[rows.length - 1] : rows.length > 1 ? rows[0] : null;
    if (!row) return h("td", {}, "–");
    const [part, whole] = parts(row);
    return share(words, part, whole, whole ? part / whole : null, { label, rule });
  }

  function outliers(told) {
    const head = h("h3", {}, t("异常采集员"), h("small", {}, ` ${t("{n} 人中（核查满 30 次）").replace("{n}", told.judged)}`));
    if (!told.rows.length) return h("div", { class: "ev-outliers" }, ev.hint(head, () => [ev.title(t("异常采集员")), ev.line(told.rule)]), ev.empty(t("没有异常")));
    const rows = told.rows.slice(0, WORST).map((row) => ev.hint(h("li", {}, h("b", {}, row.name || row.who), h("span", {}, row.why), h("small", {}, `n=${ev.count(row.checks)}`)), () => [ev.title(row.name || row.who), ev.line(row.why),
      ev.line(`${t("通过")} ${ev.count(row.passed)} / ${ev.count(row.checks)} = ${ev.exact(row.share_passed)}`), ev.line(`${t("用时中位")} ${ev.length(row.median_ms)}，${t("众人中位")} ${ev.length(told.median_ms)}，z = ${row.z === null ? "–" : row.z.toFixed(1)}`), ev.line(told.rule)]));
    const more = told.rows.length - rows.length;
    return h("div", { class: "ev-outliers" }, ev.hint(head, () => [ev.title(t("异常采集员")), ev.line(told.rule)]), h("ul", {}, rows), more > 0 ? h("p", { class: "ev-hint" }, t("另有 {n} 人").replace("{n}", more)) : null);
  }

  /* ── where cases stand ──────────────────────────────────────────────────────────────────────── */

  function bottleneck(told, view, room = BUSIEST) {
    const now = view === "now", part = told[view];
    if (!part.rows.length) return [ev.empty(now ? t("没有未结案卷") : t("本期没有案卷"))];
    const held = now ? "waited_ms" : "spent_ms";
    const head = h("thead", {}, h("tr", {}, [t("单位"), t("环节"), t("件"), now ? t("已等共计") : t("用时共计"), ...(now ? [t("比昨日"), t("比上周")] : [t("占比"), t("较上期")])].map((words) => h("th", { scope: "col" }, words))));
    const rows = part.rows.slice(0, room).map((row) => h("tr", {}, h("th", { scope: "row" }, row.name), h("td", {}, row.label), h("td", {}, ev.figure(ev.count(row.cases), row.cases_list, { tabindex: "-1", class: "ev-v" })), h("td", {}, ev.length(row[held])),
      now ? [moved(row, row.yesterday, "cases"), moved(row, row.last_week, "cases")] : [h("td", {}, ev.percent(row.share)), moved(row, row.before, "share", (value) => `${(value * 100).toFixed(1)}`)]));
    return [h("p", { class: "ev-sentence", title: part.sentence }, part.sentence), h("table", { class: "ev-small" }, head, h("tbody", {}, rows))];
  }

  function moved(row, before, name, say = ev.count) {
    const by = before ? row[name] - before[name] : null;
    return ev.hint(h("td", {}, by === null ? "–" : ev.change(by, say)), () => [ev.title(`${row.name} · ${row.label}`), by === null ? ev.line(t("那时没有")) : ev.line(`${say(before[name])} → ${say(row[name])}`)]);
  }

  /* ── pauses ─────────────────────────────────────────────────────────────────────────────────── */

  function pauses(told, key) {
    const row = ev.rowOf(told.rows, key);
    if (!row || !row.disposal_ms) return [ev.empty(t("本期没有处置用时"))];
    const facts = h("p", { class: "ev-legend" }, h("b", {}, row.name), h("span", {}, t("停表 {n}，占处置用时 {share}").replace("{n}", ev.length(row.stood_ms)).replace("{share}", ev.percent(row.share))));
    ev.hint(facts, () => [ev.title(row.name), ev.line(`${ev.length(row.stood_ms)} / ${ev.length(row.disposal_ms)} = ${ev.exact(row.share)}`), ev.line(told.rule)]);
    const kinds = told.kinds.map((kind) => [kind, row.kinds.find((one) => one.key === kind.key)]).filter(([, one]) => one && one.cases);
    const stood = kinds.filter(([kind]) => kind.stands), ran = kinds.filter(([kind]) => !kind.stands);
    const head = h("thead", {}, h("tr", {}, [t("事由"), t("件"), t("合计"), t("中位"), t("占比")].map((words) => h("th", { scope: "col" }, words))));
    const body = h("tbody", {}, stood.map(([kind, one]) => h("tr", {}, h("th", { scope: "row" }, `‖ ${kind.label}`), h("td", {}, ev.count(one.cases)), h("td", {}, ev.length(one.total_ms)), h("td", {}, ev.length(one.median_ms)), h("td", {}, ev.percent(one.share)))));
    return [facts, stood.length ? h("table", { class: "ev-small" }, head, body) : ev.empty(t("本期没有停表")), running(ran), most(told)].filter(Boolean);
  }

  /** Requests that wait while the clock runs on: they hide nothing, but they cost time. */
  function running(kinds) {
    const one = ([kind, found]) => h("span", {}, `${kind.label} ${t("{n} 件，中位 {length}").replace("{n}", ev.count(found.cases)).replace("{length}", ev.length(found.median_ms))}`);
    return kinds.length ? h("p", { class: "ev-hint ev-running" }, `${t("表不停")}${ev.COLON}`, kinds.map(one)) : null;
  }

  /** Whose clock stood most: that stopping it cannot hide. */
  function most(told) {
    const rows = told.rows.filter((row) => !row.whole && row.share).sort((one, other) => other.stood_ms - one.stood_ms).slice(0, 3);
    return rows.length ? h("p", { class: "ev-hint" }, `${t("停表最多")}${ev.COLON}`, rows.map((row) => `${row.name} ${ev.length(row.stood_ms)} (${ev.percent(row.share)})`).join(" · ")) : null;
  }

  /* ── alarm quality ──────────────────────────────────────────────────────────────────────────── */

  function alarms(rates) {
    const { aims, shares, acks } = rates;
    const low = shares.L3 === null ? null : shares.L3 + shares.L4, first = acks.L1;
    const seconds = (value) => (value === null ? "–" : ev.length(value * 1000));
    const rows = [
      [t("每人每 10 分钟报警"), rates.per_ten_minutes.toFixed(1), t("宜 {a}，至多 {b}").replace("{a}", aims.per_ten_minutes).replace("{b}", aims.per_ten_minutes_most), rates.per_ten_minutes > aims.per_ten_minutes_most],
      [t("10 分钟内最多"), ev.count(rates.peak_ten_minutes), t("至多 {a}").replace("{a}", aims.peak_ten_minutes), rates.peak_ten_minutes > aims.peak_ten_minutes],
      [t("报警集中的时间"), ev.percent(rates.flood_share), t("低于 {a}").replace("{a}", "1%"), rates.flood_share >= aims.flood_share],
      [t("三四级 / 二级 / 一级"), low === null ? "–" : `${[low, shares.L2, shares.L1].map((one) => Math.round(one * 100)).join("/")}%`, "80/15/5%", shares.L1 !== null && shares.L1 > 2 * aims.share_high],
      [t("一级按时确认"), `${ev.count(first.in_time)}/${ev.count(first.raised)}`, seconds(first.aim_seconds), first.raised > 0 && first.in_time < first.raised],
      [t("持续超过 24 小时"), ev.count(rates.standing_long), t("少于 {a}").replace("{a}", aims.standing_long), rates.standing_long >= aims.standing_long],
    ];
    const facts = h("p", { class: "ev-legend" }, h("b", {}, `${t("报警")} n = ${ev.count(rates.raised)}`), h("span", {}, t("值守 {n} 人，升级 {m} 次").replace("{n}", rates.officers).replace("{m}", rates.escalated)));
    ev.hint(facts, () => [ev.title(t("报警质量")), ev.line(`${format.shortTime(rates.begins_at)} – ${format.shortTime(rates.ends_at)}`)]);
    const head = h("thead", {}, h("tr", {}, [t("项目"), t("本期"), t("目标")].map((words) => h("th", { scope: "col" }, words))));
    return [facts, h("table", { class: "ev-small" }, head, h("tbody", {}, rows.map(([words, value, aim, poor]) => h("tr", { "data-poor": poor ? "1" : null }, h("th", { scope: "row" }, words), h("td", {}, `${poor ? "▲ " : ""}${value}`), h("td", {}, aim)))))];
  }

  ev.panels = { credibility, bottleneck, pauses, alarms };
})();
