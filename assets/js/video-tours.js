/* /video: tours. Cameras one after the other in a place, or page by page on all places; prefetched, paused by any hand. */
(function () {
  "use strict";
  const { t, video } = window.citywall;
  const STEP_MS = 250;
  const PREFETCH_MS = 3000;
  const QUIET_MS = 60000;
  const DWELL_SECONDS = 15;
  const BARS = 10;
  const ALL = "all"; // the tour of all places; others go by their place's index

  function enter(page) {
    page.tours = new Map();
    page.ticking = setInterval(() => tick(page), STEP_MS);
    page.tourNote = page.root.querySelector(".video-tour");
    page.prefetch = page.root.querySelector(".video-prefetch");
  }

  function leave(page) {
    clearInterval(page.ticking);
  }

  /* ── making ─────────────────────────────────────────────────────────────────────────────────── */

  /** A tour as scenes keep it ({place, stops, dwell_seconds, shuffled}) begins; one camera is no tour. */
  function begin({ place, stops, dwell_seconds: dwell, shuffled }) {
    const page = video.page();
    const known = stops.filter((stop) => page.known.has(stop.camera));
    const key = place === null ? ALL : place - 1;
    if (known.length < 2) return video.toast(t("轮巡至少要两路摄像机"), { bad: true });
    if (key === ALL) page.tours.clear();
    else page.tours.delete(ALL);
    const tour = { key, place, stops: known, dwell, shuffled, at: -1, order: [], pausedUntil: 0, nextAt: 0, prefetched: false, on: true };
    page.tours.set(key, tour);
    advance(page, tour, 1);
    return tour;
  }

  function end(page, tour) {
    page.tours.delete(tour.key);
    clearPrefetch(page);
    video.draw();
  }

  function shuffle(list) {
    const mixed = [...list];
    for (let last = mixed.length - 1; last > 0; last -= 1) {
      const other = Math.floor(Math.random() * (last + 1));
      [mixed[last], mixed[other]] = [mixed[other], mixed[last]];
    }
    return mixed;
  }

  /** How many stops are on screen at once, and how many pages that makes. */
  function pages(tour) {
    const size = tour.key === ALL ? video.places() : 1;
    return { size, count: Math.ceil(tour.stops.length / size) };
  }

  /** The stops of a page; the last page is filled up from the first. */
  function stopsAt(tour, at) {
    const { size } = pages(tour);
    const { order } = tour;
    return Array.from({ length: Math.min(size, order.length) }, (_, index) => order[(at * size + index) % order.length]);
  }

  /* ── running ────────────────────────────────────────────────────────────────────────────────── */

  function advance(page, tour, by) {
    const { count } = pages(tour);
    const next = tour.at + by;
    if (!tour.order.length || (tour.shuffled && next >= count)) tour.order = tour.shuffled ? shuffle(tour.stops) : tour.stops;
    tour.at = (next + count) % count;
    tour.nextAt = performance.now() + tour.dwell * 1000;
    tour.prefetched = false;
    stopsAt(tour, tour.at).forEach((stop, index) => show(page, tour.key === ALL ? index : tour.key, stop));
    clearPrefetch(page);
  }

  function show(page, index, stop) {
    if (page.lent.has(index)) page.lent.set(index, stop.camera); // a case has the place; it gets this one back
    else video.put(index, stop.camera, { by: "tour" });
    if (stop.preset && page.may.has("turn")) video.callPreset(stop.camera, stop.preset, { quiet: true });
  }

  function tick(page) {
    const now = performance.now();
    for (const tour of page.tours.values()) step(page, tour, now);
    drawNote(page, now);
  }

  function step(page, tour, now) {
    if (held(page, tour, now)) {
      tour.nextAt = Math.max(tour.nextAt, now + STEP_MS);
      return;
    }
    if (now >= tour.nextAt) advance(page, tour, 1);
    else if (now >= tour.nextAt - PREFETCH_MS && !tour.prefetched) prefetch(page, tour);
  }

  /** Stopped, under somebody's hand, or its place is a case's. */
  function held(page, tour, now) {
    return !tour.on || now < tour.pausedUntil || page.lent.has(tour.key);
  }

  /** The next cameras at the size they will have, unseen: the hub keeps them warm, and the change is at once. */
  function prefetch(page, tour) {
    tour.prefetched = true;
    const { count } = pages(tour);
    const made = stopsAt(tour, (tour.at + 1) % count).map((stop, index) => {
      const { width, height } = page.cells[tour.key === ALL ? index : tour.key].getBoundingClientRect();
      const { fps } = page.splits.get(page.layout);
      return video.h("div", { class: "cw-tile", "data-camera": stop.camera, "data-fps": fps, style: `width:${width}px;height:${height}px` });
    });
    page.prefetch.append(...made);
  }

  function clearPrefetch(page) {
    page.prefetch.replaceChildren();
  }

  /** A hand on a place: its tour, and the one of all places, rest until it has been quiet for a minute. */
  function touched(page, concerned) {
    for (const tour of page.tours.values()) {
      if (tour.key !== ALL && !concerned.includes(tour.key)) continue;
      tour.pausedUntil = performance.now() + QUIET_MS;
      tour.nextAt = tour.pausedUntil;
    }
  }

  /* ── what is said of it ─────────────────────────────────────────────────────────────────────── */

  function current(page) {
    return page.tours.get(page.selected) || page.tours.get(ALL);
  }

  function bars(at, count) {
    const shown = Math.min(count, BARS);
    const done = Math.max(1, Math.round(((at + 1) / count) * shown));
    return "■".repeat(done) + "□".repeat(shown - done);
  }

  function words(tour, now) {
    const { size, count } = pages(tour);
    const group = tour.key === ALL ? t("{n} 路/组").replace("{n}", size) : t("{n} 路").replace("{n}", tour.stops.length);
    const text = `${group} ${tour.dwell} ${t("秒")} ${bars(tour.at, count)} ${tour.at + 1}/${count}`;
    if (!tour.on) return `${text} · ${t("已停")}`;
    if (now < tour.pausedUntil) return `${text} · ‖ ${t("手动操作，{n} 秒后继续").replace("{n}", Math.ceil((tour.pausedUntil - now) / 1000))}`;
    return text;
  }

  function drawNote(page, now) {
    const tour = current(page);
    const text = tour ? words(tour, now) : t("未轮巡");
    if (page.tourNote.textContent !== text) page.tourNote.textContent = text;
    page.root.toggleAttribute("data-touring", Boolean(tour && tour.on));
  }

  function marks(page, index) {
    const tour = page.tours.get(index);
    return tour ? [{ kind: "tour", text: `${t("轮巡")} ${tour.at + 1}/${pages(tour).count}` }] : [];
  }

  /* ── hands ──────────────────────────────────────────────────────────────────────────────────── */

  /** On and off; without any tour, all places go round all cameras that are live. */
  function toggle() {
    const page = video.page();
    const tour = current(page);
    if (!tour) return begin({ place: null, stops: liveStops(page), dwell_seconds: DWELL_SECONDS, shuffled: false });
    tour.on = !tour.on;
    tour.pausedUntil = 0;
    tour.nextAt = performance.now() + tour.dwell * 1000;
    return drawNote(page, performance.now());
  }

  function liveStops(page) {
    const live = page.order.filter((number) => ["live", "delayed"].includes((page.states.get(number) || {}).state));
    return live.map((camera) => ({ camera, preset: null }));
  }

  /** One page on or back by hand; the tour goes on from there. */
  function go(by) {
    const page = video.page();
    const tour = current(page);
    if (tour) advance(page, tour, by);
    else video.toast(t("此画面没有轮巡，按 T 开始"));
  }

  /** What scenes keep. */
  function kept(page) {
    return [...page.tours.values()].map((tour) => ({
      place: tour.place, stops: tour.stops, dwell_seconds: tour.dwell, shuffled: tour.shuffled,
    }));
  }

  const acts = { tour: toggle, "tour-next": () => go(1), "tour-back": () => go(-1) };
  const keys = { KeyT: toggle, BracketRight: () => go(1), BracketLeft: () => go(-1) };

  video.tours = { begin, end, current, kept, liveStops };
  video.part({ enter, leave, touched, marks, acts, keys });
})();
