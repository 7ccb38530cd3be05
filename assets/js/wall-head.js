/* The wall's first and last line: the server's clock, the source lamps, the cameras, the time of the data. */
(function () {
  "use strict";
  const { t, now, format, cells } = window.citywall;
  const VIDEO = "cameras";
  const NAMES = {
    board: t("实时计算"), live: t("实时计算"), relay: t("变更转发"), cameras: t("视频采集"), "role web": t("网页进程"),
    "role live": t("计算进程"), "role video": t("视频进程"), "role valkey": t("消息服务"),
    platforms: t("共享平台"), "camera history": t("摄像机记录"), alarms: t("报警"), risk: t("超期预警"), "role streets": t("演示视频"), "role day": t("演示案卷"),
    "role history": t("历史统计进程"), history: t("历史统计"), clerk: t("自动办理"), calendar: t("工作日历"),
  };
  const nameOf = (lamp) => NAMES[lamp.name] || NAMES[lamp.name.replace(/ \d+$/, "")] || lamp.name;
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

  /** Which sharing platform went, and how many of its cameras; of all others, since when they are silent. */
  function wordsOf(lamp) {
    return (lamp.name === "platforms" && lamp.state === "down" && lamp.detail) || format.age(now() - lamp.as_of);
  }

  /** What does not speak, and since when. */
  function troubles(sources) {
    const found = sources.filter(silent).map((lamp) => ({ name: nameOf(lamp), words: wordsOf(lamp) }));
    const clock = clockLamp();
    return clock ? [clock, ...found] : found;
  }

  function lamps(root, tick) {
    const cell = root.querySelector('[data-cell="sources"]');
    const wrong = troubles(tick.sources);
    const speaking = tick.sources.filter((lamp) => !silent(lamp)).length;
    cell.classList.toggle("is-warning", wrong.length > 0);
    cells.write(cell, "shape", wrong.length ? "▲" : "●");
    cells.write(cell, "count", `${speaking}/${tick.sources.length} ${t("源")}`);
    cells.write(cell, "worst", wrong.length ? `${wrong[0].name} ${wrong[0].words}` : "");
    const silentFirst = [...tick.sources].sort((one, other) => silent(other) - silent(one));
    for (const foot of root.querySelectorAll(".cw-foot")) cells.rows(foot, silentFirst, (lamp) => lamp.name, lampRow);
    cameras(root, tick);
  }

  function lampRow(row, lamp) {
    const quiet = silent(lamp);
    row.classList.toggle("is-silent", quiet);
    cells.write(row, "shape", quiet ? "▲" : "●");
    cells.write(row, "name", nameOf(lamp));
    cells.write(row, "age", quiet ? format.age(now() - lamp.as_of) : "");
  }

  /** The capture's own lamp says how many cameras give a picture. */
  function cameras(root, tick) {
    const lamp = tick.sources.find((source) => source.name === VIDEO);
    const live = lamp && /^(\d+)\s*\/\s*\d+/.exec(lamp.detail || "");
    for (const cell of root.querySelectorAll('[data-cell="cameras"]')) {
      cell.cwAsOf = live ? lamp.as_of : null;
      if (live) cells.figure(cell, "value", format.count(Number(live[1])));
    }
  }

  function clock(root) {
    const at = now();
    for (const place of root.querySelectorAll('[data-slot="clock"]')) place.textContent = format.clock(at);
    cells.write(root, "date", format.date(at));
  }

  window.citywall.wallHead = { lamps, clock };
})();
