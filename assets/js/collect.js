/* /collect: a collector's phone. Tasks nearest first, reports with photo and place, and an outbox for bad lines. */
(function () {
  "use strict";
  const { t, h, ask, why, format, mount, now } = window.citywall;
  const EVERY_MS = 30_000, ANSWER_SECONDS = 15, POSITION_MS = 15_000, MOST_DRAFT_MS = 86_400_000;
  const RESULTS = {
    verify: [{ action: "answer_verify", facts: { result: "true" }, label: t("属实"), kind: "near", main: true }, { action: "answer_verify", facts: { result: "false" }, label: t("不属实"), kind: "near", reason: true }],
    check: [{ action: "pass_check", facts: {}, label: t("核查通过"), kind: "far", main: true }, { action: "fail_check", facts: {}, label: t("核查不通过"), kind: "far", reason: true }],
  };
  const base = () => window.citywall.dispatchBase;

  function enter(root) {
    base().learn(root);
    const part = (name) => root.querySelector(`[data-collect=${name}]`);
    const page = { root, place: part("page"), line: part("line"), tabs: [...root.querySelectorAll("[data-tab]")], tab: "tasks", who: root.dataset.who, told: null, failed: "", position: null, positionError: "", waiting: [], stops: [] };
    page.box = JSON.parse(root.dataset.box);
    page.outbox = window.citywall.outbox(page.who, (items, news) => carried(page, items, news));
    root.addEventListener("click", (event) => { const tab = event.target.closest("[data-tab]"); if (tab) show(page, tab.dataset.tab); });
    const timers = [setInterval(() => document.hidden || fetchTasks(page), EVERY_MS), setInterval(() => second(page), 1000)];
    const heard = () => { say(page); fetchTasks(page); };
    for (const event of ["online", "offline"]) window.addEventListener(event, heard);
    locate(page);
    fetchTasks(page);
    show(page, window.location.hash === "#report" ? "report" : "tasks");
    return () => { timers.forEach(clearInterval); for (const event of ["online", "offline"]) window.removeEventListener(event, heard); page.outbox.stop(); leave(page); if (page.watch) window.navigator.geolocation.clearWatch(page.watch); };
  }

  function leave(page) {
    for (const stop of page.stops.splice(0)) stop();
  }

  /* ---- where the collector stands ---- */

  /** The browser's own position, kept up; without one the place is tapped on the map. */
  function locate(page) {
    if (!window.navigator.geolocation) { page.positionError = t("本机没有定位"); return; }
    page.watch = window.navigator.geolocation.watchPosition(
      ({ coords }) => { const first = !page.position; page.position = { lon: coords.longitude, lat: coords.latitude, accuracy: coords.accuracy }; page.positionError = ""; if (first) fetchTasks(page); if (page.located) page.located(); },
      (error) => { page.positionError = error.code === 1 ? t("未允许定位，请在地图上点选") : t("暂时定位不到，请在地图上点选"); if (page.located) page.located(); },
      { enableHighAccuracy: true, maximumAge: 10_000, timeout: POSITION_MS });
  }

  /* ---- the line on top, and the counts ---- */

  function say(page) {
    const waiting = page.waiting.filter((item) => item.state === "waiting").length, refused = page.waiting.filter((item) => item.state === "refused").length;
    const parts = [];
    if (!window.navigator.onLine) parts.push(`▲ ${t("没有网络")}`);
    if (waiting) parts.push(t("{n} 件待发送").replace("{n}", waiting));
    if (refused) parts.push(`✕ ${t("{n} 件被退回，请查看").replace("{n}", refused)}`);
    if (page.failed && window.navigator.onLine) parts.push(`▲ ${t("任务没有读到")}（${page.failed}）`);
    page.line.textContent = parts.join(" · ");
    page.line.dataset.grave = refused || !window.navigator.onLine || page.failed ? "1" : waiting ? "0" : "";
    const count = (tab, words) => { const place = page.root.querySelector(`[data-count=${tab}]`); if (place) place.textContent = words || ""; };
    count("tasks", page.told && page.told.total);
    count("outbox", page.waiting.length);
  }

  function carried(page, items, news) {
    page.waiting = items;
    if (news && news.sent) {
      const found = news.answer.body.case;
      window.citywall.caseAct.toast(`${news.sent.title} ${t("已送达")}${found ? ` · ${found.case_no}` : ""}`);
      fetchTasks(page);
    }
    say(page);
    if (page.tab === "outbox") drawOutbox(page);
    if (page.tab === "tasks" && !page.task) drawTasks(page);
  }

  function show(page, tab) {
    leave(page);
    page.tab = tab;
    page.task = null;
    page.located = null;
    for (const other of page.tabs) other.setAttribute("aria-pressed", String(other.dataset.tab === tab));
    if (tab === "tasks") drawTasks(page);
    else if (tab === "outbox") drawOutbox(page);
    else drawReport(page, tab);
    page.place.scrollTop = 0;
    say(page);
  }

  /* ---- tasks ---- */

  async function fetchTasks(page) {
    const where = page.position ? `?lon=${page.position.lon}&lat=${page.position.lat}` : "";
    const answer = await ask("GET", `/api/v1/tasks${where}`, undefined, { seconds: ANSWER_SECONDS });
    if (!page.root.isConnected) return;
    page.failed = answer.ok ? "" : why(answer);
    if (answer.ok) page.told = answer.body;
    page.root.dataset.face = answer.ok ? "live" : page.told ? "stale" : "error";
    if (page.tab === "tasks" && !page.task) drawTasks(page);
    say(page);
  }

  /** What was answered and waits for the line is no task any more. */
  const stillOpen = (page) => page.told.tasks.filter((task) => !page.waiting.some((item) => item.case_no === task.case_no && item.state === "waiting"));

  function drawTasks(page) {
    if (!page.told) { page.place.replaceChildren(h("p", { class: "collect-empty" }, page.failed ? `${t("任务没有读到")}：${page.failed}` : t("读取中…")), page.failed ? h("button", { type: "button", class: "collect-button", onclick: () => fetchTasks(page) }, t("重新读取")) : ""); return; }
    const tasks = stillOpen(page);
    const order = page.told.located ? t("由近到远") : `${t("等得最久的在前")}${page.positionError ? ` · ${page.positionError}` : ""}`;
    page.place.replaceChildren(h("p", { class: "collect-order" }, `${t("{n} 件任务").replace("{n}", page.told.total)} · ${order}`),
      ...(tasks.length ? tasks.map((task) => taskCard(page, task)) : [h("p", { class: "collect-empty" }, t("没有待核实、待核查的任务。有新任务会自动出现。"))]));
    second(page);
  }

  function taskCard(page, task) {
    const [shape, word] = base().level(task.severity);
    const metres = task.metres === null ? "" : task.metres < 1000 ? `${task.metres} ${t("米")}` : `${(task.metres / 1000).toFixed(1)} ${t("公里")}`;
    return h("button", { type: "button", class: "collect-task", "data-case": task.case_no, onclick: () => openTask(page, task) },
      h("span", { class: `collect-kind is-${task.task}` }, task.task === "verify" ? t("核实") : t("核查")), h("b", {}, task.class_name), h("em", {}, metres),
      h("span", { class: "collect-where" }, task.address || t("地址不详")),
      h("span", { class: `is-${task.severity}` }, `${shape} ${word}`), h("strong", { "data-due": task.due }));
  }

  function second(page) {
    const at = now();
    for (const place of page.place.querySelectorAll("[data-due]")) {
      const left = Number(place.dataset.due) - at;
      const words = left < 0 ? `▲ ${t("已超")} ${format.age(-left)}` : `${t("剩")} ${format.stopwatch(left)}`;
      if (place.textContent !== words) place.textContent = words;
      place.dataset.late = left < 0 ? "1" : "";
    }
  }

  async function openTask(page, task) {
    leave(page);
    page.task = task;
    const choices = RESULTS[task.task];
    const map = h("div", { class: "collect-map" }), seen = h("div", { class: "collect-seen" }, t("照片读取中…")), photoPlace = h("div"), error = h("p", { class: "collect-error", role: "alert" });
    const reason = h("textarea", { class: "collect-text", rows: 2, maxlength: 1000, placeholder: t("说明（不属实、不通过时必填）"), "aria-label": t("说明") });
    page.place.replaceChildren(
      h("header", { class: "collect-head" }, h("button", { type: "button", class: "collect-button", onclick: () => show(page, "tasks") }, `‹ ${t("返回")}`), h("h2", {}, `${task.task === "verify" ? t("核实") : t("核查")} · ${task.class_name}`), h("strong", { "data-due": task.due })),
      h("p", { class: "collect-what" }, task.description || t("没有描述")), h("p", { class: "collect-where" }, `${task.address} · ${task.case_no}`),
      task.closing_condition && task.task === "check" ? h("p", { class: "collect-ask" }, `${t("结案条件")}：${task.closing_condition}`) : "",
      seen, map, h("h3", {}, t("现场照片")), photoPlace, reason, error,
      h("div", { class: "collect-answer" }, choices.map((choice) => h("button", { type: "button", class: `collect-button${choice.main ? " is-main" : " is-no"}`, onclick: () => answerTask(page, task, choice, { photos, reason, error }) }, choice.label))));
    page.place.scrollTop = 0;
    const photos = window.citywall.photoInput(photoPlace, { kinds: [choices[0].kind], draft: `task-${task.case_no}`, hold: true });
    page.stops.push(() => photos.stop());
    if (task.lon !== null) { const drawn = window.citywall.spotMap(map, { lon: task.lon, lat: task.lat, severity: task.severity }); page.stops.push(() => drawn.stop()); nearTo(drawn, task.lon, task.lat); }
    second(page);
    const { view, kind } = window.citywall.casePictures;
    const answer = await ask("GET", `/api/v1/cases/${encodeURIComponent(task.case_no)}/photos`, undefined, { seconds: ANSWER_SECONDS });
    if (page.task !== task) return;
    const shown = answer.ok ? answer.body.photos.filter((photo) => photo.stored !== false) : [];
    seen.replaceChildren(...(shown.length ? shown.map((photo) => h("figure", {}, view(photo), h("figcaption", {}, kind(photo)))) : [h("p", { class: "collect-empty" }, answer.ok ? t("没有照片") : t("照片没有读到"))]));
  }

  async function nearTo(map, lon, lat, move = false) {
    const answer = await ask("GET", `/api/v1/where?lon=${lon}&lat=${lat}`, undefined, { seconds: ANSWER_SECONDS });
    if (answer.ok) map.set({ lon, lat, ring: answer.body.ring, near: answer.body.near }, { move });
    return answer;
  }

  async function answerTask(page, task, choice, { photos, reason, error }) {
    const files = photos.files();
    const needed = choice.action !== "fail_check";
    if (needed && !files.length) { error.textContent = `▲ ${t("请先拍一张现场照片")}`; return; }
    if (choice.reason && !reason.value.trim()) { error.textContent = `▲ ${t("请说明理由")}`; reason.focus(); return; }
    await page.outbox.add({ title: `${choice.label} ${task.class_name}`, kind: "act", action: choice.action, facts: choice.facts, reason: reason.value.trim(), case_no: task.case_no, version: task.version, photos: files });
    photos.clear();
    show(page, "tasks");
  }

  /* ---- reporting ---- */

  function drawReport(page, tab) {
    const dispose = tab === "dispose", key = `citywall.collect.${page.who}.${tab}`;
    const draft = read(key);
    const state = { point: draft.point || null, byHand: Boolean(draft.point && draft.byHand) };
    const photoPlace = h("div"), mapPlace = h("div", { class: "collect-map" }), where = h("p", { class: "collect-where", role: "status" }), error = h("p", { class: "collect-error", role: "alert" });
    const note = h("textarea", { id: "collect-note", class: "collect-text", rows: 3, maxlength: 2000, "aria-label": t("问题描述"), placeholder: t("问题描述（可不填）") });
    note.value = draft.note || "";
    const save = () => write(key, { at: Date.now(), point: state.point, byHand: state.byHand, note: note.value, class_code: classPick.get(), level: level() });
    const classPick = window.citywall.pick({ id: "collect-class", options: window.citywall.caseFields.classes(), placeholder: t("类别：名称、拼音或首字母"), picked: () => save() });
    if (draft.class_code) classPick.set(draft.class_code);
    const levels = h("div", { class: "collect-levels", role: "radiogroup", "aria-label": t("等级") }, Object.entries(base().names().levels).map(([code, [shape, word]]) => h("label", { class: `is-${code}` }, h("input", { type: "radio", name: "collect-level", value: code, checked: code === (draft.level || "L4"), onchange: () => save() }), `${shape} ${word}`)));
    const level = () => (levels.querySelector(":checked") || {}).value;
    const here = h("button", { type: "button", class: "collect-button", onclick: () => { state.byHand = false; useHere(true); } }, `◎ ${t("用我的位置")}`);
    page.place.replaceChildren(
      h("h2", {}, dispose ? t("自行处置") : t("上报问题")), dispose ? h("p", { class: "collect-order" }, t("当场就能处理的小问题：处置前、处置后各拍一张")) : "",
      classPick.element, h("h3", {}, t("照片")), photoPlace, h("h3", {}, t("位置")), h("div", { class: "collect-row" }, here), mapPlace, where, levels, note, error,
      h("button", { type: "button", class: "collect-button is-main is-wide", onclick: () => submit() }, dispose ? t("提交处置") : t("上报")));
    const photos = window.citywall.photoInput(photoPlace, { kinds: dispose ? ["before", "after"] : ["near"], draft: tab, hold: true });
    const map = window.citywall.spotMap(mapPlace, { box: page.box, onPick: (lon, lat) => { state.byHand = true; place(lon, lat, false); }, label: t("在图上点选位置") });
    page.stops.push(() => photos.stop(), () => map.stop());
    note.addEventListener("input", save);

    async function place(lon, lat, move = true) {
      state.point = { lon: Number(lon.toFixed(6)), lat: Number(lat.toFixed(6)) };
      map.set(state.point, { move });
      where.textContent = t("正在查网格…");
      save();
      const asked = state.point;
      const answer = await nearTo(map, asked.lon, asked.lat);
      if (asked !== state.point) return;
      where.textContent = answer.ok ? `${answer.body.address || ""} ${answer.body.grid ? `· ${t("网格")} ${answer.body.grid}` : `▲ ${t("不在任何网格内：请核对位置")}`}` : t("网格由服务器补查，可先上报");
    }

    function useHere(asked = false) {
      if (state.byHand) return;
      if (page.position) { const { lon, lat, accuracy } = page.position; place(lon, lat).then(() => { where.textContent += ` · ±${Math.round(accuracy)} ${t("米")}`; }); }
      else where.textContent = page.positionError || (asked ? t("正在定位…") : t("正在定位，也可在地图上点选"));
    }

    async function submit() {
      const files = photos.files(), kinds = new Set(files.map((file) => file.kind));
      const missing = !classPick.get() ? [t("请选择类别"), classPick.input] : !state.point ? [t("请定位，或在地图上点选位置"), mapPlace] : dispose && !(kinds.has("before") && kinds.has("after")) ? [t("处置前、处置后照片都要拍"), photoPlace] : !files.length ? [t("请先拍一张现场照片"), photoPlace] : null;
      if (missing) { error.textContent = `▲ ${missing[0]}`; missing[1].scrollIntoView({ block: "center" }); return; }
      const facts = { class_code: classPick.get(), severity: level(), ...state.point, ...(note.value.trim() ? { description: note.value.trim() } : { description: classPick.describe() }) };
      await page.outbox.add({ title: `${dispose ? t("自行处置") : t("上报")} ${classPick.describe()}`, kind: "begin", action: dispose ? "self_dispose" : "report", facts, photos: files });
      photos.clear();
      localStorage.removeItem(key);
      show(page, "outbox");
    }

    if (state.point) place(state.point.lon, state.point.lat);
    else useHere();
    page.located = () => { if (!state.point) useHere(); };
  }

  function read(key) {
    try {
      const draft = JSON.parse(localStorage.getItem(key));
      return draft && Date.now() - draft.at < MOST_DRAFT_MS ? draft : {};
    } catch (error) {
      console.warn("draft", error);
      return {};
    }
  }

  function write(key, draft) {
    try {
      localStorage.setItem(key, JSON.stringify(draft));
    } catch (error) {
      console.warn("draft", error); // the form itself still holds it
    }
  }

  /* ---- the outbox ---- */

  function drawOutbox(page) {
    const words = (item) => (item.state === "refused" ? `✕ ${t("被退回")}：${item.message}` : item.id === page.outbox.now ? `⇡ ${t("发送中…")}` : `◷ ${t("待发送")} ${item.message}`);
    const line = (item) => h("li", { "data-state": item.state, "data-id": item.id }, h("b", {}, item.title), h("small", {}, `${format.shortTime(item.at)}${item.photos && item.photos.length ? ` · ${t("{n} 张照片").replace("{n}", item.photos.length)}` : ""}${item.case_no ? ` · ${item.case_no}` : ""}`), h("span", {}, words(item)),
      h("div", { class: "collect-row" }, h("button", { type: "button", class: "collect-button", onclick: () => page.outbox.again(item.id) }, t("立即发送")), item.state === "refused" ? h("button", { type: "button", class: "collect-button", onclick: () => page.outbox.remove(item.id) }, t("删除")) : ""));
    page.place.replaceChildren(h("h2", {}, t("待发送")), page.waiting.length ? h("ul", { class: "collect-outbox" }, page.waiting.map(line)) : h("p", { class: "collect-empty" }, t("都已送达。没有网络时，上报会先存在本机，恢复后自动发送。")));
  }

  mount(".collect", enter);
})();
