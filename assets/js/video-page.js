/* /video: any camera into any place, by click, drag or key. Knows the page's parts by their classes and data attributes. */
(function () {
  "use strict";
  const { t, tiles, mount } = window.citywall;
  const KEPT = "citywall.video";
  const LAYOUTS = [1, 4, 9];
  let listing = false; // whether we hear the states of all cameras
  let page = null; // parts of the page now in the document, and the viewer's choice

  /* ── the choice, kept in the address and in this browser ───────────────────────────────────── */

  function chosen(desk, cells) {
    const address = new URLSearchParams(location.search);
    const kept = JSON.parse(localStorage.getItem(KEPT) || "null") || {};
    const layout = Number(address.get("layout")) || kept.layout;
    const cameras = (address.get("cams") ? address.get("cams").split(",").map(Number) : kept.cameras) || [];
    const known = new Set(desk.leaves.map((leaf) => Number(leaf.dataset.pick)));
    return {
      layout: LAYOUTS.includes(layout) ? layout : Number(desk.root.dataset.layout),
      cameras: cells.map((cell, index) => (index < cameras.length ? (known.has(cameras[index]) ? cameras[index] : 0) : Number(cell.dataset.camera))),
    };
  }

  function keep() {
    const { layout, cameras } = page;
    localStorage.setItem(KEPT, JSON.stringify({ layout, cameras }));
    history.replaceState(history.state, "", `${location.pathname}?layout=${layout}&cams=${cameras.join(",")}`);
  }

  /* ── what is shown ──────────────────────────────────────────────────────────────────────────── */

  function enter(root) {
    const all = (selector) => [...root.querySelectorAll(selector)];
    const parts = {
      root, cells: all(".video-cell"), leaves: all(".video-leaf"), branches: all(".video-tree details"), chips: all(".video-chip"),
      layouts: all(".video-layout"), note: root.querySelector(".video-note"), search: root.querySelector(".video-search input, input.video-search"),
    };
    page = { ...parts, ...chosen(parts, parts.cells), selected: 0, solo: false, only: "", states: new Map() };
    page.names = new Map(page.leaves.map((leaf) => [Number(leaf.dataset.pick), leaf.dataset.name]));
    page.order = page.leaves.map((leaf) => Number(leaf.dataset.pick));
    wire(root);
    draw();
    if (!listing) tiles.list(onStates);
    listing = true;
    return () => (page = null);
  }

  /** Make the document say what `page` says. */
  function draw() {
    const { root, cells, cameras, layout, selected, solo } = page;
    root.dataset.layout = String(layout);
    root.toggleAttribute("data-solo", solo);
    cells.forEach((cell, index) => {
      cell.dataset.name = page.names.get(cameras[index]) || "";
      cell.dataset.camera = String(cameras[index]);
      cell.toggleAttribute("data-selected", index === selected);
    });
    const shown = new Set(cameras.slice(0, layout));
    for (const leaf of page.leaves) leaf.toggleAttribute("data-shown", shown.has(Number(leaf.dataset.pick)));
    for (const button of page.layouts) button.setAttribute("aria-pressed", String(Number(button.dataset.toLayout) === layout));
    page.note.textContent = `${t("画面")} ${selected + 1} · ${page.names.get(cameras[selected]) || t("未选摄像机")}`;
  }

  function change(changes) {
    Object.assign(page, changes);
    if (page.selected >= page.layout) page.selected = 0;
    draw();
    keep();
  }

  function put(index, number) {
    const cameras = [...page.cameras];
    cameras[index] = number;
    change({ cameras, selected: index });
  }

  /** Two places exchange their cameras. */
  function swap(from, to) {
    const cameras = [...page.cameras];
    [cameras[from], cameras[to]] = [cameras[to], cameras[from]];
    change({ cameras, selected: to });
  }

  /** The next (or previous) camera of the tree into the chosen place. */
  function step(by) {
    const { order, cameras, selected } = page;
    if (!order.length) return;
    const at = order.indexOf(cameras[selected]);
    put(selected, order[(at + by + order.length) % order.length]);
  }

  function snapshot(index) {
    const leaf = page.leaves.find((item) => Number(item.dataset.pick) === page.cameras[index]);
    if (leaf) window.open(`/video/${encodeURIComponent(leaf.dataset.id)}/snapshot.jpg`, "_blank", "noopener");
  }

  /* ── states of all cameras ──────────────────────────────────────────────────────────────────── */

  function onStates({ listed = [], connected }) {
    if (!page) return;
    page.root.toggleAttribute("data-unknown", !connected);
    if (!listed.length) return;
    for (const [number, status] of listed) page.states.set(number, status);
    for (const leaf of page.leaves) drawLeaf(leaf, page.states.get(Number(leaf.dataset.pick)));
    page.branches.forEach(drawBranch);
    drawChips();
    filter();
  }

  function drawLeaf(leaf, status) {
    const state = status ? status.state : "connecting";
    leaf.dataset.state = state;
    leaf.querySelector(".video-leaf-shape").textContent = tiles.shapes[state];
    leaf.title = status && status.error ? `${tiles.words[state]} · ${tiles.causes[status.error]} · ${tiles.clock(status.since)}` : tiles.words[state];
  }

  const bad = (leaf) => leaf.dataset.state === "offline" || leaf.dataset.state === "frozen";

  function drawBranch(branch) {
    const count = [...branch.querySelectorAll(".video-leaf")].filter(bad).length;
    branch.querySelector(".video-bad").textContent = count ? `✕ ${count}` : "";
  }

  function drawChips() {
    for (const chip of page.chips) {
      const { only } = chip.dataset;
      const count = page.leaves.filter((leaf) => !only || leaf.dataset.state === only || (only === "live" && leaf.dataset.state === "delayed")).length;
      const place = chip.querySelector("b");
      place.textContent = String(count);
      place.toggleAttribute("data-zero", count === 0);
    }
  }

  /** The tree shows what matches the words and the state asked for. */
  function filter() {
    const words = page.search.value.trim().toLowerCase();
    for (const leaf of page.leaves) {
      const { name, id, pick, state } = leaf.dataset;
      const found = !words || name.toLowerCase().includes(words) || id.toLowerCase().includes(words) || pick === words;
      leaf.hidden = !found || Boolean(page.only && state !== page.only);
    }
    for (const branch of page.branches) branch.hidden = !branch.querySelector(".video-leaf:not([hidden])");
  }

  /* ── hands ──────────────────────────────────────────────────────────────────────────────────── */

  function wire(root) {
    root.addEventListener("click", onClick);
    root.addEventListener("dblclick", (event) => {
      const cell = event.target.closest(".video-cell");
      if (cell && !event.target.closest(".video-act")) change({ selected: page.cells.indexOf(cell), solo: !page.solo });
    });
    root.addEventListener("focusin", (event) => {
      const cell = event.target.closest(".video-cell");
      if (cell && page.cells.indexOf(cell) !== page.selected) change({ selected: page.cells.indexOf(cell) });
    });
    page.search.addEventListener("input", filter);
    wireDrag(root);
  }

  function onClick(event) {
    const leaf = event.target.closest(".video-leaf");
    const act = event.target.closest(".video-act");
    const cell = event.target.closest(".video-cell");
    const layout = event.target.closest(".video-layout");
    const chip = event.target.closest(".video-chip");
    if (leaf) put(page.selected, Number(leaf.dataset.pick));
    else if (act) acts[act.dataset.act](page.cells.indexOf(cell));
    else if (cell) change({ selected: page.cells.indexOf(cell) });
    else if (layout) change({ layout: Number(layout.dataset.toLayout), solo: false });
    else if (chip) choose(chip);
  }

  const acts = {
    solo: (index) => change({ selected: index, solo: !page.solo }),
    snapshot,
    clear: (index) => put(index, 0),
  };

  function choose(chip) {
    page.only = chip.dataset.only;
    for (const other of page.chips) other.setAttribute("aria-pressed", String(other === chip));
    filter();
  }

  function wireDrag(root) {
    for (const cell of page.cells) cell.draggable = true;
    root.addEventListener("dragstart", (event) => {
      const from = event.target.closest(".video-leaf, .video-cell");
      if (!from) return;
      const what = from.dataset.pick ? { camera: Number(from.dataset.pick) } : { place: page.cells.indexOf(from) };
      event.dataTransfer.setData("text/plain", JSON.stringify(what));
      event.dataTransfer.effectAllowed = "copyMove";
    });
    root.addEventListener("dragover", (event) => {
      const cell = event.target.closest(".video-cell");
      for (const other of page.cells) other.toggleAttribute("data-over", other === cell);
      if (cell) event.preventDefault();
    });
    root.addEventListener("dragend", endDrag);
    root.addEventListener("drop", (event) => {
      const cell = event.target.closest(".video-cell");
      endDrag();
      if (cell) dropped(event, page.cells.indexOf(cell));
    });
  }

  function endDrag() {
    for (const cell of page.cells) cell.removeAttribute("data-over");
  }

  function dropped(event, to) {
    const text = event.dataTransfer.getData("text/plain");
    if (!text.startsWith("{")) return; // something from outside the page
    event.preventDefault();
    const { camera, place } = JSON.parse(text);
    if (camera) put(to, camera);
    else if (place >= 0) swap(place, to);
  }

  /* ── keys: by place on the keyboard, so that a Chinese input method does not swallow them ───── */

  const keys = {
    Enter: () => change({ solo: !page.solo }),
    NumpadEnter: () => change({ solo: !page.solo }),
    Escape: () => change({ solo: false }),
    Comma: () => step(-1),
    Period: () => step(1),
    KeyS: () => snapshot(page.selected),
    Delete: () => put(page.selected, 0),
  };

  function onKey(event) {
    if (!page || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target === page.search) return onSearchKey(event);
    if (event.target.closest("input, textarea, select, button:not(.video-leaf), a, summary") && event.code === "Enter") return;
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
    if (digit && Number(digit[1]) <= page.layout) change({ selected: Number(digit[1]) - 1 });
    else if (!digit && keys[event.code] && !(event.target.closest(".video-leaf") && event.code === "Enter")) keys[event.code]();
    else return;
    event.preventDefault();
  }

  /** Enter takes the first camera found, Escape leaves the field (and its words) behind. */
  function onSearchKey(event) {
    if (event.code === "Enter") {
      const leaf = page.leaves.find((item) => !item.hidden);
      if (leaf) put(page.selected, Number(leaf.dataset.pick));
    } else if (event.code === "Escape") {
      page.search.blur();
    }
  }

  document.addEventListener("keydown", onKey);
  mount(".video-desk", enter);
})();
