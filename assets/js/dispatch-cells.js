/* /dispatch: the cells of the queue. The time left is written by the desk's own second, not by React: only what is on
   screen costs anything. */
(function () {
  "use strict";
  const { t, format, now, risks } = window.citywall;
  const base = window.citywall.dispatchBase;
  const element = (type, props, ...children) => window.React.createElement(type, props, ...children);
  const cells = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});

  cells.DispatchLevel = ({ data }) => {
    const [shape, word] = base.level(data.level);
    return element("span", { className: `dispatch-level is-${data.level}` }, element("i", { "aria-hidden": true }, shape), word);
  };
  cells.DispatchNumber = ({ data }) =>
    element("span", { className: "dispatch-number", title: data.case_no }, data.marked && element("i", { className: "dispatch-tick", "aria-label": t("已选") }, "✓"), data.number);
  cells.DispatchPlace = ({ data }) => (data.gone
    ? element("span", { className: "dispatch-gone" }, `${data.gone} · ${data.place}`)
    : element("span", { title: data.place }, data.ordered && element("b", { className: "dispatch-ordered", title: t("督办待答复") }, t("督")), data.place));
  cells.DispatchClaim = ({ data }) => element("span", { className: data.mine ? "dispatch-mine" : null, title: data.claimed }, data.mine ? data.claimed : base.person(data.claimed));

  /** Empty for React; the ref writes it at once and `secondHand` every second after. */
  cells.DispatchLeft = ({ data }) => element("span", { className: "dispatch-left", ref: (place) => place && writeLeft(Object.assign(place, { cwClock: data.due })) });

  cells.DispatchRisk = ({ data }) => (data.risk ? element("span", { className: risks.likely(data.risk) ? "dispatch-risk is-likely" : "dispatch-risk", title: risks.hint(data.risk) }, risks.text(data.risk)) : null);

  cells.DispatchBounce = ({ data }) => {
    const owner = data.ownerless ? t("无主 {age}").replace("{age}", format.age(now() - data.ownerless)) : "";
    const back = data.send_backs ? element("b", { className: data.send_backs >= 2 ? "is-frozen" : null, title: data.send_backs >= 2 ? t("已冻结再派，须先确权") : null }, `↩${data.send_backs}`) : null;
    const age = owner && element("small", { className: "dispatch-age", ref: (place) => place && writeAge(Object.assign(place, { cwSince: data.ownerless })) });
    return element("span", { className: "dispatch-bounce", title: owner }, back, age);
  };

  function writeLeft(place, at = now()) {
    const clock = place.cwClock;
    if (!clock) return;
    const lamp = base.lampOf(clock, at);
    const text = `${base.SHAPES[lamp]} ${base.leftText(clock, at)}`.trim();
    if (place.textContent !== text) place.textContent = text;
    if (place.dataset.lamp !== lamp) place.dataset.lamp = lamp;
  }

  function writeAge(place, at = now()) {
    const text = format.age(at - place.cwSince);
    if (place.textContent !== text) place.textContent = text;
  }

  /** The share of the limit that is used, beside the time left it belongs to. */
  function writeShare(place, at) {
    const { kind, since, due } = place.cwClock;
    place.dataset.lamp = base.lampOf(place.cwClock, at);
    const bar = place.querySelector(".dispatch-bar i");
    if (bar && kind === "due") bar.style.width = `${(100 * Math.min(1, Math.max(0, (at - since) / Math.max(1, due - since)))).toFixed(1)}%`;
  }

  /** Once a second for everything that counts on the page. */
  function secondHand(root) {
    const at = now();
    for (const place of root.querySelectorAll(".dispatch-left")) writeLeft(place, at);
    for (const place of root.querySelectorAll(".dispatch-age")) writeAge(place, at);
    for (const place of root.querySelectorAll(".dispatch-time[data-lamp]")) writeShare(place, at);
  }

  window.citywall.dispatchCells = { secondHand, writeLeft };
})();
