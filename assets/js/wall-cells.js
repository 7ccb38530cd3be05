/* Cells and rows: write values in place, mark what changed, show as many rows as fit. */
(function () {
  "use strict";
  const { freshness } = window.citywall;
  const UNKNOWN = "--";
  const CHANGED_MS = 1500;
  const LONG = 5; // characters a headline number has full size for

  const slot = (element, name) => element.querySelector(`[data-slot="${name}"]`);

  /** A plain text of a cell. */
  function write(element, name, value) {
    const place = slot(element, name);
    if (place && place.textContent !== value) place.textContent = value;
  }

  /** A figure: its text, and the question whose answer is that many cases. */
  function figure(element, name, value, query, { quiet = false } = {}) {
    const place = slot(element, name);
    if (!place) return;
    if (query && place.tagName === "A") place.setAttribute("href", `/cases?${new URLSearchParams(query)}`);
    if (place.cwValue === value) return;
    const known = place.cwValue !== undefined;
    place.cwValue = value;
    place.toggleAttribute("data-long", value.length > LONG);
    if (freshness.hides(faceOf(place))) return;
    place.textContent = value;
    if (known && !quiet) markChanged(place);
  }

  function faceOf(place) {
    return place.closest("[data-face]").dataset.face;
  }

  function markChanged(place) {
    clearTimeout(place.cwTimer);
    place.classList.add("is-changed");
    place.cwTimer = setTimeout(() => place.classList.remove("is-changed"), CHANGED_MS);
  }

  /** Give a cell a face: its look, its note, and whether its figures may still be read. */
  function wear(cell, face, note) {
    const place = cell.cwNote || (cell.cwNote = cell.querySelector(":scope > .cw-note, :scope > .cw-panel-head > .cw-note"));
    if (place && place.textContent !== note) place.textContent = note;
    if (cell.dataset.face === face) return;
    cell.dataset.face = face;
    for (const value of cell.querySelectorAll(".cw-v")) {
      if (value.closest("[data-face]") !== cell) continue;
      value.textContent = freshness.hides(face) ? UNKNOWN : value.cwValue ?? UNKNOWN;
    }
  }

  /** Keep one row per item, by key, in the items' order; `update(row, item)` fills it. */
  function rows(panel, items, keyOf, update) {
    const list = slot(panel, "rows");
    const kept = list.cwRows || (list.cwRows = new Map());
    const wanted = new Set(items.map(keyOf));
    for (const [key, row] of kept) if (!wanted.has(key)) { row.remove(); kept.delete(key); }
    items.forEach((item, index) => {
      const key = keyOf(item);
      if (!kept.has(key)) kept.set(key, copyRow(panel));
      const row = kept.get(key);
      if (list.children[index] !== row) list.insertBefore(row, list.children[index] || null);
      update(row, item);
    });
    return list;
  }

  function copyRow(panel) {
    return panel.querySelector(':scope > [data-prototype="row"]').firstElementChild.cloneNode(true);
  }

  /** Rows a list has room for: the rule of `domain.geometry.rows_that_fit`, gaps counted, columns where it wraps. */
  function capacity(list) {
    const style = getComputedStyle(list);
    const row = list.firstElementChild;
    if (!row || !list.clientHeight) return 0;
    const gap = parseFloat(style.rowGap) || 0;
    const least = parseFloat(getComputedStyle(row).minHeight) || row.offsetHeight;
    const columns = style.flexWrap === "wrap" ? 2 : 1;
    return columns * Math.max(0, Math.floor((list.clientHeight + gap + 0.5) / (least + gap)));
  }

  /** Hide the rows that do not fit; returns how many stay. */
  function fit(list) {
    for (const row of list.children) row.classList.remove("is-beyond");
    const room = capacity(list);
    [...list.children].forEach((row, index) => row.classList.toggle("is-beyond", index >= room));
    return Math.min(room, list.children.length);
  }

  window.citywall.cells = { slot, write, figure, wear, rows, fit, capacity };
})();
