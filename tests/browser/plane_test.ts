/** Figures of the plane in a real page: surface, arrows, hover box, slider, and nothing on top of anything. */
import assert from "node:assert/strict";
import * as plot from "../../lib/plot/mod.ts";
import { browserTest } from "./browser_test_case.ts";
import { openBrowser } from "./chromium.ts";
import { boxesOf, checkParts, showFigures } from "./figure_page.ts";
import { until } from "./until.ts";

const cells = 20;

/** Makes a state in which D's answer rises from left to right, from 0 to `most`. */
function state(iteration: number, most: number): plot.PlaneState {
  const place = (i: number) => -3 + 6 * (i + 0.5) / cells;
  return {
    iteration,
    reach: 3,
    surface: Array.from({ length: cells * cells }, (_, i) => most * (place(i % cells) + 3) / 6),
    real: [1, 1, -1, 1],
    fake: [-1, -1, 1, -1],
    pushes: [1, 0, 0, 1],
    lattice: Array.from({ length: 25 }, (_, i) => [i % 5 - 2, Math.floor(i / 5) - 2]).flat(),
  };
}

function figures(): Record<string, plot.Figure> {
  const [before, after] = [state(100, 0.5), state(200, 1)];
  const title = "A title of several words that is too long for one line of a narrow page";
  const panel = plot.answerPanel(after, "five words above a panel");
  return {
    plane: plot.planeFigure(before, { title }),
    step: plot.stepFigure(before, after, { title }),
    several: plot.planesFigure([panel, panel, panel, panel, panel], { title }),
    "over time": plot.planesOverTimeFigure([before, after]),
    coverage: plot.coverageFigure([{ iteration: 1, coverage: { found: 1, good: 0.5 } }]),
    paths: plot.pathsFigure([{ name: "round and round", points: [1, 0, 0, 1] }], { title }),
    spread: plot.spreadFigure({ real: [[1, 0]], fake: [[0.9, 0.1]] }, { title }),
  };
}

interface MeasuredPath {
  getBoundingClientRect(): { readonly width: number };
}

browserTest("figures of the plane: nothing overlaps from 360 to 1,400 px", async ({ chromium }) => {
  await using browser = await openBrowser(chromium, { offline: true });
  const page = await browser.newPage();
  await checkParts(page, figures(), { widths: [360, 450, 900, 1400] });
  // Panels stay side by side on a wide page.
  const { "plot 0": left, "plot 1": right } = await boxesOf(page, "plane at 1400 px");
  assert(right!.left - left!.right < 100, JSON.stringify({ left, right }));
  assert.deepEqual(browser.complaints, []);
});

browserTest("the plane has a surface, arrows, a hover box and a sentence", async ({ chromium }) => {
  await using browser = await openBrowser(chromium, { offline: true });
  const page = await browser.newPage();
  await showFigures(page, { plane: plot.planeFigure(state(100, 1)) });
  const figure = page.locator('[data-figure="plane"]');
  assert.equal(await figure.locator(".contourlayer .contourfill path").count() > 5, true);
  const marks = await figure.locator(".scatterlayer path.point").evaluateAll((paths) =>
    paths.filter((path) => (path as unknown as MeasuredPath).getBoundingClientRect().width > 2)
      .length
  );
  assert.equal(marks, 8, "two real points in both panels, two generated ones, two arrow heads");
  const sentence = /^Iteration 100: D and its arrows .* 2 generated points, arrows/;
  assert.equal(await page.getByRole("img", { name: sentence }).count(), 1);
  const box = (await figure.locator(".nsewdrag").first().boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.52, box.y + box.height * 0.9);
  const hover = figure.locator(".hoverlayer text");
  await hover.first().waitFor({ state: "attached" });
  assert.match((await hover.allTextContents()).join("|"), /D's answer 0\.525.*at 0\.15, -2\.25/);
  assert.deepEqual(browser.complaints, []);
});

browserTest(
  "the plane's slider moves surface and points, by the keyboard too",
  async ({ chromium }) => {
    await using browser = await openBrowser(chromium, { offline: true });
    const page = await browser.newPage();
    const moved = { ...state(200, 1), fake: [-2, -2, 2, -2] };
    await showFigures(page, { film: plot.planesOverTimeFigure([state(100, 0.2), moved]) });
    const surface = page.locator('[data-figure="film"] .contourlayer .contourfill').first();
    const atEnd = await surface.innerHTML();
    const range = page.getByRole("slider");
    assert.equal(await range.getAttribute("aria-valuetext"), "iteration 200");
    await range.focus();
    await page.keyboard.press("Home");
    await until("another surface", async () => await surface.innerHTML() !== atEnd);
    assert.equal(await range.getAttribute("aria-valuetext"), "iteration 100");
    await page.keyboard.press("End");
    await until("the last surface", async () => await surface.innerHTML() === atEnd);
    assert.deepEqual(browser.complaints, []);
  },
);
