/* /video: keys, by their place on the keyboard, so that a Chinese input method does not swallow them. */
(function () {
  "use strict";
  const { video } = window.citywall;
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  const keys = {
    Enter: (page) => video.solo(page.selected),
    NumpadEnter: (page) => video.solo(page.selected),
    Escape: () => video.back(),
    Comma: () => video.step(-1),
    Period: () => video.step(1),
    KeyG: () => video.nextLayout(),
    Delete: (page) => video.put(page.selected, 0),
    "Shift+Slash": () => video.found("acts", "keys")(),
    Slash: () => video.found("acts", "search")(),
  };
  for (const [code, direction] of Object.entries(ARROWS)) {
    keys[code] = () => move(direction, video.select);
    keys[`Shift+${code}`] = (page) => move(direction, (to) => video.swap(page.selected, to));
  }

  function move(direction, act) {
    const to = video.neighbour(direction);
    if (to >= 0) act(to);
  }

  /** "Shift+KeyT", "Alt+Digit3": the modifiers we use, then the key's place. */
  function combined(event) {
    return `${event.altKey ? "Alt+" : ""}${event.shiftKey ? "Shift+" : ""}${event.code}`;
  }

  function digit(page, event) {
    const pressed = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
    if (!pressed || event.altKey || event.shiftKey || Number(pressed[1]) > video.places()) return null;
    return () => video.select(Number(pressed[1]) - 1);
  }

  /** Typing is left alone, an open dialog keeps its keys, and a button its Enter and space. */
  function rests(event) {
    const { target } = event;
    if (event.isComposing || event.ctrlKey || event.metaKey) return true;
    if (!(target instanceof Element)) return false;
    if (target.closest("input, textarea, select, [contenteditable], dialog[open]") || document.querySelector("dialog[open]")) return true;
    return Boolean(target.closest("button, a")) && ["Enter", "NumpadEnter", "Space"].includes(event.code);
  }

  function onKey(event) {
    const page = video.page();
    if (!page || rests(event)) return;
    if (!video.some("grab", page, event)) {
      const act = video.found("keys", combined(event)) || digit(page, event);
      if (!act) return;
      act(page, event);
    }
    event.preventDefault();
    event.stopPropagation(); // the desk's own keys (G, then a letter) would go to another page
  }

  document.addEventListener("keydown", onKey, true);
  video.part({ keys });
})();
