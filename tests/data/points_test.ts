/** Clouds of points: positions, density, and counts of modes. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { PlaneGrid, PointCloud, pointClouds, Random } from "../../lib/data/mod.ts";

const clouds = Object.entries(pointClouds).map(([name, make]) => [name, make()] as const);

for (const [name, cloud] of clouds) {
  Deno.test(`density() of the ${name} sums to 1, blurred or not`, () => {
    const grid = new PlaneGrid({ reach: 4, cells: 160 });
    for (const blur of [0, 0.2]) {
      let sum = 0;
      for (let i = 0; i < grid.points.length; i += 2) {
        sum += cloud.density([grid.points[i]!, grid.points[i + 1]!], { blur }) * grid.step ** 2;
      }
      assert(Math.abs(sum - 1) < 1e-3, `${name}, blur ${blur}: ${sum}`);
    }
  });

  Deno.test(`draw() of the ${name} follows its density`, () => {
    const grid = new PlaneGrid({ reach: 3, cells: 12 });
    const points = cloud.draw(20_000, new Random(3));
    const fine = new PlaneGrid({ reach: 3, cells: 120 });
    const expected = new Float64Array(144);
    for (let i = 0; i < fine.points.length; i += 2) {
      const place = [fine.points[i]!, fine.points[i + 1]!] as const;
      expected[cellOf(place, grid)]! += cloud.density(place) * fine.step ** 2;
    }
    const shares = new Float64Array(144);
    for (let i = 0; i < points.length; i += 2) {
      shares[cellOf([points[i]!, points[i + 1]!], grid)]! += 1 / 20_000;
    }
    const distance = shares.reduce((sum, share, i) => sum + Math.abs(share - expected[i]!), 0) / 2;
    assert(distance < 0.03, `${name}: total variation ${distance}`);
  });

  Deno.test(`coverage() of real points of the ${name} finds all modes`, () => {
    const { found, good, shares } = cloud.coverage(cloud.draw(4_000, new Random(5)));
    assert.equal(found, cloud.modes);
    // 1.1 % (exp(-9/2)) of a Gaussian lie outside three spreads.
    assert(good > 0.98 && good <= 1, `${name}: ${good}`);
    for (const share of shares) {
      assert(Math.abs(share * cloud.modes - 1) < 0.4, `${name}: ${shares}`);
    }
  });
}

function cellOf([x, y]: readonly [number, number], { reach, step, cells }: PlaneGrid): number {
  const at = (value: number) =>
    Math.min(cells - 1, Math.max(0, Math.floor((value + reach) / step)));
  return at(y) * cells + at(x);
}

Deno.test("draw() gives the same points for the same seed", () => {
  const ring = pointClouds.ring();
  assert.deepEqual(ring.draw(10, new Random(1)), ring.draw(10, new Random(1)));
});

Deno.test("modeOf() finds the mode of points near a center, and none for points far from all", () => {
  const ring = pointClouds.ring({ modes: 4, radius: 1, spread: 0.1 });
  assert.equal(ring.modeOf([1.29, 0]), 0);
  assert.equal(ring.modeOf([0, -0.8]), 3);
  assert.equal(ring.modeOf([1.31, 0]), undefined);
  assert.equal(ring.modeOf([0, 0]), undefined);
});

Deno.test("coverage() counts a mode as found from a quarter of an equal share on", () => {
  const pair = new PointCloud({ centers: [[0, 0], [5, 0]], spread: 0.1 });
  const points = (first: number, second: number, bad: number) =>
    [
      ...Array.from({ length: first }, () => [0, 0]),
      ...Array.from({ length: second }, () => [5, 0]),
      ...Array.from({ length: bad }, () => [0, 3]),
    ].flat();
  assert.deepEqual(pair.coverage(points(7, 1, 0)), { found: 2, good: 1, shares: [7 / 8, 1 / 8] });
  assert.equal(pair.coverage(points(15, 1, 0)).found, 1);
  assert.deepEqual(pair.coverage(points(1, 1, 2)), { found: 2, good: 0.5, shares: [0.25, 0.25] });
});

const cloudsAndPoints = fc.record({
  side: fc.integer({ min: 1, max: 4 }),
  points: fc.array(fc.tuple(fc.double(noNaN(3)), fc.double(noNaN(3))), {
    minLength: 1,
    maxLength: 40,
  }),
});

function noNaN(reach: number) {
  return { min: -reach, max: reach, noNaN: true };
}

Deno.test("coverage() never counts a point twice, and does not depend on the order of the points", () => {
  fc.assert(fc.property(cloudsAndPoints, ({ side, points }) => {
    const cloud = pointClouds.grid({ side, spread: 0.3 });
    const coverage = cloud.coverage(points.flat());
    const sum = coverage.shares.reduce((a, b) => a + b, 0);
    assert(Math.abs(sum - coverage.good) < 1e-12);
    assert(coverage.good >= 0 && coverage.good <= 1);
    assert(coverage.found <= Math.min(cloud.modes, points.length));
    const turned = cloud.coverage(points.toReversed().flat());
    assert.deepEqual(turned, coverage);
  }));
});

Deno.test("coverage() finds as many modes again when every point is doubled", () => {
  fc.assert(fc.property(cloudsAndPoints, ({ side, points }) => {
    const cloud = pointClouds.grid({ side, spread: 0.3 });
    const doubled = cloud.coverage([...points, ...points].flat());
    assert.equal(doubled.found, cloud.coverage(points.flat()).found);
  }));
});

const refused: readonly (readonly [make: () => unknown, error: string, message: RegExp])[] = [
  [() => new PointCloud({ centers: [], spread: 1 }), "RangeError", /multiple of 1 centers, got 0/],
  [
    () => new PointCloud({ centers: [[0, 0]], spread: 0 }),
    "RangeError",
    /spread .* above 0, got 0/,
  ],
  [
    () => new PointCloud({ centers: [[0, 0], [1, 1], [2, 2]], spread: 1, centersPerMode: 2 }),
    "RangeError",
    /multiple of 2 centers, got 3/,
  ],
  [
    () => pointClouds.ring({ modes: 2.5 }),
    "RangeError",
    /modes to be a whole number from 1 to 1000/,
  ],
  [() => pointClouds.ring({ mode: 3 } as never), "TypeError", /got "mode"; did you mean modes\?/],
  [
    () => pointClouds.grid({ reach: "2" } as never),
    "TypeError",
    /reach to be .* got the string "2"/,
  ],
  [() => pointClouds.spiral({ spread: -1 }), "RangeError", /spread .* above 0, got -1/],
  [
    () => pointClouds.ring().draw(0),
    "RangeError",
    /count to be a whole number from 1 to 16777216, got 0/,
  ],
  [() => pointClouds.ring().coverage([1, 2, 3]), "RangeError", /pairs of numbers, got 3/],
  [() => pointClouds.ring().coverage([]), "RangeError", /pairs of numbers, got 0/],
];

Deno.test("clouds refuse wrong arguments", () => {
  for (const [make, name, message] of refused) {
    assert.throws(make, (error: Error) => {
      assert.equal(error.name, name);
      assert.match(error.message, /^Cannot make points: expected /);
      assert.match(error.message, message);
      return true;
    });
  }
});

Deno.test("the spiral goes from radius 1/2 to 2 in one and a half turns, with its centers evenly along it", () => {
  const radii = pointClouds.spiral().centers.map(([x, y]) => Math.hypot(x, y));
  const near = (value: number, expected: number, by = 0.02) =>
    assert(Math.abs(value - expected) < by, `${value}`);
  near(radii[0]!, 0.5);
  near(radii.at(-1)!, 2);
  assert.deepEqual(radii, radii.toSorted((a, b) => a - b));
  const squares = radii.map((radius) => radius ** 2);
  near((squares[48]! - squares[0]!) / (squares[95]! - squares[47]!), 1);
  const [[x0, y0], [x1, y1]] = [
    pointClouds.spiral().centers[0]!,
    pointClouds.spiral().centers.at(-1)!,
  ];
  near(Math.atan2(y0, x0) / Math.PI, 0, 0.05);
  near(Math.abs(Math.atan2(y1, x1)) / Math.PI, 1, 0.05);
});

Deno.test("the moons are half circles of radius 1.4: one arches above, the other hangs below", () => {
  const { centers } = pointClouds.moons();
  const isOn = ([x, y]: readonly [number, number], side: number) =>
    Math.abs(Math.hypot(x + 0.7 * side, y + 0.35 * side) - 1.4) < 0.02 && y * side > -0.4;
  const sides = centers.map((center) => [1, -1].filter((side) => isOn(center, side)));
  assert(sides.every((found) => found.length === 1));
  assert.equal(sides.flat().reduce((sum, side) => sum + side), 0, "as many on one as on the other");
});
