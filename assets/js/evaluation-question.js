/* /evaluation: what is asked. It stands in the address, so that a reload or a colleague sees the same; periods go by the
   city's own calendar. */
(function () {
  "use strict";
  const ev = window.citywall.evaluation;
  const STANDARD = { object: "district", period: "month", convention: "flow", scheme: "", key: "" };
  const RUNNING = { day: "today", week: "week", month: "month", quarter: "quarter", year: "year" };
  const KIND = Object.fromEntries(Object.entries(RUNNING).map(([kind, name]) => [name, kind]));
  const PATTERNS = [["day", /^\d{4}-\d\d-\d\d$/], ["week", /^\d{4}-W\d\d$/], ["month", /^\d{4}-\d\d$/], ["quarter", /^\d{4}-Q[1-4]$/], ["year", /^\d{4}$/]];

  function read() {
    const given = new URLSearchParams(window.location.search);
    return Object.fromEntries(Object.entries(STANDARD).map(([name, standard]) => [name, given.get(name) || standard]));
  }

  /** Only what differs from the standard stands in the address; other parameters stay. */
  function write(question) {
    const given = new URLSearchParams(window.location.search);
    for (const [name, standard] of Object.entries(STANDARD)) {
      if (question[name] && question[name] !== standard) given.set(name, question[name]);
      else given.delete(name);
    }
    const text = given.toString();
    window.history.replaceState(window.history.state, "", window.location.pathname + (text ? `?${text}` : ""));
  }

  /** Day, week, month or quarter, of a running period's name or of a past one's. */
  const kindOf = (period) => KIND[period] || (PATTERNS.find(([, pattern]) => pattern.test(period)) || ["month"])[0];

  /** The local day of a moment, as three numbers. */
  function localDay(ms, zone) {
    const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(ms);
    return ["year", "month", "day"].map((name) => Number(parts.find((part) => part.type === name).value));
  }

  const two = (number) => String(number).padStart(2, "0");

  /** The period of that kind which a local day lies in, by its name: 2026-11-28, 2026-W48, 2026-11, 2026-Q4. */
  function named(kind, [year, month, day]) {
    if (kind === "day") return `${year}-${two(month)}-${two(day)}`;
    if (kind === "month") return `${year}-${two(month)}`;
    if (kind === "quarter") return `${year}-Q${Math.ceil(month / 3)}`;
    if (kind === "year") return String(year);
    const thursday = new Date(Date.UTC(year, month - 1, day)); // a week belongs to the year its Thursday lies in
    thursday.setUTCDate(thursday.getUTCDate() + 4 - (thursday.getUTCDay() || 7));
    const week = Math.ceil(((thursday - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / ev.DAY + 1) / 7);
    return `${thursday.getUTCFullYear()}-W${two(week)}`;
  }

  /** The name of the period around a moment; the running one goes by its own name, so that it moves on with time. */
  function around(kind, ms, zone, now) {
    const name = named(kind, localDay(ms, zone));
    return name === named(kind, localDay(now, zone)) ? RUNNING[kind] : name;
  }

  const isoDay = (ms, zone) => named("day", localDay(ms, zone));

  /** A day as typed, at noon so that no zone moves it to another. */
  const noon = (iso) => Date.parse(`${iso}T12:00:00Z`);

  ev.question = { read, write, kindOf, around, isoDay, noon, RUNNING };
})();
