/* How things look on the case map: the grey ramp of the grids, and canvas symbols by shape, colour and halo.
   Leaflet comes with dash-leaflet; nothing here runs before a map exists. */
(function () {
  "use strict";
  const RAMP = ["#222a33", "#3f4b57", "#62707d", "#8b98a4", "#c3ccd4"];
  const GROUND = "#0f1318", LAND = "#1a2027", OUTSIDE = "#14191f", OUTLINE = "#72808d", OUTSIDE_LINE = "#2b343d";
  const EARTH_M = 111_320, DIMMED = 0.35;
  let kinds = null;

  const colours = new Map();
  const pictures = new Map(); // drawn once, then copied: thousands of symbols cost one picture each kind

  /** A colour of the hall by its name in the style sheet. */
  function colour(name) {
    if (!colours.has(name)) {
      colours.set(name, getComputedStyle(document.documentElement).getPropertyValue(`--cw-${name}`).trim());
    }
    return colours.get(name);
  }

  /** Pixels of one minute of arc on this wall: the same rule as the style sheet. */
  function arcMinute(element) {
    const wall = element.closest(".cw-wall, .dispatch-wall");
    const height = Math.min(innerHeight, (innerWidth * 27) / 46);
    return height * (wall ? parseFloat(wall.style.getPropertyValue("--cw-am-share")) : 0.00086189);
  }

  /** Square kilometres inside a polygon's outer ring (shoelace on a local plane). */
  function areaKm2(geometry) {
    const polygons = geometry.type === "MultiPolygon" ? geometry.coordinates : [geometry.coordinates];
    return polygons.reduce((sum, [ring]) => sum + ringKm2(ring), 0);
  }

  function ringKm2(ring) {
    const east = Math.cos((ring[0][1] * Math.PI) / 180) * EARTH_M;
    let twice = 0;
    for (let i = 1; i < ring.length; i++) twice += ring[i - 1][0] * ring[i][1] - ring[i][0] * ring[i - 1][1];
    return (Math.abs(twice) / 2) * east * EARTH_M * 1e-6;
  }

  /** A grid's look: shade by open cases per km², coloured rim where something is overdue. */
  function gridStyle(load, areaKm2, steps, unit) {
    const [open, overdue] = load;
    const density = open / Math.max(areaKm2, 1e-6);
    const shade = open === 0 ? 0 : Math.max(1, steps.filter((from) => density >= from).length - 1);
    return {
      fillColor: RAMP[shade], fillOpacity: 1, stroke: true,
      color: overdue ? colour("l2") : GROUND, weight: overdue ? Math.max(1.5, unit * 1.1) : Math.max(0.5, unit * 0.35), opacity: 1,
    };
  }

  /** A sector of view, as [lat, lon] corners. */
  function cone(camera, metres) {
    const { lat, lon, bearing, fov } = camera;
    const east = EARTH_M * Math.cos((lat * Math.PI) / 180);
    const corners = [[lat, lon]];
    for (let step = 0; step <= 8; step++) {
      const angle = ((bearing - fov / 2 + (fov * step) / 8) * Math.PI) / 180;
      corners.push([lat + (Math.cos(angle) * metres) / EARTH_M, lon + (Math.sin(angle) * metres) / east]);
    }
    return corners;
  }

  const SHAPES = {
    L1: (c, x, y, r) => path(c, [[x, y - r * 1.25], [x + r * 1.25, y], [x, y + r * 1.25], [x - r * 1.25, y]]),
    L2: (c, x, y, r) => path(c, [[x, y - r * 1.15], [x + r * 1.15, y + r * 0.9], [x - r * 1.15, y + r * 0.9]]),
    L3: (c, x, y, r) => path(c, [[x - r * 0.9, y - r * 0.9], [x + r * 0.9, y - r * 0.9], [x + r * 0.9, y + r * 0.9], [x - r * 0.9, y + r * 0.9]]),
    L4: (c, x, y, r) => c.arc(x, y, r * 0.95, 0, 2 * Math.PI),
  };

  function path(c, corners) {
    corners.forEach(([x, y], index) => (index ? c.lineTo(x, y) : c.moveTo(x, y)));
    c.closePath();
  }

  function drawCase(c, layer) {
    const { severity, overdue, chosen, size, dim, claim } = layer.options;
    const radius = size * 2.6, { x, y } = layer._point;
    const key = `${severity} ${overdue} ${chosen} ${size}`;
    if (!pictures.has(key)) pictures.set(key, picture(radius, (canvas) => caseSymbol(canvas, radius, layer.options)));
    if (dim) c.globalAlpha = DIMMED;
    c.drawImage(pictures.get(key), Math.round(x - radius), Math.round(y - radius));
    c.globalAlpha = dim ? 0.75 : 1;
    if (claim) drawClaim(c, x, y + size * (chosen ? 2.6 : 1.6), claim, size * 1.7);
  }

  /** Who has claimed the case, under its symbol, on a plate of its own. */
  function drawClaim(c, x, y, name, height) {
    c.font = `500 ${height}px ${getComputedStyle(document.documentElement).getPropertyValue("--cw-font")}`;
    c.textAlign = "center";
    c.textBaseline = "top";
    const width = c.measureText(name).width + height * 0.5;
    c.fillStyle = GROUND;
    c.fillRect(x - width / 2, y, width, height * 1.25);
    c.fillStyle = colour("text");
    c.fillText(name, x, y + height * 0.12);
  }

  function picture(radius, draw) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = Math.ceil(radius * 2);
    draw(canvas.getContext("2d"));
    return canvas;
  }

  function caseSymbol(c, middle, { severity, overdue, chosen, size }) {
    const x = middle, y = middle;
    if (overdue || chosen) ring(c, x, y, size * (chosen ? 2.1 : 1.75), size * 0.34, chosen ? "#fff" : colour(severity.toLowerCase()));
    c.beginPath();
    SHAPES[severity](c, x, y, size);
    c.lineWidth = size * 0.5;
    c.strokeStyle = GROUND;
    c.stroke();
    c.fillStyle = colour(severity.toLowerCase());
    c.fill();
  }

  function drawCamera(c, layer) {
    const { x, y } = layer._point, { size, label, dead } = layer.options;
    const ink = colour(dead ? "neutral" : "text-2");
    c.beginPath();
    c.arc(x, y, size, 0, 2 * Math.PI);
    c.fillStyle = label ? (dead ? colour("neutral") : "#fff") : GROUND;
    c.fill();
    c.lineWidth = size * 0.38;
    c.strokeStyle = label ? GROUND : ink;
    c.stroke();
    if (!label && dead) cross(c, x, y, size * 0.6, ink);
    if (!label) return;
    c.fillStyle = "#000";
    c.font = `700 ${size * 1.45}px ${getComputedStyle(document.documentElement).getPropertyValue("--cw-font")}`;
    c.textAlign = "center";
    c.textBaseline = "middle";
    c.fillText(label, x, y + size * 0.08);
  }

  function cross(c, x, y, reach, stroke) {
    c.beginPath();
    for (const side of [-1, 1]) { c.moveTo(x - reach, y - reach * side); c.lineTo(x + reach, y + reach * side); }
    c.lineWidth = reach * 0.5;
    c.strokeStyle = stroke;
    c.stroke();
  }

  function ring(c, x, y, radius, width, stroke) {
    c.beginPath();
    c.arc(x, y, radius, 0, 2 * Math.PI);
    c.lineWidth = width;
    c.strokeStyle = stroke;
    c.stroke();
  }

  /** Leaflet layers that draw themselves on the map's canvas; `options.size` is half their height in pixels. */
  function layers() {
    if (kinds) return kinds;
    const L = window.L;
    const symbol = (draw) => L.CircleMarker.extend({
      _updatePath() {
        const { _drawing: drawing, _ctx: c } = this._renderer;
        if (!drawing || this._empty()) return;
        c.save();
        c.globalAlpha = 1; // Leaflet leaves the last polygon's behind
        draw(c, this);
        c.restore();
      },
    });
    kinds = { Case: symbol(drawCase), Camera: symbol(drawCamera) };
    return kinds;
  }

  window.citywall.mapDraw = { RAMP, LAND, OUTSIDE, OUTLINE, OUTSIDE_LINE, arcMinute, areaKm2, gridStyle, cone, layers, colour };
})();
