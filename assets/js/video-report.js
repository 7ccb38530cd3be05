/* /video: what is seen is reported without leaving the wall (R, 视频上报): the picture is kept at the press of the key,
   the form is the one of /intake with the camera's place filled in, and the picture goes to the case that comes of it. */
(function () {
  "use strict";
  const { t, now, video, format } = window.citywall;
  const { h, button } = video;

  function report(index) {
    const page = video.page();
    const camera = page.known.get(page.cameras[index]);
    if (!page.may.has("report") || !page.may.has("save")) return null;
    if (!camera) return video.toast(t("未选摄像机"), { bad: true });
    const facts = page.root.querySelector(".video-reporting");
    window.citywall.dispatchBase.learn(facts);
    const shot = { camera, id: "", pending: false, figure: h("figure", { class: "report-shot" }) };
    const place = h("div", { class: "intake-form" });
    const made = video.dialog(`${t("视频上报")} · ${camera.name}`, h("div", { class: "video-report" }, shot.figure, place));
    const form = window.citywall.intakeForm(place, {
      root: facts, look: open, done: (caseNo, trouble) => { made.close(); registered(shot, caseNo, trouble); },
      scene: { name: camera.id, point: camera, pending: () => shot.pending, attach: (caseNo) => attach(shot, caseNo) },
    });
    made.addEventListener("close", () => form.close());
    form.focus();
    return take(shot);
  }

  const open = (caseNo) => window.open(`/case/${encodeURIComponent(caseNo)}`, "_blank", "noopener");

  function registered(shot, caseNo, trouble) {
    video.toast(`${t("已上报")} ${caseNo}`, { action: { words: t("查看"), act: () => open(caseNo) } });
    if (trouble) lacks(shot, caseNo, trouble);
  }

  /** The case stands without the picture, which is kept all the same: once more, by a press. */
  function lacks(shot, caseNo, trouble) {
    const again = async () => {
      const still = await attach(shot, caseNo);
      if (still) lacks(shot, caseNo, still);
      else video.toast(`${t("已附到案卷")} ${caseNo}`);
    };
    video.toast(`${format.clock(now())} ${caseNo}：${t("画面没有附上")}，${trouble}`, { bad: true, seconds: 15, action: { words: t("重试"), act: again } });
  }

  /** The picture as it is now, kept; without one the report can still be made, and says that it has none. */
  async function take(shot) {
    const { camera, figure } = shot;
    shot.pending = true;
    figure.replaceChildren(h("p", {}, t("画面读取中…")));
    const answer = await video.ask("POST", "/api/v1/video/evidence", { camera: camera.id, what: "picture" });
    shot.pending = false;
    if (!answer.ok) {
      const again = button(t("再取一次"), () => take(shot));
      figure.replaceChildren(h("p", { class: "video-warning", role: "alert" }, `▲ ${video.why(answer)}`), again, h("small", {}, t("也可以不带画面上报")));
      return;
    }
    shot.id = answer.body.id;
    const words = `${camera.name} ${format.clock(answer.body.captured_at)}`;
    figure.replaceChildren(h("img", { src: answer.body.url, alt: words }), h("figcaption", {}, `${words} · ${t("已存为证据")}`));
  }

  /** The kept picture to the case; why not, where it could not be. */
  async function attach({ id }, caseNo) {
    if (!id) return "";
    const answer = await video.ask("POST", `/api/v1/cases/${encodeURIComponent(caseNo)}/evidence`, { evidence: id });
    return answer.ok || answer.body.error === "duplicate" ? "" : video.why(answer);
  }

  video.part({ acts: { report }, keys: { KeyR: (page) => report(page.selected) } });
})();
