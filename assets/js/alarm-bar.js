/* The alarm line of every desk page: the newest alarm nobody has seen, how many stand at each level, F8 or A to say "seen".
   Acknowledging neither claims a case nor dispatches it. */
(function () {
  "use strict";
  const { t, mount, live, format, now, ask, h, why, alarmWords: words, alarmSound: sound } = window.citywall;
  const OLD_MS = 30_000, RATE_EVERY_MS = 60_000, NOTE_MS = 6000;
  let tickAt = null;
  let bar = null; // {root, view, me, ...}: one line a page

  function start(root) {
    const part = (name) => root.querySelector(`[data-alarm=${name}]`);
    bar = {
      root, mayHandle: Boolean(root.dataset.mayHandle), line: part("line"), ack: part("ack"), rate: part("rate"), sound: part("sound"), open: part("open"),
      view: null, me: null, seen: new Set(), note: "", noteAt: 0,
    };
    root.addEventListener("click", onClick);
    const mine = bar;
    const timers = [setInterval(() => draw(mine), 1000), setInterval(() => rates(mine), RATE_EVERY_MS)];
    if (bar.mayHandle) sound.start();
    if (live.newest("alarms")) take(live.newest("alarms"));
    fetchAll(mine);
    rates(mine);
    return () => { timers.forEach(clearInterval); if (bar === mine) bar = null; };
  }

  /** Once at the beginning: who sits here, which shift, when the sound was tested. */
  async function fetchAll(mine) {
    const answer = await ask("GET", "/api/v1/alarms", undefined, { seconds: 8 });
    if (bar !== mine) return;
    if (!answer.ok) {
      if (!mine.view) say(`${t("报警读取失败")}：${why(answer)}`);
      setTimeout(() => bar === mine && fetchAll(mine), 5000);
      return;
    }
    mine.me = answer.body.me;
    if (!mine.view || mine.view.version <= answer.body.version) take(answer.body);
    drawSound(mine);
  }

  function take(view) {
    if (!bar) return;
    bar.view = forgetSeen(view);
    if (bar.mayHandle) sound.update(bar.view);
    draw(bar);
    if (window.citywall.alarmPanel) window.citywall.alarmPanel.show(bar.view);
  }

  /** What was acknowledged here counts as seen before the server says so; a moment later its word is enough. */
  function forgetSeen(view) {
    const stand = new Map(view.alarms.map((alarm) => [alarm.id, alarm]));
    for (const id of bar.seen) if (!stand.has(id) || stand.get(id).acked_at) bar.seen.delete(id);
    const alarms = view.alarms.map((alarm) => (bar.seen.has(alarm.id) ? { ...alarm, sounds: false, acked_at: now(), acked_name: t("我") } : alarm));
    return { ...view, alarms };
  }

  /** A view is told anew only when something changed; the server itself says when its keeper is silent. What it cannot
      say is that nobody hears it: then the second's tick is missing. */
  const silent = () => tickAt !== null && performance.now() - tickAt > OLD_MS;

  /** The one to see next: the gravest, and of these the newest. */
  const next = (view) => view.alarms.find((alarm) => !alarm.acked_at) || null;

  function draw(mine) {
    const { root, view } = mine;
    if (!view) return;
    const old = !view.kept || silent();
    const alarm = next(view);
    const group = view.groups.find((one) => one.unacked.length);
    root.dataset.face = old ? "stale" : alarm || group ? "alarm" : "calm";
    root.dataset.level = alarm ? alarm.level : group ? group.level : "";
    for (const level of words.RISING) {
      const place = root.querySelector(`[data-count=${level}]`);
      place.textContent = String(view.counts[level]);
      place.parentElement.toggleAttribute("data-zero", !view.counts[level]);
      place.parentElement.toggleAttribute("data-unseen", view.unacked[level] > 0);
    }
    mine.line.replaceChildren(...lineParts(mine, view, alarm, group, old));
    if (mine.ack) mine.ack.hidden = !alarm && !group;
    drawSound(mine);
  }

  function lineParts(mine, view, alarm, group, old) {
    if (mine.note && performance.now() - mine.noteAt < NOTE_MS) return [h("span", { class: "alarm-note" }, mine.note)];
    if (old) return [h("span", { class: "alarm-old" }, `⚠ ${t("报警停更 {age}，请看数据源").replace("{age}", format.age(now() - view.as_of))}`)];
    const flood = view.flood ? h("b", { class: "alarm-flood" }, words.flood(view.flood)) : null;
    if (alarm) return [...alarmParts(alarm), flood].filter(Boolean);
    if (group) return [flood || h("span", {}, `${words.group(group)} ${group.count} ${t("件")}`)];
    const standing = words.total(view.counts);
    return [h("span", { class: "alarm-calm" }, standing ? t("全部报警已确认") : t("没有报警")), flood].filter(Boolean);
  }

  function alarmParts(alarm) {
    const about = words.subject(alarm);
    const link = alarm.case_no ? h("a", { href: `/case/${encodeURIComponent(alarm.case_no)}` }, about) : about ? h("span", {}, about) : null;
    return [
      h("i", { class: "alarm-shape", "aria-hidden": "true" }, words.SHAPES[alarm.level]), h("b", { class: "alarm-level" }, words.LEVELS[alarm.level]),
      h("b", {}, words.kind(alarm)), link, h("span", { class: "alarm-wait" }, words.waited(alarm)),
      alarm.escalated ? h("em", { class: "alarm-mark" }, alarm.escalated > 1 ? t("已升级至领导") : t("已升级至值班长")) : null,
      alarm.chattering ? h("em", { class: "alarm-mark" }, t("抖动")) : null,
    ].filter(Boolean);
  }

  function drawSound(mine) {
    if (!mine.sound || !mine.me) return;
    const is = sound.state();
    const tested = mine.me.sound_tested_at && mine.me.sound_tested_at >= mine.me.shift.begins_at;
    mine.sound.hidden = false;
    mine.sound.dataset.state = is === "lost" ? "lost" : tested ? "tested" : "untested";
    mine.sound.textContent = is === "lost" ? `▲ ${t("声音不可用")}` : tested ? `${t("声音")} ✓` : `○ ${t("试音")}`;
    mine.sound.title = is === "lost" ? t("按任意键打开声音；没有声音时请查音箱，再点此试音")
      : tested ? `${t("本班已试音")} ${format.clock(mine.me.sound_tested_at)}` : t("接班试音：点此听一次报警声并确认");
  }

  async function rates(mine) {
    if (document.hidden) return;
    const answer = await ask("GET", "/api/v1/alarms/rates", undefined, { seconds: 8 });
    if (bar !== mine || !answer.ok) return;
    const told = answer.body;
    mine.rate.textContent = t("{n}/10分").replace("{n}", told.per_ten_minutes.toFixed(1));
    mine.rate.title = t("本班每人每 10 分钟报警数；宜 1，至多 2");
    mine.rate.toggleAttribute("data-high", told.per_ten_minutes > told.aims.per_ten_minutes_most);
  }

  /* ── acts ───────────────────────────────────────────────────────────────────────────────────── */

  function say(text) {
    if (!bar) return;
    Object.assign(bar, { note: text, noteAt: performance.now() });
    if (bar.view) draw(bar);
    else bar.line.textContent = text;
  }

  /** "I saw it", of one alarm or of a group. Quiet at once; if the server does not take it, it sounds again. */
  async function acknowledge(ids) {
    if (!bar || !ids.length) return;
    const mine = bar;
    ids.forEach((id) => mine.seen.add(id));
    take(mine.view);
    const answer = await ask("POST", "/api/v1/alarms/ack", { ids }, { seconds: 8 });
    if (!answer.ok) {
      ids.forEach((id) => mine.seen.delete(id));
      say(`${t("未能确认")}：${why(answer)}`);
      await fetchAll(mine);
      return;
    }
    const [first] = answer.body.already;
    if (first && !answer.body.acked.length) say(t("{name} 已于 {time} 确认").replace("{name}", first.by).replace("{time}", format.clock(first.at)));
  }

  function acknowledgeNext() {
    const alarm = bar && bar.view && next(bar.view);
    const group = bar && bar.view && bar.view.groups.find((one) => one.unacked.length);
    if (alarm) acknowledge([alarm.id]);
    else if (group) acknowledge(group.unacked);
  }

  function onClick(event) {
    const part = event.target.closest("[data-alarm]");
    if (!part) return;
    if (part.dataset.alarm === "ack") acknowledgeNext();
    if (part.dataset.alarm === "open") toggle();
    if (part.dataset.alarm === "sound") window.citywall.alarmPanel.testSound(bar, () => fetchAll(bar));
  }

  function toggle() {
    const shown = window.citywall.alarmPanel.toggle(bar);
    bar.open.setAttribute("aria-expanded", String(shown));
  }

  function onKey(event) {
    if (!bar || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const typing = event.target.closest("input, textarea, select, [contenteditable], dialog");
    if (event.code === "F8" && bar.mayHandle && !event.repeat) {
      event.preventDefault();
      acknowledgeNext();
    } else if (event.code === "KeyA" && !typing && !event.repeat) {
      event.preventDefault();
      if (event.shiftKey) toggle();
      else if (bar.mayHandle) acknowledgeNext();
    }
  }

  live.on("alarms", take);
  live.on("tick", () => { tickAt = performance.now(); });
  document.addEventListener("citywall:sound", () => bar && drawSound(bar));
  document.addEventListener("keydown", onKey);
  mount(".alarm-strip", start);
  window.citywall.alarmBar = { acknowledge, say, view: () => bar && bar.view, me: () => bar && bar.me };
})();
