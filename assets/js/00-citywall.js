/* The page's own namespace: words, the server's clock, and the live feed. Loaded before every other script (by name). */
(function () {
  "use strict";

  const words = window.citywallWords || { language: "zh", texts: {} };
  const listeners = { tick: [], wall: [], cases: [], alarms: [] };
  const newest = {};
  let offset = 0; // server clock minus this machine's, ms

  /** The text in the page's language; the source text is Chinese. */
  function t(text) {
    return words.texts[text] || text;
  }

  /** Milliseconds since the epoch by the server's clock: the only clock of the hall. */
  function now() {
    return Date.now() + offset;
  }

  /** Tell a script about every newer value of a topic ("tick", "wall", "cases", "alarms"), the newest known one at once. */
  function on(topic, listener) {
    listeners[topic].push(listener);
    if (topic in newest && topic !== "cases") listener(newest[topic]);
  }

  /** Hand a value that came from the server to all who listen. One broken listener does not silence the rest. */
  function publish(topic, value) {
    newest[topic] = value;
    if (topic === "tick") offset = value.now - Date.now();
    for (const listener of listeners[topic]) {
      try {
        listener(value);
      } catch (error) {
        console.error(`live ${topic}`, error);
      }
    }
  }

  window.citywall = Object.assign(window.citywall || {}, {
    t,
    now,
    language: words.language,
    skew: () => offset,
    live: { on, publish, newest: (topic) => newest[topic] },
  });

  /* Dash calls these when the push callback has written a store (pages/_live.py). */
  const dash = (window.dash_clientside = window.dash_clientside || {});
  dash.citywall = {
    publish_tick: (text) => hand("tick", text),
    publish_wall: (text) => hand("wall", text),
    publish_cases: (text) => hand("cases", text), // {version, steps: [{from, to, put, drop, grids}] or null: fetch anew}
    publish_alarms: (text) => hand("alarms", text), // one officer's view (domain/alarm_board.py)
  };

  function hand(topic, text) {
    if (text) publish(topic, JSON.parse(text));
    return dash.no_update;
  }
})();
