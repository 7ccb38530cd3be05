/* Camera tiles of a page: finds their places, measures them, says what is true of their pictures.
   The socket and the drawing live in tiles-worker.js. Other scripts use window.citywall.tiles. */
(function () {
  "use strict";
  const citywall = (window.citywall = window.citywall || {});
  const t = citywall.t || ((text) => text);
  const SELECTOR = ".cw-tile[data-camera]";
  const WORKER_SILENT_MS = 6000;
  const SKIPPED_MS = 5000; // how long a tile says that its film left something out
  const TIMES_MS = 950; // clock and age of a plate change once a second: digits that flicker nobody reads
  const HIDDEN_WORKER_SILENT_MS = 90000; // browsers slow timers of hidden pages down
  const WORDS = {
    idle: t("未开启"), connecting: t("连接中"), live: t("实时"), delayed: t("延迟"), frozen: t("画面停在"), offline: t("离线"),
  };
  const SHAPES = { idle: "○", connecting: "○", live: "●", delayed: "■", frozen: "▲", offline: "✕" };
  const CONDITIONS = {
    black: t("黑屏"), covered: t("遮挡"), blurred: t("模糊"), moved: t("偏移"), damaged: t("画面损坏"), wrong_clock: t("时钟不准"),
  };
  const CAUSES = {
    auth: t("账号或密码不对"), not_found: t("没有这一路视频"), refused: t("对方拒绝连接"), timeout: t("没有应答"),
    codec: t("编码不支持"), stream_ended: t("对方中断"), damaged: t("画面损坏"), bad_address: t("地址有误"), forbidden: t("无权查看"),
  };

  const tiles = new Map(); // element → tile
  const listeners = new Set();
  let worker = null;
  let heardAt = 0;
  let nextId = 1;
  let outbox = [];
  let listing = false;

  /* ── the worker ─────────────────────────────────────────────────────────────────────────────── */

  function startWorker() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    worker = new Worker(citywall.tilesWorkerUrl || workerUrl());
    worker.onmessage = (event) => onNews(event.data);
    heardAt = performance.now();
    tell({ type: "start", url: `${scheme}//${location.host}/ws/video` });
    if (listing) tell({ type: "list" });
  }

  /** Beside this script, wherever the server puts it (with its version, so that an old copy is never used). */
  function workerUrl() {
    const mine = [...document.scripts].map((script) => script.src).find((src) => /\/tiles\.js(\?|$)/.test(src));
    return (mine || "/assets/js/tiles.js").replace("/tiles.js", "/tiles-worker.js");
  }

  function tell(command, transfer) {
    if (transfer) {
      flush();
      worker.postMessage([command], transfer);
      return;
    }
    if (!outbox.length) queueMicrotask(flush);
    outbox.push(command);
  }

  function flush() {
    if (outbox.length && worker) worker.postMessage(outbox);
    outbox = [];
  }

  /** A worker that says nothing any more is replaced; its canvases went with it, so they are made anew. */
  function watchWorker() {
    if (!worker) return;
    const limit = document.hidden ? HIDDEN_WORKER_SILENT_MS : WORKER_SILENT_MS;
    if (performance.now() - heardAt < limit) return;
    worker.terminate();
    outbox = [];
    startWorker();
    for (const tile of tiles.values()) tile.renew();
  }

  function onNews(news) {
    heardAt = performance.now();
    if (news.film) {
      for (const tile of tiles.values()) if (tile.id === news.film.id) tile.play(news.film);
      return;
    }
    const byId = new Map(news.tiles.map((facts) => [facts.id, facts]));
    for (const tile of tiles.values()) {
      const facts = byId.get(tile.id);
      if (facts && facts.camera === tile.camera) tile.tell(facts);
    }
    for (const listener of listeners) listener(news);
  }

  /* ── one tile ───────────────────────────────────────────────────────────────────────────────── */

  class Tile {
    constructor(place, options) {
      this.place = place;
      this.onState = options.onState || null;
      this.bare = place instanceof HTMLCanvasElement; // its owner draws the plate
      this.camera = null; // not even "none" yet
      this.wish = "";
      this.onScreen = true;
      this.shown = "";
      this.film = null;
      this.skipped = { count: 0, until: 0 };
      if (!this.bare) this.build();
      this.renew();
      sizes.observe(place);
      sights.observe(place);
    }

    /** Parts inside the place; React never had children there and leaves them alone. */
    build() {
      this.body = element("div", "cw-tile-body");
      this.body.append(element("div", "cw-tile-hatch"), (this.gone = element("div", "cw-tile-gone")), this.buildPlate());
      this.place.append(this.body);
    }

    buildPlate() {
      const plate = element("div", "cw-tile-plate");
      this.shape = element("span", "cw-tile-shape");
      this.name = element("span", "cw-tile-name");
      this.time = element("time", "cw-tile-time");
      this.age = element("span", "cw-tile-age");
      this.word = element("span", "cw-tile-word");
      this.condition = element("span", "cw-tile-condition");
      this.notice = element("span", "cw-tile-notice");
      this.shape.setAttribute("aria-hidden", "true");
      plate.append(this.shape, this.name, this.time, this.age, this.word, this.condition, this.notice);
      return plate;
    }

    /** A canvas can be handed to a worker once: a new worker needs a new one. */
    renew() {
      const canvas = this.bare && !this.handed ? this.place : element("canvas", "cw-tile-canvas");
      if (this.canvas && this.canvas !== canvas) this.canvas.replaceWith(canvas);
      else if (!this.bare) this.body.prepend(canvas);
      this.handed = true;
      this.canvas = canvas;
      this.id = nextId++;
      const handed = canvas.transferControlToOffscreen();
      tell({ type: "attach", id: this.id, canvas: handed }, [handed]);
      if (this.film) this.film.release();
      if (this.camera) this.ask();
    }

    /** Show this camera from now on; 0 is none. `focus`: its main stream as a film where that can be. */
    aim(number, { name = "", fps = 10, focus = false, case: caseNo = "" }) {
      if (this.name && this.name.textContent !== name) this.name.textContent = name;
      const wish = JSON.stringify([number, fps, focus, caseNo]);
      if (wish === this.wish) return;
      const another = number !== this.camera;
      Object.assign(this, { camera: number, fps, focus: focus && !this.bare, case: caseNo, wish });
      if (another || !this.focus) this.endFilm();
      if (this.focus && !this.film && citywall.Film) this.film = this.newFilm();
      if (another) {
        this.shown = "";
        if (!this.bare) this.rest();
      }
      this.ask();
    }

    newFilm() {
      return new citywall.Film(this.body, {
        played: (at) => tell({ type: "played", id: this.id, at }),
        anew: () => tell({ type: "anew", id: this.id }),
        changed: () => this.ask(),
      });
    }

    endFilm() {
      if (this.film) this.film.release();
      this.film = null;
    }

    /** Messages of the film from the worker. */
    play({ camera, parts, dropped }) {
      tell({ type: "took", id: this.id });
      if (dropped) this.skipped = { count: dropped, until: performance.now() + SKIPPED_MS };
      if (this.film && this.asked.focus && camera === this.camera) parts.forEach((part) => this.film.take(part));
    }

    /** What is seen before anything is known of the camera. */
    rest() {
      this.place.dataset.state = this.camera ? "connecting" : "none";
      this.shape.textContent = this.camera ? SHAPES.connecting : "";
      for (const part of [this.time, this.age, this.condition, this.notice]) part.textContent = "";
      this.place.dataset.playing = "tiles";
      this.word.textContent = this.camera ? WORDS.connecting : "";
      this.gone.textContent = this.camera ? "" : t("未选摄像机");
    }

    ask() {
      const ratio = window.devicePixelRatio || 1;
      const visible = this.onScreen && !document.hidden && Boolean(this.camera);
      const { clientWidth, clientHeight } = this.place;
      if (this.film && !visible) this.film.release();
      this.asked = {
        camera: this.camera, fps: this.fps, visible, case: this.case, focus: visible && Boolean(this.film) && this.film.wanted,
        width: Math.round(clientWidth * ratio), height: Math.round(clientHeight * ratio),
      };
      tell({ type: "want", id: this.id, ...this.asked });
    }

    tell(facts) {
      if (this.onState) this.onState(facts);
      if (this.bare) return;
      if (this.film) this.tendFilm(facts);
      const face = { ...faceOf(facts), notice: this.noticeOf(facts) };
      const text = JSON.stringify({ ...face, time: "", age: "" });
      if (text === this.shown && performance.now() - this.shownAt < TIMES_MS) return;
      this.shown = text;
      this.shownAt = performance.now();
      this.show(face);
    }

    tendFilm(facts) {
      if (facts.removed) this.film.rest();
      this.film.check();
      if (this.film.wanted !== this.asked.focus) this.ask();
    }

    noticeOf(facts) {
      if (performance.now() < this.skipped.until) return `${t("已跳过帧数")} ${this.skipped.count}`;
      return facts.slowed && !facts.removed ? t("已降速") : "";
    }

    show(face) {
      const { dataset } = this.place;
      dataset.state = face.state;
      dataset.playing = face.playing;
      if (face.condition) dataset.condition = face.condition;
      else delete dataset.condition;
      this.place.toggleAttribute("data-removed", face.removed);
      this.shape.textContent = SHAPES[face.state];
      for (const part of ["time", "age", "word", "gone", "notice"]) this[part].textContent = face[part];
      this.condition.textContent = face.condition ? CONDITIONS[face.condition] || face.condition : "";
    }

    leave() {
      sizes.unobserve(this.place);
      sights.unobserve(this.place);
      this.endFilm();
      tell({ type: "detach", id: this.id });
      if (!this.bare) this.body.remove();
    }
  }

  function element(tag, name) {
    const made = document.createElement(tag);
    made.className = name;
    return made;
  }

  /* ── the words of a tile ────────────────────────────────────────────────────────────────────── */

  function faceOf(facts) {
    const since = facts.since || facts.lastFrameAt;
    const cause = causeOf(facts);
    const face = { state: facts.state, removed: facts.removed, time: "", age: "", word: WORDS[facts.state], gone: "", playing: facts.playing, condition: facts.removed ? null : facts.condition };
    if (facts.state === "frozen") face.word = `${WORDS.frozen} ${clock(facts.stoodAt)}`;
    if (facts.state === "offline") face.word = [WORDS.offline, since ? `${t("自")} ${clock(since)}` : "", cause && `· ${cause}`].filter(Boolean).join(" ");
    if (facts.age !== null && !facts.removed && facts.state !== "frozen" && facts.state !== "offline") face.age = seconds(facts.age);
    if (facts.capturedAt !== null && !facts.removed && facts.state !== "frozen") face.time = clock(facts.capturedAt);
    if (facts.removed && facts.state === "offline") face.gone = [t("无画面"), cause, facts.attempt > 1 ? `${t("已重试")} ${facts.attempt - 1}` : ""].filter(Boolean).join(" · ");
    if (facts.removed && facts.state === "idle") face.gone = WORDS.idle;
    if (facts.removed && facts.state === "frozen") face.gone = t("旧画面已撤下");
    return face;
  }

  function causeOf(facts) {
    if (facts.closeCode === 4401) return t("登录已失效");
    if (!facts.connected) return t("与服务器失去联系");
    return facts.error ? CAUSES[facts.error] || facts.error : "";
  }

  function seconds(age) {
    return `${age.toFixed(age < 10 ? 1 : 0)} ${t("秒")}`;
  }

  const zones = new Map();
  function clock(ms) {
    const wall = citywall.live && citywall.live.newest("wall");
    const zone = (wall && wall.zone) || "Asia/Shanghai";
    if (!zones.has(zone)) {
      zones.set(zone, new Intl.DateTimeFormat("zh-CN", { timeZone: zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false }));
    }
    return zones.get(zone).format(ms);
  }

  /* ── the places on the page ─────────────────────────────────────────────────────────────────── */

  const sizes = new ResizeObserver((seen) => seen.forEach((entry) => withTile(entry.target, (tile) => tile.ask())));
  const sights = new IntersectionObserver((seen) =>
    seen.forEach((entry) =>
      withTile(entry.target, (tile) => {
        tile.onScreen = entry.isIntersecting;
        tile.ask();
      })
    )
  );

  function withTile(place, act) {
    const tile = tiles.get(place);
    if (tile) act(tile);
  }

  /** Show camera `number` in `place`: an element (canvas and plate are made inside) or a bare canvas. */
  function attach(place, number, options = {}) {
    if (!worker) startWorker();
    if (!tiles.has(place)) tiles.set(place, new Tile(place, options));
    tiles.get(place).aim(number, options);
  }

  function detach(place) {
    withTile(place, (tile) => tile.leave());
    tiles.delete(place);
  }

  /** Make the attached tiles those that stand in the document now. */
  function sync() {
    for (const place of document.querySelectorAll(SELECTOR)) {
      const { camera, name, fps, focus, case: caseNo } = place.dataset;
      attach(place, Number(camera) || 0, { name, fps: Number(fps) || 10, focus: focus !== undefined, case: caseNo });
    }
    for (const place of [...tiles.keys()]) if (!place.isConnected) detach(place);
  }

  let syncing = false;
  function syncSoon() {
    if (syncing) return;
    syncing = true;
    requestAnimationFrame(() => {
      syncing = false;
      sync();
    });
  }

  /** Hear the states of all cameras, shown or not: `listener` gets {listed: [[number, status]], connected} again and again. */
  function list(listener) {
    if (!worker) startWorker();
    listing = true;
    tell({ type: "list" });
    listeners.add(listener);
  }

  citywall.tiles = { attach, detach, list, causes: CAUSES, conditions: CONDITIONS, words: WORDS, shapes: SHAPES, clock };

  new MutationObserver(syncSoon).observe(document.documentElement, {
    subtree: true, childList: true, attributes: true, attributeFilter: ["data-camera", "data-name", "data-fps", "data-focus", "data-case"],
  });
  document.addEventListener("visibilitychange", () => {
    for (const tile of tiles.values()) tile.ask();
  });
  setInterval(watchWorker, 1000);
  sync();
})();
