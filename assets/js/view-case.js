/* V on a case: its cameras, and the stopwatch from the key to their live pictures (product sheet 3.9: four seconds).
   The list of cases opens the camera wall; the leaders' wall shows them in its own places (wall-scenes.js). */
(function () {
  "use strict";
  const { t, mount } = window.citywall;
  const KEPT = "citywall.case-view";
  const LOOK_MS = 50, GIVE_UP_MS = 15_000, STALE_MS = 60_000;
  const KEYS = new Set(["KeyV", "F4"]);

  /* ---- the stopwatch ---- */

  const isLive = (number) => [...document.querySelectorAll(`.cw-tile[data-camera="${number}"][data-state="live"]`)].some((tile) => tile.offsetParent);

  /** Watch until all of these cameras are live on the page, and say so in `place`; `began` is `Date.now()` at the key. */
  function stopwatch(place, numbers, began) {
    clearInterval(place.cwStopwatch);
    const { dataset } = place;
    dataset.wanted = String(numbers.length);
    dataset.state = "running";
    const look = () => {
      const live = numbers.filter(isLive).length, ms = Date.now() - began;
      const done = live === numbers.length, over = done || ms > GIVE_UP_MS;
      Object.assign(dataset, { live: String(live), ms: String(ms) });
      place.textContent = words(live, numbers.length, ms, over);
      if (!over) return;
      clearInterval(place.cwStopwatch);
      dataset.state = done ? "done" : "late";
      performance.mark("citywall:case-view", { detail: { cameras: numbers, live, ms } });
    };
    if (!numbers.length) { place.textContent = ""; dataset.state = "none"; return; }
    place.cwStopwatch = setInterval(look, LOOK_MS);
    look();
  }

  function words(live, wanted, ms, over) {
    const seconds = `${(ms / 1000).toFixed(1)} ${t("秒")}`;
    if (live === wanted) return `${wanted} ${t("路")} · ${seconds}`;
    return over ? `${live}/${wanted} ${t("路")} · ${t("未齐")}` : `${live}/${wanted} ${t("路")} …`;
  }

  /* ---- the cameras of a case ---- */

  /** {cameras, nearest_beyond, …} of a case; null where the server does not say. */
  async function sight(caseNo) {
    const answer = await fetch(`/api/v1/cases/${encodeURIComponent(caseNo)}/cameras`).catch(() => null); // null: told by the caller
    return answer && answer.ok ? answer.json() : null;
  }

  /** To the camera wall, with the time of the key in hand. */
  function open(caseNo) {
    sessionStorage.setItem(KEPT, JSON.stringify({ caseNo, began: Date.now() }));
    location.assign(`/video?case=${encodeURIComponent(caseNo)}`);
  }

  /** When the key was pressed that led here; without one, when this page was asked for. */
  function begunAt(caseNo) {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) || "null");
    sessionStorage.removeItem(KEPT);
    const fresh = kept && kept.caseNo === caseNo && Date.now() - kept.began < STALE_MS;
    return fresh ? kept.began : Math.round(performance.timeOrigin);
  }

  /** On /video: the line of the case gets its stopwatch. */
  function startLine(line) {
    const { caseNo, sight: found } = line.dataset;
    if (!caseNo) return;
    const place = document.createElement("output");
    place.className = "case-stopwatch";
    line.append(place);
    stopwatch(place, JSON.parse(found).map(({ number }) => number), begunAt(caseNo));
  }

  /* ---- the list of cases ---- */

  const chosenRow = () => document.querySelector(".cases-grid .ag-row-selected[row-id], .cases-grid .ag-row-focus[row-id]");

  function openChosen() {
    const row = chosenRow();
    if (row) open(row.getAttribute("row-id"));
    return Boolean(row);
  }

  function startList(button) {
    const look = () => requestAnimationFrame(() => (button.disabled = !chosenRow()));
    button.addEventListener("click", openChosen);
    for (const event of ["click", "keyup"]) document.addEventListener(event, look);
    return () => { for (const event of ["click", "keyup"]) document.removeEventListener(event, look); };
  }

  /** The number leads to the case's own page; so does a double click on the row, or Enter on it. */
  const cells = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  const addressOf = (caseNo) => `/case/${encodeURIComponent(caseNo)}`;
  cells.CaseLink = ({ value }) => value && window.React.createElement("a", { className: "case-link", href: addressOf(value) }, value);

  function onRow(event) {
    if (event.type === "keydown" && (event.code !== "Enter" || event.isComposing)) return;
    const row = event.target.closest(".cases-grid .ag-row[row-id]");
    if (row && !event.target.closest("a")) location.assign(addressOf(row.getAttribute("row-id")));
  }

  /** By place on the keyboard, so that an input method that composes Chinese does not swallow it. */
  function onKey(event) {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey || !KEYS.has(event.code)) return;
    if (!document.querySelector(".cases-video") || event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (openChosen()) event.preventDefault();
  }

  document.addEventListener("keydown", onKey);
  document.addEventListener("keydown", onRow);
  document.addEventListener("dblclick", onRow);
  mount(".video-case", startLine);
  mount(".cases-video", startList);
  window.citywall.caseView = { open, sight, stopwatch };
})();
