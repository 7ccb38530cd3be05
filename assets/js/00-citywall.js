/* The page's own namespace: words, the server's clock, and the live feed. Loaded before every other script (by name). */
(function () {
  "use strict";

  const words = window.citywallWords || { language: "zh", texts: {} };
  const listeners = { tick: [], wall: [], cases: [], alarms: [] }; // of what the page shows
  const watchers = { tick: [], wall: [], cases: [], alarms: [] }; // of what is now, whatever the page shows
  const newest = {};
  const newestNow = {};
  let offset = 0; // server clock minus this machine's, ms
  let other = null; // what the page shows instead of now: {now, board}

  /** The text in the page's language; the source text is Chinese. */
  function t(text) {
    return words.texts[text] || text;
  }

  /** Milliseconds since the epoch by the server's clock: the only clock of the hall. */
  const nowHere = () => Date.now() + offset;

  /** The moment that is shown: now, but for a page that shows another one. Ages and countdowns run by it. */
  function now() {
    return other ? other.now() : nowHere();
  }

  /** Tell a script about every newer value of a topic ("tick", "wall", "cases", "alarms"), the newest known one at once. */
  function on(topic, listener) {
    listeners[topic].push(listener);
    if (topic in newest && topic !== "cases") listener(newest[topic]);
  }

  /** The same of what is now, also on a page that shows something else. */
  function onNow(topic, listener) {
    watchers[topic].push(listener);
    if (topic in newestNow && topic !== "cases") listener(newestNow[topic]);
  }

  /** Show another source than the live feed: its clock, its board, and what it gives to `show`. Returns the way back. */
  function divert(source) {
    other = source;
    for (const topic of Object.keys(newest)) delete newest[topic];
    return () => {
      if (other !== source) return;
      other = null;
      for (const [topic, value] of Object.entries(newestNow)) if (topic !== "cases") show(topic, value);
    };
  }

  /** Hand a value that came over the live feed to all who listen. */
  function publish(topic, value) {
    if (topic === "tick") offset = value.now - Date.now();
    newestNow[topic] = value;
    tell(topic, value, watchers);
    if (!other) show(topic, value);
  }

  /** Hand a value to those who draw it. */
  function show(topic, value) {
    newest[topic] = value;
    tell(topic, value, listeners);
  }

  /** The board as a page first needs it; null while the server does not give one. */
  async function board() {
    if (other) return other.board();
    const answer = await fetch("/api/v1/board").catch(() => null); // no answer: whoever asks will ask again
    return answer && answer.ok ? answer.json() : null;
  }

  /** One broken listener does not silence the rest. */
  function tell(topic, value, those) {
    for (const listener of those[topic]) {
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
    live: { on, onNow, publish, show, divert, board, nowHere, newest: (topic) => newest[topic] },
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
