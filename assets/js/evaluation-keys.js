/* /evaluation: its keys. By the physical key, so that a Chinese input method does not swallow them; never while typing. */
(function () {
  "use strict";
  const ev = window.citywall.evaluation;
  const KEYS = { KeyX: "export", KeyR: "scheme", KeyT: "theme", BracketLeft: "earlier", BracketRight: "later" };
  const GO_MS = 1500; // a letter after G goes to another page

  /** The listener. `acts` by name; `choose` a unit; `up` a level; `open()`: whether the page hears keys now. */
  function keys({ acts, choose, up, open }) {
    let goAt = -Infinity;

    function onKey(event) {
      if (!open() || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
      if (event.target.closest("input, textarea, select, [contenteditable]")) return;
      if (event.code === "KeyG") { goAt = performance.now(); return; }
      if (performance.now() - goAt < GO_MS && /^Key/.test(event.code)) { goAt = -Infinity; return; }
      if (press(event)) event.preventDefault();
    }

    function press(event) {
      const cell = event.target.closest("[data-col]"), option = event.target.closest(".ev-choice [data-choose]");
      if (event.key === "?") { acts.keys(); return true; }
      if (event.code === "Escape") { ev.hideHint(); return false; }
      if (event.code === "Backspace") { up(); return true; }
      if (option && event.code.startsWith("Arrow")) return turn(option, /Right|Down/.test(event.code) ? 1 : -1);
      if (cell && cellKey(cell, event)) return true;
      if (KEYS[event.code] && !event.shiftKey && !event.repeat) { acts[KEYS[event.code]](); return true; }
      return false;
    }

    function cellKey(cell, event) {
      const next = ev.ranking.next(cell, event.code), row = cell.closest("tr");
      const chosen = row.dataset.whole ? "" : row.dataset.key;
      if (next) { next.focus(); return true; }
      if (event.code === "Space") { choose(chosen); return true; }
      if (event.code !== "Enter") return false;
      const list = cell.querySelector(event.shiftKey ? "a.ev-numerator" : "a.ev-v") || cell.querySelector("a");
      if (list) window.location.assign(list.href);
      else choose(chosen);
      return true;
    }

    return onKey;
  }

  /** One of a group by arrow, as radio buttons go. */
  function turn(option, by) {
    const all = [...option.closest(".ev-choice").querySelectorAll("[data-choose]")];
    const next = all[(all.indexOf(option) + by + all.length) % all.length];
    next.click();
    next.focus();
    return true;
  }

  ev.keys = keys;
})();
