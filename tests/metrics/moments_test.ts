/** Forms do not depend on position, size, slant and brightness, but on everything else. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { loadMnist, MNIST_PIXELS } from "../../lib/data/mod.ts";
import { normaliseForm } from "../../lib/metrics/moments.ts";

/** How a letter is written. */
interface Hand {
  readonly scale: number;
  readonly slant: number;
  readonly light: number;
  readonly row: number;
  readonly column: number;
}

const UPRIGHT: Hand = { scale: 1.5, slant: 0, light: 255, row: 0, column: 0 };

/** Draws an L or a T with smooth edges: each pixel has the ink of 8 x 8 points. */
function letter(kind: "L" | "T", { scale, slant, light, row, column }: Hand): Uint8Array {
  const isInk = (y: number, x: number) => {
    if (Math.abs(y) > 5 || Math.abs(x) > 3) return false;
    return kind === "L" ? x < -1.5 || y > 3.5 : Math.abs(x) < 0.75 || y < -3.5;
  };
  return Uint8Array.from({ length: MNIST_PIXELS }, (_, p) => {
    let points = 0;
    for (let i = 0; i < 64; i++) {
      const y = Math.floor(p / 28) + (Math.floor(i / 8) + 0.5) / 8 - 14 - row;
      const x = p % 28 + (i % 8 + 0.5) / 8 - 14 - column;
      points += Number(isInk(y / scale, (x - slant * y) / scale));
    }
    return Math.round(light * points / 64);
  });
}

/** The cosine of the angle between two forms: 1 if they are the same. */
function likeness(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, i) => sum + value * other[i]!, 0);
}

Deno.test("normaliseForm() gives a letter the same form, however it is written", () => {
  const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  const hands = fc.record({
    scale: between(1.2, 1.8),
    slant: between(-0.4, 0.4),
    light: fc.integer({ min: 60, max: 255 }),
    row: between(-2, 2),
    column: between(-2, 2),
  });
  const forms = { L: normaliseForm(letter("L", UPRIGHT)), T: normaliseForm(letter("T", UPRIGHT)) };
  fc.assert(fc.property(fc.constantFrom("L" as const, "T" as const), hands, (kind, hand) => {
    const form = normaliseForm(letter(kind, hand));
    const [same, other] = [
      likeness(form, forms[kind]),
      likeness(form, forms[kind === "L" ? "T" : "L"]),
    ];
    assert(same > 0.94, `${kind}: ${same}`);
    assert(other < 0.8, `${kind}: ${other}`);
  }));
});

Deno.test("normaliseForm() gives numbers from 0 to 1 whose squares add up to 1, 0 without ink", async () => {
  const { test } = await loadMnist();
  for (let i = 0; i < 100; i++) {
    const form = normaliseForm(test.images.subarray(i * MNIST_PIXELS, (i + 1) * MNIST_PIXELS));
    assert.equal(form.length, 196);
    assert(form.every((value) => value >= 0 && value <= 1));
    assert(Math.abs(likeness(form, form) - 1) < 1e-12);
  }
  assert(normaliseForm(new Uint8Array(MNIST_PIXELS)).every((value) => value === 0));
});

Deno.test("normaliseForm() takes dots and straight lines, which have no width, height or slant", () => {
  const lines: Record<string, (row: number, column: number) => boolean> = {
    dot: (row, column) => row === 27 && column === 0,
    row: (row) => row === 3,
    column: (_, column) => column === 27,
    diagonal: (row, column) => row === column,
    all: () => true,
  };
  for (const [name, isInk] of Object.entries(lines)) {
    const image = Uint8Array.from(
      { length: MNIST_PIXELS },
      (_, p) => 255 * Number(isInk(Math.floor(p / 28), p % 28)),
    );
    const form = normaliseForm(image);
    assert(Math.abs(likeness(form, form) - 1) < 1e-12, name);
  }
});

Deno.test("normaliseForm() at most doubles or halves an image", () => {
  const square = (side: number) =>
    Uint8Array.from({ length: MNIST_PIXELS }, (_, p) => {
      const [row, column] = [Math.floor(p / 28) - 13, p % 28 - 13];
      return 255 * Number(row >= 0 && row < side && column >= 0 && column < side);
    });
  const inked = (side: number) =>
    normaliseForm(square(side)).filter((value) => value > 0.01).length;
  assert(
    inked(2) <= 4 * 4,
    "a square of 2 x 2 becomes one of 4 x 4, and not one that fills the image",
  );
  assert(inked(12) > 4 * inked(2));
});
