/** Densities on a grid, and the best answers of a discriminator. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { bestAnswers, PlaneGrid, pointClouds, Random } from "../../lib/data/mod.ts";
import { estimateDensity } from "../../lib/data/plane_density.ts";

const grid = new PlaneGrid({ reach: 3, cells: 60 });

const sumOf = (density: Float64Array, { step }: PlaneGrid) =>
  density.reduce((sum, value) => sum + value) * step ** 2;

Deno.test("PlaneGrid puts cells row by row, from below", () => {
  const small = new PlaneGrid({ reach: 2, cells: 4 });
  assert.equal(small.step, 1);
  assert.deepEqual(small.middles, [-1.5, -0.5, 0.5, 1.5]);
  assert.deepEqual([...small.points.slice(0, 4)], [-1.5, -1.5, -0.5, -1.5]);
  assert.deepEqual([...small.points.slice(-2)], [1.5, 1.5]);
});

const inside = fc.double({ min: -1.5, max: 1.5, noNaN: true });
const points = fc.array(fc.tuple(inside, inside), { minLength: 1, maxLength: 30 });

Deno.test("estimateDensity() sums to 1 for points well inside the grid", () => {
  fc.assert(fc.property(points, fc.double({ min: 0.1, max: 0.3, noNaN: true }), (pairs, blur) => {
    const density = estimateDensity(pairs.flat(), { grid, blur });
    assert(Math.abs(sumOf(density, grid) - 1) < 1e-9);
    assert(density.every((value) => value >= 0));
  }));
});

Deno.test("estimateDensity() sums to the share of the points that is inside", () => {
  const density = estimateDensity([0, 0, 1, 1, 10, 0, 0, -10], { grid, blur: 0.1 });
  assert(Math.abs(sumOf(density, grid) - 0.5) < 1e-9);
});

Deno.test("estimateDensity() of one point is a Gaussian around it", () => {
  const blur = 0.3;
  const density = estimateDensity([0.05, -0.55], { grid, blur }); // the center of a cell
  for (const [x, y] of [[0.05, -0.55], [0.35, -0.55], [0.05, 0.05], [-0.45, -0.15]] as const) {
    const cell = Math.round((y + 2.95) / 0.1) * 60 + Math.round((x + 2.95) / 0.1);
    const far = ((x - 0.05) ** 2 + (y + 0.55) ** 2) / (2 * blur ** 2);
    const exact = Math.exp(-far) / (2 * Math.PI * blur ** 2);
    assert(Math.abs(density[cell]! - exact) < 2e-3, `${density[cell]} for ${exact}`);
  }
});

Deno.test("estimateDensity() of many points of a cloud is the cloud's own density, blurred", () => {
  const ring = pointClouds.ring();
  const [blur, count] = [0.2, 40_000];
  const density = estimateDensity(ring.draw(count, new Random(2)), { grid, blur });
  const distance = density.reduce((sum, value, i) => {
    const exact = ring.density([grid.points[2 * i]!, grid.points[2 * i + 1]!], { blur });
    return sum + Math.abs(value - exact) * grid.step ** 2 / 2;
  }, 0);
  assert(distance < 0.03, `total variation ${distance}`);
});

Deno.test("bestAnswers() are 1/2 for real points, near 1 where only real ones are, near 0 elsewhere", () => {
  const ring = pointClouds.ring();
  const options = { cloud: ring, grid, blur: 0.15 };
  const at = (answers: Float64Array, x: number, y: number) =>
    answers[Math.floor((y + 3) / 0.1) * 60 + Math.floor((x + 3) / 0.1)]!;
  const same = bestAnswers(ring.draw(40_000, new Random(4)), options);
  assert(Math.abs(at(same, 2, 0) - 0.5) < 0.03, `${at(same, 2, 0)}`);
  const right = bestAnswers([2, 0, 2, 0], options); // all of it in one mode
  assert(Math.abs(at(right, 2.02, 0.02) - 1 / 9) < 0.06, `${at(right, 2.02, 0.02)}`); // 1/8 against 1
  assert(at(right, -2, 0) > 0.99);
  assert(at(bestAnswers([0, 0, 0, 0], options), 0, 0) < 0.01);
});

Deno.test("bestAnswers() are in [0, 1], or NaN where no point is", () => {
  const options = { cloud: pointClouds.ring(), grid, blur: 0.1 };
  fc.assert(fc.property(points, (pairs) => {
    const answers = bestAnswers(pairs.flat(), options);
    assert(answers.every((answer) => Number.isNaN(answer) || answer >= 0 && answer <= 1));
    assert(Number.isNaN(answers[0]!), "no point is in the corner");
  }));
});

Deno.test("estimateDensity() and bestAnswers() refuse wrong arguments", () => {
  const message = (make: () => unknown) => {
    try {
      make();
    } catch (error) {
      return String(error);
    }
    return "no error";
  };
  assert.match(message(() => new PlaneGrid({ cells: 0 })), /^RangeError: Cannot make a grid: /);
  assert.match(message(() => new PlaneGrid({ size: 3 } as never)), /^TypeError: .*"size"/);
  assert.match(
    message(() => estimateDensity([1], { grid, blur: 1 })),
    /^RangeError: Cannot estimate a density: expected pairs of numbers, got 1 numbers/,
  );
  assert.match(
    message(() => estimateDensity([1, 2], { grid } as never)),
    /^TypeError: .* blur to be a finite number above 0, got undefined/,
  );
});

Deno.test("bestAnswers() is NaN below a thousandth of the largest density, however large that is", () => {
  const grid = new PlaneGrid({ reach: 3, cells: 12 });
  for (const spread of [0.05, 0.5, 1]) {
    const cloud = pointClouds.ring({ spread, modes: 1, radius: 0.1 });
    const options = { grid, blur: 0.1 };
    const q = estimateDensity([0, 0], options);
    const both = Array.from(q, (density, i) => {
      const place = [grid.points[2 * i]!, grid.points[2 * i + 1]!] as const;
      return density + cloud.density(place, { blur: 0.1 });
    });
    const least = Math.max(...both) / 1000;
    const blank = Array.from(bestAnswers([0, 0], { ...options, cloud }), Number.isNaN);
    assert.deepEqual(blank, both.map((density) => density < least));
    assert(blank.includes(false));
  }
});
