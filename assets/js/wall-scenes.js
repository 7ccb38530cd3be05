/* Scenes and the remote's keys. Keys are physical (`event.code`), so an input method cannot swallow them; nothing here
   changes data. The scene stands in the address: a reload comes back to it. */
(function () {
  "use strict";
  const { mount, live, now, format, cells, panels } = window.citywall;
  const FOCUS_RETURNS_MS = 120_000;
  const FOCUS_TILES = 2, CASE_TILES = 4;
  const EMPTY = { camera: "0", name: "" };
  const walls = new Set();

  function start(root) {
    const scenes = root.dataset.scenes.split(" ");
    const state = { root, scenes, before: root.dataset.scene, chosen: null, timer: 0, ownTiles: ownTiles(root), borrowed: false };
    walls.add(state);
    const case_no = new URLSearchParams(location.search).get("case");
    if (case_no) state.chosen = case_no;
    return () => walls.delete(state);
  }

  function ownTiles(root) {
    return [...placesOf(root)].map(({ dataset: { camera, name } }) => ({ camera, name }));
  }

  const placesOf = (root) => root.querySelectorAll(".cw-pane-l > .cw-tiles > .cw-tile");

  /** What was sent to the wall (上墙) comes with the tick; places lent to a case get it when they are given back. */
  function takePlaces({ wall_cameras: told }) {
    if (!told) return;
    for (const state of walls) {
      state.ownTiles = told.cameras.map(([number, name]) => ({ camera: String(number), name }));
      if (!state.borrowed && aimTiles(state, state.ownTiles)) window.citywall.map.alert(state.root, []);
    }
  }

  function show(state, scene) {
    const now_shown = state.root.dataset.scene;
    giveBack(state);
    if (now_shown !== "focus") state.before = now_shown;
    state.root.dataset.scene = scene;
    remember(scene);
    state.root.dispatchEvent(new Event("citywall:refit"));
    if (scene === "focus") enterFocus(state);
  }

  function remember(scene) {
    const address = new URL(location.href);
    address.searchParams.set("scene", scene);
    history.replaceState(history.state, "", address);
  }

  /* ---- the chosen case ---- */

  const items = () => (live.newest("wall") || { attention: [] }).attention;
  const chosenItem = (state) => items().find((item) => item.case_no === state.chosen) || null;

  function move(state, step) {
    const rows = [...state.root.querySelectorAll(".cw-att:not(.is-beyond)")].filter((row) => row.cwItem);
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.cwItem.case_no === state.chosen);
    const next = rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step))];
    state.chosen = next.cwItem.case_no;
    mark(state);
    if (state.root.dataset.scene === "focus") enterFocus(state);
  }

  function mark(state) {
    for (const row of state.root.querySelectorAll(".cw-att")) {
      row.classList.toggle("is-selected", Boolean(row.cwItem) && row.cwItem.case_no === state.chosen);
    }
    window.citywall.map.choose(state.root, chosenItem(state));
  }

  function enterFocus(state) {
    if (!chosenItem(state) && items().length) state.chosen = items()[0].case_no;
    const item = chosenItem(state);
    mark(state);
    fillCase(state, item);
    if (!item || item.lon === null) return;
    window.citywall.map.focus(state.root, item);
    lend(state, window.citywall.map.nearestCameras(state.root, item, FOCUS_TILES));
    look(state, item.case_no);
    clearTimeout(state.timer);
    state.timer = setTimeout(() => state.root.dataset.scene === "focus" && show(state, state.before), FOCUS_RETURNS_MS);
  }

  /** The nearest cameras stand there at once; the server knows which of them look at the place. */
  async function look(state, case_no) {
    const found = await window.citywall.caseView.sight(case_no);
    const still = state.root.dataset.scene === "focus" && state.chosen === case_no;
    if (still && found && found.cameras.length >= FOCUS_TILES) lend(state, found.cameras.slice(0, FOCUS_TILES).map(place));
  }

  /* ---- the tiles: the wall's own, or lent to a case ---- */

  function lend(state, cameras) {
    state.borrowed = true;
    aimTiles(state, cameras);
    window.citywall.map.alert(state.root, cameras.map(({ camera }) => Number(camera)));
  }

  function giveBack(state) {
    clearTimeout(state.timer);
    state.asked = null;
    if (state.root.dataset.scene === "focus") window.citywall.map.release(state.root);
    if (!state.borrowed) return;
    state.borrowed = false;
    delete state.root.dataset.caseTiles;
    aimTiles(state, state.ownTiles);
    window.citywall.map.alert(state.root, []);
  }

  /** Whether any place shows another camera now. */
  function aimTiles(state, cameras) {
    const tiles = [...placesOf(state.root)].slice(0, cameras.length);
    const moved = tiles.filter(({ dataset }, index) => dataset.camera !== cameras[index].camera || dataset.name !== cameras[index].name);
    for (const tile of moved) Object.assign(tile.dataset, cameras[tiles.indexOf(tile)]);
    return moved.length > 0;
  }

  const place = ({ number, name, distance_m }) => ({ camera: String(number), name: `${name} · ${distance_m} m` });

  /** V: the case's four best cameras in the video scene. Only pictures change; nothing is turned from a wall. */
  async function caseVideo(state) {
    const began = Date.now();
    const item = chosenItem(state) || items()[0];
    if (!item) return;
    state.chosen = item.case_no;
    mark(state);
    show(state, "video");
    state.asked = item.case_no;
    const found = await window.citywall.caseView.sight(item.case_no);
    if (state.asked === item.case_no) showCase(state, item, found, began);
  }

  function showCase(state, item, found, began) {
    const near = found ? found.cameras : [];
    const shown = near.length ? near : found && found.nearest_beyond ? [found.nearest_beyond] : [];
    const cameras = shown.map(place);
    lend(state, [...cameras, EMPTY, EMPTY, EMPTY, EMPTY].slice(0, CASE_TILES));
    state.root.dataset.caseTiles = String(cameras.length);
    state.root.querySelector(".cw-case-about").textContent = caseWords(item, found);
    window.citywall.caseView.stopwatch(state.root.querySelector(".cw-case-view"), shown.map(({ number }) => number), began);
  }

  function caseWords(item, found) {
    const { t } = window.citywall;
    const about = `${item.class_name} · ${item.address || item.district || item.case_no}`;
    if (!found) return `${about} · ${t("摄像机查不到")}`;
    return found.cameras.length ? about : `${about} · ${found.lon === null ? t("案卷没有位置") : t("300 米内没有摄像机")}`;
  }

  function fillCase(state, item) {
    const cell = panels.cellOf(state.root, "case");
    cell.cwItem = item;
    if (!item) return;
    panels.severity(cell, item);
    panels.left(cell, item);
    cells.write(cell, "reason", window.citywall.t(item.reason_label));
    cells.write(cell, "where", item.address || item.district || "–");
    cells.write(cell, "department", item.department || "–");
    cells.write(cell, "state", `${window.citywall.t(item.state_label)} ${format.age(now() - item.state_since)}`);
    cells.write(cell, "reported", format.shortTime(item.reported_at));
    cells.write(cell, "deadline", item.deadline === null ? "–" : format.shortTime(item.deadline));
    cells.write(cell, "who", item.claimed_by || "–");
    cells.write(cell, "case_no", item.case_no);
  }

  /* ---- keys ---- */

  const overlay = (state, name) => state.root.querySelector(`[data-overlay="${name}"]`);
  const toggle = (state, name) => { const layer = overlay(state, name); layer.hidden = !layer.hidden; };

  function back(state) {
    for (const name of ["keys", "black"]) {
      if (!overlay(state, name).hidden) { overlay(state, name).hidden = true; return; }
    }
    if (state.root.dataset.scene === "focus" || state.borrowed) show(state, state.before);
    else if (state.chosen) { state.chosen = null; mark(state); }
    else show(state, state.scenes[0]);
  }

  const ACTS = {
    ArrowDown: (state) => move(state, 1), ArrowRight: (state) => move(state, 1),
    ArrowUp: (state) => move(state, -1), ArrowLeft: (state) => move(state, -1),
    Enter: (state) => show(state, "focus"), NumpadEnter: (state) => show(state, "focus"),
    Escape: back,
    KeyV: caseVideo,
    KeyF: (state) => window.citywall.map.fit(state.root),
    KeyB: (state) => toggle(state, "black"),
    KeyR: () => location.reload(),
    Slash: (state) => toggle(state, "keys"),
  };

  function onKey(event) {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const digit = /^(?:Digit|Numpad)([0-6])$/.exec(event.code);
    const act = digit ? (state) => show(state, state.scenes[Math.max(0, Number(digit[1]) - 1)]) : ACTS[event.code];
    if (!act || !walls.size) return;
    event.preventDefault();
    for (const state of walls) act(state);
  }

  function keepCase() {
    for (const state of walls) {
      if (state.root.dataset.scene !== "focus") { if (state.chosen) mark(state); continue; }
      const item = chosenItem(state);
      if (item && window.citywall.map.focused(state.root)) fillCase(state, item);
      else enterFocus(state);
    }
  }

  live.on("wall", keepCase);
  live.on("tick", takePlaces);
  setInterval(() => {
    for (const state of walls) {
      const cell = panels.cellOf(state.root, "case");
      if (cell && cell.cwItem) panels.left(cell, cell.cwItem);
    }
  }, 1000);
  document.addEventListener("keydown", onKey);
  mount(".cw-wall", start);
})();
