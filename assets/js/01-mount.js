/* Start a script's part on every element it serves, whenever Dash puts one into the page; stop it when it leaves. */
(function () {
  "use strict";
  const parts = [];

  /** Call `start(element)` once for every element matching `selector`; what it returns is called when it has left. */
  function mount(selector, start) {
    const part = { selector, start, running: new Map() };
    parts.push(part);
    look(part);
  }

  function look(part) {
    for (const [element, stop] of part.running) {
      if (element.isConnected) continue;
      part.running.delete(element);
      if (stop) stop();
    }
    for (const element of document.querySelectorAll(part.selector)) {
      if (part.running.has(element)) continue;
      part.running.set(element, null);
      part.running.set(element, part.start(element));
    }
  }

  new MutationObserver(() => parts.forEach(look)).observe(document.documentElement, { childList: true, subtree: true });
  window.citywall.mount = mount;
})();
