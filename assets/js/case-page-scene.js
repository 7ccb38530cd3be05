/* /case/<no>: how it looks and where it is. Pictures with kind, time, place, hash and what is doubtful about them; the map
   with the component and its owner; the nearest cameras, live. */
(function () {
  "use strict";
  const { t, h, casePage } = window.citywall;
  const MOST_TILES = 2, SHORT = 10, NEAR_M = 50;
  const SIGHTS = { sees: t("朝向现场"), preset: t("转到预置位可见"), by_hand: t("可手动转向"), unknown: t("朝向不详"), away: t("背向现场") };
  const STATES = { intact: t("完好"), damaged: t("破损"), missing: t("丢失"), abandoned: t("废弃"), removed: t("移除") };

  /* ── photos ─────────────────────────────────────────────────────────────────────────────────── */

  const { view, kind: kindOf, facts } = window.citywall.casePictures;

  function flags(photo) {
    return photo.flags.map((flag) => h("em", { "data-flag": flag.code }, `▲ ${flag.label}`));
  }

  function figure(page, photo, index) {
    const stored = photo.stored !== false && photo.url;
    const picture = stored
      ? h("button", { type: "button", class: "case-photo-open", "aria-label": `${t("放大")} ${kindOf(photo)}`, onclick: () => show(page, index) }, view(photo))
      : h("div", { class: "case-photo-gone" }, t("照片不在本系统，仅存摘要"));
    return h("figure", { "data-kind": photo.kind, "data-flagged": photo.flags.length > 0 }, picture,
      h("figcaption", {}, h("b", {}, kindOf(photo)), h("span", {}, facts(photo)), ...flags(photo), photo.flags.length || !stored ? null : h("span", { class: "case-photo-good" }, `✓ ${t("无异常")}`), h("code", { title: photo.sha256 }, photo.sha256.slice(0, SHORT))));
  }

  function drawPhotos(page) {
    const place = page.place("photos"), photos = page.photos;
    if (!photos) place.replaceChildren(h("p", { class: "case-none" }, page.photosError || t("照片暂时读不到")));
    else if (!photos.length) place.replaceChildren(h("p", { class: "case-none" }, t("还没有照片")));
    else place.replaceChildren(h("div", { class: "case-photo-row" }, photos.map((photo, index) => figure(page, photo, index))));
    const doubtful = (photos || []).filter((photo) => photo.flags.length).length;
    page.place("photos-note").textContent = photos ? `${photos.length} ${t("张")}${doubtful ? ` · ▲ ${doubtful} ${t("张有疑问")}` : ""}` : "";
  }

  /** One photo large, with all that is known of it; arrows go to its neighbours. */
  function show(page, index) {
    const stored = page.photos.map((photo, at) => ({ photo, at })).filter(({ photo }) => photo.stored !== false && photo.url);
    let at = stored.findIndex((one) => one.at === index);
    const body = h("div", { class: "case-large" });
    const draw = () => {
      const { photo } = stored[at];
      body.replaceChildren(view(photo, { large: true }), h("p", {}, h("b", {}, kindOf(photo)), ` ${facts(photo)} · ${at + 1}/${stored.length} `, ...flags(photo)), h("code", {}, `SHA-256 ${photo.sha256}`));
    };
    const move = (step) => { at = (at + step + stored.length) % stored.length; draw(); };
    const dialog = h("dialog", { class: "act-dialog case-viewer", "aria-label": t("照片") }, h("header", { class: "act-head" }, h("h2", {}, t("照片")), h("button", { type: "button", class: "act-button", onclick: () => move(-1) }, "←"), h("button", { type: "button", class: "act-button", onclick: () => move(1) }, "→"), h("button", { type: "button", class: "act-button act-x", onclick: () => dialog.close() }, t("关闭"), h("kbd", {}, "Esc"))), body);
    dialog.addEventListener("keydown", (event) => { event.stopPropagation(); if (event.code === "ArrowLeft") move(-1); if (event.code === "ArrowRight") move(1); });
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    draw();
    dialog.showModal();
  }

  /* ── place and component ────────────────────────────────────────────────────────────────────── */

  function drawMap(page) {
    const { case: found } = page.told, place = page.place("map");
    if (found.lon === null || found.lat === null) { place.replaceChildren(h("p", { class: "case-none" }, t("案卷没有位置"))); return; }
    const key = `${found.lon} ${found.lat} ${found.severity} ${found.component_code || ""}`;
    if (page.mapKey === key) return;
    page.mapKey = key;
    if (page.spot) page.spot.stop();
    const ground = h("div", { class: "case-ground" }), card = h("div", { class: "case-component" });
    place.replaceChildren(ground, card);
    page.spot = window.citywall.spotMap ? window.citywall.spotMap(ground, { lon: found.lon, lat: found.lat, severity: found.severity }) : null;
    if (!page.spot) ground.textContent = t("地图部件没有载入");
    drawComponent(page, found, card);
  }

  async function drawComponent(page, found, card) {
    const own = Boolean(found.component_code);
    const answer = await page.get(own ? `/api/v1/components/${encodeURIComponent(found.component_code)}` : `/api/v1/components/nearest?lon=${found.lon}&lat=${found.lat}&within_m=${NEAR_M}`);
    const near = answer.ok && !own ? answer.body.nearest : null;
    const component = own ? (answer.ok ? answer.body : null) : near && near.component;
    if (!component) {
      card.replaceChildren(h("p", {}, own ? `${t("部件")} ${found.component_code}：${answer.status === 404 ? t("部件库中没有") : t("暂时读不到")}` : `${NEAR_M} ${t("米内没有部件")}`));
      return;
    }
    const names = own ? component : near;
    if (page.spot) page.spot.set({ lon: found.lon, lat: found.lat, near: [{ lon: component.lon, lat: component.lat, name: names.class_name }] }, { move: false });
    const owner = component.owner && component.owner !== names.department_name ? ` · ${t("产权")} ${component.owner}` : "";
    card.replaceChildren(h("p", {}, h("b", {}, `${own ? t("部件") : t("最近部件")} ${names.class_name}`), h("span", { class: "case-state", "data-bad": component.state !== "intact" }, STATES[component.state] || component.state), own ? "" : ` ${Math.round(near.distance_m)} m`),
      h("p", {}, `${t("权属")} `, h("b", {}, names.department_name), owner, component.maintainer ? ` · ${t("养护")} ${component.maintainer}` : ""), h("code", {}, component.code));
  }

  /* ── the nearest cameras ────────────────────────────────────────────────────────────────────── */

  async function drawCameras(page) {
    const { case: found } = page.told, place = page.place("cameras");
    if (!place || found.lon === null || page.camerasAsked === `${found.lon} ${found.lat}`) return;
    page.camerasAsked = `${found.lon} ${found.lat}`;
    const answer = await page.get(page.path("/cameras"));
    if (!answer.ok) { page.camerasAsked = null; place.replaceChildren(h("p", { class: "case-none" }, t("摄像机暂时读不到"))); return; }
    const { cameras, nearest_beyond: beyond } = answer.body;
    const shown = cameras.slice(0, MOST_TILES);
    page.place("cameras-note").textContent = cameras.length ? `300 m ${t("内")} ${cameras.length} ${t("路")}` : "";
    if (!shown.length) {
      place.replaceChildren(h("p", { class: "case-none" }, `300 ${t("米内没有摄像机")}`, beyond ? ` · ${t("最近的是")} ${beyond.name} ${beyond.distance_m} m` : ""), open(page));
      return;
    }
    place.replaceChildren(h("div", { class: "case-tiles", "data-count": shown.length }, shown.map((camera) => h("figure", {}, h("div", { class: "cw-tile", "data-camera": camera.number, "data-name": camera.name, "data-fps": "5", "data-case": page.caseNo }), h("figcaption", {}, `${camera.name} · ${camera.distance_m} m · ${SIGHTS[camera.reason] || ""}`)))), open(page));
  }

  function open(page) {
    return h("a", { class: "desk-button case-to-video", href: `/video?case=${encodeURIComponent(page.caseNo)}`, onclick: (event) => { if (event.ctrlKey || event.metaKey || !window.citywall.caseView) return; event.preventDefault(); window.citywall.caseView.open(page.caseNo); } }, t("在视频墙打开"), h("kbd", {}, "V"));
  }

  casePage.part({
    draw: (page) => { drawPhotos(page); drawMap(page); drawCameras(page); },
    refresh: (page) => { drawCameras(page); },
    leave: (page) => { if (page.spot) page.spot.stop(); },
  });
})();
