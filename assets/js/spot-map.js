/* A small map of one place: the grid it lies in, the named places around it, and the place itself; where a hand may
   choose it, a click or a drag does. Leaflet comes with dash-leaflet.
     citywall.spotMap(element, {lon, lat, severity, onPick, box}) → {set({lon, lat, ring, near}, {move}), stop} */
(function () {
  "use strict";
  const { t } = window.citywall;
  const NEAR_ZOOM = 17, TILE_ZOOM = 16, MOST_NAMES = 6, NAME_PX = { high: 18, wide: 110 };
  let base = null; // the outlines of the districts, asked for once

  /** The outlines of the city; a map without them still shows the place. */
  function outlines() {
    base = base || fetch("/api/v1/map/base").then((answer) => (answer.ok ? answer.json() : null)).catch((error) => { console.warn("map base", error); return null; });
    return base;
  }

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--cw-${name}`).trim();

  function ground(map) {
    const L = window.L;
    map.createPane("spot-land").style.zIndex = 150; // below the tiles: the components lie on it
    const land = L.canvas({ pane: "spot-land", padding: 0.2 });
    L.tileLayer("/tiles/components/{z}/{x}/{y}.png", { minZoom: TILE_ZOOM, maxZoom: 19 }).addTo(map);
    outlines().then((found) => {
      if (!found || !map.getContainer().isConnected) return;
      const inside = (feature) => feature.properties.inside !== false;
      const style = (feature) => ({ color: "#72808d", weight: inside(feature) ? 1.4 : 0, fillColor: inside(feature) ? "#1a2027" : "#14191f", fillOpacity: 1 });
      L.geoJSON(found, { interactive: false, renderer: land, pane: "spot-land", style }).addTo(map);
      for (const { properties, geometry } of found.features.filter(inside)) {
        const at = properties.label ? [properties.label[1], properties.label[0]] : L.geoJSON(geometry).getBounds().getCenter();
        L.marker(at, { interactive: false, keyboard: false, icon: L.divIcon({ className: "spot-district", html: text(properties.name) }) }).addTo(map);
      }
    });
  }

  const text = (words) => String(words).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

  function pin(severity) {
    const shape = { L1: "◆", L2: "▲", L3: "■", L4: "●" }[severity] || "●";
    return window.L.divIcon({ className: "spot-pin", html: `<b data-level="${text(severity || "")}">${shape}</b>`, iconSize: [36, 36], iconAnchor: [18, 18] });
  }

  /** The names that neither the place nor another name covers. */
  function legible(map, { lon, lat, near = [] }) {
    if (!map._loaded) return [];
    const taken = [map.latLngToContainerPoint([lat, lon])];
    return near.filter((one) => {
      const at = map.latLngToContainerPoint([one.lat, one.lon]);
      const free = taken.every((other) => Math.abs(other.y - at.y) > NAME_PX.high || Math.abs(other.x - at.x) > NAME_PX.wide);
      if (free && taken.length <= MOST_NAMES) taken.push(at);
      return free && taken[taken.length - 1] === at;
    });
  }

  function spotMap(element, { lon = null, lat = null, severity = "", onPick = null, box = null, label = t("位置图") } = {}) {
    const L = window.L;
    if (!L) { element.textContent = t("地图组件没有加载"); return { set() {}, stop() {} }; }
    element.replaceChildren();
    element.classList.add("spot-map");
    element.setAttribute("aria-label", label);
    const map = L.map(element, { attributionControl: false, zoomControl: false, keyboard: false, preferCanvas: true, minZoom: 9, maxZoom: 19, zoomSnap: 0.5 });
    L.control.zoom({ position: "topright", zoomInTitle: t("放大"), zoomOutTitle: t("缩小") }).addTo(map);
    const marks = L.layerGroup().addTo(map);
    let place = null;
    const whole = () => map.fitBounds([[box[1], box[0]], [box[3], box[2]]], { animate: false });
    if (lon !== null || !box) map.setView([lat || 0, lon || 0], lon === null ? 2 : NEAR_ZOOM);
    else whole();
    ground(map);
    if (onPick) map.on("click", ({ latlng }) => onPick(latlng.lng, latlng.lat));
    let touched = false; // until a hand moves it, a map without a place shows the whole city
    map.on("dragstart zoomstart", ({ originalEvent }) => { touched = touched || Boolean(originalEvent); });
    const resize = new ResizeObserver(() => {
      map.invalidateSize({ pan: false, animate: false });
      if (box && !place && !touched && map.getSize().y) whole();
    });
    resize.observe(element);

    /** The place, its grid's outline and the names around it; `move`: bring it into view. */
    function set(found, { move = true } = {}) {
      marks.clearLayers();
      if (!found || found.lon === null || found.lon === undefined) { if (place) place.remove(); place = null; return; }
      if (found.ring && found.ring.length) L.polygon(found.ring.map(([x, y]) => [y, x]), { interactive: false, color: "#c3ccd4", weight: 1.5, dashArray: "5 4", fillOpacity: 0.06 }).addTo(marks);
      for (const one of legible(map, found)) {
        L.circleMarker([one.lat, one.lon], { interactive: false, radius: 3, stroke: false, fillColor: colour("text-2"), fillOpacity: 1 }).addTo(marks);
        L.marker([one.lat, one.lon], { interactive: false, keyboard: false, icon: L.divIcon({ className: "spot-name", html: text(one.name), iconSize: null, iconAnchor: [-6, 9] }) }).addTo(marks);
      }
      const at = [found.lat, found.lon];
      if (!place) {
        place = L.marker(at, { icon: pin(severity), draggable: Boolean(onPick), keyboard: false, zIndexOffset: 1000 }).addTo(map);
        if (onPick) place.on("dragend", () => { const { lng, lat: y } = place.getLatLng(); onPick(lng, y); });
      }
      place.setLatLng(at);
      if (move) map.setView(at, Math.max(map.getZoom(), NEAR_ZOOM), { animate: false });
    }

    if (lon !== null) set({ lon, lat });
    return { set, stop: () => { resize.disconnect(); map.remove(); }, map };
  }

  window.citywall.spotMap = spotMap;
})();
