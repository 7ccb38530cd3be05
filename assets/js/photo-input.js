/* Photos for a form: taken by the phone's camera, dropped or pasted at a desk, uploaded one after another, kept over a
   reload.  citywall.photoInput(element, {kinds, caseNo, draft, most, hold, onChange}) → {value, pending, files, clear, stop}
   `hold`: nothing is uploaded here; `files()` gives [{kind, file}] to whoever carries them later (a phone without a line). */
(function () {
  "use strict";
  const { t, h, format } = window.citywall;
  const PATH = "/api/v1/photos";
  const TYPES = ["image/jpeg", "image/png", "image/webp"];
  const LARGEST = 12 * 1024 * 1024;
  const MOST = 9; // photos of one form
  const ATTEMPT_MS = 90_000;
  const PAUSES_MS = [1000, 3000, 8000]; // between attempts on a bad line; then a hand must ask again
  const WORDS = { far: t("远景照"), near: t("近景照"), reference: t("参照照"), before: t("处置前"), after: t("处置后") };
  const onPhone = window.matchMedia("(pointer: coarse)").matches;
  const mounted = new Set();
  let serial = 0;

  /* ── one widget ─────────────────────────────────────────────────────────────────────────────── */

  function photoInput(element, { kinds = ["near"], caseNo = "", draft = "", most = MOST, hold = false, onChange = () => {} } = {}) {
    const input = {
      element, kinds, caseNo, most, hold, onChange, items: [], sending: null, groups: new Map(), told: "[]0",
      key: `cw-photos ${draft || caseNo || "new"} ${kinds.join("|")}`, note: h("p", { class: "photo-note", role: "status" }),
    };
    element.classList.add("photo-input");
    element.replaceChildren(...kinds.map((kind) => groupOf(input, kind)), input.note);
    for (const kept of read(input.key)) if (kinds.includes(kept.kind)) input.items.push({ ...kept, id: ++serial, state: "done" });
    mounted.add(input);
    draw(input);
    return {
      value: () => value(input),
      files: () => input.items.filter((item) => item.state === "held").map(({ kind, file }) => ({ kind, file })),
      pending: () => input.items.filter((item) => waits(item)).length,
      clear: () => { for (const item of [...input.items]) remove(input, item); sessionStorage.removeItem(input.key); },
      stop: () => { mounted.delete(input); if (input.sending) input.sending.abort(); },
    };
  }

  function groupOf(input, kind) {
    const file = h("input", { type: "file", accept: TYPES.join(","), hidden: true, tabindex: -1, "aria-hidden": "true", capture: onPhone ? "environment" : null, multiple: !onPhone });
    file.addEventListener("change", () => { take(input, kind, file.files); file.value = ""; });
    const list = h("ul", { class: "photo-list" });
    const add = h("button", { type: "button", class: "photo-add", onclick: () => file.click() },
      h("span", { class: "photo-plus", "aria-hidden": "true" }, "＋"), h("span", {}, `${onPhone ? t("拍照") : t("添加照片")} · ${WORDS[kind]}`),
      onPhone ? null : h("small", {}, t("可拖入或粘贴")));
    const group = h("div", { class: "photo-group", role: "group", "aria-label": WORDS[kind], "data-kind": kind }, list, add, file);
    group.addEventListener("dragover", (event) => { if (hasFiles(event)) { event.preventDefault(); group.dataset.over = "1"; } });
    group.addEventListener("dragleave", (event) => { if (!group.contains(event.relatedTarget)) delete group.dataset.over; });
    group.addEventListener("drop", (event) => { if (hasFiles(event)) { event.preventDefault(); delete group.dataset.over; take(input, kind, event.dataTransfer.files); } });
    input.groups.set(kind, { list, add });
    return group;
  }

  const hasFiles = (event) => [...(event.dataTransfer ? event.dataTransfer.types : [])].includes("Files");
  const waits = (item) => item.state === "waiting" || item.state === "sending" || item.state === "pausing";
  const value = (input) => input.items.filter((item) => item.state === "done").map((item) => `${item.kind}:${item.sha256}`);

  /** New files of a kind: wrong ones stay, with the reason, until they are removed. */
  function take(input, kind, files) {
    for (const file of files) {
      if (input.items.length >= input.most) { say(input, t("最多 {n} 张照片").replace("{n}", input.most)); break; }
      const problem = problemOf(file);
      input.items.push({ id: ++serial, kind, name: file.name, file, local: problem ? null : URL.createObjectURL(file), state: problem ? "refused" : input.hold ? "held" : "waiting", problem, share: 0, attempts: 0 });
    }
    draw(input);
    sendNext(input);
  }

  function problemOf(file) {
    if (!TYPES.includes(file.type)) return t("只收 JPEG、PNG、WebP 照片，请改用相机拍照或另存为 JPEG");
    if (!file.size) return t("文件是空的，请重新拍照");
    return file.size > LARGEST ? t("照片超过 {n} MB，请调低相机分辨率后重拍").replace("{n}", LARGEST / 1024 / 1024) : "";
  }

  /* ── sending, one after another ─────────────────────────────────────────────────────────────── */

  function sendNext(input) {
    const item = input.sending ? null : input.items.find((one) => one.state === "waiting");
    if (!item) return;
    item.state = "sending";
    item.share = 0;
    draw(input);
    const asked = new URLSearchParams({ kind: item.kind, ...(input.caseNo ? { case_no: input.caseNo } : {}) });
    const request = new XMLHttpRequest();
    input.sending = request;
    request.open("POST", `${PATH}?${asked}`);
    request.timeout = ATTEMPT_MS;
    request.setRequestHeader("Content-Type", item.file.type);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => { item.share = event.lengthComputable ? event.loaded / event.total : 0; progress(input, item); });
    request.addEventListener("loadend", () => { input.sending = null; settle(input, item, request); sendNext(input); });
    request.send(item.file);
  }

  /** What came of an attempt: stored, refused for good, or to be tried again after a pause. */
  function settle(input, item, request) {
    if (!input.items.includes(item)) return;
    const told = parsed(request.responseText);
    if (request.status === 201 || request.status === 200) stored(input, item, told);
    else if (request.status >= 400 && request.status < 500 && request.status !== 408 && request.status !== 429) refuse(item, told, request.status);
    else later(input, item);
    draw(input);
  }

  function stored(input, item, told) {
    const twin = input.items.find((one) => one !== item && one.state === "done" && one.kind === item.kind && one.sha256 === told.sha256);
    if (twin) { drop(input, item); say(input, t("这张照片已经添加过")); return; }
    Object.assign(item, { state: "done", sha256: told.sha256, taken_at: told.taken_at, metres: told.metres, flags: told.flags || [], file: null });
    keep(input);
  }

  function refuse(item, told, status) {
    item.state = "refused";
    item.problem = status === 401 ? t("登录已失效，请重新登录；已传的照片会保留") : told.message || `${t("未成功")}（${status}）`;
  }

  function later(input, item) {
    const pause = PAUSES_MS[item.attempts];
    item.attempts += 1;
    item.state = pause ? "pausing" : "failed";
    item.problem = pause ? t("线路不好，稍后自动重试") : t("没有传上去：线路中断，请到信号好的地方重试");
    if (pause) item.timer = setTimeout(() => again(input, item), pause);
  }

  function again(input, item) {
    clearTimeout(item.timer);
    if (!input.items.includes(item) || !mounted.has(input)) return;
    item.state = "waiting";
    item.problem = "";
    draw(input);
    sendNext(input);
  }

  function parsed(words) {
    try { return JSON.parse(words) || {}; } catch { return {}; } // a proxy's page instead of an answer: its status is enough
  }

  /* ── keeping, removing, telling ─────────────────────────────────────────────────────────────── */

  function read(key) {
    const kept = parsed(sessionStorage.getItem(key) || "[]");
    return Array.isArray(kept) ? kept.filter((item) => item && typeof item.sha256 === "string") : [];
  }

  function keep(input) {
    const done = input.items.filter((item) => item.state === "done").map(({ kind, name, sha256, taken_at, metres, flags }) => ({ kind, name, sha256, taken_at, metres, flags }));
    try {
      if (done.length) sessionStorage.setItem(input.key, JSON.stringify(done));
      else sessionStorage.removeItem(input.key);
    } catch (error) {
      console.warn("photos are not kept over a reload", error); // storage full or forbidden: the photos themselves are safe
    }
  }

  function drop(input, item) {
    if (item.local) URL.revokeObjectURL(item.local);
    clearTimeout(item.timer);
    input.items = input.items.filter((one) => one !== item);
  }

  function remove(input, item) {
    const sending = item.state === "sending" && input.sending;
    drop(input, item);
    if (sending) sending.abort();
    keep(input);
    draw(input);
  }

  function say(input, words) {
    input.note.textContent = words;
  }

  function tell(input) {
    const photos = value(input);
    const pending = input.items.filter(waits).length;
    const told = JSON.stringify(photos) + pending;
    if (told === input.told) return;
    input.told = told;
    input.onChange(photos, { pending });
  }

  /* ── drawing ────────────────────────────────────────────────────────────────────────────────── */

  function draw(input) {
    for (const [kind, group] of input.groups) {
      group.list.replaceChildren(...input.items.filter((item) => item.kind === kind).map((item) => cardOf(input, item)));
      group.add.disabled = input.items.length >= input.most;
    }
    const waiting = input.items.filter(waits).length;
    say(input, waiting ? t("正在上传 {n} 张…").replace("{n}", waiting) : "");
    tell(input);
  }

  function cardOf(input, item) {
    const source = item.local || (item.sha256 ? `/photos/${item.sha256}/thumb` : "");
    const face = source ? h("img", { src: source, alt: `${WORDS[item.kind]} ${item.name || ""}`, decoding: "async" }) : h("span", { class: "photo-none", "aria-hidden": "true" }, "✕");
    const flags = (item.flags || []).map((flag) => h("span", { class: "photo-flag", title: flag.detail || null }, `▲ ${flag.label}`));
    const bar = item.state === "sending" || item.state === "waiting" ? h("progress", { max: 1, value: item.share || 0, "aria-label": t("上传进度") }) : null;
    const retry = item.state === "failed" || item.state === "pausing" ? h("button", { type: "button", class: "photo-again", onclick: () => again(input, item) }, t("重试")) : null;
    return h("li", { class: "photo-card", "data-state": item.state, "data-id": item.id }, face,
      h("button", { type: "button", class: "photo-remove", "aria-label": `${t("移除照片")} ${item.name || ""}`, title: t("移除照片"), onclick: () => remove(input, item) }, "×"),
      bar, h("div", { class: "photo-words" }, item.state === "held" ? h("span", { class: "photo-done" }, t("随提交一起发送")) : item.state === "done" ? h("span", { class: "photo-done" }, `✓ ${item.taken_at ? format.shortTime(item.taken_at) : t("已上传")}`) : null, ...flags,
        item.problem ? h("span", { class: "photo-problem", role: "alert" }, item.problem) : null, retry));
  }

  function progress(input, item) {
    const bar = input.element.querySelector(`[data-id="${item.id}"] progress`);
    if (bar) bar.value = item.share;
  }

  /* ── the page's own events ──────────────────────────────────────────────────────────────────── */

  /** A pasted picture goes to the form whose field has the hand, else to the newest one on screen; first kind without one. */
  function onPaste(event) {
    const files = [...(event.clipboardData ? event.clipboardData.files : [])];
    if (!files.length) return;
    const seen = [...mounted].filter((input) => input.element.isConnected && input.element.getClientRects().length);
    const near = event.target.closest ? event.target.closest("form, dialog, [role=dialog]") : null;
    const input = seen.reverse().find((one) => near && near.contains(one.element)) || seen[0];
    if (!input) return;
    event.preventDefault();
    const free = input.kinds.find((kind) => !input.items.some((item) => item.kind === kind));
    take(input, free || input.kinds[input.kinds.length - 1], files);
  }

  function onOnline() {
    for (const input of mounted) for (const item of input.items) if (item.state === "failed" || item.state === "pausing") again(input, item);
  }

  /** Widgets whose form has gone stop asking. */
  setInterval(() => { for (const input of mounted) if (!input.element.isConnected) mounted.delete(input); }, 60_000);
  document.addEventListener("paste", onPaste);
  window.addEventListener("online", onOnline);
  window.citywall.photoInput = photoInput;
})();
