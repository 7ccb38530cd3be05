/* /video: where a camera stands and looks, what other cameras stand there, and the open cases nearby. A small map of our own
   component tiles and one drawing over them: a supervisor's glance needs no map library. */
(function () {
  "use strict";
  const { t, video } = window.citywall;
  const { h } = video;
  const SVG = "http://www.w3.org/2000/svg";
  const ZOOM = 17;
  const TILE = 256;
  const TILES = 3;
  const REACH_M = 150; // how far the cone is drawn
  const EARTH_M = 40075016.686;
  let open = null; // {panel, camera}

  /** Pixels of the world at our zoom (Web Mercator). */
  function project(lon, lat) {
    const world = TILE * 2 ** ZOOM;
    const y = 0.5 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI);
    return [(0.5 + lon / 360) * world, y * world];
  }

  function metrePixels(lat) {
    return (TILE * 2 ** ZOOM) / (EARTH_M * Math.cos((lat * Math.PI) / 180));
  }

  function drawn(tag, attributes, text = "") {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.textContent = text;
    return made;
  }

  /** A map of 3 × 3 tiles with the camera in the middle one. */
  function mapOf(page, camera, cases) {
    const [x, y] = project(camera.lon, camera.lat);
    const [left, top] = [Math.floor(x / TILE) - 1, Math.floor(y / TILE) - 1];
    const at = (lon, lat) => project(lon, lat).map((value, axis) => value - [left, top][axis] * TILE);
    const tiles = Array.from({ length: TILES * TILES }, (_, index) => h("img", { alt: "", src: `/tiles/components/${ZOOM}/${left + (index % TILES)}/${top + Math.floor(index / TILES)}.png` }));
    const sheet = drawn("svg", { viewBox: `0 0 ${TILE * TILES} ${TILE * TILES}` });
    for (const other of page.known.values()) if (other !== camera) dot(sheet, at(other.lon, other.lat), other);
    for (const found of cases) if (found.lon) mark(sheet, at(found.lon, found.lat), found);
    cone(sheet, at(camera.lon, camera.lat), camera);
    return h("div", { class: "video-map-sheet", role: "img", "aria-label": `${camera.name}${t("周边")}` }, h("div", { class: "video-map-tiles" }, tiles), sheet);
  }

  function cone(sheet, [x, y], { bearing, fov, lat }) {
    const reach = REACH_M * metrePixels(lat);
    if (bearing !== null) {
      const half = (fov || 60) / 2;
      const [from, to] = [bearing - half, bearing + half].map((angle) => [x + reach * Math.sin((angle * Math.PI) / 180), y - reach * Math.cos((angle * Math.PI) / 180)]);
      sheet.append(drawn("path", { class: "video-map-cone", d: `M${x} ${y}L${from}A${reach} ${reach} 0 ${half > 90 ? 1 : 0} 1 ${to}Z` }));
    }
    sheet.append(drawn("circle", { class: "video-map-here", cx: x, cy: y, r: 9 }));
  }

  function dot(sheet, [x, y], other) {
    if (x < 0 || y < 0 || x > TILE * TILES || y > TILE * TILES) return;
    const made = drawn("circle", { class: "video-map-other", cx: x, cy: y, r: 7, "data-pick": other.number });
    made.append(drawn("title", {}, other.name));
    made.addEventListener("click", () => video.put(video.page().selected, other.number));
    sheet.append(made);
  }

  function mark(sheet, [x, y], found) {
    sheet.append(drawn("path", { class: "video-map-case", "data-level": found.severity, d: `M${x} ${y - 10}l10 10l-10 10l-10 -10z` }));
  }

  /* ── the panel ──────────────────────────────────────────────────────────────────────────────── */

  function toggle(index) {
    const page = video.page();
    const camera = page.known.get(page.cameras[index]);
    if (open) close();
    else if (camera) show(page, camera, index);
    else video.toast(t("未选摄像机"));
  }

  function close() {
    if (!open) return false;
    open.panel.remove();
    open = null;
    return true;
  }

  /** Beside the picture, not over it. */
  function sideOf(page, index) {
    const { left, width } = page.cells[index].getBoundingClientRect();
    return left + width / 2 < page.root.querySelector(".video-cells").clientWidth / 2 ? "right" : "left";
  }

  async function show(page, camera, index) {
    const list = h("ul", { class: "video-map-cases" }, h("li", {}, t("读取中…")));
    const head = h("div", { class: "video-dialog-head" }, h("h2", {}, camera.name), video.button([t("关闭"), h("kbd", {}, "Esc")], close));
    const panel = h("section", { class: "video-map", "aria-label": t("地图") }, head, mapOf(page, camera, []), h("h3", {}, t("附近未结案卷")), list);
    panel.dataset.side = sideOf(page, index);
    open = { panel, camera };
    page.root.append(panel);
    const answer = await video.ask("GET", `/api/v1/cameras/${encodeURIComponent(camera.id)}/cases`);
    if (!open || open.panel !== panel) return;
    const cases = answer.ok ? answer.body.cases || [] : [];
    panel.querySelector(".video-map-sheet").replaceWith(mapOf(page, camera, cases));
    const rows = cases.map(row);
    list.replaceChildren(...(answer.ok ? (rows.length ? rows : [h("li", {}, t("附近没有未结案卷"))]) : [h("li", { class: "video-warning" }, video.why(answer))]));
  }

  function row(found) {
    const where = `/video?case=${encodeURIComponent(found.case_no)}`;
    return h("li", {}, h("a", { href: where }, found.case_no), ` ${found.class_name || ""} ${found.address || ""} · ${Math.round(found.distance_m)} m`);
  }

  /** The panel follows the chosen place. */
  function draw(page) {
    if (!open) return;
    const camera = page.known.get(page.cameras[page.selected]);
    if (!camera || camera === open.camera) return;
    close();
    show(page, camera, page.selected);
  }

  video.part({ leave: close, draw, back: close, acts: { map: toggle }, keys: { KeyM: (page) => toggle(page.selected) } });
})();
