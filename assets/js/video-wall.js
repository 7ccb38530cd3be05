/* /video: 上墙. A camera goes to one of the leaders' four places, and comes down again. */
(function () {
  "use strict";
  const { t, live, video } = window.citywall;
  const { h, button } = video;
  const PATH = "/api/v1/video/wall";
  const PLACES = [1, 2, 3, 4];
  let wall = null; // {sent: numbers, 0 where the place shows its own; shown: numbers; version}, as last heard

  function hear(told) {
    wall = told;
    if (video.page()) video.draw();
  }

  function onTick({ wall_cameras: told }) {
    if (told && (!wall || told.version > wall.version)) hear({ sent: told.sent, shown: told.cameras.map(([number]) => number), version: told.version });
  }

  function answered({ cameras, shown, version }) {
    hear({ sent: cameras, shown: shown.map((camera) => (camera ? camera.number : 0)), version });
  }

  async function entered(page) {
    if (!page.may.has("direct")) return;
    const answer = await video.ask("GET", PATH);
    if (answer.ok) answered(answer.body);
  }

  /** Into a wall place; 0 takes down. A colleague's change in between is read first, and said. */
  async function send(place, number) {
    if (!wall) await entered(video.page());
    if (!wall) return video.toast(t("大屏的摄像机读不到，请稍后再试"), { bad: true });
    const cameras = wall.sent.map((old, at) => (at === place - 1 ? number : old === number ? 0 : old)); // in one place only
    const answer = await video.ask("PUT", PATH, { cameras, version: wall.version });
    if (answer.ok) {
      answered(answer.body);
      return video.toast(number ? t("{name} 已上墙 {n}").replace("{name}", video.nameOf(number)).replace("{n}", place) : t("大屏 {n} 已撤下").replace("{n}", place));
    }
    if (answer.status === 409) await entered(video.page());
    return video.toast(video.why(answer), { bad: true });
  }

  function direct(page, place) {
    const number = page.cameras[page.selected];
    if (!page.may.has("direct")) return;
    if (number) send(place, number);
    else video.toast(t("未选摄像机"));
  }

  /** Where to; what is there now stands on the buttons. */
  async function open(index) {
    const page = video.page();
    if (!page.may.has("direct")) return;
    const number = page.cameras[index];
    await entered(page);
    const { sent, shown } = wall || { sent: [], shown: [] };
    const made = video.dialog(`${t("上墙")} · ${video.nameOf(number) || t("未选摄像机")}`, h("div", { class: "video-wall-places" }, PLACES.map(row)));
    function row(place) {
      const go = (to) => { made.close(); send(place, to); };
      const there = shown[place - 1] ? video.nameOf(shown[place - 1]) : t("空");
      return h("div", { class: "video-wall-place" }, h("b", {}, `${t("大屏")} ${place}`), h("span", {}, sent[place - 1] ? there : `${there}（${t("默认")}）`),
        button([t("上墙"), h("kbd", {}, `Shift+${place}`)], () => go(number), { disabled: !number }), button(t("撤下"), () => go(0), { disabled: !sent[place - 1] }));
    }
  }

  function marks(page, index) {
    const number = page.cameras[index];
    const at = wall && number ? wall.shown.indexOf(number) : -1;
    return at < 0 ? [] : [{ kind: "wall", text: `${t("大屏")} ${at + 1}` }];
  }

  const keys = { KeyW: (page) => open(page.selected) };
  for (const place of PLACES) keys[`Shift+Digit${place}`] = (page) => direct(page, place);
  live.on("tick", onTick);
  video.part({ entered, marks, acts: { wall: open }, keys });
})();
