/* /video: a picture kept (S), attached to a case (K), and the last minute looked at again and kept (B). */
(function () {
  "use strict";
  const { t, now, video, format } = window.citywall;
  const { h, button } = video;
  const PATH = "/api/v1/video/evidence";
  const RECENT_MS = 60000;

  function cameraAt(page, index) {
    const camera = page.known.get(page.cameras[index]);
    if (!camera) video.toast(t("未选摄像机"), { bad: true });
    return camera;
  }

  /** Keep something; the toast says what came of it, and when. */
  async function keep(camera, what) {
    const answer = await video.ask("POST", PATH, { camera: camera.id, ...what });
    const at = format.clock(now());
    if (answer.body.kept) {
      video.toast(`${at} ${camera.name}：${t("已存为证据，但没有附到案卷")}，${video.why(answer)}`, { bad: true, seconds: 15 });
      return true;
    }
    if (!answer.ok) {
      video.toast(`${at} ${camera.name}：${t("没有保存")}，${video.why(answer)}`, { bad: true, seconds: 15 });
      return false;
    }
    const words = what.case_no ? `${t("已附到案卷")} ${what.case_no}` : t("已存为证据");
    const look = { words: t("查看"), act: () => window.open(`/video/evidence/${answer.body.id}`, "_blank", "noopener") };
    video.toast(`${at} ${camera.name}：${words}`, { action: look });
    return true;
  }

  /** S: kept by whoever may, with the case the page is about; others open the picture. */
  function snapshot(index) {
    const page = video.page();
    const camera = cameraAt(page, index);
    if (!camera) return undefined;
    if (!page.may.has("save")) return window.open(`/video/${encodeURIComponent(camera.id)}/snapshot.jpg`, "_blank", "noopener");
    return keep(camera, { what: "picture", ...about(page) });
  }

  function about(page) {
    const caseNo = page.caseNo || "";
    return caseNo ? { case_no: caseNo } : {};
  }

  /** K: to the case the page is about, the one that was promoted, or the one typed. */
  function link(index) {
    const page = video.page();
    const camera = page.may.has("save") && cameraAt(page, index);
    if (!camera) return;
    const known = page.cells[index].dataset.case || page.caseNo || "";
    const number = h("input", { type: "text", value: known, required: true, maxlength: 40, placeholder: t("案卷编号"), "aria-label": t("案卷编号") });
    const note = h("input", { type: "text", maxlength: 200, placeholder: t("说明（可不填）"), "aria-label": t("说明（可不填）") });
    const send = async (event) => {
      event.preventDefault();
      const what = { what: "picture", case_no: number.value.trim(), ...(note.value.trim() ? { note: note.value.trim() } : {}) };
      if (await keep(camera, what)) made.close();
    };
    const made = video.dialog(`${t("附到案卷")} · ${camera.name}`, h("form", { class: "video-form", onsubmit: send }, number, note, h("button", { class: "video-button", "data-main": true }, t("抓拍并附上"))));
    number.select();
  }

  /* ── the last minute ────────────────────────────────────────────────────────────────────────── */

  function recent(index) {
    const page = video.page();
    const camera = page.may.has("save") && cameraAt(page, index);
    if (!camera) return;
    const film = h("video", { controls: true, autoplay: true });
    film.muted = true;
    const parts = { camera, film, from: 0, to: 0, begin: range(t("自"), 0), end: range(t("至"), 1000), warning: h("p", { class: "video-warning", role: "alert" }) };
    for (const one of [parts.begin, parts.end]) one.input.oninput = () => seek(parts, one);
    const foot = h("div", { class: "video-dialog-foot" }, button(t("存为证据"), () => save(parts, made), { "data-main": true }));
    const made = video.dialog(`${t("刚才发生了什么")} · ${camera.name}`, film, parts.begin.row, parts.end.row, parts.warning, foot);
    made.addEventListener("close", () => URL.revokeObjectURL(film.src));
    load(parts);
  }

  /** The film, and between which moments it lies: that begins with a key frame, not to the second asked for. */
  async function load(parts) {
    const to = Math.round(now());
    parts.warning.textContent = t("读取中…");
    const answer = await video.ask("GET", `/video/${encodeURIComponent(parts.camera.id)}/recent.mp4?from_ms=${to - RECENT_MS}&to_ms=${to}`);
    parts.warning.textContent = answer.ok ? "" : video.why(answer);
    if (!answer.ok || !parts.film.isConnected) return;
    parts.from = Number(answer.headers.get("x-from-ms"));
    parts.to = Number(answer.headers.get("x-to-ms"));
    parts.film.src = URL.createObjectURL(answer.body);
    for (const one of [parts.begin, parts.end]) label(parts, one);
  }

  function range(words, value) {
    const input = h("input", { type: "range", min: 0, max: 1000, value, "aria-label": words });
    const time = h("time", {});
    return { input, time, row: h("label", { class: "video-range" }, h("span", {}, words), input, time) };
  }

  function momentOf({ from, to }, { input }) {
    return Math.round(from + ((to - from) * Number(input.value)) / 1000);
  }

  function label(parts, one) {
    one.time.textContent = parts.to ? format.clock(momentOf(parts, one)) : "";
  }

  function seek(parts, one) {
    parts.film.pause();
    parts.film.currentTime = (momentOf(parts, one) - parts.from) / 1000;
    label(parts, one);
  }

  async function save(parts, made) {
    const [from, to] = [momentOf(parts, parts.begin), momentOf(parts, parts.end)];
    if (!parts.to) return;
    if (to <= from) parts.warning.textContent = t("结束要晚于开始。");
    else if (await keep(parts.camera, { what: "clip", from_ms: from, to_ms: to, ...about(video.page()) })) made.close();
  }

  video.part({
    acts: { snapshot, link, recent },
    keys: { KeyS: (page) => snapshot(page.selected), KeyK: (page) => link(page.selected), KeyB: (page) => recent(page.selected) },
  });
})();
