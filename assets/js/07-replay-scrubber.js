/* The replay's scrubber: one local day with what stood open and overdue in it, a hand that can be dragged, the day's field. */
(function () {
  "use strict";
  const { t, h, format, live } = window.citywall;
  const DRAG_MS = 400, HOURS = [0, 3, 6, 9, 12, 15, 18, 21, 24], TRIES_MS = 5000;
  const SVG = "http://www.w3.org/2000/svg";

  class Scrubber {
    constructor(replay) {
      this.replay = replay;
      this.place = replay.part("scrubber");
      this.days = new Map(); // date → what the server said of it; null while it is asked
      this.date = replay.part("day").dataset.value;
      this.field = h("input", { type: "date", "aria-label": t("日期"), onchange: () => this.pick() });
      replay.part("day").replaceChildren(this.field);
      const track = this.place;
      track.addEventListener("pointerdown", (event) => { track.setPointerCapture(event.pointerId); this.drag(event, false); });
      track.addEventListener("pointermove", (event) => { this.hover(event); if (track.hasPointerCapture(event.pointerId)) this.drag(event, false); });
      track.addEventListener("pointerup", (event) => this.drag(event, true));
      track.addEventListener("pointerleave", () => (replay.part("hover").hidden = true));
    }

    /** The day a moment lies in, as the city's calendar has it. */
    dateOf(ms) {
      return new Intl.DateTimeFormat("sv-SE", { timeZone: this.replay.root.dataset.zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(ms);
    }

    get day() {
      return this.days.get(this.date);
    }

    show(at) {
      this.at = at;
      const date = this.dateOf(at);
      if (date !== this.drawn) this.turn(date);
      const day = this.day;
      if (!day) return;
      this.place.style.setProperty("--at", Math.min(1, Math.max(0, (at - day.start) / (day.end - day.start))));
      this.place.setAttribute("aria-valuetext", format.clock(at));
      const until = Math.min(1, Math.max(0, (live.nowHere() - day.start) / (day.end - day.start)));
      this.place.style.setProperty("--until", until);
    }

    turn(date) {
      this.drawn = this.date = date;
      const today = this.dateOf(live.nowHere());
      if (document.activeElement !== this.field) this.field.value = date;
      this.field.max = today;
      if (!this.days.has(date)) this.load(date);
      else if (this.days.get(date)) this.draw();
    }

    async load(date) {
      this.days.set(date, null);
      this.place.dataset.face = "loading";
      const answer = await window.citywall.ask("GET", `/api/v1/replay/day?date=${date}`);
      if (answer.ok) this.days.set(date, answer.body);
      else { this.days.delete(date); setTimeout(() => { if (this.date === date && this.replay.open && !this.days.has(date)) this.load(date); }, TRIES_MS); }
      if (this.date !== date) return;
      this.place.dataset.face = answer.ok ? "live" : "error";
      if (answer.ok) this.draw();
      else this.replay.part("curve").textContent = window.citywall.why(answer);
    }

    draw() {
      const day = this.day, { open, overdue, points } = day;
      this.place.dataset.face = "live";
      const width = Math.round((day.end - day.start) / 900_000);
      const x = (index) => ((points[index] - day.start) / (day.end - day.start)) * width;
      const image = document.createElementNS(SVG, "svg");
      image.setAttribute("viewBox", `0 0 ${width} 100`);
      image.setAttribute("preserveAspectRatio", "none");
      image.append(area("is-open", open, x, 56, 50), area("is-overdue", overdue, x, 100, 38));
      const range = (numbers) => (numbers.length ? `${format.count(Math.min(...numbers))}–${format.count(Math.max(...numbers))}` : "–");
      this.replay.part("curve").replaceChildren(image,
        h("span", { class: "replay-lane is-open" }, `${t("在办")} ${range(open)}`), h("span", { class: "replay-lane is-overdue" }, `▲ ${t("超期未处置")} ${range(overdue)}`));
      this.replay.part("hours").replaceChildren(...HOURS.map((hour) => h("span", { style: `left:${(hour / 24) * 100}%` }, String(hour).padStart(2, "0"))));
      if (this.at) this.show(this.at);
    }

    momentAt(event) {
      const box = this.place.getBoundingClientRect(), day = this.day;
      const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
      return day ? Math.min(live.nowHere(), day.start + share * (day.end - day.start)) : null;
    }

    /** While it is dragged the wall follows a few times a second; where it is let go it stays. */
    drag(event, last) {
      const at = this.momentAt(event);
      if (at === null || (!last && performance.now() - (this.dragged || 0) < DRAG_MS)) return;
      this.dragged = performance.now();
      this.replay.jump(at);
    }

    hover(event) {
      const at = this.momentAt(event), day = this.day, place = this.replay.part("hover");
      place.hidden = at === null;
      if (at === null) return;
      const index = Math.max(0, day.points.findLastIndex((point) => point <= at));
      place.textContent = `${format.hourMinute(at)} · ${t("在办")} ${format.count(day.open[index] ?? 0)} · ${t("超期未处置")} ${format.count(day.overdue[index] ?? 0)}`;
      place.style.left = `${((at - day.start) / (day.end - day.start)) * 100}%`;
    }

    /** Another day at the same time of day. */
    pick() {
      const { value } = this.field;
      if (!value || value === this.date) return;
      const days = Math.round((Date.parse(value) - Date.parse(this.date)) / 86_400_000);
      this.field.blur();
      this.replay.jump(this.replay.shown.at + days * 86_400_000);
    }
  }

  /** A lane from a little below its least to its most: a day moves by a twentieth of what stands. The label says both. */
  function area(kind, numbers, x, base, height) {
    const least = Math.min(...numbers), top = Math.max(...numbers, 1);
    const floor = Math.max(0, least - Math.max(4, (top - least) * 0.4));
    const y = (number) => base - ((number - floor) / Math.max(1, top - floor)) * height;
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", kind);
    const line = numbers.map((number, index) => `L${x(index).toFixed(2)} ${y(number).toFixed(2)}`).join("");
    if (numbers.length) path.setAttribute("d", `M0 ${base}${line}L${x(numbers.length - 1).toFixed(2)} ${base}Z`);
    return path;
  }

  window.citywall.ReplayScrubber = Scrubber;
})();
