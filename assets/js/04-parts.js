/* What every page's scripts make elements with and ask the server by. */
(function () {
  "use strict";
  const { t } = window.citywall;

  /** An element: `h("button", {class: "x", onclick: act}, "words", other)`. Properties that are functions are listeners. */
  function h(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (typeof value === "function") made[name] = value;
      else if (value === true) made.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, String(value));
    }
    made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
    return made;
  }

  /** {ok, status, headers, body: JSON or a film}; a server that does not answer is status 0, worded like a refusal. */
  async function ask(method, path, body, { seconds = 0 } = {}) {
    try {
      const sent = body === undefined ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
      const answer = await fetch(path, { method, ...sent, ...(seconds ? { signal: AbortSignal.timeout(seconds * 1000) } : {}) });
      return { ok: answer.ok, status: answer.status, headers: answer.headers, body: await bodyOf(answer) };
    } catch (error) {
      return { ok: false, status: 0, body: { error: "no_answer", message: t("与服务器失去联系"), cause: String(error) } };
    }
  }

  function bodyOf(answer) {
    const kind = answer.headers.get("content-type") || "";
    if (kind.includes("json")) return answer.json();
    return kind.startsWith("video/") ? answer.blob() : {};
  }

  /** The server's sentence of refusal. */
  function why(answer) {
    return answer.body.message || answer.body.error || `${t("未成功")}（${answer.status}）`;
  }

  /** A moment that leads to the wall as it was just after, for whoever is offered the replay; otherwise just the moment. */
  function thenLink(at, content) {
    if (!document.querySelector('.desk-nav a[href="/replay"]')) return content;
    return h("a", { class: "cw-then", href: `/replay?at=${at + 1}`, title: t("回放此刻的大屏") }, content);
  }

  Object.assign(window.citywall, { h, ask, why, thenLink });
})();
