/* The wall's panels, each written from the wall view (`domain.wall_view`) in place. */
(function () {
  "use strict";
  const { t, now, format, cells } = window.citywall;
  const SHAPES = { L1: "◆", L2: "▲", L3: "■", L4: "●" };
  const SEVERITIES = { L1: t("一级"), L2: t("二级"), L3: t("三级"), L4: t("四级") };
  const TAGGED = new Set(["supervised", "overdue_3x", "sent_back"]);
  const MOST_BLINKING = 3;
  const LEAST_SHARE = 0.02; // of the widest step's surplus

  const cellOf = (root, name) => root.querySelector(`[data-cell="${name}"]`);

  function headline(root, wall) {
    const of = Object.fromEntries(wall.headline.map((entry) => [entry.id, entry]));
    rate(cellOf(root, "on_time_closing"), of.on_time_closing);
    gap(cellOf(root, "on_time_closing"), of.on_time_closing.value, wall.target);
    const filed = cellOf(root, "filed");
    cells.figure(filed, "value", format.count(of.filed.value), of.filed.query);
    cells.figure(filed, "closed", format.count(of.closed.value), of.closed.query);
    filed.cwEmpty = of.filed.value === 0 && of.closed.value === 0;
    const waiting = cellOf(root, "pending_dispatch");
    cells.figure(waiting, "value", format.count(of.pending_dispatch.value), of.pending_dispatch.query);
    waiting.cwOldest = of.pending_dispatch.oldest_at;
    const overdue = cellOf(root, "overdue_undisposed");
    cells.figure(overdue, "value", format.count(of.overdue_undisposed.value), of.overdue_undisposed.query);
    cells.figure(overdue, "overdue_3x", format.count(of.overdue_3x.value), of.overdue_3x.query);
    overdue.classList.toggle("is-act", of.overdue_undisposed.value > 0);
  }

  function rate(cell, entry) {
    cells.figure(cell, "value", format.percent(entry.value), entry.query);
    cells.figure(cell, "numerator", format.count(entry.numerator), entry.numerator_query);
    cells.figure(cell, "denominator", format.count(entry.denominator), entry.query);
    cell.classList.toggle("is-unknown", entry.value === null);
  }

  /** How far a rate is from the target, in words and with a neutral arrow. */
  function gap(cell, value, target) {
    cells.write(cell, "target", `${Math.round(target * 100)}%`);
    const place = cells.slot(cell, "gap");
    if (value === null) { place.textContent = ""; return; }
    const points = (Math.floor(value * 1000 + 1e-9) - Math.round(target * 1000)) / 10;
    place.textContent = points < 0 ? `▼${(-points).toFixed(1)}` : `▲${points.toFixed(1)}`;
    place.classList.toggle("is-below", points < 0);
  }

  function districts(root, wall) {
    const of = Object.fromEntries(wall.headline.map((entry) => [entry.id, entry]));
    const city = { ...of.closing, name: t("全市"), on_time: of.on_time_closing, open: of.open, overdue: { ...of.overdue_undisposed, label: "超期" } };
    for (const panel of root.querySelectorAll('[data-cell="districts"]')) {
      district(cellOf(panel, "closing"), city);
      const list = cells.rows(panel, wall.districts, (item) => item.code, district);
      fitDistricts(panel, list, wall.districts.length);
    }
  }

  function rateRow(row, item) {
    rate(row, item);
    row.style.setProperty("--share", item.value ?? 0);
    row.classList.toggle("is-none", item.value === null);
  }

  function district(row, item) {
    cells.write(row, "name", item.name);
    rateRow(row, item);
    cells.write(row, "on_time_label", t("按期结案率"));
    cells.figure(row, "on_time", format.percent(item.on_time.value), item.on_time.query);
    for (const name of ["open", "overdue"]) {
      cells.write(row, `${name}_label`, t(item[name].label));
      cells.figure(row, name, format.count(item[name].value), item[name].query);
    }
  }

  function fitDistricts(panel, list, total) {
    panel.classList.remove("is-tight");
    if (list.clientHeight && cells.capacity(list) < total) panel.classList.add("is-tight");
    more(panel, total - cells.fit(list), t("另有 {n} 区"));
  }

  function stages(root, wall) {
    const waiting = wall.stages.slice(0, -1);
    const most = Math.max(...waiting.map((stage) => stage.count));
    for (const stage of wall.stages) {
      const cell = cellOf(root, `stage-${stage.stage}`);
      const share = waiting.includes(stage) && most ? Math.sqrt(stage.count / most) : 0;
      cell.style.setProperty("--grow", Math.max(share, LEAST_SHARE).toFixed(3));
      cell.classList.toggle("is-widest", most > 0 && waiting.includes(stage) && stage.count === most);
      cells.figure(cell, "value", format.count(stage.count), stage.query);
      cell.cwOldest = stage.oldest_at;
    }
  }

  function attention(root, wall) {
    const panel = cellOf(root, "attention");
    const blinking = wall.attention.filter((row) => row.severity === "L1" && !row.claimed_by).slice(0, MOST_BLINKING);
    const list = cells.rows(panel, wall.attention, (item) => item.case_no, (row, item) => {
      attentionRow(row, item);
      cells.slot(row, "shape").classList.toggle("is-blinking", blinking.includes(item));
    });
    cells.write(panel, "context", wall.attention_total ? `${format.count(wall.attention_total)} ${t("件")}` : "");
    more(panel, wall.attention_total - cells.fit(list), t("另有 {n} 件"), wall.attention_total ? "" : t("暂无需要关注的案卷"));
  }

  function attentionRow(row, item) {
    row.cwItem = item;
    row.setAttribute("href", `/case/${encodeURIComponent(item.case_no)}`);
    severity(row, item);
    if (!item.order_due) cells.write(row, "reason", TAGGED.has(item.reason) ? t(item.reason_label) : "");
    cells.slot(row, "reason").classList.toggle("is-order", Boolean(item.order_due));
    owed(row, item);
    cells.write(row, "where", item.address || item.district);
    cells.write(row, "who", item.claimed_by ? `${item.claimed_by} ${t("认领")}` : shortName(row, item.department));
    left(row, item);
  }

  /** A leader's order waits for its answer: how long it still may, or how long it is late. Counts until answered. */
  function owed(row, item) {
    if (!item.order_due) return;
    const place = cells.slot(row, "reason");
    const remaining = item.order_due - now();
    const words = `${remaining < 0 ? t("答复超期") : t("答复剩")} ${format.span(Math.abs(remaining))}`;
    if (place.textContent !== words) place.textContent = words;
    place.classList.toggle("is-late", remaining < 0);
  }

  /** A department's name without the city's own name before it: on this wall every one is this city's. */
  function shortName(element, name) {
    const { city } = element.closest(".cw-wall").dataset;
    return name.startsWith(city) && name.length > city.length ? name.slice(city.length) : name;
  }

  function severity(element, item) {
    element.classList.remove("is-L1", "is-L2", "is-L3", "is-L4");
    element.classList.add(`is-${item.severity}`);
    cells.write(element, "shape", SHAPES[item.severity]);
    cells.write(element, "severity", SEVERITIES[item.severity]);
    cells.write(element, "what", item.class_name);
  }

  /** Time left, or how long overdue, by the server's clock. */
  function left(element, item) {
    const place = cells.slot(element, "left");
    const remaining = item.deadline === null ? null : item.deadline - now();
    const late = remaining !== null && remaining < 0;
    const words = remaining === null ? t(item.state_label) : late ? `${t("超")} ${format.span(-remaining)}` : `${t("剩")} ${format.span(remaining)}`;
    if (place.textContent !== words) place.textContent = words;
    place.classList.toggle("is-late", late);
  }

  function departments(root, wall) {
    const panel = cellOf(root, "departments");
    const most = wall.overdue_departments.length ? wall.overdue_departments[0].overdue : 1;
    const list = cells.rows(panel, wall.overdue_departments, (item) => item.code, (row, item) => {
      cells.write(row, "name", shortName(panel, item.name));
      cells.figure(row, "value", format.count(item.overdue), item.query);
      cells.figure(row, "rate", format.percent(item.closing.value), item.closing.query);
      cells.figure(row, "numerator", format.count(item.closing.numerator), item.closing.numerator_query);
      cells.figure(row, "denominator", format.count(item.closing.denominator), item.closing.query);
      row.style.setProperty("--share", item.overdue / most);
      row.cwOldest = item.oldest_at;
    });
    const total = wall.overdue_departments_total;
    more(panel, total - cells.fit(list), t("另有 {n} 个部门"), total ? "" : t("没有部门超期"));
  }

  /** What explains the gap to the target: bars on one scale, each from where the one above ended. */
  function waterfall(root, wall) {
    const panel = cellOf(root, "waterfall"), { rows, rate_label, leader, what_if } = wall.gap;
    const ends = rows.flatMap((row) => [row.from, row.to]), least = Math.min(...ends), whole = Math.max(...ends) - least || 1;
    cells.write(panel, "context", `${t(rate_label)} ${t("30天")} ${t("件")}`);
    const list = cells.rows(panel, rows, (item) => item.code, (row, item) => {
      cells.write(row, "name", gapName(panel, item));
      cells.figure(row, "value", gapText(item.gap), item.query);
      row.style.setProperty("--from", (Math.min(item.from, item.to) - least) / whole);
      row.style.setProperty("--length", Math.abs(item.gap) / whole);
      row.classList.toggle("is-beyond", item.gap <= 0);
      row.classList.toggle("is-total", item.kind === "total");
    });
    cells.fit(list);
    const city = rows[rows.length - 1];
    cells.write(panel, "more", what_if === null ? "" : t("若{unit}达到 {target}%，全市由 {now}% 升至 {then}%")
      .replace("{unit}", shortName(panel, leader)).replace("{target}", Math.round(wall.target * 100))
      .replace("{now}", format.percent(city.value)).replace("{then}", format.percent(what_if)));
    bottleneck(panel, wall.bottleneck);
  }

  function gapName(panel, item) {
    if (item.kind === "total") return t("全市");
    if (item.kind === "unit") return shortName(panel, item.name) || t("未归属");
    return (item.kind === "others" ? t("其他 {n} 个未达标") : t("{n} 个已达标")).replace("{n}", item.units);
  }

  /** Cases to the tenth, as they add up; a true minus for what makes up for others. */
  function gapText(cases) {
    return `${cases < 0 ? "−" : ""}${format.count(Math.floor(Math.abs(cases)))}.${Math.round(Math.abs(cases) * 10) % 10}`;
  }

  /** The step where most cases wait, how its queue moved today, and whose it is. */
  function bottleneck(panel, found) {
    panel.querySelector(".cw-fall-bottleneck").classList.toggle("is-none", !found);
    if (!found) return;
    cells.write(panel, "step", t(found.label));
    cells.figure(panel, "waiting", format.count(found.count), found.query);
    for (const name of ["came", "left"]) cells.figure(panel, name, format.count(found[name].value), found[name].query);
    cells.write(panel, "whose", found.whose ? shortName(panel, found.whose.name) : "");
    cells.write(panel, "owed", found.whose ? t(found.whose.label) : "");
    cells.figure(panel, "late", found.whose ? format.count(found.whose.value) : "", found.whose ? found.whose.query : null);
  }

  function more(panel, hidden, words, none = "") {
    cells.write(panel, "more", hidden > 0 ? words.replace("{n}", format.count(hidden)) : none);
  }

  /** What changes by the second although no figure does: ages and countdowns. */
  function secondHand(root) {
    for (const element of root.querySelectorAll('[data-cell="pending_dispatch"], [data-cell^="stage-"], [data-cell="department"]')) {
      if (element.cwOldest === undefined || element.dataset.cell === "stage-evaluation") continue;
      cells.write(element, "oldest", element.cwOldest === null ? "–" : format.age(now() - element.cwOldest));
    }
    for (const row of root.querySelectorAll(".cw-att")) if (row.cwItem) { left(row, row.cwItem); owed(row, row.cwItem); }
  }

  function render(root, wall) {
    for (const part of [headline, districts, stages, attention, departments, waterfall]) part(root, wall);
    secondHand(root);
  }

  window.citywall.panels = { render, secondHand, severity, left, cellOf };
})();
