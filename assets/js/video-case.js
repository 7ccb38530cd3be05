/* /video?case=NO: the server names the best cameras for a case; they come into the four places, each says how far it is and
   where it looks, and those that must be turned to see the place are. */
(function () {
  "use strict";
  const { t, mount, video } = window.citywall;
  const LAYOUT = "4";

  function enter(page) {
    page.caseNo = "";
    page.sight = new Map(); // camera number → {words, turns}
  }

  /** The case's line has come. */
  function arrive(line) {
    const page = video.page();
    if (!page) return;
    page.caseNo = line.dataset.caseNo;
    page.sight = new Map(JSON.parse(line.dataset.sight).map((found) => [found.number, found]));
    const best = [...page.sight.keys()];
    const cameras = page.cameras.map((number, index) => (page.asked.get("cams") ? number : best[index] || 0));
    video.change(page.asked.get("cams") ? {} : { layout: LAYOUT, cameras }, { by: "case" });
    if ([...page.sight.values()].some((found) => found.turns) && page.may.has("turn")) turn(page);
  }

  async function turn(page) {
    const answer = await video.ask("POST", `/api/v1/cases/${encodeURIComponent(page.caseNo)}/cameras/turn`);
    if (video.page() !== page) return;
    if (!answer.ok) return video.toast(`${t("未能转动")}：${video.why(answer)}`, { bad: true });
    for (const { number, preset, turned } of answer.body.cameras) {
      const found = page.sight.get(number);
      if (found && preset) found.words += turned ? ` · → ${preset.name}` : ` · ${t("未能转动")}`;
    }
    return video.draw();
  }

  function marks(page, index) {
    const found = page.sight.get(page.cameras[index]);
    return found ? [{ kind: "sight", text: found.words }] : [];
  }

  video.part({ enter, marks });
  video.ready(() => mount(".video-case", arrive)); // after the page itself
})();
