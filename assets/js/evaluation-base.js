/* /evaluation: what its parts share. Words of numbers, addresses of lists, the faces of panels, and the one hint that
   says how a number came about. */
(function () {
  "use strict";
  const { t, h, format, language } = window.citywall;
  const MINUTE = 60_000, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
  const SPACE = language === "en" ? "\u00a0" : "";
  const COLON = language === "en" ? ": " : "：";
  const UNIT_OBJECTS = ["district", "department", "grid"];
  const hints = new WeakMap();
  const MARGIN_PX = 8;

  /* ── words of numbers ───────────────────────────────────────────────────────────────────────── */

  /** A share as "87.6%", never rounded up. */
  const percent = (share) => (share === null || share === undefined ? "–" : `${format.percent(share)}%`);

  /** A share to two decimals, where the division stands beside it; not rounded up either. */
  const exact = (share) => (share === null || share === undefined ? "–" : `${(Math.floor(share * 10_000 + 1e-9) / 100).toFixed(2)}%`);

  const count = (number) => (number === null || number === undefined ? "–" : format.count(number));

  /** A composite or a score: at most two decimals, without idle zeros. */
  const points = (number) => (number === null || number === undefined ? "–" : String(Math.round(number * 100) / 100));

  /** A length of time in one unit with one decimal, as medians are read. */
  function length(ms) {
    if (ms === null || ms === undefined) return "–";
    if (ms < MINUTE) return `${Math.round(ms / 1000)}${SPACE}${t("秒")}`;
    if (ms < HOUR) return `${Math.round(ms / MINUTE)}${SPACE}${t("分")}`;
    if (ms < 2 * DAY) return `${(ms / HOUR).toFixed(1)}${SPACE}${t("小时")}`;
    return `${(ms / DAY).toFixed(1)}${SPACE}${t("天")}`;
  }

  /** A change with a neutral arrow: neither good nor bad, for red means "up" on Chinese markets. */
  function change(value, say = points) {
    if (value === null || value === undefined) return "";
    return value === 0 ? "＝" : `${value > 0 ? "▲" : "▼"}${say(Math.abs(value))}`;
  }

  /** The same in words, for a hint or a reader of screens. */
  function changeWords(value, say = points) {
    if (value === null || value === undefined) return t("上期无可比");
    if (value === 0) return t("与上期持平");
    return (value > 0 ? t("比上期升 {n}") : t("比上期降 {n}")).replace("{n}", say(Math.abs(value)));
  }

  /* ── lists behind numbers ───────────────────────────────────────────────────────────────────── */

  const listAddress = (params) => `/cases?${new URLSearchParams(params)}`;

  /** A number that opens its list where there is one; else the bare number. */
  function figure(text, params, attributes = {}) {
    return params ? h("a", { href: listAddress(params), ...attributes }, text) : h("span", attributes, text);
  }

  /* ── panels ─────────────────────────────────────────────────────────────────────────────────── */

  const slot = (panel, name) => panel.querySelector(`[data-slot="${name}"]`);

  function face(panel, name, note = "") {
    panel.dataset.face = name;
    panel.setAttribute("aria-busy", name === "loading" ? "true" : "false");
    slot(panel, "note").textContent = note;
  }

  const empty = (words, ...more) => h("p", { class: "ev-empty" }, words, ...more);

  /** A failure in the server's own words, and what to do. What stood there stays under its old time. */
  function fail(panel, name, answer, asOf) {
    const words = answer.status === 503 && answer.body.error === "history_behind" ? t("历史数据正在准备，稍后自动重试。") : window.citywall.why(answer);
    const again = h("button", { type: "button", class: "ev-button", "data-do": "again", "data-what": name }, t("重试"));
    if (asOf) {
      face(panel, "error", `▲ ${t("读取失败")}（${words}），${t("以下为 {time} 的数据").replace("{time}", format.clock(asOf))}`);
      return;
    }
    face(panel, "failed");
    slot(panel, "body").replaceChildren(h("div", { class: "ev-failed", role: "alert" }, h("b", {}, `▲ ${t("读取失败")}`), h("p", {}, words), answer.status === 403 ? null : again));
  }

  /** One of two or three views of a panel. */
  function toggle(name, options, chosen) {
    return h("div", { class: "ev-toggle", role: "radiogroup" }, options.map(([value, words]) => h("button", { type: "button", role: "radio", "aria-checked": String(value === chosen), "data-view": name, "data-value": value }, words)));
  }

  /** The row of the chosen unit, else the city's. */
  const rowOf = (rows, key) => rows.find((row) => !row.whole && row.key === key && key) || rows.find((row) => row.whole) || rows[0];

  /* ── the hint ───────────────────────────────────────────────────────────────────────────────── */

  /** Say how this element came about: `build()` gives the lines when it is pointed at or reached by key. */
  function hint(element, build) {
    hints.set(element, build);
    element.setAttribute("data-hint", "");
    return element;
  }

  const tip = () => document.getElementById("ev-tip");

  function showHint(element) {
    const place = tip(), build = hints.get(element);
    if (!place || !build) return;
    const lines = build();
    if (!lines || !lines.length) { hideHint(); return; }
    hideHint();
    place.replaceChildren(...lines);
    place.hidden = false;
    element.setAttribute("aria-describedby", "ev-tip");
    place.cwFor = element;
    put(place, element.getBoundingClientRect());
  }

  /** Below the element, or above where there is no room; never over it, never outside the window. */
  function put(place, box) {
    const { width, height } = place.getBoundingClientRect();
    const below = box.bottom + MARGIN_PX, above = box.top - MARGIN_PX - height;
    const top = below + height <= window.innerHeight || above < 0 ? Math.min(below, window.innerHeight - height - MARGIN_PX) : above;
    const left = Math.min(Math.max(MARGIN_PX, box.left), window.innerWidth - width - MARGIN_PX);
    Object.assign(place.style, { left: `${Math.round(left)}px`, top: `${Math.round(Math.max(MARGIN_PX, top))}px` });
  }

  function hideHint() {
    const place = tip();
    if (!place || place.hidden) return;
    place.hidden = true;
    if (place.cwFor) place.cwFor.removeAttribute("aria-describedby");
    place.cwFor = null;
  }

  const hinted = (node) => (node && node.closest ? node.closest("[data-hint]") : null);

  /** Lines of a hint: a heading, then pairs of what and how much. */
  const line = (words, ...more) => h("p", {}, words, ...more);
  const title = (words) => h("b", { class: "ev-tip-title" }, words);

  window.citywall.evaluation = {
    COLON, UNIT_OBJECTS, MINUTE, HOUR, DAY, percent, exact, count, points, length, change, changeWords, listAddress, figure, slot, face, empty, fail, toggle, rowOf,
    hint, showHint, hideHint, hinted, tip, line, title,
  };
})();
