/* The wall's first and last line: the server's clock, the source lamps, the cameras, the time of the data. */
(function () {
  "use strict";
  const { t, now, format, cells } = window.citywall;
  const VIDEO = "video";
  const NAMES = {
    live: t("实时计算"), relay: t("变更转发"), video: t("视频采集"), web: t("网页服务"), store: t("案卷库"), redis: t("消息服务"), demo: t("演示数据"),
  };
  const nameOf = (lamp) => NAMES[lamp.name] || lamp.name;
  const CLOCK_SKEW_MS = 2000, CLOCK_WRONG_MS = 30_000;

  function silent(lamp) {
    return lamp.state !== "live" || now() - lamp.as_of > lamp.ttl * 1000;
  }

  /** This machine's own clock is a source too: deadlines are minutes. */
  function clockLamp() {
    const skew = Math.abs(window.citywall.skew());
    if (skew < CLOCK_SKEW_MS) return null;
    const words = skew < CLOCK_WRONG_MS ? t("本机时钟偏差 {age}") : t("时钟异常 {age}");
    return { name: words.replace("{age}", format.age(skew)), words: "" };
  }

  /** What does not speak, and since when. */
  function troubles(sources) {
    const found = sources.filter(silent).map((lamp) => ({ name: nameOf(lamp), words: format.age(now() - lamp.as_of) }));
    const clock = clockLamp();
    return clock ? [clock, ...found] : found;
  }

  function lamps(root, tick) {
    const cell = root.querySelector('[data-cell="sources"]');
    const wrong = troubles(tick.sources);
    const speaking = tick.sources.filter((lamp) => !silent(lamp)).length;
    cell.classList.toggle("is-warning", wrong.length > 0);
    cells.text(cell, "shape", wrong.length ? "▲" : "●");
    cells.text(cell, "count", `${speaking}/${tick.sources.length} ${t("源")}`);
    cells.text(cell, "worst", wrong.length ? `${wrong[0].name} ${wrong[0].words}` : "");
    for (const foot of root.querySelectorAll(".cw-foot")) cells.rows(foot, tick.sources, (lamp) => lamp.name, lampRow);
    cameras(root, tick);
  }

  function lampRow(row, lamp) {
    const quiet = silent(lamp);
    row.classList.toggle("is-silent", quiet);
    cells.text(row, "shape", quiet ? "▲" : "●");
    cells.text(row, "name", nameOf(lamp));
    cells.text(row, "age", quiet ? format.age(now() - lamp.as_of) : "");
  }

  /** The capture's own lamp says how many cameras give a picture. */
  function cameras(root, tick) {
    const cell = root.querySelector('[data-cell="cameras"]');
    const lamp = tick.sources.find((source) => source.name === VIDEO);
    const live = lamp && /^(\d+)\s*\/\s*\d+/.exec(lamp.detail || "");
    cell.cwAsOf = live ? lamp.as_of : null;
    if (live) cells.figure(cell, "value", format.count(Number(live[1])));
  }

  function clock(root) {
    const at = now();
    cells.text(root, "clock", format.clock(at));
    cells.text(root, "date", format.date(at));
  }

  window.citywall.wallHead = { lamps, clock };
})();
