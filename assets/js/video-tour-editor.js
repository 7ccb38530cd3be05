/* /video: the dialog in which a tour is made: where, which cameras, how long, in what order. */
(function () {
  "use strict";
  const { t, video } = window.citywall;
  const { h, button } = video;
  const SHORTEST_SECONDS = 6;

  /** Where a tour's cameras may come from: [words, cameras]. */
  function sources(page) {
    const shown = page.cameras.slice(0, video.places()).filter(Boolean);
    const branches = page.branches.map((branch) => {
      const numbers = [...branch.querySelectorAll(".video-leaf")].map((leaf) => Number(leaf.dataset.pick));
      return [`${"　".repeat(Number(branch.dataset.level) - 1)}${branch.dataset.branch}（${numbers.length}）`, numbers];
    });
    return [[t("全部实时摄像机"), video.tours.liveStops(page).map((stop) => stop.camera)], [t("屏上画面"), [...new Set(shown)]], ...branches];
  }

  function open() {
    const page = video.page();
    const made = { stops: [], list: h("ol", { class: "video-stops" }), warning: h("p", { class: "video-warning", role: "alert" }) };
    const known = sources(page);
    const from = h("select", { onchange: () => fill(page, made, known[from.selectedIndex][1]) }, known.map(([words]) => h("option", {}, words)));
    const where = h("select", {}, h("option", {}, t("全部画面")), h("option", {}, `${t("画面")} ${page.selected + 1}`));
    const dwell = h("input", { type: "number", min: SHORTEST_SECONDS, value: 15, "aria-label": t("停留秒数") });
    const shuffled = h("input", { type: "checkbox" });
    const fields = [[t("用于"), where], [t("摄像机"), from], [t("停留秒数"), dwell], [t("随机次序"), shuffled]];
    const start = () => begin(page, made, { place: where.selectedIndex ? page.selected + 1 : null, dwell: Number(dwell.value), shuffled: shuffled.checked });
    made.dialog = video.dialog(
      t("编排轮巡"), h("div", { class: "video-fields" }, fields.map(([words, field]) => h("label", {}, h("span", {}, words), field))),
      made.list, made.warning, h("div", { class: "video-dialog-foot" }, button(t("结束现有轮巡"), () => stop(page, made)), button(t("开始"), start, { "data-main": true }))
    );
    fill(page, made, known[0][1]);
  }

  function fill(page, made, numbers) {
    made.stops = numbers.map((camera) => ({ camera, preset: null }));
    made.list.replaceChildren(...made.stops.map((stop) => row(page, made, stop)));
  }

  /** One stop: its name, the preset it is turned to, and the way off the list. */
  function row(page, made, stop) {
    const camera = page.known.get(stop.camera);
    const line = h("li", {}, h("span", {}, camera.name), presets(camera, stop));
    line.append(button("✕", () => {
      made.stops.splice(made.stops.indexOf(stop), 1);
      line.remove();
    }, { "aria-label": `${t("去掉")} ${camera.name}` }));
    return line;
  }

  function presets(camera, stop) {
    if (!camera.ptz || !camera.presets.length) return null;
    const choice = h("select", { "aria-label": t("预置位"), onchange: () => (stop.preset = choice.value || null) },
      h("option", { value: "" }, t("不转动")), camera.presets.map(({ token, name }) => h("option", { value: token }, name)));
    return choice;
  }

  function begin(page, made, { place, dwell, shuffled }) {
    if (!(dwell >= SHORTEST_SECONDS)) made.warning.textContent = t("停留不少于 6 秒：再短看不清，也会频繁开关摄像机。");
    else if (made.stops.length < 2) made.warning.textContent = t("轮巡至少要两路摄像机");
    else {
      made.dialog.close();
      video.tours.begin({ place, stops: made.stops, dwell_seconds: Math.round(dwell), shuffled });
    }
  }

  function stop(page, made) {
    const tour = video.tours.current(page);
    if (tour) video.tours.end(page, tour);
    made.dialog.close();
  }

  video.part({ acts: { "tour-edit": open }, keys: { "Shift+KeyT": open } });
})();
