/* /intake: the queues of acceptance, filing, review and closing, the form for what is new, and the chosen case. */
(function () {
  "use strict";
  const { t, mount } = window.citywall;
  const NEVER = 8.64e15;
  const LEVELS = { L1: 1, L2: 2, L3: 3, L4: 4 };
  const QUEUES = ["pending_acceptance", "pending_verify", "pending_filing", "pending_feedback_review", "pending_check", "pending_close"];
  const HERE = new Set(QUEUES);
  const ACTS = [
    { action: "send_verify", code: "KeyV" }, { action: "file", code: "KeyF" }, { action: "send_check", code: "KeyH" }, { action: "close_from_photos", code: "KeyL" },
    { action: "close", code: "KeyL" }, { action: "claim", code: "KeyC" }, { action: "take_over", code: "KeyO" }, { action: "release", code: "KeyQ" },
    { action: "refuse_acceptance", code: "KeyX" }, { action: "refuse_filing", code: "KeyX" }, { action: "fail_check", code: "KeyX" },
    { action: "answer_order", code: "KeyA" }, { action: "link", code: "KeyT" }, { action: "transfer", code: "KeyY" },
  ];
  const QUICK = ["send_verify", "send_check", "claim", "release"];
  const base = () => window.citywall.dispatchBase;

  function enter(root) {
    base().learn(root);
    const part = (name) => root.querySelector(`[data-intake=${name}]`);
    const page = { root, list: null, tab: root.dataset.first, tabs: [...root.querySelectorAll("[data-tab]")], note: part("note") };
    page.panel = window.citywall.casePanel(part("case"), { acts: ACTS, quick: QUICK, empty: t("用 J / K 选一件案卷，Enter 打开全文") });
    page.form = window.citywall.intakeForm(part("form"), { root, done: (caseNo) => (page.list ? page.list.choose(caseNo) : page.panel.show(caseNo)) });
    const stopKeys = window.citywall.caseList.keys(root, (code) => press(page, code));
    root.addEventListener("click", (event) => { const tab = event.target.closest("[data-tab]"); if (tab) show(page, tab.dataset.tab); });
    begin(page);
    return () => { stopKeys(); page.panel.stop(); page.form.close(); if (page.list) page.list.close(); };
  }

  async function begin(page) {
    const grid = await window.citywall.caseList.grid(page.root);
    if (!page.root.isConnected) return;
    page.list = window.citywall.caseList(grid, { takes: (row) => HERE.has(row.state), rowOf, chosen: (caseNo) => page.panel.show(caseNo), changed: (news) => heard(page, news) });
    show(page, page.tab);
    const wanted = new URLSearchParams(window.location.search).get("case");
    if (wanted) page.list.choose(wanted);
  }

  /** The gravest first, within a level the one that waits longest. */
  function rowOf(row) {
    return { clock: { ...base().clockOf(row), short: true }, order: ((LEVELS[row.severity] || 5) * NEVER) / 8 + row.state_since };
  }

  function heard(page, { failed }) {
    if (!page.list) return setTimeout(() => heard(page, {}), 0); // the first rows come while the list is made
    page.root.dataset.face = failed ? "error" : "live";
    page.note.textContent = failed ? `${t("案卷读取失败")}（${failed}），${t("正在重试")}` : "";
    for (const tab of page.tabs) {
      const count = page.list.count((data) => data.state === tab.dataset.tab);
      const late = page.list.count((data) => data.state === tab.dataset.tab && data.late);
      const place = tab.querySelector("b");
      place.textContent = late ? `${count} ▲${late}` : String(count);
      place.toggleAttribute("data-zero", count === 0);
      place.toggleAttribute("data-late", late > 0);
      place.title = late ? t("其中 {n} 件超出本环节时限").replace("{n}", late) : "";
    }
    return null;
  }

  function show(page, tab) {
    page.tab = tab;
    for (const other of page.tabs) other.setAttribute("aria-selected", String(other.dataset.tab === tab));
    if (page.list) page.list.tab((data) => data.state === tab);
  }

  function press(page, code) {
    if (!page.list) return false;
    if (code === "KeyJ" || code === "ArrowDown") page.list.step(1);
    else if (code === "KeyK" || code === "ArrowUp") page.list.step(-1);
    else if (code === "KeyN") page.form.focus();
    else if (code === "Escape") page.list.choose(null);
    else if (code === "Enter" && page.panel.caseNo) window.location.assign(`/case/${encodeURIComponent(page.panel.caseNo)}`);
    else if (/^Digit[1-6]$/.test(code)) show(page, QUEUES[Number(code.slice(5)) - 1]);
    else return page.panel.press(code);
    return true;
  }

  mount(".intake", enter);
})();
