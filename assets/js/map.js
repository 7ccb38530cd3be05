/* The case map of the wall: gets the ground and the first board by plain requests, then follows the feed step by step;
   a gap means the whole board again, never a repair. Keeps the view: a hand on it locks it, F or two minutes free it. */
(function () {
  "use strict";
  const { t, live, mount, MapLayers } = window.citywall;
  const FOCUS_ZOOM = 16.5, RELEASE_MS = 120_000, FIRST_PAUSE_MS = 1000, LONGEST_PAUSE_MS = 30_000, MOST_WAITING = 500, METRES_A_DEGREE = 111_320;
  const maps = new Map(); // section → part

  /** Leaflet's own map of a container: dash-leaflet keeps it to itself. */
  function remember() {
    window.L.Map.addInitHook(function () {
      this.getContainer().cwMap = this;
    });
  }
  if (window.L) remember();
  else document.addEventListener("DOMContentLoaded", remember);

  class CaseMap {
    constructor(section, map) {
      this.section = section;
      this.map = map;
      this.setup = JSON.parse(section.dataset.map);
      this.layers = new MapLayers(map, this.setup, camerasOf(section));
      this.bounds = window.L.latLngBounds([this.setup.box[1], this.setup.box[0]], [this.setup.box[3], this.setup.box[2]]);
      this.version = null; // of the board that is drawn; null while it is being fetched
      this.waiting = []; // steps that came meanwhile
      this.locked = false;
      this.focused = null;
      this.open = true;
      this.hands();
      if ((section.closest(".cw-wall") || section).dataset.desk === "video") this.doors();
      this.layers.dims = Boolean(section.closest(".dispatch, .dispatch-wall")); // one case is worked on: the others step back
      this.resize = new ResizeObserver(() => this.resized());
      this.resize.observe(map.getContainer());
      this.ground();
      this.refetch();
    }

    close() {
      this.open = false;
      this.resize.disconnect();
      clearTimeout(this.timer);
    }

    /* ---- what it is made from ---- */

    async ground() {
      const base = await this.fetched("/api/v1/map/base");
      if (!base) return;
      this.bounds = this.layers.base(base);
      this.resized();
      const credit = base.attribution || "";
      window.citywall.cells.write(this.section, "attribution", credit ? `${t("界线")} ${credit}` : "");
      const grids = await this.fetched("/api/v1/map/grids");
      if (grids) this.layers.gridCells(grids);
    }

    async refetch() {
      if (this.fetching) return;
      this.fetching = true;
      this.version = null;
      const board = await this.asked(live.board);
      this.fetching = false;
      if (!board) return;
      this.layers.reset(board.cases, board.grids);
      this.version = board.version;
      this.attend(board.wall);
      const steps = this.waiting.splice(0);
      this.follow(steps);
    }

    /** JSON of an address, asked for until it comes, with growing pauses; null when the map has left the page. */
    fetched(address) {
      return this.asked(async () => {
        const answer = await fetch(address).catch(() => null); // no answer: asked again
        return answer && answer.ok ? answer.json() : null;
      });
    }

    async asked(question) {
      for (let pause = FIRST_PAUSE_MS; this.open; pause = Math.min(LONGEST_PAUSE_MS, pause * 2)) {
        const answer = await question();
        if (answer) return answer;
        await new Promise((resolve) => setTimeout(resolve, pause * (0.75 + Math.random() / 2)));
      }
      return null;
    }

    /* ---- what changes it ---- */

    /** Steps in their order; one that does not lead on from what is drawn asks for everything again. */
    follow(steps) {
      for (const step of steps) {
        if (this.version === null) { this.wait(step); continue; }
        if (step.to <= this.version) continue;
        if (step.from !== this.version) { this.refetch(); this.wait(step); continue; }
        this.layers.step(step);
        this.version = step.to;
      }
    }

    /** Steps that came while the board is fetched. Too many are let go: the gap asks for the board once more. */
    wait(step) {
      if (this.waiting.length >= MOST_WAITING) this.waiting.length = 0;
      this.waiting.push(step);
    }

    attend(wall) {
      const watched = wall.attention.map((item) => item.case_no);
      this.layers.watch(watched, this.layers.chosen);
      this.layers.label(tileLabels(this.section));
    }

    choose(item) {
      const watched = [...this.layers.watched];
      this.layers.watch(watched, item ? item.case_no : null);
    }

    /* ---- the view ---- */

    fit() {
      this.focused = null;
      this.lock(false);
      this.map.stop();
      if (this.map.getSize().y) this.map.fitBounds(this.bounds, { animate: false, paddingTopLeft: [8, 8], paddingBottomRight: [8, this.legendHeight()] });
    }

    legendHeight() {
      const legend = this.section.querySelector(".cw-legend");
      return legend ? legend.offsetHeight * 0.8 : 0;
    }

    /** What lies within some metres of a case: a ring, and every camera in it; `item` null: none. */
    around(item, metres) {
      const east = item ? Math.cos((item.lat * Math.PI) / 180) : 1;
      const away = (camera) => Math.hypot((camera.lon - item.lon) * east, camera.lat - item.lat) * METRES_A_DEGREE;
      const near = item ? this.layers.cameras.filter((camera) => away(camera) <= metres).map(({ number }) => number) : [];
      this.layers.ring(item, metres);
      this.layers.alert(near, tileLabels(this.section));
    }

    focus(item) {
      this.focused = [item.lat, item.lon];
      this.lock(false);
      if (this.map.getSize().y) this.map.setView(this.focused, FOCUS_ZOOM, { animate: false });
    }

    /** A map in a panel that had no size yet, or another one now. */
    resized() {
      this.map.invalidateSize({ pan: false, animate: false });
      if (this.locked || !this.map.getSize().y) return;
      if (this.focused) this.map.setView(this.focused, FOCUS_ZOOM, { animate: false });
      else this.fit();
    }

    hands() {
      const held = () => this.lock(true);
      for (const gesture of ["wheel", "pointerdown", "touchstart"]) {
        this.map.getContainer().addEventListener(gesture, held, { passive: true });
      }
    }

    /** A click on a camera opens it on the desk's camera wall. */
    doors() {
      const cameraAt = (event) => this.layers.cameraAt(this.map.latLngToContainerPoint(event.latlng));
      this.map.on("mousemove", (event) => this.map.getContainer().classList.toggle("is-over-camera", Boolean(cameraAt(event))));
      this.map.on("click", (event) => {
        const camera = cameraAt(event);
        if (camera) window.open(`/video?cam=${encodeURIComponent(camera.id)}`, "citywall-video");
      });
    }

    /** A locked view stays until F, or until no hand has touched it for two minutes. */
    lock(locked) {
      this.locked = locked;
      window.citywall.cells.write(this.section, "lock", locked ? t("视图已锁定 · F 复位") : "");
      clearTimeout(this.timer);
      if (locked) this.timer = setTimeout(() => this.fit(), RELEASE_MS);
    }
  }

  function camerasOf(section) {
    return JSON.parse(section.dataset.cameras).map(([number, name, lon, lat, bearing, fov, id]) => ({ number, name, lon, lat, bearing, fov, id }));
  }

  const states = new Map(); // camera number → state, as far as anybody told
  let listening = false;

  /** Whether each camera gives a picture: the tiles' own socket tells of all of them, shown or not. */
  function hearStates() {
    if (listening || !window.citywall.tiles) return;
    listening = true;
    window.citywall.tiles.list(({ listed = [] }) => {
      if (!listed.length) return;
      for (const [number, status] of listed) states.set(number, status.state);
      for (const part of maps.values()) part.layers.heard(states);
    });
  }

  function tileLabels(section) {
    const wall = section.closest(".cw-wall"); // elsewhere no tiles stand beside the map
    const tiles = [...(wall ? wall.querySelectorAll(".cw-tile") : [])].filter((tile) => tile.offsetParent);
    return new Map(tiles.map((tile) => [Number(tile.dataset.camera), tile.dataset.tile]).filter(([number]) => number));
  }

  function nearest(part, item, count) {
    const east = Math.cos((item.lat * Math.PI) / 180);
    const distance = (camera) => Math.hypot((camera.lon - item.lon) * east, camera.lat - item.lat);
    return [...part.layers.cameras].sort((one, other) => distance(one) - distance(other)).slice(0, count)
      .map((camera) => ({ camera: String(camera.number), name: camera.name }));
  }

  function start(container) {
    const section = container.closest(".cw-map");
    const part = new CaseMap(section, container.cwMap);
    maps.set(section, part);
    part.layers.heard(states);
    hearStates();
    return () => { part.close(); maps.delete(section); };
  }

  const partOf = (root) => maps.get(root.querySelector(".cw-map"));
  const withMap = (root, act) => { const part = partOf(root); if (part) act(part); };

  window.citywall.map = {
    fit: (root) => withMap(root, (part) => part.fit()),
    focus: (root, item) => withMap(root, (part) => part.focus(item)),
    release: (root) => withMap(root, (part) => part.fit()),
    choose: (root, item) => withMap(root, (part) => part.choose(item)),
    nearestCameras: (root, item, count) => { const part = partOf(root); return part ? nearest(part, item, count) : []; },
    /** Redraw the numbers of the tiles, and show the cameras of the case that is looked at although far away. */
    alert: (root, numbers) => withMap(root, (part) => part.layers.alert(numbers, tileLabels(part.section))),
    focused: (root) => { const part = partOf(root); return Boolean(part && part.focused); },
    part: partOf,
  };

  live.on("cases", ({ steps }) => { for (const part of maps.values()) steps ? part.follow(steps) : part.refetch(); });
  live.on("wall", (wall) => { for (const part of maps.values()) part.attend(wall); });
  mount(".cw-map .leaflet-container", start);
})();
