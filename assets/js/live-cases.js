/* The open cases of the hall (a department's seat: its own), as one Map that follows the feed. Registers first, then
   fetches, then applies what came meanwhile; on a gap it fetches everything again and never repairs. Starts with the
   first listener, so that a page which shows no cases fetches none.
     liveCases.rows     case number → the open row as `domain.board.OpenRow` names it, times in epoch ms
     liveCases.on(fn)   fn({put: [row], drop: [case number], all}): `all` when the Map was taken anew; returns "no more"
     liveCases.state    "loading", "live", or "error" while the server gives no board (it is asked again, for ever) */
(function () {
  "use strict";
  const { live } = window.citywall;
  const FIRST_PAUSE_MS = 1000, LONGEST_PAUSE_MS = 30_000, MOST_WAITING = 500, ANSWER_MS = 20_000;
  const rows = new Map();
  const listeners = new Set();
  const waiting = []; // steps that came while the board is fetched
  let version = null; // of the board that `rows` is; null while it is being fetched
  let state = "idle";

  /** Tell everybody; one broken listener does not silence the rest. */
  function tell(event) {
    for (const listener of listeners) {
      try {
        listener(event);
      } catch (error) {
        console.error("live cases", error);
      }
    }
  }

  function follow(steps) {
    for (const step of steps) {
      if (version === null) keep(step);
      else if (step.to <= version) continue;
      else if (step.from !== version) { keep(step); fetchAll(); }
      else take(step);
    }
  }

  /** Too many are let go: the gap then asks for the board once more. */
  function keep(step) {
    if (waiting.length >= MOST_WAITING) waiting.length = 0;
    waiting.push(step);
  }

  function take({ to, put, drop }) {
    for (const row of put) rows.set(row.case_no, row);
    for (const caseNo of drop) rows.delete(caseNo);
    version = to;
    if (put.length || drop.length) tell({ put, drop, all: false });
  }

  async function fetchAll() {
    if (state === "fetching") return;
    state = "fetching";
    version = null;
    const board = await fetched();
    const stay = new Set(board.cases.map((row) => row.case_no));
    const drop = [...rows.keys()].filter((caseNo) => !stay.has(caseNo));
    for (const caseNo of drop) rows.delete(caseNo);
    for (const row of board.cases) rows.set(row.case_no, row);
    version = board.version;
    state = "live";
    window.citywall.liveCases.failed = "";
    tell({ put: board.cases, drop, all: true });
    follow(waiting.splice(0));
  }

  /** The board, asked for until it comes, with growing pauses. */
  async function fetched() {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LONGEST_PAUSE_MS, pause * 2)) {
      const found = await board();
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, pause * (0.75 + Math.random() / 2)));
    }
  }

  async function board() {
    try {
      const answer = await fetch("/api/v1/board", { signal: AbortSignal.timeout(ANSWER_MS) });
      if (answer.ok) return await answer.json();
      fail(`HTTP ${answer.status}`);
    } catch (error) {
      fail(error.name === "TimeoutError" ? "timeout" : String(error.message));
    }
    return null;
  }

  function fail(cause) {
    window.citywall.liveCases.failed = cause;
    tell({ put: [], drop: [], all: false, failed: cause });
  }

  function on(listener) {
    listeners.add(listener);
    if (state === "idle") fetchAll();
    else if (version !== null) listener({ put: [...rows.values()], drop: [], all: true });
    return () => listeners.delete(listener);
  }

  live.on("cases", ({ steps }) => {
    if (state === "idle") return;
    if (steps) follow(steps);
    else fetchAll();
  });

  window.citywall.liveCases = {
    rows, on, failed: "",
    get state() { return version !== null ? "live" : window.citywall.liveCases.failed ? "error" : "loading"; },
    get version() { return version; },
  };
})();
