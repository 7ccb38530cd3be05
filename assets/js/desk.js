/* Desk pages: the server's clock, the source lamps, and the keys that go from page to page. */
(function () {
  "use strict";
  const { t, now, live } = window.citywall;
  const PAGES = {
    KeyW: "/wall", KeyD: "/dispatch", KeyI: "/intake", KeyK: "/collect", KeyU: "/unit", KeyS: "/supervision", KeyB: "/handover", KeyC: "/cases",
    KeyV: "/video", KeyJ: "/video/health", KeyN: "/cameras/setup", KeyE: "/evaluation", KeyP: "/replay", KeyH: "/",
  };
  const ZONE = "Asia/Shanghai";
  let goPressedAt = -Infinity;

  /** HH:MM:SS in the city's zone. */
  function clockText(ms) {
    return new Intl.DateTimeFormat("zh-CN", {
      timeZone: (live.newest("wall") || {}).zone || ZONE,
      hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false,
    }).format(ms);
  }

  /** How many sources speak, and the names of those that do not. */
  function lampText(sources) {
    const silent = sources.filter((lamp) => lamp.state !== "live" || now() - lamp.as_of > lamp.ttl * 1000);
    const words = `${t("数据源")} ${sources.length - silent.length}/${sources.length}`;
    return { words, silent: silent.map((lamp) => `${lamp.name} ${lamp.detail || lamp.state}`) };
  }

  function drawTick(tick) {
    for (const place of document.querySelectorAll("[data-lamps=desk]")) {
      const lamp = lampText(tick.sources);
      place.textContent = (lamp.silent.length ? "▲ " : "○ ") + lamp.words;
      place.title = lamp.silent.join("\n");
      place.classList.toggle("is-warning", lamp.silent.length > 0);
    }
  }

  function drawClock() {
    for (const place of document.querySelectorAll("[data-clock=desk]")) {
      if (live.newest("tick")) place.textContent = clockText(now());
    }
  }

  /** G then a letter goes to a page; typing in a field or composing Chinese never triggers it. */
  function onKey(event) {
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.code === "KeyG") {
      goPressedAt = performance.now();
    } else if (performance.now() - goPressedAt < 1500 && PAGES[event.code]) {
      event.preventDefault();
      window.location.assign(PAGES[event.code]);
    }
  }

  live.on("tick", drawTick);
  setInterval(drawClock, 1000);
  document.addEventListener("keydown", onKey);
})();
