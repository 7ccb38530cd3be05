/* /case/<no>: the journal. Who, in which post, when, from which seat, what changed from what to what, and the hash that
   chains each entry to the one before. Newest on top; nothing here can be changed. */
(function () {
  "use strict";
  const { t, h, format, thenLink, casePage } = window.citywall;
  const SHORT = 8;

  function line(page, entry, changes) {
    const seat = entry.seat ? `${t("席位")} ${entry.seat}` : "";
    const broken = page.told.story.chain.broken_at.includes(entry.version);
    return h("li", { "data-version": entry.version, "data-action": entry.action, "data-broken": broken },
      thenLink(entry.at, h("time", {}, format.shortTime(entry.at).slice(0, 5), h("b", {}, format.clock(entry.at)))),
      h("div", {},
        h("p", {}, h("b", {}, entry.label), ` ${entry.who}`, h("small", {}, ` ${entry.role_label}${seat ? ` · ${seat}` : ""}`)),
        entry.reason ? h("blockquote", {}, entry.reason) : null,
        changes.length ? h("ul", { class: "case-changes" }, changes.map(change)) : null),
      h("code", { title: entry.hash }, broken ? `✕ ${t("与链不符")}` : entry.hash.slice(0, SHORT)));
  }

  function change({ label, before, after, time }) {
    const said = (value) => (value === null ? t("空") : time ? format.shortTime(value) : String(value));
    return h("li", {}, h("span", {}, label), before === null ? "" : h("s", {}, said(before)), before === null ? " " : " → ", h("b", {}, said(after)));
  }

  function draw(page) {
    const { history, story: { changes, chain } } = page.told;
    const place = page.place("journal"), top = place.scrollTop;
    const lines = history.map((entry, index) => line(page, entry, changes[index])).reverse();
    const first = h("ol", { class: "case-journal-list" }, lines);
    place.replaceChildren(first);
    if (top) place.scrollTop = top;
    page.place("journal-note").replaceChildren(chain.whole ? `${chain.entries} ${t("条")} · ${t("哈希链完整")}` : h("em", {}, `✕ ${t("哈希链在第 {n} 条断开，请运行 verify-journal").replace("{n}", chain.broken_at.join("、"))}`));
  }

  casePage.part({ draw });
})();
