/* /video?case=NO: the server chose the best cameras for a case; here each says how far it is and where it looks, and those
   that must be turned to see the place are. */
(function () {
  "use strict";
  const { t, video } = window.citywall;

  function enter(page) {
    const line = page.root.querySelector(".video-case");
    page.caseNo = line ? line.dataset.caseNo : "";
    page.sight = new Map(line ? JSON.parse(line.dataset.sight).map((found) => [found.number, found]) : []);
  }

  function entered(page) {
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

  video.part({ enter, entered, marks });
})();
