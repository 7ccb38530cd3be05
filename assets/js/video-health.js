/* /video/health: asks how all cameras are, shows it in place, and never moves a row under the hand. */
(function () {
  "use strict";
  const { t, format, mount, now } = window.citywall;
  const EVERY_MS = 5000, ANSWER_MS = 8000;
  const GRAVITY = { offline: 5, frozen: 4, delayed: 2, connecting: 1, idle: 0.5, live: 0 };
  const ADVICE = {
    auth: t("核对 cameras.csv 中的账号密码，重新导入"), not_found: t("核对地址中的路径"), refused: t("检查摄像机的 RTSP 服务与端口"),
    timeout: t("检查供电、网线与防火墙"), codec: t("把编码改为 H.264 或 H.265"), stream_ended: t("多为对方重启，正在自动重连"),
    damaged: t("线路丢包，改用子码流或检修线路"), bad_address: t("改正 cameras.csv 中的地址"),
  };
  const REMEDY = {
    black: t("检查镜头、补光与光圈"), covered: t("派人清除遮挡或喷涂"), blurred: t("擦拭镜头，重新对焦"), moved: t("镜头被碰动，请复位；若是有意调整请认可"),
    damaged: t("线路丢包，改用子码流或检修线路"), wrong_clock: t("为摄像机设置校时 (NTP)"),
  };
  const MARK_WORDS = { u: t("实时"), d: t("延迟"), c: t("画面异常"), f: t("冻结"), o: t("离线"), i: t("未开启"), ".": t("无记录") };
  let page = null;

  /* ── one camera as a row of the table ───────────────────────────────────────────────────────── */

  const tiles = () => window.citywall.tiles;
  const wordOf = (state) => (state === "frozen" ? t("冻结") : state ? tiles().words[state] : t("未知"));
  const flawWords = (codes) => codes.map((code) => tiles().conditions[code]).join("、");

  function causeOf(camera) {
    const flaw = (camera.conditions || [])[0];
    const { error, state } = camera;
    if ((state === "offline" || state === "frozen") && error) return `${tiles().causes[error]}：${ADVICE[error]}`;
    if (state === "frozen") return t("画面不再变化：重启摄像机或编码器");
    if (flaw === "wrong_clock") return `${t("快慢 {n} 秒").replace("{n}", signed(camera.drift_seconds))}：${REMEDY.wrong_clock}`;
    return flaw ? REMEDY[flaw] : error ? `${tiles().causes[error]}：${ADVICE[error]}` : "";
  }

  function signed(seconds) {
    return `${seconds > 0 ? "+" : "−"}${Math.abs(Math.round(seconds))}`;
  }

  function rowOf(camera) {
    const conditions = camera.conditions || [];
    const state = camera.state || "";
    const share = (window) => (camera.uptime ? camera.uptime[window].share : null);
    return {
      number: String(camera.number), id: camera.camera_id, name: camera.name, platform: camera.owner_unit,
      state, gravity: (state ? GRAVITY[state] : 1.5) + (conditions.length ? 3 : 0), since: camera.since || null,
      flaw: flawWords(conditions), conditions, cause: causeOf(camera), bar: camera.bar || "",
      day: share("day"), week: share("week"), month: share("month"), covered: camera.uptime ? camera.uptime.month.covered : 0,
      fps: state === "live" ? camera.fps : null, kbps: state === "live" ? Math.round(camera.kbps) : null,
      picture: camera.width ? `${camera.width}×${camera.height} ${camera.codec}` : "", reconnects: camera.reconnects || 0,
    };
  }

  function groupOf(row) {
    if (row.state === "live" || row.state === "delayed") return "live";
    return row.state === "frozen" || row.state === "offline" ? row.state : "idle";
  }

  const belongs = (row, only) => !only || groupOf(row) === only || (only === "flawed" && row.conditions.length > 0);

  /* ── cells of the table ─────────────────────────────────────────────────────────────────────── */

  const element = (type, props, ...children) => window.React.createElement(type, props, ...children);
  const cells = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});

  cells.HealthState = ({ data }) =>
    element("span", { className: "health-state", "data-state": data.state || "unknown" }, element("i", null, tiles().shapes[data.state] || "?"), wordOf(data.state));
  cells.HealthTime = ({ data }) => (data.since ? (now() - data.since < 86_400_000 ? format.clock(data.since) : format.shortTime(data.since)) : "–");
  cells.HealthName = ({ data }) => element("span", { className: "health-name", title: data.name }, data.name, element("small", null, data.id));
  cells.HealthFlaw = ({ data }) => (data.flaw ? element("span", { className: "health-flaw", title: data.flaw }, `◪ ${data.flaw}`) : "");
  cells.HealthShare = ({ value }) => element("span", { className: "health-share", "data-poor": value !== null && value < 0.95 ? "1" : null }, value === null ? "–" : format.percent(value));

  cells.HealthCause = ({ data }) => {
    const settles = page && page.mayRelearn && data.conditions.some((code) => code === "moved" || code === "blurred" || code === "covered");
    const act = { type: "button", onClick: () => relearn(data), title: t("以现在的画面为正常画面") };
    return element("span", { className: "health-cause" }, element("span", null, data.cause), settles && element("button", act, t("认可")));
  };

  cells.HealthBar = ({ data }) => element("span", { className: "health-bar", style: { backgroundImage: gradient(data.bar) }, title: barWords(data.bar) });

  /** The letters of a bar as one picture: runs of equal letters become stripes with sharp edges. */
  function gradient(bar) {
    const stops = [];
    for (let from = 0, to = 0; from < bar.length; from = to) {
      while (to < bar.length && bar[to] === bar[from]) to += 1;
      stops.push(`var(--mark-${bar[from] === "." ? "none" : bar[from]}) ${((100 * from) / bar.length).toFixed(2)}% ${((100 * to) / bar.length).toFixed(2)}%`);
    }
    return stops.length ? `linear-gradient(90deg, ${stops.join(", ")})` : "none";
  }

  /** How much of the day was what, for the pointer that rests on a bar. */
  function barWords(bar) {
    const counted = [...bar].reduce((sum, mark) => sum.set(mark, (sum.get(mark) || 0) + 1), new Map());
    return [...counted].map(([mark, count]) => `${MARK_WORDS[mark]} ${format.span(count * 600_000)}`).join(" · ");
  }

  /* ── asking and showing ─────────────────────────────────────────────────────────────────────── */

  function enter(root) {
    const part = (name) => root.querySelector(`[data-health=${name}]`);
    page = {
      root, mayRelearn: Boolean(root.dataset.mayRelearn), note: part("note"), alarms: part("alarms"), platforms: part("platforms"), past: part("past"),
      chips: [...root.querySelectorAll(".health-chip")], search: root.querySelector(".health-search input, input.health-search"),
      only: "", words: "", rows: new Map(), grid: null, asOf: null,
    };
    root.addEventListener("click", onClick);
    root.addEventListener("input", onWords);
    const mine = page;
    const ask = () => page === mine && mine.grid && !document.hidden && fetchHealth(mine);
    takeGrid(mine).then(ask);
    const timer = setInterval(ask, EVERY_MS);
    document.addEventListener("visibilitychange", ask);
    return () => { clearInterval(timer); document.removeEventListener("visibilitychange", ask); if (page === mine) page = null; };
  }

  async function takeGrid(mine) {
    const grid = await window.dash_ag_grid.getApiAsync(mine.root.dataset.grid);
    grid.setGridOption("headerHeight", Math.round(2.15 * parseFloat(getComputedStyle(mine.root).fontSize)));
    grid.setGridOption("rowHeight", Math.round(2.15 * parseFloat(getComputedStyle(mine.root).fontSize)));
    grid.setGridOption("isExternalFilterPresent", () => Boolean(mine.only || mine.words));
    grid.setGridOption("doesExternalFilterPass", (node) => passes(node.data, mine));
    grid.addEventListener("rowClicked", (event) => event.event.target.closest("button") || open(event.data));
    grid.addEventListener("cellKeyDown", ({ event, data }) => event.code === "Enter" && !event.isComposing && !event.target.closest("button") && open(data));
    mine.grid = grid;
  }

  function passes(row, { only, words }) {
    const text = `${row.name} ${row.id} ${row.platform} ${row.flaw} ${row.cause}`.toLowerCase();
    return belongs(row, only) && words.split(/\s+/).every((word) => text.includes(word));
  }

  async function fetchHealth(mine) {
    try {
      const answer = await fetch("/api/v1/cameras/health", { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(ANSWER_MS) });
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      const told = await answer.json();
      if (page === mine) show(told);
    } catch (error) {
      if (page === mine) fail(error);
    }
  }

  /** What was shown stays, and is called old: a page that goes empty says less than an old one with its time. */
  function fail(error) {
    page.root.dataset.face = "error";
    const words = error.name === "TimeoutError" || error instanceof TypeError ? t("服务器没有应答") : String(error.message);
    page.note.textContent = page.asOf ? `${t("读取失败")}（${words}），${t("以下为 {time} 的数据").replace("{time}", format.clock(page.asOf))}` : `${t("读取失败")}（${words}）`;
    page.grid.setGridOption("loading", false);
  }

  function show(told) {
    page.asOf = told.as_of;
    page.root.dataset.face = told.cameras.length ? "live" : "empty";
    page.note.textContent = told.figures_as_of ? format.clock(told.as_of) : `${format.clock(told.as_of)} · ${t("历史读取失败，可用率暂缺")}`;
    page.root.toggleAttribute("data-no-history", !told.figures_as_of);
    showRows(told.cameras.map(rowOf));
    showPlatforms(told.platforms, told.alarms || []);
    showAlarms(told.alarms);
    showPast(told.past_alarms);
  }

  /** Rows are changed where they stand; only a hand on a heading, or a camera that is new, sorts them. */
  function showRows(rows) {
    const { grid } = page;
    const known = page.rows;
    page.rows = new Map(rows.map((row) => [row.number, row]));
    if (known.size !== rows.length || rows.some((row) => !grid.getRowNode(row.number))) {
      grid.setGridOption("rowData", rows);
    } else {
      for (const row of rows) {
        const node = JSON.stringify(known.get(row.number)) === JSON.stringify(row) ? null : grid.getRowNode(row.number);
        if (node) refresh(grid, node, row);
      }
    }
    grid.setGridOption("loading", false);
    for (const chip of page.chips) {
      const count = rows.filter((row) => belongs(row, chip.dataset.only)).length;
      const place = chip.querySelector("b");
      place.textContent = String(count);
      place.toggleAttribute("data-zero", count === 0);
    }
  }

  function refresh(grid, node, row) {
    node.setData(row);
    grid.refreshCells({ rowNodes: [node], force: true });
  }

  function make(tag, text, attributes = {}) {
    const made = document.createElement(tag);
    made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  }

  function showPlatforms(platforms, alarms) {
    const lost = new Set(alarms.map((alarm) => alarm.platform));
    page.platforms.replaceChildren(...platforms.map((platform) => {
      const line = make("tr", "", lost.has(platform.platform) ? { "data-alarm": "" } : {});
      const good = platform.by_state.live + platform.by_state.delayed;
      const idle = platform.by_state.idle;
      line.append(make("th", (lost.has(platform.platform) ? "▲ " : "") + platform.platform, { scope: "row", title: platform.platform }));
      line.append(make("td", `${good}/${platform.cameras - idle}`, good < platform.cameras - idle ? { "data-poor": "" } : {}));
      line.append(make("td", String(platform.with_conditions), platform.with_conditions ? { "data-flaw": "" } : {}));
      for (const window of ["day", "week", "month"]) line.append(shareCell(platform.uptime && platform.uptime[window]));
      return line;
    }));
  }

  /** A share, and when much of its time is unknown, how much of it is known. */
  function shareCell(uptime) {
    if (!uptime || uptime.share === null) return make("td", "–", { title: t("没有记录") });
    const known = t("已知时间占 {n}%").replace("{n}", format.percent(uptime.covered));
    const cell = make("td", format.percent(uptime.share), { title: known, ...(uptime.share < 0.95 ? { "data-poor": "" } : {}) });
    if (uptime.covered < 0.9) cell.append(make("small", t("已知 {n}%").replace("{n}", format.percent(uptime.covered))));
    return cell;
  }

  function showAlarms(alarms) {
    page.root.toggleAttribute("data-alarmed", Boolean(alarms && alarms.length));
    page.root.toggleAttribute("data-unwatched", alarms === null);
    const lines = alarms === null
      ? [make("p", `? ${t("平台告警未知：计算进程没有应答")}`)]
      : alarms.map((alarm) => make("p", `▲ ${t("{platform} 整体中断：{lost}/{total} 路，自 {time}").replace("{platform}", alarm.platform)
        .replace("{lost}", alarm.lost).replace("{total}", alarm.total).replace("{time}", format.clock(alarm.since))}`));
    page.alarms.replaceChildren(...lines);
  }

  function showPast(past) {
    const line = (alarm) => {
      const item = make("li", "");
      item.append(make("time", format.shortTime(alarm.since)), make("span", alarm.platform, { title: alarm.platform }),
        make("b", `${alarm.most_lost}/${alarm.total}`), make("em", format.span(alarm.cleared_at - alarm.since)));
      return item;
    };
    const none = make("li", past === null ? t("历史读取失败") : t("没有"), { class: "health-none" });
    page.past.replaceChildren(...(past && past.length ? past.map(line) : [none]));
  }

  /* ── hands ──────────────────────────────────────────────────────────────────────────────────── */

  function onClick(event) {
    const chip = event.target.closest(".health-chip");
    if (!chip || !page) return;
    page.only = chip.dataset.only;
    for (const other of page.chips) other.setAttribute("aria-pressed", String(other === chip));
    if (page.grid) page.grid.onFilterChanged();
  }

  function onWords(event) {
    if (event.target !== page.search) return;
    page.words = page.search.value.trim().toLowerCase();
    if (page.grid) page.grid.onFilterChanged();
  }

  const open = (row) => window.location.assign(`/video?layout=1&cams=${row.number}`);

  /** The present view becomes the camera's normal one: it was mended, or turned on purpose. */
  async function relearn(row) {
    if (!window.confirm(t("以「{name}」现在的画面为正常画面？").replace("{name}", row.name))) return;
    const answer = await fetch(`/api/v1/cameras/${encodeURIComponent(row.id)}/relearn`, { method: "POST", signal: AbortSignal.timeout(ANSWER_MS) }).catch((error) => error);
    if (page) page.note.textContent = answer.ok ? t("已认可，几分钟内学会新画面") : t("未能认可，请重试");
  }

  mount(".health", enter);
})();
