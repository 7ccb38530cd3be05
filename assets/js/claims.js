/* The claims this tab holds: their tokens, and the word every half minute that keeps them (product sheet 3.6).
   A claim that ends by an act of this tab is dropped silently; one that was lost is told, with who has it now. */
(function () {
  "use strict";
  const { t, live, ask } = window.citywall;
  const KEPT = "citywall.claims"; // in sessionStorage: it outlives a reload, not the tab
  const EVERY_MS = 30_000, ANSWER_SECONDS = 10;
  const listeners = new Set();
  const checking = new Set();

  function kept() {
    try {
      return JSON.parse(sessionStorage.getItem(KEPT)) || {};
    } catch (error) {
      console.error("claims", error);
      return {};
    }
  }

  function keep(claims) {
    sessionStorage.setItem(KEPT, JSON.stringify(claims));
  }

  function tell(caseNo, news) {
    for (const listener of listeners) listener(caseNo, news);
  }

  const token = (caseNo) => kept()[caseNo] || null;
  const held = () => Object.entries(kept()).map(([caseNo, number]) => ({ case_no: caseNo, token: number }));

  /** This tab has claimed the case. */
  function noteClaim(caseNo, number) {
    keep({ ...kept(), [caseNo]: number });
    tell(caseNo, "claimed");
  }

  function drop(caseNo) {
    const { [caseNo]: gone, ...rest } = kept();
    if (gone === undefined) return false;
    keep(rest);
    return true;
  }

  /** The claim ended by an act: released, or the case moved on. */
  function noteDone(caseNo) {
    if (drop(caseNo)) tell(caseNo, "done");
  }

  /** The claim is no longer this tab's: it lapsed, or somebody took the case over. */
  function noteLost(caseNo, words = t("认领已失效")) {
    if (!drop(caseNo)) return;
    tell(caseNo, "lost");
    if (window.citywall.caseAct) window.citywall.caseAct.toast(`${caseNo} ${words}`, { level: "warning" });
  }

  /** What the answer of an act says about the claim of its case. */
  function noteAnswer(found) {
    const mine = token(found.case_no);
    if (mine && (!found.claimed_by || found.claim_token !== mine)) noteDone(found.case_no);
  }

  /** Ask how a claim ended that somebody said is over. A case that simply moved on is no loss. */
  async function check(caseNo) {
    const mine = token(caseNo);
    if (!mine || checking.has(caseNo)) return;
    checking.add(caseNo);
    const answer = await ask("GET", `/api/v1/cases/${encodeURIComponent(caseNo)}`, undefined, { seconds: ANSWER_SECONDS });
    checking.delete(caseNo);
    if (answer.status === 404) return noteLost(caseNo);
    if (!answer.ok || token(caseNo) !== mine) return; // asked again at the next heartbeat
    const { case: now, history } = answer.body;
    if (now.claimed_by && now.claim_token === mine) return;
    if (now.claimed_by) noteLost(caseNo, t("{who} 已接管").replace("{who}", now.claimant || now.claimed_by));
    else if ([...history].reverse().find((entry) => "claimed_by" in entry.changes)?.action === "lapse_claim") noteLost(caseNo);
    else noteDone(caseNo);
  }

  async function beat() {
    const claims = held();
    if (!claims.length) return;
    const answer = await ask("POST", "/api/v1/claims/heartbeat", { claims: claims.slice(-100) }, { seconds: ANSWER_SECONDS });
    if (answer.ok) for (const caseNo of answer.body.lost) check(caseNo);
  }

  /** A row that came by the feed shows at once that the case is free again or somebody else's. */
  function follow({ steps }) {
    if (!steps) return;
    const mine = kept();
    for (const { put = [], drop: gone = [] } of steps) {
      for (const row of put) if (row.case_no in mine) check(row.case_no);
      for (const caseNo of gone) if (caseNo in mine) check(caseNo);
    }
  }

  live.on("cases", follow);
  setInterval(beat, EVERY_MS);
  beat(); // after a reload the lease may be old already
  window.citywall.claims = { token, held, noteClaim, noteLost, noteDone, noteAnswer, on: (listener) => listeners.add(listener) };
})();
