/* The first page of a desk: the hall's headline figures, live, each a door to its cases. */
(function () {
  "use strict";
  const { t, live, mount } = window.citywall;

  /** A figure as people read it: a share with its parts, a count with separators, "–" for no denominator. */
  function shown(figure) {
    if (figure.denominator === undefined) return figure.value.toLocaleString("zh-CN");
    return figure.value === null ? "–" : (figure.value * 100).toFixed(1) + " %";
  }

  function parts(figure) {
    return figure.denominator === undefined ? "" : `${figure.numerator.toLocaleString("zh-CN")} / ${figure.denominator.toLocaleString("zh-CN")}`;
  }

  function card(figure) {
    const link = document.createElement("a");
    link.className = "home-figure";
    link.href = "/cases?" + new URLSearchParams(figure.query);
    for (const [kind, text] of [["label", t(figure.label)], ["value", shown(figure)], ["parts", parts(figure)]]) {
      const line = document.createElement("span");
      line.className = `home-${kind}`;
      line.textContent = text;
      link.append(line);
    }
    return link;
  }

  function draw(wall) {
    const place = document.querySelector("[data-home=figures]");
    if (place) place.replaceChildren(...wall.headline.map(card));
  }

  live.on("wall", draw);
  mount("[data-home=figures]", () => live.newest("wall") && draw(live.newest("wall")));
})();
