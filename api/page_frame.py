"""The few pages that stand without Dash: login and refusals. One frame, one small style on the hall's own tokens."""

from __future__ import annotations

from html import escape

from runtime.i18n import SOURCE_LANGUAGE, language, t

STYLE = """
.door { min-height: 100vh; display: grid; grid-template-columns: 1.15fr 1fr; }
.door-front { position: relative; overflow: hidden; display: flex; flex-direction: column; justify-content: center;
  padding: 6vmin 7vmin 30vh; border-right: 1px solid var(--cw-line); }
.door-brand { margin: 0; font-size: clamp(3rem, 7.5vmin, 7rem); font-weight: 700; letter-spacing: .08em;
  line-height: 1.1; }
.door-brand small { display: block; font-size: .36em; font-weight: 500; letter-spacing: .22em; color: var(--cw-text-2);
  margin-top: .5em; }
.door-line { margin: 1.4rem 0 0; max-width: 34em; font-size: clamp(1rem, 2vmin, 1.5rem); line-height: 1.7;
  color: var(--cw-text-2); }
.door-wall { position: absolute; inset: auto 0 0 0; width: 100%; height: 26vh; }
.door-wall path { fill: var(--cw-panel); stroke: var(--cw-line); stroke-width: 2; vector-effect: non-scaling-stroke; }
.door-wall .door-gate { fill: var(--cw-bg); }
.door-side { display: grid; place-items: center; padding: 4vmin; }
.door-card { width: min(30rem, 100%); padding: clamp(1.5rem, 4vmin, 3.5rem); background: var(--cw-panel);
  border: 1px solid var(--cw-line); border-radius: .75rem; }
.door-card h1, .door-card h2 { margin: 0 0 1.6rem; font-size: 1.6rem; font-weight: 700; }
.door-card p { line-height: 1.7; color: var(--cw-text-2); }
.door-card label { display: block; margin: 0 0 .45rem; color: var(--cw-text-2); }
.door-card input { width: 100%; margin: 0 0 1.2rem; padding: .85rem 1rem; font: inherit; font-size: 1.1rem;
  color: var(--cw-text); background: var(--cw-bg); border: 1px solid var(--cw-neutral); border-radius: .4rem; }
.door-card input:focus-visible, .door a:focus-visible, .door button:focus-visible { outline: 3px solid var(--cw-focus);
  outline-offset: 2px; }
.door-button { display: inline-block; width: 100%; padding: .9rem 1rem; font: inherit; font-size: 1.1rem;
  font-weight: 700; text-align: center; text-decoration: none; color: #000; background: var(--cw-l4); border: 0;
  border-radius: .4rem; cursor: pointer; }
.door-button:hover { filter: brightness(1.12); }
.door-alert { display: flex; gap: .7rem; margin: 0 0 1.4rem; padding: .8rem 1rem; color: var(--cw-text) !important;
  border: 1px solid var(--cw-l2); border-radius: .4rem; }
.door-alert::before { content: "▲"; color: var(--cw-l2); }
.door-foot { display: flex; flex-wrap: wrap; gap: .4rem 1.2rem; justify-content: space-between; margin-top: 1.6rem;
  font-size: .95rem; color: var(--cw-text-2); }
.door-foot a, .door-card p a { color: var(--cw-l4); }
.door-demo { margin: 1.8rem 0 0; padding: 1.2rem 0 0; border-top: 1px solid var(--cw-line); font-size: .95rem; }
.door-demo b { display: inline-block; margin-right: .6rem; padding: .1rem .6rem; color: #000; background: var(--cw-l3);
  border-radius: .25rem; letter-spacing: .1em; }
.door-demo dl { display: grid; grid-template-columns: auto 1fr; gap: .3rem 1.2rem; margin: .9rem 0 0; }
.door-demo dt { color: var(--cw-text); font-family: ui-monospace, monospace; }
.door-demo dd { margin: 0; color: var(--cw-text-2); }
@media (max-width: 860px) {
  .door { grid-template-columns: 1fr; grid-template-rows: auto 1fr; }
  .door-front { padding: 2rem 1.5rem 1rem; border-right: 0; }
  .door-line, .door-wall { display: none; }
  .door-brand { font-size: 2.4rem; }
  .door-side { place-items: start center; padding: 1rem; }
}
"""

_MERLONS = "v-40h44v40h40" * 4
_WALL = (
    '<svg class="door-wall" viewBox="0 0 996 260" preserveAspectRatio="none" aria-hidden="true">'
    f'<path d="M-2 262V96h42{_MERLONS}v-88{"h34v24h36v-24" * 3}h34v88h40{_MERLONS}h2V262Z"/>'
    '<path class="door-gate" d="M458 262V150a40 40 0 0 1 80 0V262"/></svg>'
)
"""A stretch of city wall with its gate."""


def document(title: str, card: str, *, refresh_seconds: int | None = None) -> str:
    """A whole page around `card` (HTML; whoever makes it escapes what is not ours), in the request's language."""
    code = "zh-CN" if language.get() == SOURCE_LANGUAGE else language.get()
    line = escape(t("数字化城市管理监督指挥中心：案卷、视频与结案率，一屏看清。"))
    refresh = f'<meta http-equiv="refresh" content="{refresh_seconds}">' if refresh_seconds else ""
    return f"""<!DOCTYPE html>
<html lang="{code}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
{refresh}<title>{escape(title)} · 城墙 CityWall</title><link rel="stylesheet" href="/assets/css/00-tokens.css">
<link rel="icon" href="data:,"><style>{STYLE}</style></head>
<body><main class="door"><section class="door-front">
<p class="door-brand">城墙<small>CITYWALL</small></p>
<p class="door-line">{line}</p>
{_WALL}</section><section class="door-side"><div class="door-card">{card}</div></section></main></body></html>"""
