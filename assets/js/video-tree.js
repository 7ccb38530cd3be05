/* /video: the trees of cameras: their states, the counts of bad ones, search, filters, and the keyboard inside them. */
(function () {
  "use strict";
  const { tiles, video } = window.citywall;
  const BAD = ["offline", "frozen"];

  function enter(page) {
    const { root } = page;
    const all = (selector) => [...root.querySelectorAll(selector)];
    Object.assign(page, {
      leaves: all(".video-leaf"), branches: all(".video-branch"), chips: all(".video-chip"), trees: all(".video-tree"),
      orders: all(".video-order"), search: root.querySelector(".video-search input, input.video-search"), only: "",
    });
    root.addEventListener("click", onClick);
    page.search.addEventListener("input", () => filter(page));
    page.search.addEventListener("keydown", onSearchKey);
    for (const tree of page.trees) {
      tree.addEventListener("focusin", (event) => roam(tree, event.target.closest("[role=treeitem]")));
      roam(tree, tree.querySelector("[role=treeitem]"));
    }
    order(page, "place");
  }

  /* ── states ─────────────────────────────────────────────────────────────────────────────────── */

  function news(page) {
    for (const leaf of page.leaves) drawLeaf(leaf, page.states.get(Number(leaf.dataset.pick)));
    for (const branch of page.branches) drawBranch(branch);
    drawChips(page);
    filter(page);
  }

  function drawLeaf(leaf, status) {
    const state = status ? status.state : "connecting";
    const conditions = (status && status.conditions) || [];
    leaf.dataset.state = state;
    leaf.toggleAttribute("data-condition", conditions.length > 0);
    leaf.querySelector(".video-leaf-shape").textContent = conditions.length ? "◪" : tiles.shapes[state];
    leaf.title = told(state, status, conditions);
  }

  function told(state, status, conditions) {
    const words = [tiles.words[state], ...conditions.map((one) => tiles.conditions[one] || one)];
    if (status && status.error) words.push(tiles.causes[status.error] || status.error, tiles.clock(status.since));
    return words.join(" · ");
  }

  function isBad(leaf) {
    return BAD.includes(leaf.dataset.state) || leaf.hasAttribute("data-condition");
  }

  function drawBranch(branch) {
    const count = [...branch.querySelectorAll(".video-leaf")].filter(isBad).length;
    branch.querySelector(".video-bad").textContent = count ? `✕ ${count}` : "";
  }

  function passes(leaf, only) {
    if (!only) return true;
    if (only === "condition") return leaf.hasAttribute("data-condition");
    return leaf.dataset.state === only || (only === "live" && leaf.dataset.state === "delayed");
  }

  function drawChips({ chips, trees }) {
    const leaves = trees.length ? [...trees[0].querySelectorAll(".video-leaf")] : [];
    for (const chip of chips) {
      const count = leaves.filter((leaf) => passes(leaf, chip.dataset.only)).length;
      const place = chip.querySelector("b");
      place.textContent = String(count);
      place.toggleAttribute("data-zero", count === 0);
    }
  }

  /* ── what is shown ──────────────────────────────────────────────────────────────────────────── */

  /** A camera is found by name, pinyin, id, number or place; every word typed must fit. */
  function fits(camera, words) {
    return words.every((word) => camera.find.includes(word) || String(camera.number) === word);
  }

  function filter(page) {
    const words = page.search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const found = new Set([...page.known.values()].filter((camera) => fits(camera, words)).map((camera) => camera.number));
    for (const leaf of page.leaves) leaf.hidden = !found.has(Number(leaf.dataset.pick)) || !passes(leaf, page.only);
    for (const branch of page.branches) branch.hidden = !branch.querySelector(".video-leaf:not([hidden])");
  }

  function draw({ leaves, cameras }) {
    const shown = new Set(cameras.slice(0, video.places()));
    for (const leaf of leaves) leaf.toggleAttribute("data-shown", shown.has(Number(leaf.dataset.pick)));
  }

  /** By place or by owner; stepping from camera to camera follows the place. */
  function order({ trees, orders }, by) {
    for (const tree of trees) tree.hidden = tree.dataset.by !== by;
    for (const button of orders) button.setAttribute("aria-pressed", String(button.dataset.order === by));
  }

  function expand(branch, open) {
    branch.setAttribute("aria-expanded", String(open));
  }

  /* ── hands ──────────────────────────────────────────────────────────────────────────────────── */

  function onClick(event) {
    const page = video.page();
    const leaf = event.target.closest(".video-leaf");
    const row = event.target.closest(".video-branch-row");
    const chip = event.target.closest(".video-chip");
    const by = event.target.closest(".video-order");
    if (leaf) picked(page, Number(leaf.dataset.pick));
    else if (row) expand(row.parentElement, row.parentElement.getAttribute("aria-expanded") !== "true");
    else if (chip) choose(page, chip);
    else if (by) order(page, by.dataset.order);
  }

  /** The pointer's choice goes into the place, and so does the keyboard. */
  function picked(page, number) {
    video.put(page.selected, number);
    page.cells[page.selected].focus();
  }

  function choose(page, chip) {
    page.only = chip.dataset.only;
    for (const other of page.chips) other.setAttribute("aria-pressed", String(other === chip));
    filter(page);
  }

  /** One item of a tree can be reached with Tab: the one last visited. */
  function roam(tree, item) {
    if (!item) return;
    for (const other of tree.querySelectorAll("[tabindex='0']")) other.tabIndex = -1;
    item.tabIndex = 0;
  }

  const treeKeys = {
    ArrowDown: (items, at) => items[at + 1],
    ArrowUp: (items, at) => items[at - 1],
    Home: (items) => items[0],
    End: (items) => items.at(-1),
    ArrowRight: (items, at) => opened(items[at], true) || items[at + 1],
    ArrowLeft: (items, at) => opened(items[at], false) || items[at].parentElement.closest("[role=treeitem]"),
    Enter: (items, at) => taken(items[at]),
    NumpadEnter: (items, at) => taken(items[at]),
    Space: (items, at) => taken(items[at]),
  };

  /** Open or close a branch that is not so yet; nothing when there is none. */
  function opened(item, open) {
    if (item.getAttribute("aria-expanded") !== String(!open)) return null;
    expand(item, open);
    return item;
  }

  function taken(item) {
    if (item.dataset.pick) video.put(video.page().selected, Number(item.dataset.pick));
    else expand(item, item.getAttribute("aria-expanded") !== "true");
    return item;
  }

  /** Inside a tree its own keys win over the page's; Escape leaves it for the chosen place. */
  function grab(page, event) {
    const tree = event.target instanceof Element && event.target.closest(".video-tree");
    const act = tree && !event.shiftKey && !event.altKey && treeKeys[event.code];
    if (tree && event.code === "Escape") page.cells[page.selected].focus();
    if (!act) return Boolean(tree && event.code === "Escape");
    const items = [...tree.querySelectorAll("[role=treeitem]")].filter((item) => item.offsetHeight);
    const next = act(items, items.indexOf(event.target.closest("[role=treeitem]")));
    if (next) next.focus();
    return true;
  }

  /** Enter takes the first camera found, Escape leaves the field (and its words) behind, ↓ goes into the tree. */
  function onSearchKey(event) {
    if (event.isComposing) return;
    const page = video.page();
    const first = page.leaves.find((leaf) => leaf.offsetHeight);
    if (event.code === "Enter" && first) picked(page, Number(first.dataset.pick));
    else if (event.code === "Escape") page.search.blur();
    else if (event.code === "ArrowDown" && first) first.focus();
  }

  const acts = { search: () => video.page().search.focus() };

  video.part({ enter, news, draw, grab, acts });
})();
