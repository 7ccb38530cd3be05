/* The focused picture: a camera's main stream in Media Source, as the worker of tiles.js hands it over.
   Whatever goes wrong, the tile below goes on; two failures, and the film is left alone for half a minute. */
(function () {
  "use strict";
  const citywall = (window.citywall = window.citywall || {});
  const INIT = 3;
  const CANNOT = 5;
  const TARGET_S = 0.1; // behind the newest picture
  const JUMP_S = 0.6;
  const PACES = [[0.35, 1.3], [0.18, 1.1], [0.05, 1], [-Infinity, 0.9]]; // gap at least → speed
  const KEEP_S = 12;
  const TRIM_EVERY_S = 2;
  const STUCK_MS = 5000;
  const HEALTHY_MS = 10000;
  const RETRY_MS = 30000;
  const MOST_FAILURES = 2;
  const MOST_QUEUED = 300;
  const BACKWARDS_S = 0.5;

  /** One film in `place`. `hear`: played(capturedAt or null), anew() to ask for the beginning, changed() when `wanted` is. */
  class Film {
    constructor(place, hear) {
      this.place = place;
      this.hear = hear;
      this.failures = 0;
      this.offUntil = 0;
      this.source = null;
      this.clear();
    }

    clear() {
      this.video = this.source = this.buffer = this.url = null;
      this.queue = []; // {bytes, time, capturedAt}; the beginning has no time
      this.times = []; // [seconds of the film, capture time] of pictures not yet shown
      this.last = -Infinity; // seconds of the film
      this.playedAt = null;
      this.playedSince = 0;
      this.fedAt = this.movedAt = performance.now(); // when bytes went in last, and when the picture moved last
    }

    /** Whether a film is to be asked for now. */
    get wanted() {
      return supported() && performance.now() >= this.offUntil;
    }

    /** One message of the stream. */
    take({ kind, capturedAt, bytes }) {
      if (kind === CANNOT) this.giveUp(new TextDecoder().decode(bytes) === "codec" ? Infinity : RETRY_MS);
      else if (kind === INIT) this.begin(bytes);
      else if (this.source) this.add(bytes, capturedAt);
    }

    /* ── from bytes to pictures ────────────────────────────────────────────────────────────────── */

    begin(bytes) {
      this.release();
      const length = bytes[0];
      const type = `video/mp4; codecs="${new TextDecoder().decode(bytes.subarray(1, 1 + length))}"`;
      if (!MediaSource.isTypeSupported(type)) return this.giveUp(Infinity);
      const boxes = bytes.subarray(1 + length);
      this.scale = timescale(boxes);
      this.queue.push({ bytes: boxes });
      this.open(type);
    }

    open(type) {
      const source = (this.source = new MediaSource());
      this.url = URL.createObjectURL(source);
      this.video = newVideo(this.url);
      this.video.onerror = () => this.fail("video");
      this.video.onresize = () => this.place.toggleAttribute("data-cif", this.video.videoWidth * 9 === this.video.videoHeight * 11);
      this.place.prepend(this.video); // below everything that is said of the picture
      this.watch(this.video);
      source.onsourceopen = () => {
        if (this.source !== source || this.buffer) return;
        this.buffer = source.addSourceBuffer(type);
        this.buffer.onupdateend = () => this.appended();
        this.buffer.onerror = () => this.fail("buffer");
        this.feed();
      };
    }

    add(bytes, capturedAt) {
      const time = decodeTime(bytes) / this.scale;
      if (!(time > this.last - BACKWARDS_S)) return this.fail("time"); // another capture process has a time of its own
      this.last = time;
      this.queue.push({ bytes, time, capturedAt });
      if (this.queue.length > MOST_QUEUED) this.fail("queue");
      else this.feed();
    }

    /** Everything that waits, in one go. */
    feed() {
      if (!this.buffer || this.buffer.updating || !this.queue.length) return;
      const queue = this.queue;
      this.queue = [];
      try {
        this.buffer.appendBuffer(joined(queue.map((part) => part.bytes)));
      } catch (error) {
        this.fail(error.name);
        return;
      }
      for (const { time, capturedAt } of queue) {
        if (time === undefined) continue;
        this.times.push([time, capturedAt]);
        this.fedAt = performance.now();
      }
    }

    appended() {
      this.pace();
      this.feed();
    }

    /* ── near the present ──────────────────────────────────────────────────────────────────────── */

    /** Look after the film; called a few times a second. */
    check() {
      if (!this.source) return;
      this.pace();
      this.trim();
      if (this.fedAt - this.movedAt > STUCK_MS) this.fail("stuck");
      else if (this.playedSince && performance.now() - this.playedSince > HEALTHY_MS) this.failures = 0;
    }

    pace() {
      const ranges = this.buffer && this.buffer.buffered;
      if (!ranges || !ranges.length) return;
      const video = this.video;
      const newest = ranges.length - 1;
      const end = ranges.end(newest);
      const gap = end - video.currentTime;
      if (gap > JUMP_S || video.currentTime < ranges.start(newest)) video.currentTime = Math.max(ranges.start(newest), end - TARGET_S);
      video.playbackRate = PACES.find(([least]) => gap >= least)[1];
      if (video.paused) video.play().catch((error) => this.refused(video, error));
    }

    /** Played again at the next look; only a browser that forbids it is a failure. */
    refused(video, error) {
      if (video === this.video && error.name === "NotAllowedError") this.fail(error.name);
    }

    trim() {
      const behind = this.video.currentTime - KEEP_S;
      const ranges = this.buffer && !this.buffer.updating && this.buffer.buffered;
      if (ranges && ranges.length && ranges.start(0) < behind - TRIM_EVERY_S) this.buffer.remove(0, behind);
    }

    /** Which picture is on the screen, from the browser itself; the age shown is that picture's. */
    watch(video) {
      video.requestVideoFrameCallback((_now, { mediaTime }) => {
        if (video !== this.video) return;
        const shown = this.times.findLastIndex(([time]) => time <= mediaTime + 0.002);
        if (shown >= 0) {
          this.playedSince = this.playedSince || performance.now();
          this.movedAt = performance.now();
          this.playedAt = this.times[shown][1];
          this.times.splice(0, shown);
          this.hear.played(this.playedAt);
        }
        this.watch(video);
      });
    }

    /* ── when it goes wrong ────────────────────────────────────────────────────────────────────── */

    fail(reason) {
      this.failures += 1;
      console.debug("film of a camera failed:", reason);
      if (this.failures >= MOST_FAILURES) this.giveUp(RETRY_MS);
      else {
        this.release();
        this.hear.anew();
      }
    }

    /** Tiles alone for a while (or for ever, as far as this camera goes); then one more try. */
    giveUp(pauseMs) {
      this.release();
      this.offUntil = performance.now() + pauseMs;
      this.failures = MOST_FAILURES - 1;
      this.hear.changed();
    }

    /** The picture is too old to be shown: no film until the camera is back. */
    rest() {
      if (this.playedAt !== null) this.giveUp(RETRY_MS);
    }

    /** Nothing of the film stays in the browser: not the element, its decoder or the bytes. */
    release() {
      const { video, url, buffer } = this;
      const played = this.playedAt !== null;
      this.clear();
      if (!video) return;
      video.onerror = video.onresize = null;
      if (buffer) buffer.onerror = buffer.onupdateend = null;
      video.pause();
      video.removeAttribute("src");
      video.load();
      video.remove();
      URL.revokeObjectURL(url);
      if (played) this.hear.played(null);
    }
  }

  function supported() {
    return "MediaSource" in window && "requestVideoFrameCallback" in HTMLVideoElement.prototype;
  }

  function newVideo(url) {
    const video = document.createElement("video");
    video.className = "cw-tile-film";
    video.muted = video.playsInline = video.disablePictureInPicture = true;
    video.tabIndex = -1;
    video.src = url;
    return video;
  }

  function joined(parts) {
    const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  /* ── the two times we read out of the boxes ─────────────────────────────────────────────────── */

  /** Where the content of the box at the end of `path` begins (after its version); -1 when there is none. */
  function inBox(bytes, path) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    let end = bytes.length;
    for (const name of path) {
      while (at + 8 <= end && ascii(bytes, at + 4) !== name) at += Math.max(8, view.getUint32(at));
      if (at + 8 > end) return { view, at: -1 };
      end = Math.min(end, at + view.getUint32(at));
      at += 8;
    }
    return { view, at };
  }

  function ascii(bytes, at) {
    return String.fromCharCode(...bytes.subarray(at, at + 4));
  }

  /** Ticks a second of a film. */
  function timescale(bytes) {
    const { view, at } = inBox(bytes, ["moov", "trak", "mdia", "mdhd"]);
    return at < 0 ? NaN : view.getUint32(at + (view.getUint8(at) === 1 ? 20 : 12));
  }

  /** When a fragment's picture is due, in ticks. */
  function decodeTime(bytes) {
    const { view, at } = inBox(bytes, ["moof", "traf", "tfdt"]);
    if (at < 0) return NaN;
    return view.getUint8(at) === 1 ? Number(view.getBigUint64(at + 4)) : view.getUint32(at + 4);
  }

  citywall.Film = Film;
})();
