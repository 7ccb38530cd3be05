/* The sound of alarms: two tones for L1, again every 10 s until somebody has seen it; one chime for L2; nothing else.
   A browser lets a page sound only after a hand touched it, so the shift begins with a test: press, hear, confirm. */
(function () {
  "use strict";
  const { ask } = window.citywall;
  const REPEAT_MS = 10_000, PATIENCE_MS = 10_000, SAY_EVERY_MS = 30_000, STALLED_MS = 4000, NEWS_MS = 90_000;
  const HIGH = 880, LOW = 622, CHIME = 1046;
  const SHARED = "citywall.sounded", DEAF = "citywall.deaf", SEAT = "citywall.seat";
  const begun = performance.now();
  let audio = null;      // AudioContext
  let loud = null;       // gain of what sounds now, to stop it at once
  let repeating = 0;
  let seen = null;       // ids of the last view; null before the first
  let ringing = [];      // L1 nobody has seen
  let said = "";
  let heardAt = { clock: -1, at: 0 };
  let running = false;

  /** A name for this window, so that two windows of one account are two seats. */
  function seat() {
    let name = sessionStorage.getItem(SEAT);
    if (!name) sessionStorage.setItem(SEAT, (name = Math.random().toString(36).slice(2, 12).padEnd(6, "0")));
    return name;
  }

  function open() {
    const Context = window.AudioContext || window.webkitAudioContext;
    if (!audio && Context) audio = new Context();
    if (audio && audio.state !== "running") Promise.resolve(audio.resume()).then(() => say(), () => say()); // refused: `state` tells
  }

  /** "ok", "waiting" (too early to tell) or "lost". A context whose clock stands still has lost its device. */
  function state() {
    if (localStorage.getItem(DEAF)) return "lost";
    if (audio && audio.state === "running" && !stalled()) return "ok";
    return performance.now() - begun < PATIENCE_MS ? "waiting" : "lost";
  }

  function stalled() {
    if (audio.currentTime !== heardAt.clock) heardAt = { clock: audio.currentTime, at: performance.now() };
    return performance.now() - heardAt.at > STALLED_MS;
  }

  /* ── tones ──────────────────────────────────────────────────────────────────────────────────── */

  function tone(frequency, from, seconds, level) {
    const oscillator = audio.createOscillator(), gain = audio.createGain();
    oscillator.frequency.value = frequency;
    gain.gain.setValueAtTime(0, from);
    gain.gain.linearRampToValueAtTime(level, from + 0.02);
    gain.gain.setValueAtTime(level, from + seconds - 0.05);
    gain.gain.linearRampToValueAtTime(0, from + seconds);
    oscillator.connect(gain).connect(loud);
    oscillator.start(from);
    oscillator.stop(from + seconds);
  }

  function begin() {
    silence();
    loud = audio.createGain();
    loud.connect(audio.destination);
    return audio.currentTime + 0.02;
  }

  function twoTones() {
    const from = begin();
    [HIGH, LOW, HIGH, LOW].forEach((frequency, index) => tone(frequency, from + index * 0.28, 0.26, 0.5));
  }

  function chime() {
    const from = begin();
    tone(CHIME, from, 0.5, 0.3);
  }

  function silence() {
    if (loud) loud.disconnect();
    loud = null;
  }

  /** Of several windows of one browser only one sounds. */
  function alone(key, withinMs) {
    const last = Number(localStorage.getItem(`${SHARED}.${key}`) || 0);
    if (Math.abs(Date.now() - last) < withinMs) return false;
    localStorage.setItem(`${SHARED}.${key}`, String(Date.now()));
    return true;
  }

  function ring() {
    if (ringing.length && audio && audio.state === "running" && alone("L1", REPEAT_MS - 500)) twoTones();
  }

  /* ── what the bar says ──────────────────────────────────────────────────────────────────────── */

  /** A newer view. Everything that sounds stops as soon as nobody is left to see it. */
  function update(view) {
    const sounding = view.alarms.filter((alarm) => alarm.sounds);
    const fresh = seen === null ? [] : sounding.filter((alarm) => !seen.has(alarm.id) && window.citywall.now() - alarm.raised_at < NEWS_MS);
    const before = ringing.length;
    ringing = sounding.filter((alarm) => alarm.level === "L1").map((alarm) => alarm.id);
    const newL1 = ringing.some((id) => seen === null || !seen.has(id));
    seen = new Set(view.alarms.map((alarm) => alarm.id));
    if (!ringing.length) {
      if (before) silence();
      clearInterval(repeating);
      repeating = 0;
    } else if (newL1 || !repeating) {
      clearInterval(repeating);
      repeating = setInterval(ring, REPEAT_MS);
      localStorage.removeItem(`${SHARED}.L1`);
      ring();
    }
    if (!ringing.length && fresh.some((alarm) => alarm.level === "L2") && audio && audio.state === "running" && alone("L2", 1500)) chime();
  }

  /** Tell the server how it is here: at once when it changed, else every half minute. */
  async function say() {
    const is = state();
    if (!running || is === "waiting" || is === said) return;
    said = is;
    document.dispatchEvent(new CustomEvent("citywall:sound", { detail: is }));
    await ask("POST", "/api/v1/alarms/sound", { state: is, seat: seat() });
  }

  /** Sound the test; the officer then says whether it was heard. */
  function test() {
    open();
    if (audio && audio.state === "running") twoTones();
    else if (audio) Promise.resolve(audio.resume()).then(twoTones, say);
  }

  async function confirm(heard) {
    if (!heard) {
      localStorage.setItem(DEAF, "1");
      await say();
      return { ok: true };
    }
    localStorage.removeItem(DEAF);
    const answer = await ask("POST", "/api/v1/alarms/sound", { state: "tested", seat: seat() });
    said = answer.ok ? "ok" : "";
    document.dispatchEvent(new CustomEvent("citywall:sound", { detail: state() }));
    return answer;
  }

  function start() {
    if (running) return;
    running = true;
    open();
    for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, open, { capture: true });
    setInterval(say, 1000);
    setInterval(() => { said = ""; say(); }, SAY_EVERY_MS);
  }

  window.citywall.alarmSound = { start, update, test, confirm, state };
})();
