/* /cameras/setup: the catalogue. Addresses are typed here and sent once; the server never sends one back. */
(function () {
  "use strict";
  const { t, mount } = window.citywall;
  const SETUP = "/api/v1/cameras/setup";
  const ADDRESSES = ["main_url", "sub_url", "onvif_url"];
  let page = null; // {root, cameras, chosen: camera or null (a new one), proven: addresses tried and seen, form}

  const FIELDS = [
    ["camera_id", t("编号"), { required: true, placeholder: "QD-102" }],
    ["name", t("名称"), { required: true, placeholder: t("香港中路—山东路口") }],
    ["district_code", t("区"), { choices: "districts" }],
    ["street", t("路名"), {}],
    ["lon", t("经度"), { required: true, inputmode: "decimal" }],
    ["lat", t("纬度"), { required: true, inputmode: "decimal" }],
    ["bearing", t("朝向（度，0 为北）"), { inputmode: "decimal" }],
    ["fov", t("视角（度）"), { inputmode: "decimal" }],
    ["owner_unit", t("所属单位或平台"), {}],
    ["policy", t("拉流方式"), { choices: "policies" }],
    ["shared", t("共享（只看，不能转动）"), { type: "checkbox" }],
    ["ptz", t("有云台"), { type: "checkbox" }],
    ["onvif_url", t("ONVIF 地址"), { secret: "http://…/onvif/device_service", wide: true }],
    ["main_url", t("主码流地址"), { secret: "rtsp://…", wide: true }],
    ["sub_url", t("子码流地址"), { secret: "rtsp://…", wide: true }],
  ];

  /** A DOM element. `on…` properties are listeners, others attributes. */
  function h(tag, given, ...inside) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(given || {})) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value === true) made.setAttribute(name, "");
      else if (value !== false && value !== undefined) made.setAttribute(name, value);
    }
    made.append(...inside.flat().filter((one) => one !== null && one !== undefined));
    return made;
  }

  async function ask(path, body) {
    try {
      const sent = body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
      const answer = await fetch(path, sent || {});
      return { ok: answer.ok, body: await answer.json() };
    } catch (error) {
      return { ok: false, body: { message: t("与服务器失去联系"), cause: String(error) } };
    }
  }

  const place = (name) => page.root.querySelector(`[data-setup=${name}]`);

  function enter(root) {
    page = { root, cameras: [], chosen: null, proven: false, form: null };
    place("search").append(h("input", { type: "search", placeholder: t("编号、名称、路名"), "aria-label": t("查找"), oninput: drawList }));
    const file = h("input", { type: "file", accept: ".csv,text/csv", hidden: true, onchange: (event) => preview(event.target) });
    place("acts").append(
      h("button", { type: "button", class: "desk-button", onclick: () => choose(null) }, t("＋ 新摄像机")),
      h("button", { type: "button", class: "desk-button", onclick: () => file.click() }, t("导入 cameras.csv…")), file);
    choose(null);
    load();
    return () => { page = null; };
  }

  async function load() {
    const answer = await ask(SETUP);
    if (!page) return;
    page.root.dataset.face = answer.ok ? "ready" : "error";
    if (!answer.ok) return void (place("count").textContent = answer.body.message);
    page.cameras = answer.body;
    place("count").textContent = t("共 {n} 路").replace("{n}", page.cameras.length);
    drawList();
  }

  function drawList() {
    const wanted = place("search").firstChild.value.trim().toLowerCase();
    const fits = (camera) => `${camera.camera_id} ${camera.name} ${camera.street}`.toLowerCase().includes(wanted);
    place("list").replaceChildren(...page.cameras.filter(fits).map((camera) => h("li", {},
      h("button", { type: "button", "aria-pressed": String(page.chosen === camera), onclick: () => choose(camera) },
        h("b", {}, camera.camera_id), h("span", {}, camera.name), marks(camera)))));
  }

  function marks(camera) {
    const words = [camera.shared && t("共享"), camera.ptz && t("云台"), camera.has.includes("onvif_url") && "ONVIF"];
    return h("em", {}, words.filter(Boolean).join(" · "));
  }

  /* ── the form ───────────────────────────────────────────────────────────────────────────────── */

  function choose(camera) {
    page.chosen = camera;
    page.proven = false;
    page.form = h("form", { autocomplete: "off", novalidate: true, onsubmit: save, oninput: onTyped },
      h("h2", {}, camera ? camera.name : t("新摄像机")),
      h("div", { class: "setup-fields" }, FIELDS.map((field) => fieldOf(camera, ...field))),
      h("p", { class: "setup-note" }, t("地址只写入、不显示；已设置的地址留空即不变。只填 ONVIF 地址时，码流地址向摄像机询问。")),
      h("footer", {},
        h("button", { type: "button", class: "setup-test", onclick: test }, t("测试")),
        h("button", { type: "submit", class: "setup-save" }, t("保存")),
        h("output", { class: "setup-said", role: "status" })));
    place("form").replaceChildren(page.form);
    drawSave();
    drawList();
  }

  function fieldOf(camera, name, words, how) {
    const value = camera && camera[name] !== null && camera[name] !== undefined ? camera[name] : "";
    return h("label", { class: how.wide ? "is-wide" : how.type === "checkbox" ? "is-check" : undefined, "data-field": name },
      h("span", {}, words), inputOf(camera, name, value, how), h("small", { class: "setup-fault" }));
  }

  function inputOf(camera, name, value, how) {
    if (how.choices) return choiceOf(name, value, JSON.parse(page.root.dataset[how.choices]));
    if (how.type === "checkbox") return h("input", { type: "checkbox", name, checked: Boolean(value) });
    if (how.secret === undefined) return h("input", { name, value, placeholder: how.placeholder, inputmode: how.inputmode, readonly: name === "camera_id" && Boolean(camera) });
    const stored = camera && camera.has.includes(name);
    return h("span", { class: "setup-secret" },
      h("input", { type: "password", name, autocomplete: "new-password", placeholder: stored ? t("已设置，留空不变") : how.secret }),
      h("button", { type: "button", class: "desk-button", onclick: reveal }, t("显示")));
  }

  function choiceOf(name, value, choices) {
    return h("select", { name }, Object.entries(choices).map(([code, words]) => h("option", { value: code, selected: code === value }, words)));
  }

  /** Shows what was typed just now; there is nothing else to show. */
  function reveal(event) {
    const input = event.target.previousElementSibling;
    input.type = input.type === "password" ? "text" : "password";
    event.target.textContent = input.type === "password" ? t("显示") : t("隐藏");
  }

  function values() {
    return Object.fromEntries(FIELDS.map(([name]) => {
      const input = page.form.elements[name];
      return [name, input.type === "checkbox" ? input.checked : input.value.trim()];
    }));
  }

  function onTyped(event) {
    if (ADDRESSES.includes(event.target.name)) page.proven = false;
    drawSave();
  }

  /** A typed address is looked at before it is saved; after a failed look one may still insist. */
  function drawSave() {
    const typed = ADDRESSES.some((name) => values()[name]);
    const button = page.form.querySelector(".setup-save");
    button.disabled = (typed || !page.chosen) && !page.proven;
    button.textContent = page.proven === "failed" ? t("仍然保存") : t("保存");
    button.title = button.disabled ? t("先测试") : "";
  }

  function said(words, bad) {
    const output = page.form.querySelector(".setup-said");
    output.textContent = words;
    output.classList.toggle("is-bad", Boolean(bad));
  }

  function showFaults(rejected) {
    for (const label of page.form.querySelectorAll("[data-field]")) {
      const fault = rejected.find((one) => one.field === label.dataset.field);
      label.classList.toggle("is-bad", Boolean(fault));
      label.querySelector(".setup-fault").textContent = fault ? fault.reason : "";
    }
  }

  /* ── test, save, import ─────────────────────────────────────────────────────────────────────── */

  async function test() {
    const mine = page.form;
    const { camera_id, main_url, onvif_url } = values();
    place("proof").replaceChildren(h("p", { class: "setup-hint is-busy" }, t("正在连接摄像机，最多 45 秒…")));
    const button = mine.querySelector(".setup-test");
    button.disabled = true;
    const answer = await ask(`${SETUP}/test`, { camera_id, main_url, onvif_url });
    button.disabled = false;
    if (!page || page.form !== mine) return;
    page.proven = answer.ok && answer.body.ok ? "seen" : "failed";
    drawProof(answer.body);
    drawSave();
  }

  function drawProof(told) {
    const { device, picture } = told;
    const facts = told.ok ? [
      [t("编码"), told.codec], [t("画面尺寸"), `${told.width} × ${told.height}`], [t("帧/秒"), told.fps],
      [t("第一张画面"), t("{n} 毫秒").replace("{n}", told.first_picture_ms)],
    ] : [];
    if (device) facts.push([t("设备"), `${device.manufacturer} ${device.model}`], [t("码流"), device.profiles.join("，")], [t("时钟偏差"), t("{n} 秒").replace("{n}", device.clock_offset_seconds)], [t("预置位"), device.presets.join("，") || t("无")]);
    place("proof").replaceChildren(...[
      h("h2", { class: told.ok ? "is-good" : "is-bad" }, told.ok ? t("● 有画面") : `✕ ${told.message}`),
      picture ? h("img", { src: picture, alt: t("第一张画面") }) : null,
      h("dl", {}, facts.flatMap(([words, value]) => [h("dt", {}, words), h("dd", {}, String(value))]))].filter(Boolean));
  }

  async function save(event) {
    event.preventDefault();
    const form = values();
    said(t("正在保存…"));
    const answer = await ask(SETUP, form);
    if (!page) return;
    showFaults(answer.body.rejected || []);
    if (!answer.ok) return void said(answer.body.message || t("有字段要改，见红字"), true);
    await load();
    if (!page) return;
    choose(page.cameras.find((camera) => camera.camera_id === form.camera_id) || null);
    said(answer.body.new ? t("已添加，几秒后上线") : answer.body.changed ? t("已保存，几秒后生效") : t("没有变化"));
  }

  async function preview(input) {
    const [file] = input.files;
    if (!file) return;
    const text = await file.text();
    input.value = "";
    const answer = await ask(`${SETUP}/csv`, { text });
    if (page) drawPreview(text, answer, false);
  }

  function drawPreview(text, { ok, body }, done) {
    const head = ok ? (done ? t("已导入：新增 {new}，修改 {changed}，不变 {same}") : t("可导入 {good} 行，有问题 {rejected_rows} 行"))
      .replace(/\{(\w+)\}/g, (_, name) => body[name]) : body.message;
    place("proof").replaceChildren(...[
      h("h2", { class: ok ? "is-good" : "is-bad" }, head),
      h("ol", { class: "setup-rejects" }, (body.rejected || []).map((one) => h("li", {}, h("b", {}, t("第 {n} 行").replace("{n}", one.line)), ` ${one.field}：${one.reason}`))),
      ok && !done && body.good ? h("button", { type: "button", class: "setup-save", onclick: () => take(text) }, t("导入这 {n} 行").replace("{n}", body.good)) : null].filter(Boolean));
  }

  async function take(text) {
    const answer = await ask(`${SETUP}/csv`, { text, save: true });
    if (!page) return;
    drawPreview(text, answer, true);
    load();
  }

  mount(".setup", enter);
})();
