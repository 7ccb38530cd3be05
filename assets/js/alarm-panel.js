/* The list of all alarms that stand, opened from the alarm line: what nobody has seen first, groups of a flood, what is
   shelved and until when. Standing rows keep their order, focus stays where it was, and nothing is drawn under a pressed
   button or while somebody types. */
(function () {
  "use strict";
  const { t, format, now, ask, h, why, thenLink, alarmWords: words, alarmSound: sound } = window.citywall;
  const DRAFT = "citywall.shelve.";
  const MINUTE = 60_000;
  let panel = null;      // the element, once opened
  let host = null;       // the bar it belongs to
  let shelving = "";     // id of the alarm whose shelf form is open
  let form = null;       // that form: the same element however often the rows around it are drawn anew
  let pressed = false;   // a button of the pointer is down in the list
  let order = [];        // ids in the order shown; new ones come on top, standing ones stay

  function toggle(bar) {
    if (panel) {
      close();
      return false;
    }
    host = bar;
    panel = h("section", { class: "alarm-panel", "aria-label": t("报警列表"), tabindex: "-1", onclick: onClick, onpointerdown: () => { pressed = true; } });
    bar.root.append(panel);
    order = [];
    if (bar.view) show(bar.view);
    panel.focus();
    return true;
  }

  function close() {
    if (!panel) return;
    panel.remove();
    panel = form = null;
    pressed = false;
    shelving = "";
    host.open.setAttribute("aria-expanded", "false");
    host.open.focus();
  }

  /** Draw anew, but for an open form: what is being typed is never touched. */
  function show(view) {
    if (!panel || !view) return;
    if (pressed || (shelving && panel.contains(document.activeElement) && document.activeElement.closest(".alarm-shelf"))) {
      panel.toggleAttribute("data-behind", true);
      return;
    }
    panel.toggleAttribute("data-behind", false);
    const at = panel.scrollTop;
    const held = panel.contains(document.activeElement) ? focusOf(document.activeElement) : null;
    const unseen = view.alarms.filter((alarm) => !alarm.acked_at);
    const seen = view.alarms.filter((alarm) => alarm.acked_at);
    panel.replaceChildren(
      head(view, unseen),
      ...part(t("报警集中"), view.groups.map(groupRow)),
      ...part(t("未确认"), inOrder(unseen).map(row), unseen.length || view.groups.length ? "" : t("没有未确认的报警")),
      ...part(t("已确认，仍未解除"), seen.map(row)),
      ...(view.more ? [h("p", { class: "alarm-more" }, t("另有 {n} 件").replace("{n}", view.more))] : []),
      ...part(t("已搁置"), view.shelved.map(row)),
      ...backlog(view.backlog),
    );
    panel.scrollTop = at;
    if (held) (panel.querySelector(held) || panel).focus({ preventScroll: true });
  }

  /** How to find the same button again after drawing; what is gone leaves the focus to the list. */
  function focusOf(element) {
    const line = element.closest("li[data-id]"), { act } = element.dataset;
    if (line && act) return `li[data-id="${line.dataset.id}"] [data-act=${act}]`;
    return act ? `[data-act=${act}]` : "header ~ *:empty";
  }

  /** Standing rows keep their places; newer ones come above them. */
  function inOrder(alarms) {
    const known = new Map(alarms.map((alarm) => [alarm.id, alarm]));
    order = [...alarms.filter((alarm) => !order.includes(alarm.id)).map((alarm) => alarm.id), ...order.filter((id) => known.has(id))];
    return order.map((id) => known.get(id)).sort((one, other) => one.level.localeCompare(other.level));
  }

  function head(view, unseen) {
    const ids = [...unseen.map((alarm) => alarm.id), ...view.groups.flatMap((group) => group.unacked)];
    return h("header", {},
      h("h2", {}, t("报警"), h("small", {}, view.flood ? words.flood(view.flood) : "")),
      host.mayHandle && ids.length ? h("button", { type: "button", "data-act": "ack-all", "data-ids": ids.join(" ") }, t("全部确认 {n} 件").replace("{n}", ids.length)) : null,
      h("a", { href: "/handover" }, t("交接班")),
      h("button", { type: "button", "data-act": "close", "aria-label": t("关闭") }, "✕ ", h("kbd", {}, "Esc")));
  }

  function part(title, rows, empty = "") {
    if (!rows.length && !empty) return [];
    const list = rows.length ? h("ol", {}, ...rows) : h("p", { class: "alarm-none" }, empty);
    return [h("h3", {}, title, rows.length ? h("b", {}, String(rows.length)) : null), list];
  }

  function mark(level) {
    return h("span", { class: "alarm-badge", "data-level": level }, h("i", { "aria-hidden": "true" }, words.SHAPES[level]), words.LEVELS[level]);
  }

  function row(alarm) {
    const about = words.subject(alarm);
    const facts = [alarm.department, alarm.case_no].filter(Boolean).join(" · ");
    return h("li", { "data-id": alarm.id, "data-level": alarm.level, "data-seen": alarm.acked_at ? "1" : "" },
      mark(alarm.level),
      h("div", { class: "alarm-what" },
        h("span", {}, h("b", {}, words.kind(alarm)), " ", alarm.case_no ? h("a", { href: `/case/${encodeURIComponent(alarm.case_no)}` }, about) : about),
        h("small", {}, [facts, state(alarm)].filter(Boolean).join(" · ")),
        shelving === alarm.id ? form || shelfForm(alarm) : null),
      thenLink(alarm.raised_at, h("time", { title: format.shortTime(alarm.raised_at) }, format.clock(alarm.raised_at))),
      h("span", { class: "alarm-acts" }, ...acts(alarm)));
  }

  /** Who saw it and when, until when it is shelved and why, whom it was passed on to. */
  function state(alarm) {
    const told = [];
    if (alarm.chattering) told.push(t("抖动"));
    if (alarm.acked_at) told.push(t("{name} {time} 确认").replace("{name}", alarm.acked_name).replace("{time}", format.clock(alarm.acked_at)));
    if (alarm.escalated && !alarm.acked_at) told.push(alarm.escalated > 1 ? t("已升级至领导") : t("已升级至值班长"));
    if (alarm.shelved_until) {
      told.push(t("{name} 搁置至 {time}：{reason}").replace("{name}", alarm.shelved_name).replace("{time}", format.hourMinute(alarm.shelved_until)).replace("{reason}", alarm.shelf_reason));
    }
    return told.join(" · ");
  }

  function acts(alarm) {
    if (!host.mayHandle) return [];
    const button = (act, text) => h("button", { type: "button", "data-act": act }, text);
    if (alarm.shelved_until) return [button("unshelve", t("取回"))];
    return [alarm.acked_at ? null : button("ack", t("确认")), button("shelve", t("搁置"))].filter(Boolean);
  }

  function groupRow(group) {
    return h("li", { "data-level": group.level, "data-group": "1", "data-seen": group.unacked.length ? "" : "1" },
      mark(group.level),
      h("div", { class: "alarm-what" },
        h("span", {}, h("b", {}, `${words.group(group)} ${group.count} ${t("件")}`), group.chattering ? h("em", { class: "alarm-mark" }, t("抖动")) : null),
        h("small", {}, `${format.clock(group.first_at)}–${format.clock(group.last_at)} · ${t("未确认")} ${group.unacked.length}`)),
      h("span", {}),
      h("span", { class: "alarm-acts" }, host.mayHandle && group.unacked.length
        ? h("button", { type: "button", "data-act": "ack-all", "data-ids": group.unacked.join(" ") }, t("确认本组")) : null));
  }

  function backlog(counts) {
    const known = Object.entries(counts || {});
    if (!known.length) return [];
    const total = known.reduce((sum, [, count]) => sum + count, 0);
    const parts = known.map(([kind, count]) => `${words.KINDS[kind] || kind} ${format.count(count)}`);
    return [h("h3", {}, t("值守开始前的积压"), h("b", {}, format.count(total))), h("p", { class: "alarm-none" }, `${parts.join(" · ")}。${t("不发声，不逐件报警，请在派遣台办理。")}`)];
  }

  /* ── shelving ───────────────────────────────────────────────────────────────────────────────── */

  function shelfForm(alarm) {
    const ends = host.me ? host.me.shift.ends_at : now() + 60 * MINUTE;
    const choices = [[30, t("30 分")], [60, t("1 小时")], [120, t("2 小时")]].filter(([minutes]) => now() + minutes * MINUTE < ends);
    const select = h("select", { name: "until", "aria-label": t("搁置到") },
      ...choices.map(([minutes, text]) => h("option", { value: String(minutes) }, text)), h("option", { value: "shift" }, `${t("本班结束")} ${format.hourMinute(ends)}`));
    const reason = h("input", {
      type: "text", name: "reason", maxlength: "200", autocomplete: "off", placeholder: t("原因，必填"), "aria-label": t("搁置原因"),
      value: localStorage.getItem(DRAFT + alarm.id) || "", oninput: (event) => localStorage.setItem(DRAFT + alarm.id, event.target.value),
    });
    const problem = h("p", { class: "alarm-problem", role: "alert" });
    form = h("form", { class: "alarm-shelf", onsubmit: (event) => { event.preventDefault(); shelve(alarm, { select, reason, problem, ends }); } },
      select, reason, h("button", { type: "submit" }, t("搁置")), h("button", { type: "button", "data-act": "shelve-not" }, t("取消")), problem);
    queueMicrotask(() => reason.focus());
    return form;
  }

  async function shelve(alarm, { select, reason, problem, ends }) {
    const until = select.value === "shift" ? ends : Math.min(ends, Math.round(now() + Number(select.value) * MINUTE));
    const answer = await ask("POST", `/api/v1/alarms/${alarm.id}/shelve`, { until, reason: reason.value }, { seconds: 8 });
    if (!answer.ok) {
      problem.textContent = why(answer);
      (answer.body.field === "until" ? select : reason).focus();
      return;
    }
    localStorage.removeItem(DRAFT + alarm.id);
    endForm();
  }

  function endForm() {
    shelving = "";
    form = null;
    document.activeElement.blur();
    show(window.citywall.alarmBar.view());
    if (panel) panel.focus();
  }

  async function unshelve(id) {
    const answer = await ask("POST", `/api/v1/alarms/${id}/unshelve`, undefined, { seconds: 8 });
    if (!answer.ok) window.citywall.alarmBar.say(why(answer));
  }

  /* ── hands ──────────────────────────────────────────────────────────────────────────────────── */

  function onClick(event) {
    const button = event.target.closest("button[data-act]");
    if (!button) return;
    const line = button.closest("li"), id = line && line.dataset.id;
    const { act } = button.dataset;
    if (act === "close") close();
    if (act === "ack") window.citywall.alarmBar.acknowledge([id]);
    if (act === "ack-all") window.citywall.alarmBar.acknowledge(button.dataset.ids.split(" "));
    if (act === "unshelve") unshelve(id);
    if (act === "shelve-not") endForm();
    if (act === "shelve") {
      shelving = id;
      form = null;
      show(window.citywall.alarmBar.view());
    }
  }

  function onKey(event) {
    if (!panel || event.code !== "Escape" || event.isComposing || event.target.closest("dialog")) return;
    event.stopPropagation();
    if (shelving) endForm();
    else close();
  }

  /* ── the shift-start sound test ─────────────────────────────────────────────────────────────── */

  function testSound(bar, done) {
    const problem = h("p", { class: "alarm-problem", role: "alert" });
    const answer = async (heard) => {
      const told = await sound.confirm(heard);
      if (told.ok) dialog.close();
      else problem.textContent = why(told);
      done();
    };
    const dialog = h("dialog", { class: "alarm-test", onclose: () => dialog.remove() },
      h("h2", {}, t("接班试音")),
      h("p", {}, t("一级报警是两声交替的高低音，每 10 秒一次，直到有人确认。现在放一次。")),
      h("button", { type: "button", onclick: () => sound.test() }, t("再放一次")),
      h("p", { class: "alarm-ask" }, t("听到了吗？")),
      h("div", {}, h("button", { type: "button", class: "is-main", onclick: () => answer(true) }, t("听到了")),
        h("button", { type: "button", onclick: () => answer(false) }, t("没听到"))),
      problem);
    document.body.append(dialog);
    dialog.showModal();
    sound.test();
  }

  function onRelease() {
    if (!pressed) return;
    pressed = false;
    setTimeout(() => show(window.citywall.alarmBar.view())); // after the click itself
  }

  document.addEventListener("keydown", onKey, { capture: true });
  for (const kind of ["pointerup", "pointercancel"]) document.addEventListener(kind, onRelease);
  window.citywall.alarmPanel = { toggle, show, testSound };
})();
