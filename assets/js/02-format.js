/* Numbers, times and ages as the hall writes them. Every time is epoch milliseconds, shown in the city's zone. */
(function () {
  "use strict";
  const { t, language } = window.citywall;
  const NARROW_SPACE = "\u00a0";
  const UNIT_SPACE = language === "en" ? NARROW_SPACE : "";
  const MINUTE = 60_000, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
  const made = new Map();
  let zone = "Asia/Shanghai";

  function formatter(name, options) {
    const key = `${name} ${zone}`;
    if (!made.has(key)) made.set(key, new Intl.DateTimeFormat(language === "en" ? "en-GB" : "zh-CN", { timeZone: zone, ...options }));
    return made.get(key);
  }

  /** Digits in groups of three, a space between. */
  function count(number) {
    return String(number).replace(/\B(?=(\d{3})+$)/g, NARROW_SPACE);
  }

  /** A share as percent with one decimal, never rounded up to the target or to 100; "–" where there is no denominator. */
  function percent(share) {
    if (share === null || share === undefined) return "–";
    return share >= 1 ? "100" : (Math.floor(share * 1000 + 1e-9) / 10).toFixed(1);
  }

  function clock(ms) {
    return formatter("clock", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(ms);
  }

  function hourMinute(ms) {
    return formatter("hm", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(ms);
  }

  /** Month and day, then the weekday. */
  function date(ms) {
    const day = formatter("day", { month: "long", day: "numeric" }).format(ms);
    return `${day} ${formatter("weekday", { weekday: "short" }).format(ms)}`;
  }

  function shortTime(ms) {
    return formatter("short", { month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(ms).replace(",", "");
  }

  /** How long ago, in its largest whole unit. */
  function age(ms) {
    const past = Math.max(0, ms);
    if (past < MINUTE) return `${Math.floor(past / 1000)}${UNIT_SPACE}${t("秒")}`;
    if (past < HOUR) return `${Math.floor(past / MINUTE)}${UNIT_SPACE}${t("分")}`;
    if (past < 2 * DAY) return `${Math.floor(past / HOUR)}${UNIT_SPACE}${t("小时")}`;
    return `${Math.floor(past / DAY)}${UNIT_SPACE}${t("天")}`;
  }

  /** A length of time to the minute, never rounded to whole hours. */
  function span(ms) {
    const minutes = Math.floor(Math.max(0, ms) / MINUTE);
    const days = Math.floor(minutes / 1440);
    const text = `${String(Math.floor(minutes / 60) % 24).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
    return days ? `${days}${UNIT_SPACE}${t("天")} ${text}` : text;
  }

  /** A length of time to the second, as a stopwatch shows it. */
  function stopwatch(ms) {
    const seconds = Math.floor(Math.max(0, ms) / 1000);
    const text = `${String(Math.floor(seconds / 60) % 60).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
    return seconds < 3600 ? text : `${Math.floor(seconds / 3600)}:${text}`;
  }

  function useZone(name) {
    if (name) zone = name;
  }

  window.citywall.format = { count, percent, clock, hourMinute, date, shortTime, age, span, stopwatch, useZone };
})();
