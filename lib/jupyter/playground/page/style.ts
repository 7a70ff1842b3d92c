/**
 * Styles of playgrounds. Each is in its own shadow tree, so that its styles and those of the page
 * are separate.
 */
export const PLAYGROUND_CSS = `
:host { display: block; color: inherit; }
* { box-sizing: border-box; }
.playground { --paper: #fbfaf6; --line: #c9ced6; --accent: #0072b2; --soft: #5b6472; --fill: #eef2f6;
  container-type: inline-size; max-width: 62rem; padding: 2px; text-align: left;
  font: 15px/1.4 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
.playground[data-dark] { --paper: #14171c; --line: #475060; --accent: #56b4e9; --soft: #a7b0bd; --fill: #262c36; }
button { font: inherit; color: inherit; background: var(--fill); border: 1px solid var(--line); border-radius: 8px;
  padding: 8px 14px; min-height: 40px; cursor: pointer; touch-action: manipulation; }
button:hover { border-color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
canvas { display: block; width: 100%; height: auto; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(48px, 1fr)); gap: 6px; max-width: 54rem; }
.tile { display: flex; flex-direction: column; align-items: stretch; gap: 2px; padding: 4px; background: var(--paper); }
.tile span { text-align: center; color: var(--soft); font-size: 13px; }
.tile[aria-pressed="true"] { border-color: var(--accent); box-shadow: inset 0 0 0 2px var(--accent); }
.tile[aria-pressed="true"] span { color: var(--accent); font-weight: 700; }
[data-dark] .tile canvas, [data-dark] .sheet canvas { filter: invert(1); }
.desk { display: grid; gap: 12px; margin-top: 12px; grid-template-columns: 44% minmax(0, 1fr); align-items: start; }
.sheet { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 4%; width: 100%;
  max-width: 340px; justify-self: center; }
.readings { display: grid; gap: 14px; font-size: 14px; }
.heading { margin-bottom: 5px; }
.heading b { font-variant-numeric: tabular-nums; }
.scale { position: relative; height: 12px; border-radius: 6px; border: 1px solid var(--line);
  background: linear-gradient(90deg, #efad80, #f7f7f7, #7fb3d9); }
.needle { position: absolute; top: -5px; width: 4px; height: 20px; margin-left: -2px; border-radius: 2px;
  background: currentColor; }
.ends { display: flex; justify-content: space-between; color: var(--soft); font-size: 12px; }
.bars { display: grid; grid-template-columns: repeat(auto-fit, minmax(10px, 1fr)); gap: 3px; text-align: center;
  color: var(--soft); font-size: 12px; }
.bars > span { overflow: hidden; }
.bar { display: flex; align-items: flex-end; height: 44px; background: var(--fill); border-radius: 3px; overflow: hidden; }
.bar i { display: block; width: 100%; background: var(--accent); }
.hand { display: grid; gap: 8px 18px; grid-column: 1 / -1; grid-template-columns: repeat(auto-fit, minmax(128px, 1fr)); }
.slider { display: block; }
.slider .name { font-weight: 600; font-size: 14px; }
.slider input { display: block; width: 100%; height: 26px; margin: 0; accent-color: var(--accent); cursor: pointer; }
.buttons { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: 8px; }
.buttons button { flex: 1 1 auto; }
.sentence { display: block; margin-top: 10px; min-height: 2.8em; color: var(--soft); font-size: 13px; }
.planes { display: grid; gap: 8px; grid-template-columns: 1fr 1fr; align-items: end; }
.legend { margin: 10px 0 0; color: var(--soft); font-size: 13px; }
.planes + .hand { margin-top: 12px; grid-template-columns: 1fr 1fr; }
figure { margin: 0; min-width: 0; }
figcaption { margin-bottom: 6px; font-weight: 600; font-size: 14px; font-variant-numeric: tabular-nums; }
figure canvas { border: 1px solid var(--line); border-radius: 10px; background: #fbfaf6; }
.drag { touch-action: none; cursor: grab; }
.drag:active { cursor: grabbing; }
@container (min-width: 520px) {
  .desk { gap: 14px 22px; grid-template-columns: minmax(0, 240px) minmax(0, 1fr); }
  .planes { gap: 14px; }
  .tiles { grid-template-columns: repeat(auto-fit, minmax(56px, 1fr)); }
  .desk .hand { grid-template-columns: repeat(auto-fit, minmax(200px, 1fr)); }
}
@container (min-width: 820px) {
  .desk { grid-template-columns: 260px 190px minmax(0, 1fr); }
  .desk .hand { grid-column: auto; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); }
}
@media (forced-colors: active) { .bar i, .needle { forced-color-adjust: none; } }
`;
