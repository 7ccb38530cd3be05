/* /replay: the wall's own scripts, fed from the journal of a past moment instead of the live feed. One socket a replay:
   the page says what it wants, the server sends boards and steps. What is now goes on in a strip of its own. */
(function () {
  "use strict";
  const { t, live, mount, format } = window.citywall;
  const FIRST_PAUSE_MS = 1000, LONGEST_PAUSE_MS = 30_000, HIDDEN_MS = 60_000, SILENT_MS = 10_000, ADDRESS_MS = 4000;
  const STAYS_CLOSED = new Set([4409, 4429]); // another page took it; no seat is free
  let running = null;

  class Replay {
    constructor(root) {
      const { at, speed, playing, speeds, zone } = root.dataset;
      this.root = root;
      this.speeds = JSON.parse(speeds);
      this.want = { at: Number(at), speed: Number(speed), playing: Boolean(playing) };
      this.shown = { at: Number(at), first: null };
      this.rows = new Map();
      this.grids = {};
      this.pause = FIRST_PAUSE_MS;
      this.open = true;
      format.useZone(zone);
      this.first = new Promise((resolve) => (this.began = resolve));
      this.restore = live.divert({ now: () => this.shown.at, board: () => this.board() });
      this.scrubber = new window.citywall.ReplayScrubber(this);
      this.timer = setInterval(() => this.second(), 1000);
      this.seen = () => this.visible();
      document.addEventListener("visibilitychange", this.seen);
      this.connect();
      this.tell();
    }

    close() {
      this.open = false;
      clearInterval(this.timer);
      document.removeEventListener("visibilitychange", this.seen);
      if (this.socket) this.socket.close();
      this.restore();
    }

    part(name) {
      return this.root.querySelector(`[data-replay="${name}"]`);
    }

    /* ---- the line to the server ---- */

    connect() {
      if (!this.open || this.away) return;
      const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/replay`);
      this.socket = socket;
      this.heard = performance.now();
      socket.onopen = () => this.send();
      socket.onmessage = ({ data }) => this.take(JSON.parse(data));
      socket.onclose = ({ code }) => this.lost(socket, code);
      this.face("loading", t("正在读取 {time}").replace("{time}", this.words(this.want.at)), 0.05);
    }

    lost(socket, code) {
      if (socket !== this.socket || !this.open || this.away) return;
      this.socket = null;
      if (STAYS_CLOSED.has(code)) return;
      this.want.at = this.shown.at;
      this.face("error", t("回放中断，正在重新连接"));
      setTimeout(() => this.connect(), this.pause * (0.75 + Math.random() / 2));
      this.pause = Math.min(LONGEST_PAUSE_MS, this.pause * 2);
    }

    /** Somebody who looks elsewhere for a minute gives the seat back; coming back goes on from the same moment. */
    visible() {
      clearTimeout(this.hiding);
      if (document.hidden) {
        this.hiding = setTimeout(() => { this.away = true; this.want.at = this.shown.at; if (this.socket) this.socket.close(); }, HIDDEN_MS);
      } else if (this.away) {
        this.away = false;
        this.connect();
      }
    }

    send() {
      this.socket.send(JSON.stringify(this.want));
      this.want.at = null; // from here on it goes on by itself
    }

    /** What the page wants from now on; `at` null goes on from where it is. */
    order(change) {
      Object.assign(this.want, change);
      const jump = change.at !== undefined && change.at !== null;
      if (jump) this.target = change.at;
      if (!this.socket || this.socket.readyState > WebSocket.OPEN) { this.want.at = this.want.at ?? this.shown.at; this.connect(); }
      else if (this.socket.readyState === WebSocket.OPEN) this.send();
      this.tell();
      if (!this.want.playing || jump) this.remember(true);
    }

    take(told) {
      this.heard = performance.now();
      if (told.kind === "loading") { this.face("loading", t("正在读取 {time}").replace("{time}", this.words(told.at)), told.share); return; }
      if (told.kind === "error") { this.fail(told); return; }
      this.pause = FIRST_PAUSE_MS;
      this.shown = { at: told.at, first: told.first };
      this.target = null;
      if (this.want.playing && !told.playing) this.want.playing = false; // it met the end
      this.face(told.early ? "early" : "", told.early ? t("此前没有数据，最早为 {time}").replace("{time}", this.words(told.first)) : "");
      const tick = { now: told.at, version: told.version ?? this.version, as_of: told.at, connected: true, sources: [], wall_cameras: null };
      live.show("tick", tick);
      if (told.kind === "board") this.whole(told);
      if (told.kind === "step") this.step(told);
      this.tell();
      this.remember(false);
    }

    whole(told) {
      this.rows = new Map(told.cases.map((row) => [row.case_no, row]));
      this.grids = told.grids;
      Object.assign(this, { version: told.version, wall: told.wall });
      this.began();
      live.show("wall", told.wall);
      live.show("cases", { version: told.version, steps: null });
    }

    step({ version, wall, step }) {
      for (const row of step.put) this.rows.set(row.case_no, row);
      for (const caseNo of step.drop) this.rows.delete(caseNo);
      Object.assign(this.grids, step.grids);
      Object.assign(this, { version, wall });
      live.show("cases", { version, steps: [step] });
      live.show("wall", wall);
    }

    /** The whole board as it is shown, for the map that begins or begins anew. */
    async board() {
      await this.first;
      return { version: this.version, wall: this.wall, cases: [...this.rows.values()], grids: { ...this.grids } };
    }

    fail({ error, message, number }) {
      const words = {
        full: t("同时回放已达 {n} 个，请稍后再试").replace("{n}", number), replaced: t("已在另一个页面打开回放"),
        empty: t("还没有任何案卷，无可回放"), store: `${t("数据库暂时没有应答")} ${message || ""}`,
      };
      this.want.playing = false;
      this.face("error", words[error] || error);
      this.tell();
    }

    /* ---- what is seen ---- */

    face(name, words = "", share = null) {
      const place = this.part("face");
      this.root.dataset.face = name;
      place.querySelector("b").textContent = { loading: "…", error: "⚠", early: "⚠" }[name] || "";
      place.querySelector("span").textContent = words;
      place.style.setProperty("--share", share ?? 0);
    }

    words(ms) {
      return `${format.date(ms)} ${format.clock(ms)}`;
    }

    tell() {
      const { at } = this.shown, { speed, playing } = this.want;
      const write = (name, words) => { const place = this.part(name); if (place.textContent !== words) place.textContent = words; };
      write("date", format.date(at));
      write("time", format.clock(at));
      write("speed", playing ? `▶ ${speed}×` : t("暂停"));
      write("ago", t("{age}前").replace("{age}", format.age(live.nowHere() - at)));
      this.root.dataset.playing = playing ? "1" : "";
      for (const button of this.root.querySelectorAll("[data-speed]")) button.setAttribute("aria-pressed", String(Number(button.dataset.speed) === speed));
      const play = this.root.querySelector('[data-shift="play"]');
      play.querySelector("b").textContent = playing ? t("暂停") : `▶ ${t("播放")}`;
      this.scrubber.show(at);
    }

    second() {
      if (this.socket && performance.now() - this.heard > SILENT_MS) this.face("error", t("回放中断，正在重新连接"));
    }

    /** Moment and speed stand in the address: a reload, or whom it is sent to, sees the same. */
    remember(soon) {
      if (!soon && performance.now() - (this.noted || 0) < ADDRESS_MS) return;
      this.noted = performance.now();
      const address = new URL(location.href);
      address.searchParams.set("at", String(this.target ?? this.shown.at));
      address.searchParams.set("speed", String(this.want.speed));
      if (this.want.playing) address.searchParams.set("play", "1");
      else address.searchParams.delete("play");
      history.replaceState(history.state, "", address);
    }

    /* ---- what the hand does ---- */

    jump(at) {
      this.order({ at: Math.min(Math.round(at), live.nowHere()) });
    }

    shift(seconds) {
      this.jump((this.target ?? this.shown.at) + seconds * 1000);
    }

    toggle() {
      this.order({ playing: !this.want.playing });
    }

    faster(step) {
      const place = this.speeds.indexOf(this.want.speed) + step;
      if (this.speeds[place]) this.order({ speed: this.speeds[place] });
    }

    leave() {
      const { scene } = this.root.querySelector(".cw-wall").dataset;
      location.assign(`/wall?scene=${encodeURIComponent(scene)}`);
    }

    click(event) {
      const button = event.target.closest("button");
      if (!button) return;
      const { shift, speed, replay } = button.dataset;
      if (replay === "leave") this.leave();
      else if (shift === "play") this.toggle();
      else if (shift) this.shift(Number(shift));
      else if (speed) this.order({ speed: Number(speed) });
      button.blur(); // else Space would press it again
    }
  }

  /* ---- keys: physical, before the wall's own ---- */

  const KEYS = {
    Space: (replay) => replay.toggle(),
    Equal: (replay) => replay.faster(1), NumpadAdd: (replay) => replay.faster(1),
    Minus: (replay) => replay.faster(-1), NumpadSubtract: (replay) => replay.faster(-1),
    ArrowLeft: (replay, event) => replay.shift(event.shiftKey ? -3600 : -60),
    ArrowRight: (replay, event) => replay.shift(event.shiftKey ? 3600 : 60),
    Escape: (replay) => replay.leave(),
    KeyV: () => {}, // no camera shows what was
  };

  function onKey(event) {
    if (!running || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const act = KEYS[event.code];
    if (!act || (event.target.closest("input") && event.code !== "Escape")) return;
    if (event.code === "Escape" && running.root.querySelector("[data-overlay]:not([hidden])")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    act(running, event);
  }

  /* ---- what is now ---- */

  function tellNow() {
    if (!running) return;
    const write = (name, words) => { running.part(name).textContent = words; };
    write("now", format.clock(live.nowHere()));
    const wall = running.nowWall, alarms = running.nowAlarms;
    if (wall) { write("now-open", format.count(wall.open)); write("now-overdue", format.count(wall.overdue)); write("now-l1", format.count(gravest(wall))); }
    breakThrough(alarms ? alarms.alarms.filter((alarm) => alarm.level === "L1" && !alarm.acked_at) : []);
  }

  /** Open cases of the first level; they lead the attention list, which is cut at the end. */
  const gravest = (wall) => wall.attention.filter((row) => row.severity === "L1").length;

  /** A first-level alarm of now stands over whatever is replayed. */
  function breakThrough(grave) {
    const { alarmWords: words } = window.citywall, place = running.part("alarm");
    place.hidden = !grave.length;
    running.root.classList.toggle("has-alarm", grave.length > 0);
    if (!grave.length) return;
    const [one] = grave, age = format.stopwatch(live.nowHere() - one.raised_at);
    const more = grave.length > 1 ? ` · ${t("另有 {n} 件").replace("{n}", grave.length - 1)}` : "";
    const told = [`${words.SHAPES.L1} ${t("现在")} ${words.kind(one)}`, words.subject(one), `${t("未确认")} ${age}${more}`].filter((part) => part.trim());
    place.textContent = `${told.join(" · ")} → ${t("回到实时")}`;
  }

  function start(root) {
    running = new Replay(root);
    const here = running, click = (event) => here.click(event);
    root.addEventListener("click", click);
    for (const topic of ["wall", "alarms"]) if (latest[topic]) keep(topic, latest[topic]);
    tellNow();
    return () => { here.close(); if (running === here) running = null; };
  }

  const latest = {};
  function keep(topic, value) {
    latest[topic] = value;
    if (running) running[topic === "wall" ? "nowWall" : "nowAlarms"] = value;
    tellNow();
  }

  live.onNow("wall", (value) => keep("wall", value));
  live.onNow("alarms", (value) => keep("alarms", value));
  setInterval(tellNow, 1000);
  document.addEventListener("keydown", onKey, true);
  window.citywall.replay = { running: () => running };
  mount(".cw-replay", start);
})();
