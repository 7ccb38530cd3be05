/* /video: what its scripts share. Each brings a part: hooks for entering, drawing and news, its acts and its keys.
   Acts are named once and reached by button (`data-act`) and key alike. */
(function () {
  "use strict";
  const { t, mount, h, ask, why } = window.citywall;
  const TOAST_SECONDS = 6;
  const parts = [];
  let page = null; // the page now in the document, as `video-page.js` made it

  /** Take part: {make, enter, entered, leave, leaving, draw, news, marks, taken, touched, back, grab, keyup, acts, keys}, all optional. */
  function part(mine) {
    parts.push(mine);
  }

  /** Call a hook of every part that has it. */
  function each(hook, ...given) {
    for (const mine of parts) if (mine[hook]) mine[hook](...given);
  }

  /** Whether some part says yes; the others are not asked any more. */
  function some(hook, ...given) {
    return parts.some((mine) => mine[hook] && mine[hook](...given));
  }

  /** What the parts say together. */
  function gathered(hook, ...given) {
    return parts.flatMap((mine) => (mine[hook] ? mine[hook](...given) : []));
  }

  /** The act of that name, or the one behind a key. */
  function found(kind, name) {
    const mine = parts.find((one) => one[kind] && one[kind][name]);
    return mine && mine[kind][name];
  }

  function enter(root) {
    page = { root };
    each("make", page); // the page itself, before its parts
    each("enter", page);
    each("entered", page);
    return () => {
      each("leave", page);
      page = null;
    };
  }

  /* ── parts of the document ──────────────────────────────────────────────────────────────────── */

  function button(words, act, attributes = {}) {
    return h("button", { type: "button", class: "video-button", onclick: act, ...attributes }, words);
  }

  /** Say something for a few seconds, perhaps with something to do about it. */
  function toast(text, { bad = false, action = null, seconds = TOAST_SECONDS } = {}) {
    if (!page) return;
    const place = page.root.querySelector(".video-toasts");
    const made = h("div", { class: "video-toast", "data-tone": bad ? "bad" : "good" }, h("span", {}, text));
    const drop = () => made.remove();
    if (action) made.append(button(action.words, () => { drop(); action.act(); }));
    place.append(made);
    while (place.children.length > 4) place.firstElementChild.remove();
    setTimeout(drop, seconds * 1000);
  }

  /** A dialog with a title; it leaves the document when it closes. */
  function dialog(title, ...content) {
    const close = () => made.close();
    const head = h("div", { class: "video-dialog-head" }, h("h2", {}, title), button([t("关闭"), h("kbd", {}, "Esc")], close));
    const made = h("dialog", { class: "video-dialog", "aria-label": title }, head, ...content);
    made.addEventListener("close", () => made.remove());
    page.root.append(made);
    made.showModal();
    return made;
  }

  /** When every script is there. */
  function ready(act) {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", act);
    else act();
  }

  ready(() => mount(".video-desk", enter));

  window.citywall.video = { ready, part, each, some, gathered, found, ask, why, h, button, toast, dialog, page: () => page };
})();
