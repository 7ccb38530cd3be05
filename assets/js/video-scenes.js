/* /video: named scenes, shared among supervisors. Saving names the revision it was made from, so nobody overwrites
   somebody else's work unseen. */
(function () {
  "use strict";
  const { t, video, format } = window.citywall;
  const { h, button } = video;
  const PATH = "/api/v1/video/scenes";
  const UNDO_SECONDS = 5;

  /** The scene used last comes back, unless the address asks for something else. */
  async function entered(page) {
    const wanted = page.scene;
    if (!wanted) return;
    const answer = await video.ask("GET", PATH);
    const scene = answer.ok && answer.body.scenes.find((one) => one.id === wanted);
    if (scene && video.page() === page) apply(scene);
  }

  /** What is on screen, as a scene keeps it. */
  function arrangement(page) {
    const cameras = page.cameras.slice(0, video.places()).map((number, index) => page.lent.get(index) ?? number);
    return { layout: page.layout, cameras, presets: Object.fromEntries(page.called || []), tours: video.tours.kept(page) };
  }

  function apply(scene) {
    const page = video.page();
    video.each("leaving", page);
    for (const tour of [...page.tours.values()]) video.tours.end(page, tour);
    const cameras = page.cameras.map((number, index) => (index < scene.cameras.length ? scene.cameras[index] : number));
    video.change({ layout: scene.layout, cameras: cameras.map((number) => (page.known.has(number) ? number : 0)), solo: false, selected: 0, scene: scene.id });
    for (const [place, token] of Object.entries(scene.presets)) video.callPreset(page.cameras[Number(place) - 1], token, { quiet: true });
    for (const tour of scene.tours) video.tours.begin(tour);
    video.toast(t("预案“{name}”已打开").replace("{name}", scene.name));
  }

  /* ── the dialog ─────────────────────────────────────────────────────────────────────────────── */

  async function open() {
    const page = video.page();
    const list = h("ol", { class: "video-scenes" }, h("li", {}, t("读取中…")));
    const name = h("input", { type: "text", maxlength: 40, placeholder: t("新预案的名称"), "aria-label": t("新预案的名称") });
    const made = { list, dialog: null };
    const save = () => add(made, name);
    const fresh = h("form", { class: "video-row", onsubmit: (event) => { event.preventDefault(); save(); } }, name, h("button", { class: "video-button", "data-main": true }, t("存为新预案")));
    made.dialog = video.dialog(t("预案"), list, page.may.has("direct") ? fresh : null);
    await refresh(made);
  }

  async function refresh(made) {
    const answer = await video.ask("GET", PATH);
    if (!answer.ok) return made.list.replaceChildren(h("li", { class: "video-warning" }, `${t("读取失败")}：${video.why(answer)}`));
    const rows = answer.body.scenes.map((scene) => row(made, scene));
    return made.list.replaceChildren(...(rows.length ? rows : [h("li", {}, t("还没有预案"))]));
  }

  function row(made, scene) {
    const page = video.page();
    const use = () => { made.dialog.close(); apply(scene); };
    const told = `${scene.layout} ${t("画面")} · ${scene.cameras.filter(Boolean).length} ${t("路")} · ${scene.saved_by} ${format.shortTime(scene.saved_at)}`;
    const hands = page.may.has("direct")
      ? [button(t("保存屏上"), () => put(made, scene, arrangement(page), scene.name)), button(t("改名"), () => rename(made, scene)), button(t("删除"), () => remove(made, scene))]
      : [];
    return h("li", { "data-current": scene.id === page.scene }, h("button", { type: "button", class: "video-scene", onclick: use }, h("b", {}, scene.name), h("small", {}, told)), hands);
  }

  function rename(made, scene) {
    const name = h("input", { type: "text", maxlength: 40, value: scene.name, "aria-label": t("名称") });
    const form = h("form", { class: "video-row", onsubmit: (event) => { event.preventDefault(); put(made, scene, contentOf(scene), name.value); } },
      name, h("button", { class: "video-button", "data-main": true }, t("改名")));
    made.list.replaceChildren(h("li", {}, form));
    name.select();
  }

  function contentOf({ layout, cameras, presets, tours }) {
    return { layout, cameras, presets, tours };
  }

  /* ── saving ─────────────────────────────────────────────────────────────────────────────────── */

  async function add(made, name) {
    const page = video.page();
    const answer = await video.ask("POST", PATH, { name: name.value, ...arrangement(page) });
    if (!answer.ok) return video.toast(video.why(answer), { bad: true });
    name.value = "";
    video.change({ scene: answer.body.id });
    return refresh(made);
  }

  async function put(made, scene, content, name) {
    const answer = await video.ask("PUT", `${PATH}/${scene.id}`, { name, ...content, revision: scene.revision });
    if (answer.ok) {
      if (content.layout) video.change({ scene: scene.id });
      video.toast(t("预案“{name}”已保存").replace("{name}", answer.body.name));
      return refresh(made);
    }
    if (answer.body.error === "stale_revision") return conflict(made, answer.body.scene, content, name);
    return video.toast(video.why(answer), { bad: true });
  }

  /** Somebody was first: say who and when, and let the hand decide. */
  function conflict(made, theirs, content, name) {
    const said = t("{who} 于 {time} 保存过这个预案。").replace("{who}", theirs.saved_by).replace("{time}", format.clock(theirs.saved_at));
    const look = () => { made.dialog.close(); apply(theirs); };
    made.list.replaceChildren(h("li", { class: "video-warning", role: "alert" }, said), h("li", { class: "video-row" },
      button(t("打开对方的"), look), button(t("仍用我的覆盖"), () => put(made, theirs, content, name))));
  }

  async function remove(made, scene) {
    const answer = await video.ask("DELETE", `${PATH}/${scene.id}?revision=${scene.revision}`);
    if (!answer.ok) return answer.body.scene ? conflict(made, answer.body.scene, contentOf(scene), scene.name) : video.toast(video.why(answer), { bad: true });
    const restore = async () => {
      const back = await video.ask("PUT", `${PATH}/${scene.id}`, { name: scene.name, ...contentOf(scene), revision: answer.body.revision });
      video.toast(back.ok ? t("预案“{name}”已恢复").replace("{name}", scene.name) : video.why(back), { bad: !back.ok });
      if (made.list.isConnected) refresh(made);
    };
    made.dialog.close(); // the way back stands outside it
    return video.toast(t("预案“{name}”已删除").replace("{name}", scene.name), { seconds: UNDO_SECONDS, action: { words: t("撤销"), act: restore } });
  }

  video.part({ entered, acts: { scenes: open }, keys: { KeyY: open } });
})();
