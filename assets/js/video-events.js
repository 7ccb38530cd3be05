/* /video: what happened, newest first: cases promoted, cameras lost, platforms that went together. And the promotion
   itself: the camera nearest to a new severe case comes into the last place, and gives it back. */
(function () {
  "use strict";
  const { t, live, now, video, format, tiles } = window.citywall;
  const { h } = video;
  const MOST = 50;
  const SEVERE = "L1";
  const NEW_MS = 5 * 60000;
  const LENT_MS = 120000;
  const SEEN_MOST = 1000;
  const LOST = ["offline", "frozen"];
  const PLATFORMS = "platforms";
  const seen = new Set(); // severe cases already met, by number

  function enter(page) {
    page.events = page.root.querySelector(".video-events");
    page.promoted = null; // {caseNo, index, name, distance, timer}
  }

  function leave(page) {
    if (page.promoted) clearTimeout(page.promoted.timer);
  }

  /** One line more; a press on it does what it is about. */
  function tell(kind, words, act = null) {
    const page = video.page();
    if (!page) return;
    const line = [h("time", {}, format.hourMinute(now())), " ", words];
    page.events.prepend(h("li", { "data-kind": kind }, act ? h("button", { type: "button", class: "video-event", onclick: act }, ...line) : h("span", { class: "video-event" }, ...line)));
    while (page.events.children.length > MOST) page.events.lastElementChild.remove();
  }

  /* ── cameras ────────────────────────────────────────────────────────────────────────────────── */

  /** A camera that was there and is not: once, when it goes. */
  function news(page, before) {
    for (const [number, status] of page.states) {
      const was = before.get(number);
      if (!was || LOST.includes(was.state) || !LOST.includes(status.state)) continue;
      tell("lost", `${video.nameOf(number)} ${tiles.words[status.state]}`, () => video.put(video.page().selected, number));
    }
  }

  /* ── platforms ──────────────────────────────────────────────────────────────────────────────── */

  let standing = new Set(); // platforms whose cameras went together, as the newest tick told

  /** The lamp of the sharing platforms says which have lost how many: each is news once, when it begins. */
  function onTick({ sources = [] }) {
    const lamp = sources.find((source) => source.name === PLATFORMS);
    const told = lamp && lamp.state === "down" ? lamp.detail.split("，") : [];
    const platforms = told.map((words) => words.replace(/ \S+$/, ""));
    told.forEach((words, at) => {
      if (!standing.has(platforms[at])) tell("platform", `${t("平台掉线")} ${words}`, () => location.assign("/video/health"));
    });
    standing = new Set(platforms);
  }

  /* ── cases ──────────────────────────────────────────────────────────────────────────────────── */

  function onCases({ steps }) {
    for (const { put = [] } of steps || []) for (const row of put) meet(row);
  }

  function meet({ case_no: caseNo, severity, reported_at: reported }) {
    if (severity !== SEVERE || seen.has(caseNo)) return;
    if (seen.size >= SEEN_MOST) seen.delete(seen.values().next().value);
    seen.add(caseNo);
    const page = video.page();
    if (page && page.may.has("cases") && now() - reported < NEW_MS) seek(caseNo);
  }

  async function seek(caseNo) {
    const answer = await video.ask("GET", `/api/v1/cases/${encodeURIComponent(caseNo)}/cameras`);
    const page = video.page();
    if (!page) return;
    const nearest = answer.ok && (answer.body.cameras || [])[0];
    if (nearest && page.known.has(nearest.number)) promote(page, caseNo, nearest);
    else tell("case", `${t("案")} ${caseNo} · ${answer.ok ? t("300 米内没有摄像机") : video.why(answer)}`, () => location.assign(`/video?case=${encodeURIComponent(caseNo)}`));
  }

  function promote(page, caseNo, { number, name, distance_m: distance }) {
    const index = page.promoted ? page.promoted.index : video.places() - 1;
    if (page.promoted) clearTimeout(page.promoted.timer);
    if (!page.lent.has(index)) page.lent.set(index, page.cameras[index]);
    page.promoted = { caseNo, index, name, distance: Math.round(distance), timer: setTimeout(() => giveBack(video.page()), LENT_MS) };
    page.cells[index].dataset.case = caseNo;
    video.put(index, number, { by: "case" });
    tell("case", `${t("案")} ${caseNo} · ${name} ${Math.round(distance)} m`, () => location.assign(`/video?case=${encodeURIComponent(caseNo)}`));
  }

  /** The place gets its own camera back. */
  function giveBack(page) {
    if (!page || !page.promoted) return false;
    const { index } = page.promoted;
    const own = page.lent.get(index);
    release(page);
    video.put(index, own, { by: "case" });
    return true;
  }

  function release(page) {
    const { index, timer } = page.promoted;
    clearTimeout(timer);
    page.lent.delete(index);
    delete page.cells[index].dataset.case;
    page.promoted = null;
  }

  /** Somebody put another camera there by hand: the place is theirs. */
  function taken(page, index) {
    if (page.promoted && page.promoted.index === index) release(page);
  }

  function marks(page, index) {
    const { promoted } = page;
    return promoted && promoted.index === index ? [{ kind: "case", text: `${t("案")} ${promoted.caseNo} · ${promoted.distance} m` }] : [];
  }

  live.on("cases", onCases);
  live.on("tick", onTick);
  video.tell = tell;
  video.part({ enter, leave, leaving: giveBack, news, taken, marks, back: giveBack });
})();
