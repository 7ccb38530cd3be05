/* /video: turning a camera. P held takes it, arrows turn it while they are held, letting go stops and frees it; the same
   with the pointer on the pad. One holder at a time: the server says who. */
(function () {
  "use strict";
  const { t, video } = window.citywall;
  const { h } = video;
  const MOVES = {
    ArrowLeft: [-1, 0, 0], ArrowRight: [1, 0, 0], ArrowUp: [0, 1, 0], ArrowDown: [0, -1, 0],
    Equal: [0, 0, 1], NumpadAdd: [0, 0, 1], Minus: [0, 0, -1], NumpadSubtract: [0, 0, -1],
  };
  const PAD = [["ArrowUp", "▲", t("上")], ["ArrowLeft", "◀", t("左")], ["ArrowRight", "▶", t("右")], ["ArrowDown", "▼", t("下")], ["Equal", "＋", t("拉近")], ["Minus", "－", t("拉远")]];
  const SPEED = 0.5;
  const KEEP_MS = 500; // how often it is said that a key is still down; unsaid, the camera stops by itself
  const RENEW_MS = 10000; // a hold without any command ends after 30 s
  const WATCH_MS = 5000; // how often it is asked who holds the chosen camera
  let held = null; // {camera, index, moving: key code or "", by: "key" | "pad", renewing, keeping}
  let watched = null; // {camera, holder, asking}: who holds the chosen camera, seen before one reaches for it
  let turn = Promise.resolve(); // commands go out one after the other, in the order of the hand
  let waiting = 0; // commands sent or to be sent, not yet answered

  function cameraAt(page, index) {
    return page.known.get(page.cameras[index]);
  }

  function command(camera, body) {
    waiting += 1;
    turn = turn.then(async () => {
      const answer = await video.ask("POST", `/api/v1/cameras/${encodeURIComponent(camera.id)}/ptz`, body);
      waiting -= 1;
      return answer;
    });
    return turn;
  }

  /** Say again what is so; a camera that has not answered the last word yet is told nothing more. */
  function repeat(mine, act) {
    if (waiting === 0) command(mine.camera, { act }).then((answer) => !answer.ok && held === mine && refused(answer));
  }

  /** Why a camera cannot be turned by this person; empty when it can. */
  function obstacle(page, camera) {
    if (!page.may.has("turn")) return t("您的岗位不能转动摄像机");
    if (!camera) return t("未选摄像机");
    if (camera.shared) return t("共享摄像机只能看，不能转动");
    return camera.ptz ? "" : t("此摄像机不能转动");
  }

  async function hold(page, index, by) {
    const camera = cameraAt(page, index);
    const cause = obstacle(page, camera);
    if (cause) return video.toast(cause, { bad: true });
    if (held) release();
    const mine = { camera, index, moving: "", by, renewing: 0, keeping: 0 };
    held = mine;
    video.each("touched", page, [index]);
    const answer = await command(camera, { act: "hold" });
    if (held !== mine) return undefined;
    if (!answer.ok) return refused(answer);
    if (answer.body.taken_from) video.toast(t("已从 {who} 手中接过云台").replace("{who}", answer.body.taken_from));
    mine.renewing = setInterval(() => repeat(mine, "hold"), RENEW_MS);
    return video.draw();
  }

  /** Nothing is held any more; the mine of before, so that its last commands can still be sent. */
  function letGo() {
    const mine = held;
    if (!mine) return null;
    clearInterval(mine.renewing);
    clearInterval(mine.keeping);
    held = null;
    return mine;
  }

  function refused(answer) {
    letGo();
    video.draw();
    const { holder } = answer.body;
    return video.toast(holder ? t("{who} 正在控制").replace("{who}", holder) : video.why(answer), { bad: true });
  }

  function move(code) {
    if (!held || held.moving === code) return;
    const mine = held;
    mine.moving = code;
    const [pan, tilt, zoom] = MOVES[code].map((part) => part * SPEED);
    command(mine.camera, { act: "move", pan, tilt, zoom }).then((answer) => !answer.ok && held === mine && refused(answer));
    clearInterval(mine.keeping);
    mine.keeping = setInterval(() => repeat(mine, "keep"), KEEP_MS);
  }

  function stop() {
    if (!held || !held.moving) return;
    held.moving = "";
    clearInterval(held.keeping);
    command(held.camera, { act: "stop" });
  }

  function release() {
    stop();
    const mine = letGo();
    if (!mine) return;
    command(mine.camera, { act: "release" });
    if (video.page()) video.draw();
  }

  /** Turn a camera to a remembered view. */
  async function callPreset(number, token, { quiet = false } = {}) {
    const page = video.page();
    const camera = page.known.get(number);
    const cause = obstacle(page, camera);
    if (cause) return quiet ? undefined : video.toast(cause, { bad: true });
    await command(camera, { act: "hold" });
    const answer = await command(camera, { act: "goto", token });
    if (!held || held.camera !== camera) command(camera, { act: "release" });
    const preset = camera.presets.find((one) => one.token === token);
    if (!answer.ok) return video.toast(`${camera.name}：${video.why(answer)}`, { bad: true });
    return quiet ? undefined : video.toast(`${camera.name} → ${preset ? preset.name : token}`);
  }

  function nthPreset(page, place) {
    const camera = cameraAt(page, page.selected);
    const preset = camera && camera.presets[place - 1];
    if (!preset) return video.toast(t("没有第 {n} 个预置位").replace("{n}", place));
    page.called = new Map(page.called).set(page.selected + 1, preset.token);
    video.each("touched", page, [page.selected]);
    return callPreset(camera.number, preset.token);
  }

  /* ── who else ───────────────────────────────────────────────────────────────────────────────── */

  function watch(page) {
    const chosen = cameraAt(page, page.selected);
    const camera = chosen && !obstacle(page, chosen) ? chosen : null;
    if ((watched && watched.camera) === camera) return;
    unwatch();
    if (!camera) return;
    const mine = { camera, holder: "", asking: 0 };
    mine.asking = setInterval(() => askHolder(mine), WATCH_MS);
    watched = mine;
    askHolder(mine);
  }

  function unwatch() {
    if (watched) clearInterval(watched.asking);
    watched = null;
  }

  async function askHolder(mine) {
    if (held || document.hidden) return;
    const answer = await video.ask("GET", `/api/v1/cameras/${encodeURIComponent(mine.camera.id)}/ptz`);
    const holder = (answer.ok && answer.body.holder) || "";
    if (watched !== mine || held || mine.holder === holder) return;
    mine.holder = holder;
    video.draw();
  }

  function leave() {
    release();
    unwatch();
  }

  /* ── keys ───────────────────────────────────────────────────────────────────────────────────── */

  /** P and what is pressed while it is held. */
  function grab(page, event) {
    if (event.code === "KeyP" && !event.altKey && !event.shiftKey) {
      if (!event.repeat && !held) hold(page, page.selected, "key");
      return true;
    }
    if (held && event.code === "Escape") release();
    else if (held && event.code in MOVES) move(event.code);
    else return false;
    return true;
  }

  function onKeyUp(event) {
    if (!held) return;
    if (event.code === held.moving) stop();
    if (event.code === "KeyP" && held.by === "key") release();
  }

  /** Nobody's hand is on the keys any more. */
  function onAway() {
    if (held && (document.hidden || !document.hasFocus())) release();
  }

  /* ── the pad ────────────────────────────────────────────────────────────────────────────────── */

  function toggle(index) {
    if (held) release();
    else hold(video.page(), index, "pad");
  }

  function drawPad(page, cell, index) {
    const wanted = Boolean(held && held.renewing && held.index === index);
    const pad = cell.querySelector(".video-pad");
    if (wanted && !pad) cell.append(makePad(page, held.camera));
    else if (!wanted && pad) pad.remove();
  }

  function makePad(page, camera) {
    const buttons = PAD.map(([code, sign, words]) => h("button", {
      type: "button", class: "video-pad-key", "data-code": code, "aria-label": words, title: words,
      onpointerdown: () => move(code), onpointerup: stop, onpointerleave: stop, onpointercancel: stop,
    }, sign));
    const presets = camera.presets.slice(0, 9).map(({ token, name }, at) => video.button([name, h("kbd", {}, `Alt+${at + 1}`)], () => callPreset(camera.number, token)));
    return h("div", { class: "video-pad" }, h("div", { class: "video-pad-keys" }, buttons), h("div", { class: "video-pad-presets" }, presets), video.button([t("放开"), h("kbd", {}, "Esc")], release));
  }

  function draw(page) {
    if (held && page.cameras[held.index] !== held.camera.number) release();
    page.cells.forEach((cell, index) => drawPad(page, cell, index));
    const camera = cameraAt(page, page.selected);
    watch(page);
    const button = page.root.querySelector(".video-bar [data-act=ptz]");
    if (!button) return;
    button.disabled = Boolean(obstacle(page, camera));
    button.title = obstacle(page, camera);
  }

  function marks(page, index) {
    if (held && held.renewing && held.index === index) return [{ kind: "ptz", text: t("您在控制云台") }];
    const other = !held && index === page.selected && watched && watched.camera === cameraAt(page, index) && watched.holder;
    return other ? [{ kind: "ptz", text: t("{who} 正在控制").replace("{who}", watched.holder) }] : [];
  }

  const keys = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`Alt+Digit${at + 1}`, (page) => nthPreset(page, at + 1)]));
  document.addEventListener("keyup", onKeyUp, true);
  document.addEventListener("visibilitychange", onAway);
  window.addEventListener("blur", release);

  video.callPreset = callPreset;
  video.part({ leave, draw, marks, grab, acts: { ptz: toggle }, keys });
})();
