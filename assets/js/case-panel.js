/* One case beside a list: what it is, where, its photos, its limit in one line, who gave it, and what may be done with a
   key. Used by /unit and /intake; the whole story stands on /case.
     citywall.casePanel(element, {acts, quick, worker, given, empty}) → {show(caseNo), press(code), caseNo, stop} */
(function () {
  "use strict";
  const { t, h, ask, why, format, now } = window.citywall;
  const ANSWER_SECONDS = 15, SHOWN_STEPS = 5;
  const PHOTO_ORDER = ["near", "far", "reference", "before", "after"];
  const AT_DEPARTMENT = new Set(["pending_disposal", "disposing"]);
  const TELLING = new Set(["too_late", "too_often", "request_open", "claimed", "claim_lost", "ownership_open"]); // refusals worth a line: one would try
  const UNITS = { urgent_hour: t("紧急工作时"), urgent_day: t("紧急工作日"), work_hour: t("工作时"), work_day: t("工作日"), calendar_day: t("自然日") };
  const base = () => window.citywall.dispatchBase; // its names and clocks; loaded after this script
  const pathOf = (caseNo, what = "") => `/api/v1/cases/${encodeURIComponent(caseNo)}${what}`;
  const keyName = (code) => code.replace(/^Key|^Digit/, "");

  /** The limit of a case, explained in one line: rule, when it began, what did not count, when it ends. */
  function limitLine(found) {
    if (!found.limit_value) return found.deadline ? `${t("至")} ${format.shortTime(found.deadline)}` : t("尚未定时限：立案时按立案条件确定");
    const parts = [`${found.filing_condition || t("外部规则")}：${found.limit_value} ${UNITS[found.limit_unit] || found.limit_unit || ""}`];
    if (found.tasked_at) parts.push(`${format.shortTime(found.tasked_at)} ${t("派遣起算")}`);
    if (found.paused_seconds > 0) parts.push(`${t("停表")} ${format.span(found.paused_seconds * 1000)}`);
    if (found.extension_count) parts.push(t("已延期 {n} 次").replace("{n}", found.extension_count));
    if (found.deadline) parts.push(`${t("至")} ${format.shortTime(found.deadline)}`);
    return parts.join(" · ");
  }

  /** What counts for the case now, in words and how grave that is. */
  function clockWords(found, at = now()) {
    if (found.closed_at) return { words: `${t("结案")} ${format.shortTime(found.closed_at)}`, lamp: "grey" };
    const clock = base().clockOf(found);
    const lamp = base().lampOf(clock, at);
    const said = base().leftText(clock, at);
    if (clock.kind === "due") return { words: at > clock.due ? `▲ ${t("超期")} ${said}` : `${t("剩")} ${said}`, lamp };
    return { words: clock.kind === "paused" ? `‖ ${t("挂账")} ${said}` : said, lamp };
  }

  class Panel {
    constructor(element, { acts, quick = [], worker = false, given = false, empty }) {
      Object.assign(this, { element, acts, quick: new Set(quick), worker, given, empty, caseNo: null, told: null, asked: 0, map: null });
      this.stopLive = window.citywall.liveCases.on((event) => this.follow(event));
      this.onDone = ({ detail }) => { if (detail.case.case_no === this.caseNo) this.load(); };
      window.addEventListener("citywall:case", this.onDone);
      this.timer = setInterval(() => this.second(), 1000);
      this.none();
    }

    stop() {
      this.stopLive();
      window.removeEventListener("citywall:case", this.onDone);
      clearInterval(this.timer);
      this.dropMap();
    }

    dropMap() {
      if (this.map) this.map.stop();
      this.map = null;
    }

    none() {
      this.dropMap();
      this.element.dataset.face = "none";
      this.element.replaceChildren(h("p", { class: "panel-none" }, this.empty));
    }

    show(caseNo) {
      if (caseNo === this.caseNo) return;
      this.caseNo = caseNo;
      this.told = null;
      if (!caseNo) return this.none();
      this.element.dataset.face = "loading";
      this.element.dataset.case = caseNo;
      this.load();
    }

    /** A newer row of the shown case, or its end: its facts are asked for again. */
    follow({ put, drop, all }) {
      if (!this.caseNo || !this.told) return;
      const row = put.find((one) => one.case_no === this.caseNo);
      const older = row && this.told.found.version < row.version;
      if (older || (!all && drop.includes(this.caseNo))) this.load();
    }

    async load() {
      const { caseNo } = this;
      const asked = (this.asked += 1);
      const get = (path) => ask("GET", path, undefined, { seconds: ANSWER_SECONDS });
      const first = get(pathOf(caseNo));
      const [record, offers, photos, given] = await Promise.all([
        first, get(pathOf(caseNo, "/offers")), window.citywall.casePictures.ask(caseNo, first.then((answer) => (answer.ok ? answer.body.case : null))),
        this.given ? get(`/api/v1/unit/cases/${encodeURIComponent(caseNo)}/given`) : null,
      ]);
      if (asked !== this.asked || caseNo !== this.caseNo) return;
      if (!record.ok) return this.fail(record);
      this.told = { found: record.body.case, history: record.body.history, offers: offers.ok ? offers.body : null, photos: photos.ok ? photos.body.photos : null, given: given && given.ok ? given.body : null };
      this.draw();
      this.locate();
    }

    fail(answer) {
      this.dropMap();
      this.element.dataset.face = "error";
      const words = answer.status === 404 ? t("案卷 {no} 已不在您的权限内：可能已改派或结案").replace("{no}", this.caseNo) : `${t("案卷没有读到")}：${why(answer)}`;
      this.element.replaceChildren(h("p", { class: "panel-none", role: "alert" }, words), h("button", { type: "button", class: "desk-button", onclick: () => this.load() }, t("重新读取")));
    }

    /* ---- drawing ---- */

    draw() {
      const { found } = this.told;
      this.dropMap();
      this.element.dataset.face = "live";
      this.element.dataset.state = found.state;
      this.mapPlace = h("div", { class: "panel-map" });
      const where = [found.address || t("地址不详"), found.grid ? `${t("网格")} ${found.grid}` : ""].filter(Boolean).join(" · ");
      this.body = h("div", { class: "panel-body", tabindex: "0", role: "region", "aria-label": t("案卷内容") },
        this.order(), this.request(),
        h("p", { class: "panel-what" }, found.description || t("没有描述")),
        h("p", { class: "panel-where" }, where),
        h("div", { class: "panel-look" }, this.mapPlace, this.photos()),
        h("dl", { class: "panel-facts" }, ...this.facts()),
        this.steps());
      this.element.replaceChildren(this.head(), this.body, this.foot());
      if (found.lon !== null && window.citywall.spotMap) this.map = window.citywall.spotMap(this.mapPlace, { lon: found.lon, lat: found.lat, severity: found.severity });
      else this.mapPlace.textContent = t("没有坐标");
      this.second();
    }

    head() {
      const { found } = this.told, [shape, word] = base().level(found.severity);
      this.clock = h("b", { class: "panel-clock" });
      return h("header", { class: "panel-head" },
        h("span", { class: `panel-level is-${found.severity}` }, `${shape} ${word}`), h("h2", {}, base().className(found.class_code)),
        h("span", { class: "panel-state" }, base().names().states[found.state] || found.state), this.clock,
        h("a", { href: `/case/${encodeURIComponent(found.case_no)}`, class: "panel-no" }, found.case_no, h("kbd", {}, "Enter")));
    }

    second() {
      if (!this.told || !this.clock || !this.clock.isConnected) return;
      const { words, lamp } = clockWords(this.told.found);
      if (this.clock.textContent !== words) this.clock.textContent = words;
      this.clock.dataset.lamp = lamp;
    }

    /** A leader's order that waits for its answer stands above everything else. */
    order() {
      const { found } = this.told;
      if (!found.order_at || found.order_answered_at) return null;
      const late = found.order_due && found.order_due < now();
      return h("blockquote", { class: "panel-order", "data-late": late ? "1" : null }, h("b", {}, `★ ${t("督办")}`), h("span", {}, found.order_text || ""),
        h("small", {}, `${late ? t("答复已逾期") : t("须答复")} ${found.order_due ? format.shortTime(found.order_due) : ""}`));
    }

    request() {
      const { found, offers } = this.told;
      if (!found.current_request) return null;
      const label = base().names().requests[found.current_request] || (offers && offers.request && offers.request.label) || "";
      const asked = [...this.told.history].reverse().find((entry) => entry.changes.current_request === found.current_request);
      const terms = [found.requested_hours ? `${found.requested_hours} ${t("小时")}` : "", found.requested_until ? `${t("至")} ${format.shortTime(found.requested_until)}` : ""].filter(Boolean).join(" ");
      return h("blockquote", { class: "panel-request" }, h("b", {}, `${label} · ${t("待审批")} ${terms}`), h("span", {}, asked ? asked.reason : ""), h("small", {}, t("审批前时限照常计算")));
    }

    facts() {
      const { found, given, photos } = this.told;
      const told = [[t("时限"), limitLine(found)]];
      if (given && given.given) {
        const { by, post, at, reason, action } = given.given;
        const act = base().names().actions[action] || action;
        told.push([t("派来"), `${post} ${by} · ${act} ${format.shortTime(at)}${reason ? ` · ${reason}` : ""}${given.why ? ` · ${given.why}` : ""}`]);
      }
      if (found.closing_condition) told.push([t("结案条件"), found.closing_condition]);
      if (found.reporter || found.reporter_phone) told.push([t("来电人"), [found.reporter, found.reporter_phone].filter(Boolean).join(" ")]);
      if (found.linked && found.linked.length) told.push([t("关联"), h("span", {}, ...found.linked.map((no) => h("a", { href: `/case/${encodeURIComponent(no)}` }, `${no} `)))]);
      const counts = [[found.rework_count, t("返工")], [found.send_back_count, t("回退")], [found.urged_count, t("催办")]].filter(([count]) => count);
      if (counts.length) told.push([t("次数"), counts.map(([count, word]) => `${word} ${count}`).join(" · ")]);
      if (photos && photos.some((photo) => photo.flags && photo.flags.length)) told.push([t("照片提示"), h("b", { class: "panel-flag" }, photos.flatMap((photo) => photo.flags || []).map((flag) => `▲ ${flag.label}`).join(" · "))]);
      return told.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]);
    }

    /** Before on the left, after on the right: one looks at both together. */
    photos() {
      const { photos } = this.told;
      if (photos === null) return h("p", { class: "panel-none" }, t("照片没有读到"));
      if (!photos.length) return h("p", { class: "panel-none" }, t("没有照片"));
      const { view, kind } = window.citywall.casePictures;
      const sorted = [...photos].sort((one, other) => PHOTO_ORDER.indexOf(one.kind) - PHOTO_ORDER.indexOf(other.kind));
      return h("ul", { class: "panel-photos" }, sorted.map((photo) => h("li", { "data-kind": photo.kind },
        photo.stored === false ? h("span", { class: "panel-lost" }, t("原图未存入本系统")) : h("a", { href: photo.url, target: "_blank", rel: "noopener" }, view(photo)),
        h("small", {}, `${kind(photo)} ${photo.taken_at ? format.shortTime(photo.taken_at) : ""}${photo.metres !== null && photo.metres !== undefined ? ` · ${Math.round(photo.metres)} ${t("米")}` : ""}`))));
    }

    steps() {
      const { history } = this.told;
      const line = (entry) => h("li", {}, h("time", {}, format.shortTime(entry.at)), h("b", {}, entry.label || base().names().actions[entry.action] || entry.action), h("span", {}, entry.who || base().names().roles[entry.role] || entry.actor), h("em", {}, entry.reason || ""));
      return h("ol", { class: "panel-steps", "aria-label": t("处理记录") }, [...history].reverse().slice(0, SHOWN_STEPS).map(line));
    }

    /* ---- acting ---- */

    offer(action) {
      return this.told && this.told.offers ? this.told.offers.offers.find((one) => one.action === action) : undefined;
    }

    foot() {
      const { offers } = this.told;
      if (!offers) return h("footer", { class: "panel-foot" }, h("p", { class: "panel-none" }, t("您的岗位在此只能查看")));
      const possible = this.acts.filter(({ action }) => { const offer = this.offer(action); return offer && !offer.refusal; });
      const not = this.acts.map(({ action }) => this.offer(action)).filter((offer) => offer && offer.refusal && TELLING.has(offer.refusal.error));
      const waits = (offers.next || []).map((step) => `${step.label}（${step.posts.join("、")}）`).join(t("，或"));
      this.workerInput = this.worker && possible.some(({ action }) => action === "receive") ? h("input", { type: "text", class: "panel-worker", maxlength: 40, autocomplete: "off", placeholder: t("处置人员（可不填）"), "aria-label": t("处置人员（可不填）") }) : null;
      return h("footer", { class: "panel-foot" },
        offers.claim && !offers.claim.mine ? h("p", { class: "panel-claim" }, `${offers.claim.name} ${t("正在办理")} ${format.hourMinute(offers.claim.since)}`) : null,
        h("div", { class: "panel-acts" }, this.workerInput, possible.map((act, index) => this.button(act, index))),
        possible.length ? null : h("p", { class: "panel-wait" }, waits ? `${t("现在不由您办理。下一步")}：${waits}` : t("案卷已办结")),
        ...not.map((offer) => h("p", { class: "panel-why" }, h("b", {}, offer.label), offer.refusal.message)));
    }

    button({ action, code }, index) {
      const offer = this.offer(action);
      const style = `panel-act${index === 0 ? " is-main" : ""}${offer.dangerous ? " is-dangerous" : ""}`;
      return h("button", { type: "button", class: style, "data-action": action, onclick: () => this.act(action) }, offer.label, code ? h("kbd", {}, keyName(code)) : null);
    }

    /** Do what the key stands for, of several acts the possible one; false where it means nothing here. */
    press(code) {
      const offers = this.told ? this.acts.filter((one) => one.code === code).map(({ action }) => this.offer(action)).filter(Boolean) : [];
      if (!offers.length) return false;
      const possible = offers.find((offer) => !offer.refusal);
      if (possible) this.act(possible.action);
      else window.citywall.caseAct.toast(offers[0].refusal.message, { level: "warning" });
      return true;
    }

    async act(action) {
      const { caseNo, told } = this;
      if (!this.quick.has(action)) return window.citywall.caseAct.open(caseNo, action, {});
      if (this.busy) return null;
      this.busy = true;
      const worker = action === "receive" && this.workerInput ? this.workerInput.value.trim() : "";
      const done = await window.citywall.caseAct.quick(caseNo, action, { version: told.offers.version, reason: worker ? t("指派 {who}").replace("{who}", worker) : "" });
      this.busy = false;
      if (!done.ok && caseNo === this.caseNo) this.load();
      return done;
    }

    /* ---- where ---- */

    async locate() {
      const { lon, lat } = this.told.found, { map } = this;
      if (!map || lon === null) return;
      const answer = await ask("GET", `/api/v1/where?lon=${lon}&lat=${lat}`, undefined, { seconds: ANSWER_SECONDS });
      if (answer.ok && map === this.map) map.set({ lon, lat, ring: answer.body.ring, near: answer.body.near }, { move: false });
    }
  }

  window.citywall.casePanel = (element, options) => new Panel(element, options);
  window.citywall.caseWords = { limitLine, clockWords, atDepartment: (row) => AT_DEPARTMENT.has(row.state) };
})();
