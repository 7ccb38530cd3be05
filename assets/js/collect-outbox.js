/* What a collector has done and the line has not yet carried: kept in the browser with its photos until the server has
   it. Each item has its own id, so that nothing is ever stored twice; a refusal stops it and is shown, a bad line only
   delays it. One page at a time sends.
     citywall.outbox(who, changed) → {add(item), items(), send(), remove(id), again(id), stop} */
(function () {
  "use strict";
  const { t, ask, why } = window.citywall;
  const DATABASE = "citywall-collect", STORE = "outbox";
  const PAUSES_MS = [3000, 8000, 20_000, 60_000];
  const ANSWER_SECONDS = 25, PHOTO_MS = 90_000;
  const SYSTEM = "collect";

  function opened() {
    return new Promise((resolve, reject) => {
      const asked = window.indexedDB.open(DATABASE, 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "id" });
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  }

  function done(request) {
    return new Promise((resolve, reject) => { request.onsuccess = () => resolve(request.result); request.onerror = () => reject(request.error); });
  }

  class Outbox {
    constructor(who, changed) {
      Object.assign(this, { who, changed, base: opened(), known: [], sending: false, attempts: 0, timer: null, stopped: false });
      this.online = () => { this.attempts = 0; this.send(); };
      window.addEventListener("online", this.online);
      this.ready = this.read().then(() => this.send());
    }

    stop() {
      this.stopped = true;
      clearTimeout(this.timer);
      window.removeEventListener("online", this.online);
    }

    async store(mode = "readonly") {
      return (await this.base).transaction(STORE, mode).objectStore(STORE);
    }

    /** Only what this person did: somebody else's phone never sends in their name. */
    async read() {
      const all = await done((await this.store()).getAll());
      this.known = all.filter((item) => item.who === this.who).sort((one, other) => one.at - other.at);
      this.changed(this.items());
    }

    async put(item) {
      await done((await this.store("readwrite")).put(item));
      await this.read();
    }

    items() {
      return this.known.map((item) => ({ ...item }));
    }

    /** `item`: {title, kind: "begin" or "act", action, facts, photos: [{kind, file}], case_no, version, reason}. */
    async add(item) {
      await this.put({ ...item, id: window.citywall.freshId(), who: this.who, at: Date.now(), state: "waiting", message: "", sent: {} });
      this.attempts = 0;
      this.send();
    }

    async remove(id) {
      await done((await this.store("readwrite")).delete(id));
      await this.read();
    }

    async again(id) {
      const item = this.known.find((one) => one.id === id);
      if (item) await this.put({ ...item, state: "waiting", message: "" });
      this.attempts = 0;
      this.send();
    }

    /* ---- sending ---- */

    /** Everything that waits, oldest first; ends when the line is bad, and comes back after a pause. */
    async send() {
      clearTimeout(this.timer);
      if (this.sending || this.stopped || !this.known.some((item) => item.state === "waiting")) return;
      this.sending = true;
      let carried = true;
      try {
        carried = window.navigator.locks ? await window.navigator.locks.request("citywall-outbox", { ifAvailable: true }, (lock) => (lock ? this.sendAll() : false)) : await this.sendAll();
      } catch (error) {
        console.error("outbox", error);
        carried = false;
      }
      this.sending = false;
      this.attempts = carried ? 0 : this.attempts + 1;
      const pause = PAUSES_MS[Math.min(this.attempts, PAUSES_MS.length) - 1];
      if (!carried && !this.stopped) this.timer = setTimeout(() => this.send(), pause);
    }

    async sendAll() {
      for (;;) {
        const item = this.known.find((one) => one.state === "waiting");
        if (!item || this.stopped) return true;
        this.now = item.id;
        this.changed(this.items());
        const told = await this.carry(item);
        this.now = null;
        if (told === "later") { this.changed(this.items()); return false; }
      }
    }

    async carry(item) {
      for (const [index, photo] of (item.photos || []).entries()) {
        if (item.sent[index]) continue;
        const answer = await upload(photo, item.case_no);
        if (this.later(answer)) return this.wait(item, answer);
        if (!answer.ok) return this.refuse(item, answer);
        item.sent[index] = `${photo.kind}:${answer.body.sha256}`;
        await this.put(item);
      }
      const answer = await this.post(item, Object.values(item.sent));
      if (this.later(answer)) return this.wait(item, answer);
      if (answer.ok || stands(item, answer)) { await this.remove(item.id); this.changed(this.items(), { sent: item, answer }); return "sent"; }
      return this.refuse(item, answer);
    }

    post(item, photos) {
      const facts = { ...item.facts, ...(photos.length ? { photos } : {}) };
      if (item.kind === "begin") {
        return ask("POST", "/api/v1/cases", { action: item.action, facts: { ...facts, source_system: SYSTEM, outside_id: item.id } }, { seconds: ANSWER_SECONDS });
      }
      const body = { action: item.action, expected_version: item.version, reason: item.reason || "", facts };
      return ask("POST", `/api/v1/cases/${encodeURIComponent(item.case_no)}/actions`, body, { seconds: ANSWER_SECONDS });
    }

    /** No answer, an overloaded server or a lost login say nothing about the report itself. */
    later({ status }) {
      return status === 0 || status === 401 || status === 408 || status === 429 || status >= 500;
    }

    async wait(item, answer) {
      await this.put({ ...item, message: answer.status === 401 ? t("登录已失效，请重新登录后自动发送") : t("线路不好，稍后自动发送") });
      return "later";
    }

    async refuse(item, answer) {
      const gone = answer.status === 404 ? t("该任务已由他人办理或已改派") : why(answer);
      await this.put({ ...item, state: "refused", message: gone });
      return "refused";
    }
  }

  /** The server has it already: the answer of an earlier attempt was lost on the way. */
  function stands(item, answer) {
    return item.kind === "begin" && answer.status === 409 && answer.body.error === "duplicate" && answer.body.field === "outside_id";
  }

  async function upload(photo, caseNo) {
    const asked = new URLSearchParams({ kind: photo.kind, ...(caseNo ? { case_no: caseNo } : {}) });
    try {
      const answer = await fetch(`/api/v1/photos?${asked}`, { method: "POST", headers: { "Content-Type": photo.file.type, Accept: "application/json" }, body: photo.file, signal: AbortSignal.timeout(PHOTO_MS) });
      const told = (answer.headers.get("content-type") || "").includes("json") ? await answer.json() : {};
      return { ok: answer.ok, status: answer.status, body: told };
    } catch (error) {
      return { ok: false, status: 0, body: { message: String(error) } };
    }
  }

  window.citywall.outbox = (who, changed) => new Outbox(who, changed);
})();
