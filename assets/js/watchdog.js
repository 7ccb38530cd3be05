/* The watchdog: says that the link is lost when everything else is down, and brings the page back. It needs neither Dash
   nor the server: it only listens for the second's tick and looks at its own clock. It never gives up. */
(function () {
  "use strict";
  const { t, live, format } = window.citywall;
  const BANNER_MS = 10_000, ASK_MS = 30_000, ASK_EVERY_MS = 5000, JITTER_MS = 1000, HEARTBEAT_MS = 10_000;
  const ANSWER_MS = 4000, WALL = ".cw-wall, .dispatch-wall";
  const PAGE_WITHOUT_FEED = /^\/(login|device)/;
  let heard = performance.now(); // when the last tick came, by the monotonic clock
  let lastTick = null;
  let banner = null;
  let asking = false;

  function onTick(tick) {
    heard = performance.now();
    lastTick = tick;
    if (banner) hide();
  }

  function look() {
    const silent = performance.now() - heard;
    if (silent >= BANNER_MS) say(silent);
    if (silent >= ASK_MS && !asking) ask();
  }

  /** Full width, over whatever is there. The time is that of the newest figures on the page. */
  function say(silent) {
    if (!banner || !banner.isConnected) banner = makeBanner();
    const lost = `⚠ ${t("与服务器失去联系")} ${format.stopwatch(silent)}`;
    const seen = lastTick ? ` · ${t("画面为 {time} 的数据").replace("{time}", format.clock(lastTick.now))}` : ` · ${t("尚无数据")}`;
    banner.textContent = lost + seen;
  }

  function makeBanner() {
    const made = document.createElement("div");
    made.className = "cw-link-banner";
    made.setAttribute("role", "alert");
    made.classList.toggle("is-wall", Boolean(document.querySelector(WALL)));
    document.body.append(made);
    document.documentElement.classList.add("cw-link-lost");
    return made;
  }

  function hide() {
    banner.remove();
    banner = null;
    document.documentElement.classList.remove("cw-link-lost");
  }

  /** Ask the server plainly, for ever. If it answers and the feed is still silent, the page begins anew: its address
      carries scene, view and filters. */
  async function ask() {
    asking = true;
    while (performance.now() - heard >= ASK_MS) {
      if ((await answers()) && performance.now() - heard >= ASK_MS) {
        location.reload();
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS + Math.random() * JITTER_MS));
    }
    asking = false;
  }

  async function answers() {
    try {
      const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS) });
      return answer.ok;
    } catch {
      return false; // no answer is what the banner already says
    }
  }

  /** A wall that stops calling is missed by the duty officer within half a minute. */
  async function heartbeat() {
    const wall = document.querySelector(WALL);
    if (!wall || wall.closest(".cw-replay") || !lastTick || banner) return;
    const memory = performance.memory ? performance.memory.usedJSHeapSize / 1e6 : 0;
    const body = {
      scene: wall.dataset.scene, board_version: Math.max(0, lastTick.version || 0), oldest_value_ms: Math.round(window.citywall.wall.oldestMs()),
      memory_mb: Math.round(memory * 10) / 10, width: innerWidth, height: innerHeight,
    };
    try {
      await fetch("/api/v1/wall/heartbeat", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal: AbortSignal.timeout(ANSWER_MS) });
    } catch {
      return; // the missing heartbeat is itself the message; the banner follows when the tick is missing too
    }
  }

  if (PAGE_WITHOUT_FEED.test(location.pathname)) return;
  live.onNow("tick", onTick);
  setInterval(look, 500);
  setInterval(heartbeat, HEARTBEAT_MS);
})();
