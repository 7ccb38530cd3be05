/* /case/<no>: what this person may do now, each with its key; why another thing is not possible; who must act next. */
(function () {
  "use strict";
  const { t, h, format, now, casePage } = window.citywall;
  const GO_MS = 1500; // after G a letter goes to a page (desk.js)
  /* By the place on the keyboard, so that a Chinese input method swallows none. The first allowed act takes the key. */
  const KEYS = {
    claim: "KeyC", take_over: "Shift+KeyC", release: "KeyX", dispatch: "KeyD", second_dispatch: "KeyD", recall: "KeyZ", withdraw_request: "KeyZ",
    file: "KeyF", feed_back: "KeyF", receive: "KeyR", approve_send_back: "KeyA", approve_extension: "KeyA", approve_suspension: "KeyA", approve_void: "KeyA", approve_appeal: "KeyA",
    approve_emergency: "KeyA", pass_check: "KeyA", answer_verify: "KeyA", refuse_send_back: "KeyN", refuse_extension: "KeyN", refuse_suspension: "KeyN", refuse_void: "KeyN",
    refuse_appeal: "KeyN", refuse_emergency: "KeyN", fail_check: "KeyN", refuse_acceptance: "KeyN", refuse_filing: "KeyN", send_verify: "KeyS", send_check: "KeyK", ask_send_back: "KeyB",
    ask_extension: "KeyE", ask_suspension: "KeyP", resume: "KeyP", ask_void: "KeyB", close: "KeyE", close_from_photos: "KeyE", supervise: "KeyW", urge: "KeyU", answer_order: "KeyO",
    decide_ownership: "KeyM", propose_emergency: "KeyJ", confirm_emergency: "KeyJ", settle_emergency: "KeyJ", link: "KeyL", transfer: "KeyY", appeal: "KeyS",
  };
  const F_KEYS = { F2: "claim", F3: "dispatch" };
  const AT_ONCE = new Set(["claim", "release", "receive", "resume", "send_verify", "send_check"]); // nothing to fill in
  const ELSEWHERE = new Set(["attach_evidence"]); // done on the camera wall
  let goAt = -Infinity;

  const shownKey = (key) => key.replace("Shift+Key", "⇧").replace("Key", "");

  function act(page, action) {
    const offer = page.offers && page.offers.offers.find((one) => one.action === action);
    if (!offer || offer.refusal) return;
    if (AT_ONCE.has(action) && !offer.fields.some((field) => field.required)) window.citywall.caseAct.quick(page.caseNo, action, { version: page.offers.version }).then((answer) => { if (!answer.ok) casePage.reload(); });
    else window.citywall.caseAct.open(page.caseNo, action);
  }

  function claimLine(page) {
    const { claim } = page.offers, { case: found } = page.told;
    const lapsed = !found.claimed_by && [...page.told.history].reverse().find((entry) => "claimed_by" in entry.changes || "claimant" in entry.changes);
    if (claim) {
      const here = claim.mine && window.citywall.claims.token(page.caseNo) === claim.token;
      const words = claim.mine ? (here ? t("您已认领") : t("您已在另一窗口认领")) : `${claim.name} ${t("认领")}`;
      return h("p", { class: "case-claim", "data-mine": claim.mine, "data-fields": "claimant" }, h("b", {}, words), h("span", { "data-since": claim.since }, ""));
    }
    if (lapsed && lapsed.action === "lapse_claim" && !found.closed_at) return h("p", { class: "case-claim", "data-lapsed": true, "data-fields": "claimant" }, h("b", {}, `▲ ${t("认领已失效")}`), h("span", {}, format.clock(lapsed.at)));
    return h("p", { class: "case-claim", "data-fields": "claimant" }, t("无人认领"));
  }

  /** The ordinary ways on, and whose they are. */
  function nextLine(page) {
    const { case: found, story, departments } = page.told;
    const steps = story.next;
    if (!steps.length) return h("p", { class: "case-next" }, t("案卷已了结，没有下一步。"));
    const byPosts = new Map();
    for (const step of steps) byPosts.set(step.posts.join("、"), [...(byPosts.get(step.posts.join("、")) || []), step.label]);
    const department = ["pending_disposal", "disposing", "suspended"].includes(found.state) ? departments[found.department] : "";
    return h("div", { class: "case-next", "data-fields": "state" }, h("h3", {}, t("下一步该谁办")), h("ul", {}, [...byPosts].map(([posts, labels]) => h("li", {}, h("b", {}, posts.includes(t("专业部门")) && department ? posts.replace(t("专业部门"), department) : posts), ` ${[...new Set(labels)].join("、")}`))));
  }

  function button(page, offer, taken) {
    const key = KEYS[offer.action] && !taken.has(KEYS[offer.action]) ? KEYS[offer.action] : "";
    if (key) taken.set(key, offer.action);
    return h("button", { type: "button", class: `act-button case-act${offer.dangerous ? " is-grave" : ""}`, "data-action": offer.action, onclick: () => act(page, offer.action) }, offer.label, key ? h("kbd", {}, shownKey(key)) : null);
  }

  /** The claim first, then what leads the case on, what ends it or takes it from somebody last. */
  function rank(offer, onward) {
    if (offer.action === "claim") return 0;
    return (onward.has(offer.action) ? 1 : 2) + (offer.dangerous && !onward.has(offer.action) ? 1 : 0);
  }

  function draw(page) {
    const place = page.place("acts");
    if (!page.may.act) { place.replaceChildren(h("p", { class: "case-none" }, t("您的岗位只能查看案卷，不能办理。")), nextLine(page)); return; }
    if (page.offers.error) { place.replaceChildren(h("p", { class: "case-none" }, `${t("可办事项没有读到")}：${page.offers.error}`), nextLine(page)); return; }
    const known = page.offers.offers.filter((offer) => !ELSEWHERE.has(offer.action));
    const onward = new Set(page.told.story.next.map((step) => step.action));
    const allowed = known.filter((offer) => !offer.refusal).sort((one, two) => rank(one, onward) - rank(two, onward));
    const refused = known.filter((offer) => offer.refusal);
    const folded = place.querySelector(".case-why-not");
    page.keys = new Map();
    place.replaceChildren(
      claimLine(page),
      allowed.length ? h("div", { class: "case-buttons" }, allowed.map((offer) => button(page, offer, page.keys))) : h("p", { class: "case-none" }, t("现在没有您可办的事项。")),
      nextLine(page),
      h("details", { class: "case-why-not", open: folded ? folded.open : window.innerWidth > 700 }, h("summary", {}, `${t("为什么不能办别的")}（${refused.length}）`), h("dl", {}, refused.flatMap((offer) => [h("dt", { "data-action": offer.action }, offer.label), h("dd", {}, offer.refusal.message)])))
    );
    tick(page);
  }

  function tick(page) {
    for (const place of page.root.querySelectorAll("[data-since]")) place.textContent = format.stopwatch(now() - Number(place.dataset.since));
  }

  /** By place on the keyboard; never while something is typed, a form is open, or a page is being chosen with G. */
  function onKey(event) {
    const page = casePage.page();
    if (!page || !page.keys || event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (event.target.closest("input, textarea, select, [contenteditable], dialog") || document.querySelector("dialog[open]")) return;
    const went = performance.now() - goAt < GO_MS;
    goAt = event.code === "KeyG" ? performance.now() : -Infinity;
    if (went || event.code === "KeyG") return;
    if ((event.code === "KeyV" || event.code === "F4") && page.may.video) { event.preventDefault(); window.citywall.caseView.open(page.caseNo); return; }
    const action = F_KEYS[event.code] || page.keys.get(`${event.shiftKey ? "Shift+" : ""}${event.code}`);
    if (!action) return;
    event.preventDefault();
    act(page, action);
  }

  document.addEventListener("keydown", onKey);
  casePage.part({ draw, refresh: draw, tick });
})();
