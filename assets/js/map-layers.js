/* The registry of the case map: every grid, case and camera under its code, restyled in place and never drawn anew as a
   whole. Far away the grids' shade speaks and only chosen and attention cases are symbols; near, every case in view is. */
(function () {
  "use strict";
  const draw = window.citywall.mapDraw;
  const NEAR_ZOOM = 14.5, CONE_ZOOM = 15.5, CONE_METRES = 90, VIEW_MARGIN = 0.2;
  // Leaflet's own overlays, the component tiles among them, lie at 400: above the grids, below everything with a name.
  const PANES = { land: 310, grids: 320, outline: 410, names: 420, cameras: 430, cases: 440 };
  const NO_PICTURE = new Set(["frozen", "offline"]);
  const HAND_PX = 6; // how far a hand may miss a camera
  const CASE_SIZE = { far: 8.5, near: 7 }, CAMERA_SIZE = { far: 2.6, near: 5.5, labelled: 11 };

  class Layers {
    constructor(map, box, cameras) {
      this.map = map;
      this.steps = box.steps;
      this.grids = new Map(); // code → {layer, area}
      this.loads = new Map(); // code → [open, overdue]
      this.cases = new Map(); // case number → {row, layer}
      this.watched = new Set(); // shown at any zoom
      this.chosen = null;
      this.cameras = cameras;
      this.labels = new Map(); // camera number → what its tile is called
      this.shownCameras = [];
      this.alerted = new Set(); // numbers of the cameras of the case that is looked at
      this.dead = new Set(); // numbers of cameras that give no picture
      this.dims = false; // whether a chosen case makes the others step back
      this.panes();
      map.on("moveend zoomend", () => this.sight());
    }

    panes() {
      this.renderers = Object.fromEntries(Object.entries(PANES).map(([name, height]) => {
        this.map.createPane(`cw-${name}`).style.zIndex = height;
        this.map.getPane(`cw-${name}`).style.pointerEvents = "none";
        return [name, window.L.canvas({ pane: `cw-${name}`, padding: 0.1 })];
      }));
    }

    get unit() {
      return draw.arcMinute(this.map.getContainer());
    }

    /* ---- ground ---- */

    base(geojson) {
      const L = window.L;
      const inside = (feature) => feature.properties.inside !== false;
      const add = (pane, style, filter) => L.geoJSON(geojson, { renderer: this.renderers[pane], pane: `cw-${pane}`, interactive: false, style, filter }).addTo(this.map);
      add("land", (f) => ({ stroke: !inside(f), color: draw.OUTSIDE_LINE, weight: this.unit * 0.6, fillOpacity: 1, fillColor: inside(f) ? draw.LAND : draw.OUTSIDE }));
      const outlines = add("outline", () => ({ fill: false, color: draw.OUTLINE, weight: this.unit * 0.9, opacity: 1, lineJoin: "round" }), inside);
      this.name(geojson.features);
      return outlines.getBounds();
    }

    /** Districts carry their names, at the middle of their largest part. */
    name(features) {
      const L = window.L, english = window.citywall.language === "en";
      for (const { properties, geometry } of features) {
        if (properties.inside === false) continue;
        const at = L.geoJSON(geometry).getBounds().getCenter();
        const html = (english && properties.name_en) || properties.name;
        L.marker(properties.label ? [properties.label[1], properties.label[0]] : at, { pane: "cw-names", interactive: false, keyboard: false, icon: L.divIcon({ className: "cw-district-label", html: escaped(html) }) }).addTo(this.map);
      }
    }

    gridCells(geojson) {
      window.L.geoJSON(geojson, {
        renderer: this.renderers.grids, pane: "cw-grids", interactive: false, smoothFactor: 0.4,
        onEachFeature: ({ properties, geometry }, layer) => {
          const area = properties.area_m2 ? properties.area_m2 * 1e-6 : draw.areaKm2(geometry);
          this.grids.set(properties.code, { layer, area });
        },
        style: ({ properties, geometry }) => draw.gridStyle(this.loads.get(properties.code) || [0, 0], properties.area_m2 ? properties.area_m2 * 1e-6 : draw.areaKm2(geometry), this.steps, this.unit),
      }).addTo(this.map);
      for (const [code, [, overdue]] of this.loads) if (overdue && this.grids.has(code)) this.grids.get(code).layer.bringToFront();
    }

    /** New loads of some grids: only their own look changes. */
    load(loads) {
      for (const [code, load] of Object.entries(loads)) {
        this.loads.set(code, load);
        const grid = this.grids.get(code);
        if (!grid) continue;
        grid.layer.setStyle(draw.gridStyle(load, grid.area, this.steps, this.unit));
        if (load[1]) grid.layer.bringToFront();
      }
    }

    /* ---- cases ---- */

    /** Everything anew: after the first fetch, or when steps were missed. */
    reset(rows, grids) {
      const stay = new Set(rows.map((row) => row.case_no));
      for (const case_no of [...this.cases.keys()]) if (!stay.has(case_no)) this.drop(case_no);
      const emptied = Object.fromEntries([...this.loads.keys()].filter((code) => !(code in grids)).map((code) => [code, [0, 0]]));
      this.load({ ...emptied, ...grids });
      for (const row of rows) this.put(row);
      this.sight();
    }

    step({ put, drop, grids }) {
      for (const case_no of drop) this.drop(case_no);
      this.load(grids);
      const view = this.view();
      for (const row of put) { this.put(row); this.place(this.cases.get(row.case_no), view); }
    }

    put(row) {
      const known = this.cases.get(row.case_no);
      if (!known) { this.cases.set(row.case_no, { row, layer: null }); return; }
      const moved = known.row.lon !== row.lon || known.row.lat !== row.lat;
      const looks = known.row.severity !== row.severity || known.row.overdue !== row.overdue || known.row.claimed_by !== row.claimed_by;
      known.row = row;
      if (!known.layer) return;
      if (row.lon === null) { known.layer.remove(); known.layer = null; return; }
      if (moved) known.layer.setLatLng([row.lat, row.lon]);
      if (looks) this.look(known);
    }

    drop(case_no) {
      const known = this.cases.get(case_no);
      if (known && known.layer) known.layer.remove();
      this.cases.delete(case_no);
    }

    view() {
      return { bounds: this.map.getBounds().pad(VIEW_MARGIN), near: this.map.getZoom() >= NEAR_ZOOM };
    }

    /** Show a case or take it off, by zoom and view. */
    place(known, { bounds, near }) {
      const { row } = known;
      const wanted = row.lon !== null && (near || this.watched.has(row.case_no) || row.case_no === this.chosen) && bounds.contains([row.lat, row.lon]);
      if (wanted && !known.layer) this.draw(known);
      else if (!wanted && known.layer) { known.layer.remove(); known.layer = null; }
    }

    draw(known) {
      const { Case } = draw.layers();
      known.layer = new Case([known.row.lat, known.row.lon], { renderer: this.renderers.cases, pane: "cw-cases", interactive: false, stroke: false, ...this.caseOptions(known.row) });
      known.layer.addTo(this.map);
    }

    caseOptions(row) {
      const near = this.map.getZoom() >= NEAR_ZOOM;
      const chosen = row.case_no === this.chosen;
      const size = this.unit * (near ? CASE_SIZE.near : CASE_SIZE.far) * (chosen ? 1.3 : 1);
      const dim = this.dims && this.chosen !== null && !chosen;
      const claim = this.dims && row.claimed_by ? row.claimant || row.claimed_by : "";
      return { severity: row.severity, overdue: row.overdue, chosen, size, dim, claim, radius: size * (claim ? 5 : 2.6) };
    }

    look(known) {
      Object.assign(known.layer.options, this.caseOptions(known.row));
      known.layer.setRadius(known.layer.options.radius);
    }

    /** Bring what is shown in line with zoom and view. */
    sight() {
      const view = this.view();
      for (const known of this.cases.values()) {
        this.place(known, view);
        if (known.layer) this.look(known);
      }
      this.drawCameras(view);
    }

    /** Which cases are symbols even far away, and the one that is chosen. */
    watch(case_nos, chosen) {
      const before = this.chosen;
      this.watched = new Set(case_nos);
      this.chosen = chosen;
      const view = this.view();
      for (const known of this.cases.values()) this.place(known, view);
      if (before === chosen) return;
      for (const case_no of this.dims ? this.cases.keys() : [before, chosen]) {
        const known = this.cases.get(case_no);
        if (known && known.layer) this.look(known);
      }
    }

    /** The ring around a case; `item` null: none. */
    ring(item, metres) {
      if (this.circle) this.circle.remove();
      const look = { stroke: true, color: draw.colour("text-2"), weight: Math.max(1, this.unit), dashArray: "6 6", fill: false, interactive: false };
      this.circle = item ? window.L.circle([item.lat, item.lon], { radius: metres, renderer: this.renderers.cameras, pane: "cw-cameras", ...look }).addTo(this.map) : null;
    }

    /* ---- cameras ---- */

    /** Cameras whose pictures stand beside the map carry their tile's number. */
    label(labels) {
      if (JSON.stringify([...labels]) === JSON.stringify([...this.labels])) return;
      this.labels = labels;
      this.drawCameras(this.view());
    }

    /** The cameras of the case that is looked at are shown from afar too. */
    alert(numbers, labels) {
      this.alerted = new Set(numbers);
      this.labels = labels;
      this.drawCameras(this.view());
    }

    /** Which cameras give a picture; nothing is drawn anew while that stays the same. */
    heard(states) {
      const dead = [...states].filter(([, state]) => NO_PICTURE.has(state)).map(([number]) => number);
      if (dead.length === this.dead.size && dead.every((number) => this.dead.has(number))) return;
      this.dead = new Set(dead);
      this.drawCameras(this.view());
    }

    /** Far away a city full of cameras says nothing: only those whose picture or case is on screen. */
    camerasIn({ bounds, near }) {
      const named = (camera) => this.labels.has(camera.number) || this.alerted.has(camera.number);
      return this.cameras.filter((camera) => (near || named(camera)) && bounds.contains([camera.lat, camera.lon]));
    }

    /** The camera drawn at a point of the map's container, if any. */
    cameraAt(point) {
      const away = (camera) => this.map.latLngToContainerPoint([camera.lat, camera.lon]).distanceTo(point);
      const reach = (camera) => this.cameraSize(camera) * 1.3 + HAND_PX;
      const under = this.camerasIn(this.view()).filter((camera) => away(camera) <= reach(camera));
      return under.sort((one, other) => away(one) - away(other))[0] || null;
    }

    cameraSize(camera) {
      const { labelled, near, far } = CAMERA_SIZE;
      return this.unit * (this.labels.has(camera.number) ? labelled : this.map.getZoom() >= NEAR_ZOOM ? near : far);
    }

    drawCameras(view) {
      for (const layer of this.shownCameras) layer.remove();
      const seen = this.camerasIn(view).sort((one, other) => this.labels.has(one.number) - this.labels.has(other.number));
      const options = { renderer: this.renderers.cameras, pane: "cw-cameras", interactive: false, stroke: false };
      const cones = this.map.getZoom() >= CONE_ZOOM ? seen.filter((camera) => camera.bearing !== null && camera.fov) : [];
      this.shownCameras = [...cones.map((camera) => this.sector(camera, options)), ...seen.map((camera) => this.symbol(camera, options))];
      for (const layer of this.shownCameras) layer.addTo(this.map);
    }

    /** What a camera looks at; one without a picture looks at nothing. */
    sector(camera, options) {
      const dead = this.dead.has(camera.number);
      const look = { fillColor: draw.colour(dead ? "neutral" : "text-2"), fillOpacity: dead ? 0.12 : 0.3 };
      return window.L.polygon(draw.cone(camera, CONE_METRES), { ...options, ...look });
    }

    symbol(camera, options) {
      const { Camera } = draw.layers();
      const size = this.cameraSize(camera);
      const look = { label: this.labels.get(camera.number) || "", dead: this.dead.has(camera.number), size, radius: size * 1.3 };
      return new Camera([camera.lat, camera.lon], { ...options, ...look });
    }
  }

  function escaped(text) {
    return String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  }

  window.citywall.MapLayers = Layers;
})();
