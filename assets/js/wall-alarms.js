/* The wall's banner: the gravest L1 nobody has seen, and a flood in one line. Nothing here can be acted on. */
(function () {
  "use strict";
  const { mount, live, h, t, alarmWords: words } = window.citywall;
  const walls = new Set();

  function start(root) {
    walls.add(root);
    if (live.newest("alarms")) draw(root, live.newest("alarms"));
    return () => walls.delete(root);
  }

  function unseen(view) {
    return view.alarms.filter((alarm) => alarm.level === "L1" && !alarm.acked_at);
  }

  function draw(root, view) {
    const grave = unseen(view);
    const flood = words.flood(view.flood);
    let banner = root.querySelector(".cw-alarm-banner");
    root.classList.toggle("has-alarm-banner", Boolean(grave.length || flood));
    if (!grave.length && !flood) {
      if (banner) banner.remove();
      return;
    }
    if (!banner) {
      banner = h("div", { class: "cw-alarm-banner", role: "alert" });
      root.querySelector(".cw-pane-l").append(banner);
    }
    banner.dataset.level = grave.length ? "L1" : "";
    banner.toggleAttribute("data-old", !view.kept);
    banner.replaceChildren(...graveParts(grave), ...(flood ? [h("span", { class: "alarm-flood" }, flood)] : []),
      ...(view.kept ? [] : [h("span", {}, `⚠ ${t("报警停更")}`)]));
  }

  function graveParts(grave) {
    if (!grave.length) return [];
    const [first] = grave;
    return [
      h("i", { class: "alarm-shape", "aria-hidden": "true" }, words.SHAPES.L1), h("span", {}, words.LEVELS.L1), h("span", {}, words.kind(first)),
      h("span", { class: "alarm-where" }, words.subject(first)), h("span", {}, `${t("未确认")} ${words.waited(first)}`),
      grave.length > 1 ? h("span", {}, t("另有 {n} 件").replace("{n}", grave.length - 1)) : null,
    ].filter(Boolean);
  }

  const drawAll = () => live.newest("alarms") && walls.forEach((root) => draw(root, live.newest("alarms")));

  live.on("alarms", drawAll);
  setInterval(drawAll, 1000);
  mount(".cw-wall", start);
})();
