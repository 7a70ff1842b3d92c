/** The judge's results do not depend on the order of requested digits, or of MNIST's files. */
import assert from "node:assert/strict";
import { MNIST_PIXELS, type MnistSet, pixelsOf, Random } from "../../lib/data/mod.ts";
import { Judge } from "../../lib/metrics/mod.ts";
import { briefly } from "./trained.ts";

const { classifier, mnist } = await briefly();

/** Chooses positions of digits in turn: one of each kind, repeatedly. */
function taking(
  turns: readonly (readonly number[])[],
  { from: { labels }, count }: { readonly from: MnistSet; readonly count: number },
): number[] {
  const kinds = turns.map((digits) =>
    [...labels].flatMap((label, position) => digits.includes(label) ? [position] : [])
  );
  return Array.from({ length: count }, (_, i) => {
    const kind = kinds[i % kinds.length]!;
    return kind[Math.floor(i / kinds.length) % kind.length]!;
  });
}

/** Selects images of a set. */
function reordered({ images, labels }: MnistSet, positions: readonly number[]): MnistSet {
  const chosen = new Uint8Array(positions.length * MNIST_PIXELS);
  positions.forEach((position, i) => {
    const start = position * MNIST_PIXELS;
    chosen.set(images.subarray(start, start + MNIST_PIXELS), i * MNIST_PIXELS);
  });
  return {
    count: positions.length,
    images: chosen,
    labels: Uint8Array.from(positions, (position) => labels[position]!),
  };
}

Deno.test("digits that were asked for in turn cover as much as the same digits in any order", async () => {
  const judge = new Judge(classifier, mnist, { coverageSamples: 60 });
  const eachInTurn = Array.from({ length: 10 }, (_, digit) => [digit]);
  const inTurn = taking(eachInTurn, { from: mnist.train, count: 600 });
  const mixed = new Random(1).shuffle([...inTurn]);
  const recalls: number[] = [];
  for (const positions of [inTurn, mixed]) {
    recalls.push((await judge.measure(pixelsOf(mnist.train, positions))).coverage.generated.recall);
  }
  assert(Math.abs(recalls[0]! - recalls[1]!) < 0.25, recalls.join(" ≠ "));
});

Deno.test("real against real does not see that two sources take turns in a file", async () => {
  const sources = [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]];
  const inTurn = reordered(mnist.train, taking(sources, { from: mnist.train, count: 1800 }));
  const mixed = reordered(inTurn, new Random(1).shuffle([...inTurn.labels.keys()]));
  const real: { frechet: number; modes: number }[] = [];
  for (const train of [inTurn, mixed]) {
    const judge = new Judge(classifier, { train, test: mnist.test }, { coverageSamples: 20 });
    const { frechet, modes } = await judge.measure(new Float32Array(300 * MNIST_PIXELS));
    real.push({ frechet: frechet.real, modes: modes.distance.real });
  }
  assert(real[0]!.frechet < 2 * real[1]!.frechet, JSON.stringify(real));
  assert(real[0]!.modes < 0.25, JSON.stringify(real));
});
