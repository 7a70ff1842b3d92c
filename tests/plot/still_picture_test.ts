/** Pictures of figures for places where nothing moves. */
import assert from "node:assert/strict";
import { stillPicture } from "../../lib/plot/still_picture.ts";

const SIZE = { width: 700, height: 380 };

const MOVING = {
  data: [{ type: "image", name: "digits", source: "first" }, { y: [1] }],
  layout: {
    height: 500,
    title: { text: "Digits" },
    meta: { alt: "Digits over time.", aspect: 0.5 },
    sliders: [{}],
    updatemenus: [{}],
  },
};

Deno.test("stillPicture() of a figure that stands still is white paper without buttons", () => {
  const { tiles, title } = stillPicture(MOVING, SIZE);
  const white = { paper_bgcolor: "#fff", plot_bgcolor: "#fff" };
  assert.deepEqual(tiles, [{
    data: MOVING.data,
    layout: { ...white, width: 700, height: 500, title: { text: "Digits" } },
  }]);
  assert.equal(title, "");
  const [tile] = stillPicture({}, SIZE).tiles;
  assert.deepEqual(tile?.layout, { ...white, width: 700, height: 380 });
});

Deno.test("stillPicture() of a figure that moves is a film strip from its first to its last state", () => {
  const strip = (count: number, aspect: number) => {
    const frames = Array.from(
      { length: count },
      (_, i) => ({ name: `step ${i}`, data: [{ source: `${i}` }] }),
    );
    const layout = { ...MOVING.layout, meta: { aspect } };
    return stillPicture({ ...MOVING, layout, frames }, SIZE);
  };
  const { tiles, title } = strip(12, 0.5);
  assert.equal(title, "Digits");
  const names = tiles.map(({ layout }) => (layout.title as { text: string }).text);
  assert.deepEqual(names, ["step 0", "step 2", "step 4", "step 7", "step 9", "step 11"]);
  const sources = tiles.map(({ data }) => (data as { source?: string }[])[0]!.source);
  assert.deepEqual(sources, ["0", "2", "4", "7", "9", "11"]);
  const sizes = (picture: typeof tiles) =>
    new Set(picture.map(({ layout }) => `${layout.width} ${layout.height} ${layout.showlegend}`));
  assert.deepEqual([...sizes(tiles)], ["350 211 false"]);
  assert.deepEqual([...sizes(strip(2, 1).tiles)], ["233 249 false"]);
  assert.equal(strip(2, 1).tiles.length, 2);
});

Deno.test("stillPicture() of a film strip leaves room for words above panels and numbers below axes", () => {
  const frames = [1, 2].map((i) => ({ name: `step ${i}`, data: [] }));
  const roomOf = (more: object) => {
    const layout = { ...MOVING.layout, ...more };
    const { tiles: [tile] } = stillPicture({ ...MOVING, layout, frames }, SIZE);
    const { margin, height } = tile!.layout as { margin: { t: number; b: number }; height: number };
    return [margin.t, margin.b, height - margin.t - margin.b];
  };
  const [top, bottom, inside] = roomOf({ xaxis: { showticklabels: false } });
  assert.deepEqual(roomOf({}), [top, bottom! + 16, inside]);
  const words = { annotations: [{ text: "above" }] };
  assert.deepEqual(roomOf(words), [top! + 24, bottom! + 16, inside]);
});
