/* The form for what a caller, a letter or a camera tells: /intake, and /video for what is seen. Typed text outlives a
   reload; the same report is never registered twice (its own id); cases that may be the same are shown while one still types. */
(function () {
  "use strict";
  const { t, h, ask, why, format, now } = window.citywall;
  const KEY = "citywall.intake", TYPING_MS = 300, AGAIN_MS = 20_000, ANSWER_SECONDS = 12;
  const SOURCES = ["hotline", "public", "leader", "media", "video", "transfer", "sensor"];
  const SYSTEM = "intake";
  const base = () => window.citywall.dispatchBase;

  /** An id of our own, also where the page is not from a secure address. */
  function freshId() {
    if (window.crypto.randomUUID) return window.crypto.randomUUID();
    return [...window.crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** `done(caseNo)`: it is registered, or joined to that case; `look(caseNo)`: show a case meanwhile. `scene`: the report is of
      what a camera shows: {name, point, pending(), attach(caseNo)}, `attach` puts its picture to the case and resolves to what
      was in the way, nothing when it is done; `done` is told that too. */
  class Form {
    constructor(element, { root, done, look = done, scene = null }) {
      Object.assign(this, { element, root, done, look, scene, key: `${KEY}.${root.dataset.who}${scene ? `.${scene.name}` : ""}`, point: null, where: null, autoAddress: "", alikeAsked: 0, busy: false });
      this.id = freshId();
      this.build();
      this.restore();
      this.timer = setInterval(() => this.askAlike(), AGAIN_MS);
    }

    close() {
      this.point = null; // an answer still on its way finds nobody
      clearInterval(this.timer);
      clearTimeout(this.waiting);
      this.map.stop();
      this.photos.stop();
    }

    /* ---- parts ---- */

    build() {
      const { root } = this, names = base().names();
      const { scene } = this, personal = Boolean(root.dataset.mayPersonal) && !scene;
      this.source = h("select", { id: "intake-source" }, SOURCES.map((code) => h("option", { value: code }, names.sources[code] || code)));
      this.reporter = h("input", { id: "intake-reporter", type: "text", maxlength: 60, autocomplete: "off" });
      this.phone = h("input", { id: "intake-phone", type: "tel", maxlength: 30, autocomplete: "off", inputmode: "tel" });
      this.description = h("textarea", { id: "intake-description", rows: 3, maxlength: 2000 });
      this.classPick = window.citywall.pick({ id: "intake-class", options: window.citywall.caseFields.classes(), placeholder: t("名称、拼音或首字母"), picked: () => { this.changed(); this.askAlike(); } });
      this.severity = h("div", { class: "intake-levels", role: "radiogroup", "aria-label": t("等级") }, Object.entries(names.levels).map(([code, [shape, word]]) =>
        h("label", { class: `is-${code}` }, h("input", { type: "radio", name: "intake-level", value: code, checked: code === "L4" }), `${shape} ${word}`)));
      this.search = this.placeSearch();
      this.address = h("input", { id: "intake-address", type: "text", maxlength: 200, autocomplete: "off" });
      this.grid = h("p", { class: "intake-grid", role: "status" }, t("在图上点一下，网格与行政区自动查出"));
      this.mapPlace = h("div", { class: "intake-map" });
      this.alike = h("div", { class: "intake-alike", role: "status", "aria-live": "polite" });
      const photoPlace = h("div", { class: "intake-photos" });
      this.error = h("p", { class: "intake-error", role: "alert" });
      this.go = h("button", { type: "submit", class: "panel-act is-main" }, t("登记"), h("kbd", {}, "Ctrl Enter"));
      this.reset = h("button", { type: "button", class: "panel-act", onclick: () => this.startOver() }, t("清空"));
      this.form = h("form", { novalidate: true, onsubmit: (event) => { event.preventDefault(); this.submit(); } },
        scene ? null : h("h2", {}, t("登记"), h("small", {}, t("未提交的内容会保留"))),
        scene ? null : h("div", { class: "intake-row" }, field(t("来源"), this.source), personal ? field(t("来电人"), this.reporter) : null, personal ? field(t("电话"), this.phone) : null),
        field(t("问题描述"), this.description, true),
        h("div", { class: "intake-row" }, field(t("类别"), this.classPick.element, false, "intake-class"), h("div", { class: "intake-field" }, h("span", {}, t("等级")), this.severity)),
        this.search.element, this.mapPlace, this.grid,
        field(t("地址"), this.address), this.alike, scene ? null : photoPlace, this.error,
        h("footer", {}, this.go, this.reset));
      this.element.replaceChildren(this.form);
      this.source.value = scene ? "video" : root.dataset.source;
      this.map = window.citywall.spotMap(this.mapPlace, { box: JSON.parse(root.dataset.box || "null"), onPick: (lon, lat) => this.setPoint(lon, lat, { move: false }), label: t("在图上点选位置") });
      this.photos = scene ? { value: () => [], pending: scene.pending, clear() {}, stop() {} } : window.citywall.photoInput(photoPlace, { kinds: ["near", "far"], draft: "intake", onChange: () => this.changed() });
      this.form.addEventListener("input", () => this.changed());
      this.form.addEventListener("keydown", (event) => this.onKey(event));
    }

    onKey(event) {
      if (event.isComposing) return;
      if (event.code === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); this.submit(); }
      else if (event.code === "Enter" && event.target.tagName === "INPUT") event.preventDefault(); // half a form is not handed in by accident
      else if (event.code === "Escape" && !event.defaultPrevented) event.target.blur();
    }

    focus() {
      this.description.focus();
    }

    /** Places by name: the list under the field, chosen by hand or by arrows; a pasted pair of degrees is a place too. */
    placeSearch() {
      const input = h("input", { id: "intake-search", type: "search", autocomplete: "off", role: "combobox", "aria-expanded": "false", "aria-controls": "intake-places", placeholder: t("地名、路名、单位，或经度,纬度") });
      const list = h("ul", { id: "intake-places", class: "pick-list", role: "listbox", hidden: true });
      const state = { found: [], at: 0, asked: 0 };
      const hide = () => { list.hidden = true; input.setAttribute("aria-expanded", "false"); };
      const choose = (place) => { hide(); input.value = place.name; this.setPoint(place.lon, place.lat, { address: place.address.includes(place.name) ? place.address : `${place.address}${place.name}` }); };
      const show = (words) => {
        list.replaceChildren(...(state.found.length ? state.found.map((place, index) => h("li", { role: "option", "aria-selected": index === state.at ? "true" : "false", onpointerdown: (event) => { event.preventDefault(); choose(place); } }, h("span", {}, `${place.kind === "landmark" ? "★ " : ""}${place.name}`), h("small", {}, place.address)))
          : [h("li", { class: "pick-more" }, words || t("没有这个地名，请直接在图上点选"))]));
        list.hidden = false;
        input.setAttribute("aria-expanded", "true");
      };
      const look = async () => {
        const words = input.value.trim(), asked = (state.asked += 1);
        const degrees = words.match(/^(\d{2,3}\.\d+)[,，\s]+(\d{1,2}\.\d+)$/);
        if (degrees) { hide(); return this.setPoint(Number(degrees[1]), Number(degrees[2])); }
        if (!words) return hide();
        const answer = await ask("GET", `/api/v1/places?q=${encodeURIComponent(words)}`, undefined, { seconds: ANSWER_SECONDS });
        if (asked !== state.asked) return null;
        Object.assign(state, { found: answer.ok ? answer.body.places : [], at: 0 });
        return show(answer.ok ? "" : why(answer));
      };
      let timer = null;
      input.addEventListener("input", (event) => { event.stopPropagation(); clearTimeout(timer); if (!event.isComposing) timer = setTimeout(look, TYPING_MS); });
      input.addEventListener("compositionend", () => { clearTimeout(timer); timer = setTimeout(look, TYPING_MS); });
      input.addEventListener("blur", hide);
      input.addEventListener("keydown", (event) => {
        if (event.isComposing || list.hidden) return;
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.code];
        if (step) { event.preventDefault(); state.at = Math.max(0, Math.min(state.found.length - 1, state.at + step)); show(); }
        else if (event.code === "Enter" && state.found[state.at]) { event.preventDefault(); event.stopPropagation(); choose(state.found[state.at]); }
        else if (event.code === "Escape") { event.preventDefault(); event.stopPropagation(); hide(); }
      });
      return { element: h("div", { class: "intake-field pick" }, h("label", { for: "intake-search" }, t("找地点")), input, list), input };
    }

    /* ---- where ---- */

    async setPoint(lon, lat, { address = "", move = true } = {}) {
      this.point = { lon: Number(lon.toFixed(6)), lat: Number(lat.toFixed(6)) };
      this.map.set(this.point, { move });
      this.grid.textContent = t("正在查网格…");
      if (address) this.fillAddress(address);
      this.changed();
      this.askAlike();
      const asked = this.point;
      const answer = await ask("GET", `/api/v1/where?lon=${asked.lon}&lat=${asked.lat}`, undefined, { seconds: ANSWER_SECONDS });
      if (asked !== this.point) return;
      if (!answer.ok) { this.grid.textContent = `${t("网格没有查到")}：${why(answer)}`; return; }
      this.where = answer.body;
      this.map.set({ ...asked, ring: answer.body.ring, near: answer.body.near }, { move: false });
      this.grid.textContent = answer.body.grid ? `${base().district(answer.body.district)} ${answer.body.street} ${answer.body.community} · ${t("网格")} ${answer.body.grid}` : `▲ ${t("不在任何网格内：请核对位置")}`;
      this.grid.toggleAttribute("data-outside", !answer.body.grid);
      if (!address && answer.body.address) this.fillAddress(answer.body.address);
      this.changed();
    }

    /** An address typed by hand stays; one we found gives way to a newer one. */
    fillAddress(words) {
      if (this.address.value.trim() && this.address.value !== this.autoAddress) return;
      this.address.value = this.autoAddress = words;
    }

    /* ---- cases that may be the same ---- */

    async askAlike() {
      const code = this.classPick.get(), { point } = this;
      if (!code || !point) { this.alike.replaceChildren(); return; }
      const asked = (this.alikeAsked += 1);
      const answer = await ask("GET", `/api/v1/cases-alike?class_code=${encodeURIComponent(code)}&lon=${point.lon}&lat=${point.lat}`, undefined, { seconds: ANSWER_SECONDS });
      if (asked !== this.alikeAsked || !answer.ok) return;
      this.alike.toggleAttribute("data-found", answer.body.cases.length > 0);
      this.alike.replaceChildren(...(answer.body.cases.length ? [h("b", {}, `▲ ${t("附近 24 小时内有 {n} 件同类案卷").replace("{n}", answer.body.cases.length)}`), ...answer.body.cases.map((one) => this.twin(one))] : []));
    }

    twin(one) {
      return h("div", { class: "intake-twin" },
        h("span", {}, `${one.metres} ${t("米")} · ${t("{age}前").replace("{age}", format.age(now() - one.reported_at))} · ${one.state_label}`), h("small", {}, `${one.case_no} ${one.address}`),
        h("button", { type: "button", class: "panel-act", onclick: () => this.look(one.case_no) }, t("查看")),
        this.scene || this.root.dataset.mayJoin ? h("button", { type: "button", class: "panel-act is-main", onclick: () => this.join(one.case_no) }, this.scene ? t("画面附到此案") : t("关联，不另立案")) : null);
    }

    /** The call is kept and tied to the case that stands; no second case goes on. A picture simply joins it. */
    async join(caseNo) {
      if (this.busy) return;
      if (this.scene) {
        if (this.unsent()) return;
        const trouble = await this.attached(caseNo);
        if (trouble) { this.error.textContent = `✕ ${t("画面没有附上")}：${trouble}`; return; }
        this.empty();
        this.done(caseNo);
        return;
      }
      const made = await this.begin({ description: this.description.value.trim() || t("与 {no} 同一问题").replace("{no}", caseNo) });
      if (!made) return;
      const act = window.citywall.caseAct;
      const tied = await act.quick(made.case_no, "link", { version: made.version, facts: { linked: [caseNo] } });
      if (tied.ok) await act.quick(made.case_no, "refuse_acceptance", { version: tied.case.version, reason: t("重复：已有案卷 {no}").replace("{no}", caseNo) });
      this.empty();
      this.done(caseNo);
    }

    /* ---- handing in ---- */

    facts() {
      const level = this.severity.querySelector(":checked");
      const told = {
        source: this.source.value, description: this.description.value.trim(), class_code: this.classPick.get(), severity: level ? level.value : "L4",
        address: this.address.value.trim(), ...(this.point || {}), grid: this.where && this.where.grid, district: this.where && this.where.district, photos: this.photos.value(),
        source_system: SYSTEM, outside_id: this.id,
      };
      if (this.root.dataset.mayPersonal) Object.assign(told, { reporter: this.reporter.value.trim(), reporter_phone: this.phone.value.trim() });
      return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && !value.length)));
    }

    /** {case_no, version} of the new case, also when an answer got lost and it stands already; null when refused. */
    async begin(more = {}) {
      this.busy = true;
      this.go.disabled = true;
      this.error.textContent = "";
      const facts = { ...this.facts(), ...more };
      const answer = await ask("POST", "/api/v1/cases", { action: "register", facts }, { seconds: ANSWER_SECONDS });
      this.busy = false;
      this.go.disabled = false;
      if (answer.ok) return answer.body.case;
      const known = answer.body.error === "duplicate" && /[A-Z]+\d{6,}/.exec(answer.body.message || "");
      if (known) return { case_no: known[0] };
      this.wrong(answer);
      return null;
    }

    /** The scene's picture to a case; what was in the way. */
    async attached(caseNo) {
      this.busy = true;
      const trouble = await this.scene.attach(caseNo);
      this.busy = false;
      return trouble;
    }

    /** Pictures still under way, and that is said. */
    unsent() {
      if (!this.photos.pending()) return false;
      this.error.textContent = `▲ ${this.scene ? t("画面还在读取，请稍候") : t("照片还在上传，请稍候")}`;
      return true;
    }

    wrong(answer) {
      this.error.textContent = `✕ ${why(answer)}`;
      const place = { description: this.description, class_code: this.classPick.input, source: this.source, address: this.address }[answer.body.field];
      if (place) place.focus();
      this.error.scrollIntoView({ block: "nearest" });
    }

    async submit() {
      if (this.busy) return;
      if (!this.description.value.trim()) { this.error.textContent = `▲ ${t("请写明问题")}`; this.description.focus(); return; }
      if (this.unsent()) return;
      const made = await this.begin();
      if (!made) return;
      const trouble = this.scene ? await this.attached(made.case_no) : "";
      if (!this.scene) window.citywall.caseAct.toast(`${made.case_no} ${t("已登记")}`);
      this.empty();
      this.done(made.case_no, trouble);
    }

    /* ---- what was typed ---- */

    changed() {
      const level = this.severity.querySelector(":checked");
      const draft = { id: this.id, at: Date.now(), source: this.source.value, reporter: this.reporter.value, phone: this.phone.value, description: this.description.value, class_code: this.classPick.get(), level: level && level.value, address: this.address.value, point: this.point };
      try {
        localStorage.setItem(this.key, JSON.stringify(draft));
      } catch (error) {
        console.warn("draft", error); // the form itself still holds it
      }
    }

    restore() {
      let draft = null;
      try {
        draft = JSON.parse(localStorage.getItem(this.key));
      } catch (error) {
        console.warn("draft", error);
      }
      if (draft) this.fill(draft);
      const point = (draft && draft.point) || (this.scene && this.scene.point);
      if (point) this.setPoint(point.lon, point.lat);
    }

    fill(draft) {
      this.id = draft.id || this.id;
      for (const [name, value] of [["source", draft.source], ["reporter", draft.reporter], ["phone", draft.phone], ["description", draft.description], ["address", draft.address]]) if (value) this[name].value = value;
      if (draft.class_code) this.classPick.set(draft.class_code);
      const level = draft.level && this.severity.querySelector(`[value="${draft.level}"]`);
      if (level) level.checked = true;
    }

    /** Nothing typed any more; a scene stays where its camera is. */
    startOver() {
      this.empty();
      if (this.scene) this.setPoint(this.scene.point.lon, this.scene.point.lat);
    }

    empty() {
      localStorage.removeItem(this.key);
      Object.assign(this, { id: freshId(), point: null, where: null, autoAddress: "" });
      for (const part of [this.reporter, this.phone, this.description, this.address, this.search.input]) part.value = "";
      this.classPick.set(null);
      this.severity.querySelector("[value=L4]").checked = true;
      this.photos.clear();
      this.map.set(null);
      this.grid.textContent = t("在图上点一下，网格与行政区自动查出");
      this.grid.removeAttribute("data-outside");
      this.alike.replaceChildren();
      this.alike.removeAttribute("data-found");
      this.error.textContent = "";
      localStorage.removeItem(this.key);
    }
  }

  function field(words, input, wide = false, id = input.id) {
    return h("div", { class: `intake-field${wide ? " is-wide" : ""}` }, h("label", { for: id }, words), input);
  }

  window.citywall.intakeForm = (element, options) => new Form(element, options);
  window.citywall.freshId = freshId;
})();
