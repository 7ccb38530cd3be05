/* The page's camera socket and its drawing, in a worker: pictures stay true while the page is busy.
   Pages load this file like any other script; it only acts inside a worker (tiles.js starts it). */
(function () {
  "use strict";
  if (typeof WorkerGlobalScope === "undefined" || !(self instanceof WorkerGlobalScope)) return;

  const KIND_TILE = 1;
  const KIND_STATE = 2;
  const KIND_FOCUS_FRAGMENT = 4; // 3 and 5 are its beginning, and a reason why there is none
  const FOCUS_KINDS = [3, 4, 5];
  const FLAG_KEY = 1;
  const HEAD_BYTES = 8;
  const TIME_BYTES = 8;
  const DROPPED_BYTES = 2;
  const MOST_UNTAKEN = 40; // batches of film the page has not looked at: beyond that it goes on at a key frame
  const FILM_BEHIND_MS = 2000; // a film this far behind the tile is not what is shown
  const BESIDE_FILM = { name: "320x180", width: 320, fps: 0.5 }; // every camera's thumbnail is made anyway
  const PAUSES_MS = [500, 1000, 2000, 4000, 8000, 15000]; // then for ever at the last one
  const HEALTHY_MS = 10000;
  const SILENCE_MS = 10000;
  const LOOK_MS = 250;
  const FIRST_PICTURE_MS = 15000;
  const GRAVITY = ["live", "delayed", "frozen", "offline"];

  const tiles = new Map(); // id → tile
  const cameras = new Map(); // camera number → {status, capturedAt}
  let address = null;
  let socket = null;
  let table = null; // states by age, from the server: written once, there
  let sizes = [];
  let repeatMs = 0;
  let offset = 0; // server clock minus ours, ms
  let attempt = 0;
  let openedAt = 0;
  let heardAt = 0;
  let batches = 0;
  let subscribed = new Map(); // camera number → "size fps" as last asked
  let retryTimer = null;
  let closeCode = 0;
  let listing = false; // whether the page lists the states of all cameras
  const listed = []; // states that came since the page was last told
  let slowed = new Set(); // cameras of which we get less than we ask for

  /* ── the socket ─────────────────────────────────────────────────────────────────────────────── */

  function connect() {
    retryTimer = null;
    if (socket || !tiles.size) return;
    const opening = new WebSocket(address);
    opening.binaryType = "arraybuffer";
    socket = opening;
    openedAt = heardAt = performance.now();
    batches = 0;
    subscribed = new Map();
    opening.onopen = () => {
      if (opening === socket) subscribe();
    };
    opening.onmessage = (event) => {
      if (opening !== socket) return;
      heardAt = performance.now();
      if (typeof event.data === "string") heard(JSON.parse(event.data));
      else received(event.data);
    };
    opening.onclose = (event) => {
      if (opening === socket) lost(event.code);
    };
  }

  /** Try again for ever; the pauses begin anew after a connection that held. */
  function lost(code) {
    socket = null;
    closeCode = code;
    if (performance.now() - openedAt > HEALTHY_MS) attempt = 0;
    const pause = PAUSES_MS[Math.min(attempt, PAUSES_MS.length - 1)];
    attempt += 1;
    if (retryTimer === null) retryTimer = setTimeout(connect, pause * (0.7 + 0.6 * Math.random()));
  }

  function close() {
    const open = socket;
    if (!open) return;
    lost(0);
    open.close();
  }

  function say(message) {
    if (socket && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  }

  function heard(message) {
    if (message.hello) {
      table = message.hello.states;
      sizes = message.hello.sizes;
      repeatMs = message.hello.repeat * 1000;
      closeCode = 0;
      setClock(message.hello.now);
      if (listing) say({ states: true });
      subscribe();
    } else if (message.now) {
      setClock(message.now);
    } else if (message.slowed) {
      slowed = new Set(message.slowed);
    } else if (message.refused) {
      for (const number of message.refused) camera(number).status = { state: "offline", error: "forbidden" };
    }
  }

  /** A message may be late but never early: the largest offset seen is the truest; drift is let in slowly. */
  function setClock(now) {
    const seen = now - Date.now();
    offset = Math.abs(seen - offset) > 1000 ? seen : Math.max(seen, offset - 5);
  }

  /* ── what we ask for ────────────────────────────────────────────────────────────────────────── */

  function sizeFor(tile) {
    const fits = sizes.find(([width, height]) => width >= tile.width && height >= tile.height);
    const [width, height] = fits || sizes[sizes.length - 1];
    return { name: `${width}x${height}`, width };
  }

  /** One wish a camera: the largest size any of its visible tiles needs. A tile whose film runs needs next to none. */
  function wanted() {
    const wish = new Map();
    for (const tile of tiles.values()) {
      if (!tile.visible || !tile.camera || !tile.width) continue;
      const size = filmRuns(tile) ? BESIDE_FILM : { ...sizeFor(tile), fps: tile.fps };
      const former = wish.get(tile.camera) || { width: 0, fps: 0, focus: false, case: "" };
      wish.set(tile.camera, {
        ...(former.width < size.width ? size : former),
        fps: Math.max(size.fps, former.fps), focus: former.focus || tile.focus, case: former.case || tile.case,
      });
    }
    return wish;
  }

  function filmRuns(tile) {
    return tile.playedAt !== null && Date.now() + offset - tile.playedAt < FILM_BEHIND_MS;
  }

  /** Say what is wanted differently than before. `anew`: cameras whose focus has to come from its beginning. */
  function subscribe(anew = []) {
    if (!sizes.length || !socket || socket.readyState !== WebSocket.OPEN) return;
    const wish = wanted();
    const unsub = [...[...subscribed.keys()].filter((number) => !wish.has(number)), ...anew];
    unsub.forEach((number) => subscribed.delete(number));
    const sub = [];
    for (const [number, { name, fps, focus, case: caseNo }] of wish) {
      const entry = { cam: number, size: name, fps, focus, case: caseNo || null };
      const text = JSON.stringify(entry);
      if (subscribed.get(number) !== text) sub.push(entry);
      subscribed.set(number, text);
    }
    if (sub.length || unsub.length) say({ sub, unsub });
  }

  /* ── what comes ─────────────────────────────────────────────────────────────────────────────── */

  function camera(number) {
    let known = cameras.get(number);
    if (!known) cameras.set(number, (known = { status: null, capturedAt: null, drawing: false, next: null }));
    return known;
  }

  async function received(buffer) {
    const mine = socket;
    batches += 1;
    const count = batches;
    const view = new DataView(buffer);
    const drawn = [];
    const films = new Map(); // camera number → messages of its focus stream
    for (let at = 0; at + HEAD_BYTES <= buffer.byteLength; ) {
      const number = view.getUint16(at);
      const kind = view.getUint8(at + 2);
      const length = view.getUint32(at + 4);
      const body = at + HEAD_BYTES;
      if (kind === KIND_TILE) drawn.push(draw(number, Number(view.getBigUint64(body)), new Uint8Array(buffer, body + TIME_BYTES, length - TIME_BYTES)));
      if (FOCUS_KINDS.includes(kind)) films.set(number, [...(films.get(number) || []), filmPart(kind, view.getUint8(at + 3), new DataView(buffer, body, length))]);
      if (kind === KIND_STATE) stateCame(number, JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, body, length))));
      at = body + length;
    }
    films.forEach((parts, number) => handOver(number, parts));
    await Promise.all(drawn); // acknowledged when drawn: a browser that is behind gets fewer pictures, not older ones
    if (mine === socket) say({ ack: count });
  }

  function filmPart(kind, flags, view) {
    const fragment = kind === KIND_FOCUS_FRAGMENT;
    const payload = TIME_BYTES + (fragment ? DROPPED_BYTES : 0);
    return {
      kind, begins: !fragment || flags === FLAG_KEY, capturedAt: Number(view.getBigUint64(0)), left: fragment ? view.getUint16(TIME_BYTES) : 0,
      bytes: new Uint8Array(view.buffer, view.byteOffset + payload, view.byteLength - payload).slice(),
    };
  }

  /** Messages of a focus stream to every tile that shows it; a page that is behind goes on where one can begin. */
  function handOver(number, parts) {
    for (const tile of tiles.values()) {
      if (tile.camera !== number || !tile.focus || !tile.visible) continue;
      if (tile.untaken >= MOST_UNTAKEN) tile.behind = true;
      const from = !tile.behind ? 0 : tile.untaken >= MOST_UNTAKEN ? -1 : parts.findLastIndex((part) => part.begins);
      const given = from < 0 ? [] : parts.slice(from);
      tile.dropped += parts.length - given.length + given.reduce((sum, part) => sum + part.left, 0);
      if (!given.length) continue;
      self.postMessage({ film: { id: tile.id, camera: number, parts: given, dropped: tile.dropped } });
      tile.behind = false;
      tile.dropped = 0;
      tile.untaken += 1;
    }
  }

  function stateCame(number, status) {
    camera(number).status = status;
    if (listing) listed.push([number, status]);
  }

  /** Decode and show the newest picture of a camera; while one is being decoded only the newest waits. */
  async function draw(number, capturedAt, jpeg) {
    const known = camera(number);
    if (known.capturedAt !== null && capturedAt < known.capturedAt) return;
    if (known.drawing) {
      known.next = [capturedAt, jpeg];
      return;
    }
    known.drawing = true;
    try {
      await show(number, capturedAt, jpeg);
      while (known.next) {
        const [time, bytes] = known.next;
        known.next = null;
        await show(number, time, bytes);
      }
    } catch (error) {
      known.status = { ...known.status, error: "damaged" }; // not a picture: its age will tell, and this says why
    } finally {
      known.drawing = false;
    }
  }

  async function show(number, capturedAt, jpeg) {
    const places = [...tiles.values()].filter((tile) => tile.camera === number && tile.visible);
    const blob = new Blob([jpeg], { type: "image/jpeg" });
    for (const tile of places) {
      const bitmap = await createImageBitmap(blob);
      const gone = tooOld(stoodAt(number, capturedAt)); // taken away already: a dead encoder may not bring it back
      if (gone || tiles.get(tile.id) !== tile || tile.camera !== number) {
        bitmap.close();
        continue;
      }
      tile.context.transferFromImageBitmap(bitmap);
      tile.empty = false;
    }
    camera(number).capturedAt = capturedAt;
  }

  /* ── what may be said of a picture ──────────────────────────────────────────────────────────── */

  function stateByAge(age) {
    const step = table.steps.find(([limit]) => age <= limit);
    return step ? step[1] : table.after;
  }

  function graver(one, other) {
    return GRAVITY.indexOf(other) > GRAVITY.indexOf(one) ? other : one;
  }

  /** When the picture now shown was captured, and whether it is the film's: the newer of both is shown. */
  function shown(tile) {
    const tileAt = camera(tile.camera).capturedAt;
    const film = tile.playedAt !== null && (tileAt === null || tile.playedAt > tileAt - FILM_BEHIND_MS);
    return { capturedAt: film ? tile.playedAt : tileAt, playing: film ? "focus" : "tiles" };
  }

  /** The truth about one tile now: state, times, cause. Ages alone decide when nobody speaks to us any more. */
  function judged(tile) {
    const now = Date.now() + offset;
    const status = camera(tile.camera).status || {};
    const { capturedAt, playing } = shown(tile);
    const facts = {
      id: tile.id, camera: tile.camera, connected: Boolean(socket && table && !closeCode), closeCode, capturedAt, playing,
      error: status.error || null, since: status.since || null, attempt: status.attempt || 0, lastFrameAt: status.last_frame_at || null,
      condition: (status.conditions || [])[0] || null, slowed: slowed.has(tile.camera),
    };
    const idle = status.state === "idle";
    if (!table || capturedAt === null) {
      const waiting = performance.now() - tile.askedAt < FIRST_PICTURE_MS && status.state !== "offline";
      return { ...facts, state: idle ? "idle" : waiting ? "connecting" : "offline", age: null, removed: true };
    }
    const age = Math.max(0, (now - capturedAt) / 1000);
    const stood = stoodAt(tile.camera, capturedAt);
    return {
      ...facts, age, stoodAt: stood,
      state: idle && facts.connected ? "idle" : graver(stateByAge(age), status.state || "live"),
      removed: tooOld(stood),
    };
  }

  /** Since when the street is as this picture shows it: pictures may come and always be the same one. */
  function stoodAt(number, capturedAt) {
    const status = camera(number).status || {};
    const fresh = Boolean(table) && (Date.now() + offset - capturedAt) / 1000 <= table.steps[0][0];
    return status.state === "frozen" && fresh ? status.since - repeatMs : capturedAt;
  }

  function tooOld(at) {
    return Boolean(table) && (Date.now() + offset - at) / 1000 > table.removed;
  }

  function look() {
    if (socket && performance.now() - heardAt > SILENCE_MS) close();
    const told = [];
    for (const tile of tiles.values()) {
      if (!tile.camera || !tile.visible) continue;
      const facts = judged(tile);
      if (facts.removed && !tile.empty) {
        tile.context.transferFromImageBitmap(null);
        tile.empty = true;
      }
      told.push(facts);
    }
    subscribe(); // a film that stands still needs tiles beside it
    self.postMessage({ listed: listed.splice(0), tiles: told, offset, connected: Boolean(socket && table && !closeCode) });
  }

  /* ── what the page tells us ─────────────────────────────────────────────────────────────────── */

  /** Of a tile's film: capture time of the picture shown, messages the page has not taken, pictures left out. */
  const NO_FILM = { playedAt: null, untaken: 0, behind: false, dropped: 0 };

  function withTile(id, act) {
    const tile = tiles.get(id);
    if (tile) act(tile);
  }

  const commands = {
    start: ({ url }) => (address = url),
    attach: ({ id, canvas }) => {
      const context = canvas.getContext("bitmaprenderer");
      tiles.set(id, { id, context, camera: 0, width: 0, height: 0, fps: 10, visible: true, empty: true, askedAt: performance.now(), ...NO_FILM });
    },
    want: ({ id, ...wish }) => {
      const tile = tiles.get(id);
      if (!tile) return;
      if (tile.camera !== wish.camera) {
        tile.context.transferFromImageBitmap(null);
        tile.empty = true;
        tile.askedAt = performance.now();
        subscribed.delete(wish.camera); // ask again, so the newest picture comes at once
      }
      if (wish.visible && !tile.visible) tile.askedAt = performance.now();
      const begins = wish.focus && wish.visible && !(tile.focus && tile.visible && tile.camera === wish.camera);
      Object.assign(tile, wish, begins || !wish.focus ? NO_FILM : {});
      if (begins) subscribe([wish.camera]);
    },
    took: ({ id }) => withTile(id, (tile) => (tile.untaken = Math.max(0, tile.untaken - 1))),
    played: ({ id, at }) =>
      withTile(id, (tile) => {
        const first = tile.playedAt === null;
        tile.playedAt = at;
        if (first) look();
      }),
    anew: ({ id }) =>
      withTile(id, (tile) => {
        Object.assign(tile, NO_FILM);
        subscribe([tile.camera]);
      }),
    detach: ({ id }) => tiles.delete(id),
    list: () => {
      listing = true;
      say({ states: true });
    },
  };

  self.onmessage = (event) => {
    for (const command of event.data) commands[command.type](command);
    forget();
    if (!tiles.size) return close();
    if (!socket && retryTimer === null) connect();
    subscribe();
  };

  /** Cameras no tile shows any more leave no picture behind, and no state unless the page lists them. */
  function forget() {
    const shown = new Set([...tiles.values()].map((tile) => tile.camera));
    for (const [number, known] of cameras) {
      if (shown.has(number)) continue;
      if (listing) known.capturedAt = null;
      else cameras.delete(number);
    }
  }

  setInterval(look, LOOK_MS);
})();
