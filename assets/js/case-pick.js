/* Choosing one or several of many by typing: departments, classes. Found by name, code, pinyin and its initials;
   what the hall suggests stands first, with its reason. Works with the keyboard alone, and while Chinese is composed. */
(function () {
  "use strict";
  const { t, h } = window.citywall;
  const MOST_SHOWN = 60;
  let nextId = 1;

  const folded = (text) => text.toLowerCase().replace(/\s+/g, "");

  /** How well an option answers the words: 0 not at all; its name's beginning best, then initials, then anywhere. */
  function fit(option, words) {
    if (!words) return 1;
    const label = folded(option.label);
    if (label.startsWith(words) || folded(option.value) === words) return 4;
    if ((option.typed || "").split(" ").some((part) => part.startsWith(words))) return 3;
    return label.includes(words) || folded(option.value).startsWith(words) || folded(option.typed || "").includes(words) ? 2 : 0;
  }

  /**
   * {element, input, get, set, describe}: an input with a list. `options` is a promise of [{value, label, typed, note}], `first` are
   * values to stand on top; `several`: chips; `picked(value)` after each choice.
   */
  function pick({ id, options, first = [], several = false, placeholder = "", picked = () => {}, why = () => "" }) {
    const listId = `pick-${nextId++}`;
    const state = { all: [], shown: [], chosen: [], at: -1, open: false };
    const input = h("input", { id, type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": listId, placeholder });
    const list = h("ul", { id: listId, class: "pick-list", role: "listbox", hidden: true });
    const chips = h("span", { class: "pick-chips" });
    const note = h("p", { class: "pick-note" });
    const element = h("div", { class: "pick", "data-several": several }, chips, input, list, note);
    const ready = Promise.resolve(options).then((found) => {
      state.all = found;
      if (state.open && input.value) return show(); // what was typed meanwhile stays
      showChosen();
      if (state.open) return show();
      return document.activeElement === input ? input.select() : null;
    });

    const nameOf = (value) => (state.all.find((option) => option.value === value) || { label: value }).label;

    function ranked() {
      const words = folded(input.value === nameOf(state.chosen[0]) && !several ? "" : input.value);
      const place = (option) => { const at = first.indexOf(option.value); return at < 0 ? first.length : at; };
      return state.all
        .map((option) => ({ option, fit: fit(option, words) }))
        .filter((one) => one.fit && !(several && state.chosen.includes(one.option.value)))
        .sort((one, other) => place(one.option) - place(other.option) || other.fit - one.fit)
        .map((one) => one.option);
    }

    function show() {
      state.shown = ranked();
      state.open = true;
      if (state.at >= state.shown.length || state.at < 0) state.at = state.shown.length && input.value ? 0 : -1;
      const more = state.shown.length - MOST_SHOWN;
      list.replaceChildren(
        ...state.shown.slice(0, MOST_SHOWN).map(line),
        ...(more > 0 ? [h("li", { class: "pick-more", "aria-disabled": "true" }, t("另有 {n} 项，请再输入几个字").replace("{n}", more))] : []),
        ...(state.shown.length ? [] : [h("li", { class: "pick-more", "aria-disabled": "true" }, state.all.length ? t("没有符合的项") : t("读取中…"))])
      );
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      mark();
    }

    function line(option, index) {
      const reason = why(option.value);
      return h("li", { id: `${listId}-${index}`, role: "option", "data-value": option.value, "data-first": first.includes(option.value), onpointerdown: (event) => { event.preventDefault(); choose(option.value); } },
        h("span", {}, option.label), reason ? h("small", {}, reason) : h("small", {}, option.note || ""));
    }

    function mark() {
      [...list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === state.at)));
      const marked = state.at >= 0 ? list.children[state.at] : null;
      if (marked) { input.setAttribute("aria-activedescendant", marked.id); marked.scrollIntoView({ block: "nearest" }); }
      else input.removeAttribute("aria-activedescendant");
    }

    function hide() {
      state.open = false;
      list.hidden = true;
      state.at = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function choose(value) {
      state.chosen = several ? [...state.chosen, value] : [value];
      hide();
      showChosen();
      picked(value);
    }

    function showChosen() {
      if (!several) {
        input.value = state.chosen.length ? nameOf(state.chosen[0]) : "";
      } else {
        input.value = "";
        chips.replaceChildren(...state.chosen.map((value) => h("button", { type: "button", class: "pick-chip", title: t("去掉"), onclick: () => drop(value) }, nameOf(value), h("span", {}, "×"))));
      }
      note.textContent = !several && state.chosen.length ? why(state.chosen[0]) : "";
    }

    function drop(value) {
      state.chosen = state.chosen.filter((one) => one !== value);
      showChosen();
      picked(null);
      input.focus();
    }

    function onKey(event) {
      if (event.isComposing) return;
      if (event.code === "ArrowDown" || event.code === "ArrowUp") {
        event.preventDefault();
        if (!state.open) show();
        const last = Math.min(state.shown.length, MOST_SHOWN) - 1, step = event.code === "ArrowDown" ? 1 : -1;
        state.at = Math.max(0, Math.min(last, state.at + step));
        mark();
      } else if ((event.code === "Enter" || event.code === "NumpadEnter") && state.open && state.at >= 0) {
        event.preventDefault();
        event.stopPropagation();
        choose(state.shown[state.at].value);
      } else if (event.code === "Escape" && state.open) {
        event.preventDefault();
        event.stopPropagation();
        hide();
        showChosen();
      } else if (event.code === "Backspace" && several && !input.value && state.chosen.length) {
        drop(state.chosen[state.chosen.length - 1]);
      }
    }

    /** Words that name nothing give way to what was chosen before; an emptied field chooses nothing. */
    function onLeave() {
      if (!state.open) return;
      const words = folded(input.value), only = state.all.filter((option) => folded(option.label) === words || folded(option.value) === words);
      if (!several && !words && state.chosen.length) { state.chosen = []; picked(null); }
      else if (only.length === 1 && only[0].value !== state.chosen[0]) return choose(only[0].value);
      hide();
      showChosen();
    }

    input.addEventListener("input", (event) => { event.stopPropagation(); state.at = 0; show(); });
    input.addEventListener("pointerdown", () => state.open || show());
    input.addEventListener("focus", () => input.select());
    input.addEventListener("keydown", onKey);
    input.addEventListener("blur", onLeave);

    return {
      element, input, ready,
      get: () => (several ? [...state.chosen] : state.chosen[0]),
      set: (value) => { state.chosen = several ? [...(value || [])] : value ? [value] : []; showChosen(); },
      isOpen: () => state.open,
      describe: () => state.chosen.map(nameOf).join("、"),
    };
  }

  window.citywall.pick = pick;
})();
