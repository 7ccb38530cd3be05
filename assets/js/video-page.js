/* /video: which camera stands in which place, and the document made to say so. Knows the page's parts by their classes
   and data attributes; the other video scripts change the page through `citywall.video`. */
(function () {
  "use strict";
  const { t, tiles, video } = window.citywall;
  const KEPT = "citywall.video";
  const MOST = 36;

  /* ── the choice, kept in the address and in this browser ───────────────────────────────────── */

  function make(page) {
    const { root } = page;
    const all = (selector) => [...root.querySelectorAll(selector)];
    const facts = JSON.parse(root.dataset.cameras);
    Object.assign(page, {
      cells: all(".video-cell"), buttons: all(".video-layout"), note: root.querySelector(".video-note"),
      known: new Map(facts.map((camera) => [camera.number, camera])), order: facts.map((camera) => camera.number),
      may: new Set((root.dataset.may || "").split(" ")), states: new Map(),
      selected: 0, solo: false, lent: new Map(), asked: new URLSearchParams(location.search),
    });
    page.splits = new Map(page.buttons.map((button) => [button.dataset.toLayout, split(button)]));
    Object.assign(page, chosen(page));
    root.addEventListener("click", onClick);
    root.addEventListener("dblclick", onDoubleClick);
    root.addEventListener("focusin", onFocus);
    tiles.list(onNews);
  }

  function split({ dataset }) {
    return { places: Number(dataset.places), fps: Number(dataset.layoutFps), focus: dataset.layoutFocus === "true" };
  }

  function chosen({ asked, splits, known, cells, root }) {
    const kept = JSON.parse(localStorage.getItem(KEPT) || "null") || {};
    const layout = asked.get("layout") || (asked.get("case") ? "" : String(kept.layout || ""));
    const wanted = asked.get("cams") ? asked.get("cams").split(",").map(Number) : asked.get("case") ? [] : kept.cameras;
    const first = cells.map((cell) => Number(cell.dataset.first));
    const cameras = Array.from({ length: MOST }, (_, index) => (wanted ? wanted[index] || 0 : first[index] || 0));
    return {
      layout: splits.has(layout) ? layout : root.dataset.layout,
      cameras: cameras.map((number) => (known.has(number) ? number : 0)),
      scene: wanted && wanted === kept.cameras ? kept.scene || null : null,
    };
  }

  /** Once every part is there: the first drawing, and the one camera the address asked for. */
  function entered(page) {
    const asked = [...page.known.values()].find((camera) => camera.id === page.asked.get("cam"));
    if (asked) put(0, asked.number, { solo: true });
    else draw();
  }

  function keep(page) {
    const cameras = page.cameras.map((number, index) => page.lent.get(index) ?? number);
    localStorage.setItem(KEPT, JSON.stringify({ layout: page.layout, cameras, scene: page.scene }));
    const shown = cameras.slice(0, places()).join(",");
    const about = page.asked.get("case") ? `&case=${encodeURIComponent(page.asked.get("case"))}` : "";
    history.replaceState(history.state, "", `${location.pathname}?layout=${encodeURIComponent(page.layout)}&cams=${shown}${about}`);
  }

  /* ── what is shown ──────────────────────────────────────────────────────────────────────────── */

  function places() {
    const page = video.page();
    return page.splits.get(page.layout).places;
  }

  function nameOf(number) {
    const camera = video.page().known.get(number);
    return camera ? camera.name : "";
  }

  /** Make the document say what the page says. */
  function draw() {
    const page = video.page();
    const { root, cells, layout, selected, solo, cameras } = page;
    root.dataset.layout = layout;
    root.toggleAttribute("data-solo", solo);
    cells.forEach((cell, index) => drawCell(page, cell, index));
    for (const button of page.buttons) button.setAttribute("aria-pressed", String(button.dataset.toLayout === layout));
    page.note.textContent = `${t("画面")} ${selected + 1} · ${nameOf(cameras[selected]) || t("未选摄像机")}`;
    video.each("draw", page);
  }

  function drawCell(page, cell, index) {
    cell.toggleAttribute("data-selected", index === page.selected);
    if (index >= places()) return letGo(cell);
    const { fps, focus } = page.splits.get(page.layout);
    const number = page.cameras[index];
    const camera = page.known.get(number);
    set(cell, "name", camera ? camera.name : "");
    set(cell, "camera", String(number));
    set(cell, "fps", String(page.solo ? 10 : fps));
    cell.toggleAttribute("data-focus", number > 0 && (page.solo ? index === page.selected : focus && index === 0));
    drawMarks(cell, video.gathered("marks", page, index));
  }

  /** A place beyond the layout asks for nothing. */
  function letGo(cell) {
    if (!cell.hasAttribute("data-camera")) return;
    cell.removeAttribute("data-camera");
    cell.removeAttribute("data-focus");
    tiles.detach(cell);
  }

  function set(cell, name, value) {
    if (cell.dataset[name] !== value) cell.dataset[name] = value;
  }

  /** What else is true of a place, above its picture: [{kind, text}]. */
  function drawMarks(cell, marks) {
    const place = cell.querySelector(".video-marks");
    const text = JSON.stringify(marks);
    if (place.dataset.marks === text) return;
    place.dataset.marks = text;
    place.replaceChildren(...marks.map(({ kind, text: words }) => video.h("span", { class: "video-mark", "data-kind": kind }, words)));
  }

  /* ── changes ────────────────────────────────────────────────────────────────────────────────── */

  /** Change the page. By hand it is remembered, and tours on the places concerned rest; by a tour or a case it is not. */
  function change(changes, { by = "hand", places: concerned = null } = {}) {
    const page = video.page();
    Object.assign(page, changes);
    if (page.selected >= places()) page.selected = 0;
    if (by === "hand" && concerned) {
      page.scene = null;
      video.each("touched", page, concerned);
    }
    draw();
    if (by === "hand") keep(page);
  }

  /** Choose a place; the keyboard goes there too. */
  function select(index) {
    change({ selected: index });
    video.page().cells[index].focus({ preventScroll: true });
  }

  /** A camera into a place. */
  function put(index, number, { by = "hand", solo = video.page().solo } = {}) {
    const page = video.page();
    const cameras = [...page.cameras];
    cameras[index] = number;
    const selected = by === "hand" ? index : page.selected;
    if (by === "hand") video.each("taken", page, index);
    change({ cameras, selected, solo }, { by, places: [index] });
  }

  /** Two places exchange their cameras. */
  function swap(from, to) {
    const page = video.page();
    if (from === to || to >= places()) return;
    const cameras = [...page.cameras];
    [cameras[from], cameras[to]] = [cameras[to], cameras[from]];
    for (const index of [from, to]) video.each("taken", page, index);
    change({ cameras, selected: to }, { places: [from, to] });
  }

  /** The next (or previous) camera of the tree into the chosen place. */
  function step(by) {
    const { order, cameras, selected } = video.page();
    if (!order.length) return;
    const at = order.indexOf(cameras[selected]);
    put(selected, order[at < 0 ? 0 : (at + by + order.length) % order.length]);
  }

  /** Another layout; all places count as touched. */
  function toLayout(layout) {
    const page = video.page();
    const { note } = page.buttons.find((button) => button.dataset.toLayout === layout).dataset;
    video.each("leaving", page);
    change({ layout, solo: false }, { places: [...page.cells.keys()] });
    if (note) video.toast(note);
  }

  function nextLayout() {
    const page = video.page();
    const layouts = [...page.splits.keys()];
    toLayout(layouts[(layouts.indexOf(page.layout) + 1) % layouts.length]);
  }

  function solo(index) {
    const page = video.page();
    change({ selected: index, solo: !page.solo }, { places: [index] });
  }

  /** Back by one step: out of the single picture, then whatever else can be undone. */
  function back() {
    const page = video.page();
    if (page.solo) change({ solo: false });
    else video.some("back", page);
  }

  /** The place next to the chosen one in a direction, as one sees it; -1 at the edge. */
  function neighbour([x, y]) {
    const page = video.page();
    if (page.solo) return -1;
    const here = page.cells[page.selected].getBoundingClientRect();
    let best = -1;
    let least = Infinity;
    for (let index = 0; index < places(); index += 1) {
      const box = page.cells[index].getBoundingClientRect();
      const ahead = x ? (x > 0 ? box.left - here.right : here.left - box.right) : y > 0 ? box.top - here.bottom : here.top - box.bottom;
      const aside = x ? Math.abs(box.top - here.top) : Math.abs(box.left - here.left);
      if (ahead > -1 && ahead * 2 + aside < least) [best, least] = [index, ahead * 2 + aside];
    }
    return best;
  }

  /* ── hands and news ─────────────────────────────────────────────────────────────────────────── */

  function onClick(event) {
    const page = video.page();
    const act = event.target.closest("[data-act]");
    const cell = event.target.closest(".video-cell");
    const layout = event.target.closest(".video-layout");
    if (act) video.found("acts", act.dataset.act)(cell ? page.cells.indexOf(cell) : page.selected, act);
    else if (layout) toLayout(layout.dataset.toLayout);
    else if (cell) select(page.cells.indexOf(cell));
  }

  function onDoubleClick(event) {
    const cell = event.target.closest(".video-cell");
    if (cell && !event.target.closest("button")) solo(video.page().cells.indexOf(cell));
  }

  function onFocus(event) {
    const page = video.page();
    const cell = event.target.closest(".video-cell");
    if (cell && page.cells.indexOf(cell) !== page.selected) select(page.cells.indexOf(cell));
  }

  function onNews({ listed = [], connected }) {
    const page = video.page();
    if (!page || !page.states) return;
    page.root.toggleAttribute("data-unknown", !connected);
    if (!listed.length) return;
    const before = new Map(page.states);
    for (const [number, status] of listed) page.states.set(number, status);
    video.each("news", page, before);
  }

  const acts = { solo, clear: (index) => put(index, 0), keys: openKeys, close: (_, act) => act.closest("dialog").close() };

  function openKeys() {
    video.page().root.querySelector(".video-key-card").showModal();
  }

  Object.assign(video, { places, nameOf, draw, change, select, put, swap, step, toLayout, nextLayout, solo, back, neighbour });
  video.part({ make, entered, acts });
})();
