import assert from "node:assert/strict";
import { figureBundle } from "../../lib/jupyter/figure_bundle.ts";
import { show } from "../../lib/jupyter/mod.ts";
import { Figure } from "../../lib/plot/mod.ts";
import { parseBody } from "./parsed_html.ts";

const dangerous = "</script><img src=x onerror=alert(1)>";

/** Returns the figure that the HTML passes to the page's `draw`. */
function drawnBy(html: string): { box: { id: string | null }; spec: Record<string, unknown> } {
  const body = parseBody(html);
  const scripts = [...body.querySelectorAll("script")];
  assert.equal(scripts.length, 1);
  const page = globalThis as { ganNotebooks?: unknown };
  let drawn: { box: { id: string | null }; spec: Record<string, unknown> } | undefined;
  page.ganNotebooks = {
    draw(box: { getAttribute(name: string): string | null }, spec: Record<string, unknown>) {
      drawn = { box: { id: box.getAttribute("data-figure") }, spec };
    },
  };
  try {
    new Function("document", scripts[0]!.textContent)({ currentScript: scripts[0] });
  } finally {
    delete page.ganNotebooks;
  }
  return drawn!;
}

Deno.test("figureBundle() the same figure for VS Code, for a page and as a line of text", () => {
  const figure = new Figure(
    [{ type: "scatter", name: "D", y: [1, 2, 3] }, { type: "bar", y: [1] }],
    { title: { text: "Losses" } },
  );
  const bundle = figureBundle(figure, { id: "figure-1" });
  assert.equal(bundle["text/plain"], 'Figure "Losses" (D: scatter, 3 points; bar, 1 point)');
  const { box, spec } = drawnBy(String(bundle["text/html"]));
  assert.equal(box.id, "figure-1");
  assert.deepEqual(bundle["application/vnd.plotly.v1+json"], {
    data: spec.data,
    layout: spec.layout,
    config: spec.config,
  });
  assert.deepEqual(spec.data, [{ type: "scatter", name: "D", y: [1, 2, 3] }, {
    type: "bar",
    y: [1],
  }]);
  assert.deepEqual(spec.layout, {
    height: 380,
    autosize: true,
    uirevision: "kept",
    margin: { l: 60, r: 20, t: 50, b: 50 },
    title: { text: "Losses" },
    meta: { alt: 'Figure "Losses" (D: scatter, 3 points; bar, 1 point)' },
  });
});

Deno.test("figureBundle() has the figure's sentence for a page and beside the figure's JSON", () => {
  const alt = 'Losses: "D" is < 1 & falls.';
  const narrow = { height: 900, title: { text: "<a href=x>" } };
  const bundle = figureBundle(new Figure([], {}, { alt, narrow, aspect: 0.5 }));
  const box = parseBody(String(bundle["text/html"])).querySelector(".gan-figure")!;
  assert.equal(box.getAttribute("aria-label"), alt);
  const { layout } = bundle["application/vnd.plotly.v1+json"] as { layout: { meta: unknown } };
  const safe = { height: 900, title: { text: "&lt;a href=x>" } };
  assert.deepEqual(layout.meta, { alt, narrow: safe, aspect: 0.5 });
});

Deno.test("figureBundle() has no button that uploads the figure", () => {
  const { config } = drawnBy(String(figureBundle(new Figure([]))["text/html"])).spec as {
    config: { showSendToCloud: boolean; modeBarButtonsToRemove: string[] };
  };
  assert.equal(config.showSendToCloud, false);
  assert(config.modeBarButtonsToRemove.includes("sendChartToCloud"));
});

Deno.test("figureBundle(), show() and Figure refuse wrong figures and unknown options", async () => {
  await assert.rejects(show(undefined as never), {
    name: "TypeError",
    message: "Cannot show a figure: expected figure to be a Figure, got undefined",
  });
  assert.throws(() => figureBundle({ data: [], layout: {} } as never), {
    name: "TypeError",
    message: "Cannot show a figure: expected figure to be a Figure, got an object",
  });
  assert.throws(
    () => figureBundle(new Figure([]), { hight: 300 } as never),
    /did you mean height\?/,
  );
  assert.throws(() => figureBundle(new Figure([]), { height: -1 }), /expected height to be/);
  assert.throws(() => new Figure([], {}, [] as never), /expected an object of options/);
  assert.throws(() => new Figure([], {}, { altt: "x" } as never), /did you mean alt\?/);
});

Deno.test("figureBundle() markup in a title or a name is text", () => {
  const figure = new Figure([{ type: "scatter", name: dangerous, y: [1] }], {
    title: { text: dangerous },
    annotations: [{ text: dangerous }],
  });
  const bundle = figureBundle(figure);
  const html = String(bundle["text/html"]);
  const body = parseBody(html);
  assert.equal([...body.querySelectorAll("img")].length, 0);
  assert.equal([...body.querySelectorAll("script")].length, 1);
  const { spec } = drawnBy(html);
  const safe = "&lt;/script>&lt;img src=x onerror=alert(1)>";
  assert.deepEqual(spec.data, [{ type: "scatter", name: safe, y: [1] }]);
  assert.deepEqual((spec.layout as Record<string, unknown>).annotations, [{ text: safe }]);
  assert.equal(bundle["text/plain"], `Figure "${dangerous}" (${dangerous}: scatter, 1 point)`);
});

Deno.test("figureBundle() typed arrays become short plain numbers, NaN a gap", () => {
  const y = Float32Array.of(0.1, NaN, 1 / 3, 1e-8, -0.25);
  const figure = new Figure([{ type: "scatter", y }, { type: "heatmap", z: [[0, 0, 0]] }]);
  const bundle = figureBundle(figure);
  const { spec } = drawnBy(String(bundle["text/html"]));
  const [line, map] = spec.data as [{ y: number[] }, { z: number[][] }];
  assert.deepEqual(line.y, [0.1, null, 0.33333334, 1e-8, -0.25]);
  assert.deepEqual(line.y.map((value) => value === null ? NaN : Math.fround(value)), [...y]);
  assert.deepEqual(map.z, [[0, 0, 0]]);
  assert.equal(bundle["text/plain"], "Figure (scatter, 5 points; heatmap, 3 points)");
});

Deno.test("figureBundle() an image's address is left as it is", () => {
  const source = "data:image/svg+xml,<svg/>";
  const bundle = figureBundle(new Figure([], { images: [{ source }] }));
  assert.deepEqual(drawnBy(String(bundle["text/html"])).spec.layout, {
    height: 380,
    autosize: true,
    uirevision: "kept",
    margin: { l: 60, r: 20, t: 20, b: 50 },
    images: [{ source }],
    meta: { alt: "Figure (empty)" },
  });
});

Deno.test("figureBundle() frames are there for VS Code and for a page, with text that is text", () => {
  const source = "data:image/png;base64,AA<==";
  const figure = new Figure([{ type: "image", name: "2 images", source }], {}, {
    frames: [
      { name: "step 1", data: [{ type: "image", source }] },
      { name: dangerous, data: [{ y: Float32Array.of(0.1) }] },
    ],
  });
  const bundle = figureBundle(figure);
  const { spec } = drawnBy(String(bundle["text/html"]));
  assert.deepEqual(spec.frames, [
    { name: "step 1", data: [{ type: "image", source }] },
    { name: "&lt;/script>&lt;img src=x onerror=alert(1)>", data: [{ y: [0.1] }] },
  ]);
  const stored = bundle["application/vnd.plotly.v1+json"] as Record<string, unknown>;
  assert.deepEqual(stored.frames, spec.frames);
  assert.equal(bundle["text/plain"], "Figure (2 images; 2 frames)");
  const still = figureBundle(new Figure([]))["application/vnd.plotly.v1+json"] as object;
  assert.equal("frames" in still, false);
});

Deno.test("figureBundle() without the page's script the words stay and the figure waits", () => {
  const html = String(figureBundle(new Figure([]))["text/html"]);
  const body = parseBody(html);
  assert.match(body.querySelector(".gan-figure p")!.textContent, /startNotebook\(\)/);
});
