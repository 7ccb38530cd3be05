/* The wall: takes the live feed, hands it to the panels, and once a second judges by its own clock how old everything is. */
(function () {
  "use strict";
  const { t, now, live, mount, format, freshness, cells, panels, wallHead } = window.citywall;
  const FIRST_DATA_SECONDS = 10;
  const CAMERAS_EXPECTED_SECONDS = 10;
  const SHORT_NOTES = /^stage-/;

  function start(root) {
    const state = { root, wall: null, tick: null, begun: performance.now(), heard: performance.now(), cause: "" };
    format.useZone(root.dataset.zone);
    freshness.useTable(root.dataset.freshness);
    state.show = () => showWall(state);
    for (const list of root.querySelectorAll(".cw-rows")) refit.observe(list);
    root.addEventListener("citywall:refit", state.show);
    walls.add(state);
    if (live.newest("wall")) onWall(live.newest("wall"));
    if (live.newest("tick")) onTick(live.newest("tick"));
    second(state);
    return () => walls.delete(state);
  }

  const walls = new Set();
  const refit = new ResizeObserver((seen) => {
    const roots = new Set(seen.map((entry) => entry.target.closest(".cw-wall")));
    for (const state of walls) if (roots.has(state.root)) state.show();
  });

  function onWall(wall) {
    for (const state of walls) {
      state.wall = wall;
      state.show();
      judge(state);
    }
  }

  /** A view this page cannot read is an error of the source, and is shown as one; it never looks like zero. */
  function showWall(state) {
    if (!state.wall) return;
    try {
      panels.render(state.root, state.wall);
      state.cause = "";
    } catch (error) {
      if (!state.cause) console.error("wall view", error);
      state.cause = t("字段缺失");
    }
  }

  function onTick(tick) {
    for (const state of walls) {
      state.tick = tick;
      state.heard = performance.now();
      wallHead.lamps(state.root, tick);
      wallHead.clock(state.root);
      judge(state);
    }
  }

  /** When the figures were last confirmed by their source, epoch ms. */
  function confirmedAt(state) {
    if (!state.wall) return null;
    return Math.max(state.wall.as_of, (state.tick && state.tick.as_of) || 0);
  }

  function judge(state) {
    const asOf = confirmedAt(state);
    const silent = (performance.now() - state.heard) / 1000;
    for (const cell of state.root.querySelectorAll("[data-cell]")) judgeCell(state, cell, asOf, silent);
    if (asOf === null) return;
    for (const cell of state.root.querySelectorAll('[data-cell="data-time"]')) {
      cells.figure(cell, "value", format.clock(asOf), null, { quiet: true });
    }
  }

  function judgeCell(state, cell, figuresAsOf, silent) {
    const asOf = cell.dataset.cell === "cameras" ? cell.cwAsOf ?? null : figuresAsOf;
    const expected = cell.dataset.cell === "cameras" ? CAMERAS_EXPECTED_SECONDS : undefined;
    const age = asOf === null ? null : Math.max(0, now() - asOf) / 1000;
    const error = Boolean(state.cause) && cell.dataset.cell !== "cameras" && cell.dataset.cell !== "sources";
    const face = freshness.face({ age, silent, expected, error, empty: Boolean(cell.cwEmpty) });
    if (face === "never" && !waitedEnough(state)) return;
    const short = SHORT_NOTES.test(cell.dataset.cell);
    cells.wear(cell, face, freshness.words(face, { age: Math.max(age ?? 0, silent > 10 ? silent : 0), asOf, last: lastOf(cell), cause: state.cause, short }));
  }

  function waitedEnough(state) {
    return (performance.now() - state.begun) / 1000 > FIRST_DATA_SECONDS;
  }

  /** The last known value of a cell that shows one. */
  function lastOf(cell) {
    if (!cell.classList.contains("cw-card") && !cell.classList.contains("cw-stage")) return "";
    const value = cells.slot(cell, "value");
    return (value && value.cwValue) || "";
  }

  /** The browser's own second: it goes on when nothing comes any more. */
  function second(state) {
    if (!state.root.isConnected) return;
    if (state.tick) {
      wallHead.clock(state.root);
      wallHead.lamps(state.root, state.tick);
    }
    if (state.wall && !state.cause) panels.secondHand(state.root);
    judge(state);
    setTimeout(() => second(state), 1000 - (Date.now() % 1000));
  }

  /** Age of the oldest figures on screen, ms; for the heartbeat. */
  function oldestMs() {
    const ages = [...walls].map((state) => confirmedAt(state)).filter((asOf) => asOf !== null).map((asOf) => now() - asOf);
    return ages.length ? Math.max(0, ...ages) : 0;
  }

  live.on("wall", onWall);
  live.on("tick", onTick);
  mount(".cw-wall", start);
  window.citywall.wall = { oldestMs };
})();
