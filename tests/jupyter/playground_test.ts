/** Playgrounds: their HTML, the directions of their sliders, and refusals. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { decode } from "fast-png";
import { Random } from "../../lib/data/mod.ts";
import { playground } from "../../lib/jupyter/mod.ts";
import { findDirections, inputsOf } from "../../lib/jupyter/playground/directions.ts";
import { handsPicture, planePicture } from "../../lib/jupyter/playground/picture.ts";
import { measure, MEASURES } from "../../lib/jupyter/playground/measures.ts";
import type { PlayedProgram } from "../../lib/jupyter/playground/page/program.ts";
import { normalNumbers } from "../../lib/jupyter/playground/page/random.ts";
import { Classifier } from "../../lib/metrics/mod.ts";
import * as nn from "../../lib/nn/mod.ts";
import { digitPrograms, exported, planePrograms } from "./playground_parts.ts";
import { parseBody } from "./parsed_html.ts";

const displayed = Symbol.for("Jupyter.display");

/** Returns the representation that a cell shows of a playground. */
function bundleOf(board: object): Record<string, string> {
  return (board as Record<symbol, () => Record<string, string>>)[displayed]!();
}

Deno.test("a playground shows itself as HTML, a picture and a sentence", async () => {
  const { generator } = await digitPrograms();
  const board = await playground("digits", { generator, sliders: 2, title: "Draw <me>" });
  const bundle = bundleOf(board);
  assert.deepEqual(Object.keys(bundle), ["text/html", "image/png", "text/plain"]);
  assert.match(bundle["text/plain"]!, /^Playground: 0, 1, .* drawn by four hands/);
  const { width, height, data } = decode(Uint8Array.fromBase64(bundle["image/png"]!));
  assert.deepEqual([width, height], [640, 256]);
  assert(new Set(data).size > 8);
  assert.equal(data[0], 255, "white between the digits");
  assert(board.page.includes("<title>Draw &lt;me&gt;</title>"));
  const body = parseBody(board.html);
  assert.equal([...body.querySelectorAll("script")].length, 1);
  const host = body.querySelector(".gan-playground")!;
  assert.match(host.textContent!, /This is a picture/);
  assert.match(host.querySelector("img")!.getAttribute("alt")!, /drawn by four hands/);
});

Deno.test("a playground loads nothing", async () => {
  const boards = [
    await playground("digits", await boardOptions()),
    await playground("plane", await planePrograms()),
  ];
  for (const { page } of boards) {
    assert.doesNotMatch(
      page,
      /https?:|\bimport\b *\(|\bfetch\b|XMLHttp|<link|src="(?!data:)|@import|url\(/,
    );
  }
});

async function boardOptions() {
  const { generator, discriminator, classifier } = await digitPrograms();
  return { generator, discriminator, classifier, sliders: 2 };
}

Deno.test("the same programs give the same playground", async () => {
  const [first, second] = [await boardOptions(), await boardOptions()];
  assert.equal((await playground("digits", first)).html, (await playground("digits", second)).html);
});

/** Draws a bar: the first number of noise slants it, the third makes it thick, the second does nothing. */
const bars: PlayedProgram = {
  inputs: [{ dtype: "float32", shape: [2, 5] }],
  outputs: [{ dtype: "float32", shape: [2, 256] }],
  run: (rows) => {
    const images = new Float32Array(512);
    for (let i = 0; i < 512; i++) {
      const row = Math.floor(i / 256);
      const [slant, , thick] = [0, 1, 2].map((k) => rows![5 * row + k]!);
      const [x, y] = [i % 16 - 7.5, 7.5 - Math.floor(i / 16) % 16];
      const distance = Math.abs(x - 0.35 * slant! * y);
      images[i] = Math.abs(y) < 6 ? Math.max(0, Math.min(1, 2 + 0.5 * thick! - distance)) : 0;
    }
    return [images];
  },
};

Deno.test("directions are those that change the images most, named after what they do", async () => {
  const sizes = { classes: 2, latentSize: 3, side: 16 };
  const directions = await findDirections(bars, { sizes, count: 2, seed: 5 });
  assert.deepEqual(directions.map(({ name }) => name), ["Slant", "Stroke"]);
  const [slant, stroke] = directions.map(({ vector }) => vector);
  assert(slant![0]! > 0.98, String(slant)); // more of it leans to the right
  assert(stroke![2]! > 0.98, String(stroke)); // more of it is thicker
  directions.forEach(({ correlation }) => assert(correlation > 0.8));
  const lengths = directions.map(({ vector }) => Math.hypot(...vector));
  lengths.forEach((length) => assert(Math.abs(length - 1) < 1e-9));
});

Deno.test("directions count what changes in one class only", async () => {
  // The last of 8 numbers of noise slants the bar of the first class; the second class draws nothing.
  const first: PlayedProgram = {
    ...bars,
    run: (rows) => {
      const slant = rows![7]!;
      return bars.run(Float32Array.of(slant, 0, 0, 1, 0, 0, 0, 0, 0, 1))
        .map((images) => Float32Array.from(images).fill(0, 256));
    },
  };
  const sizes = { classes: 2, latentSize: 8, side: 16 };
  const [slant] = await findDirections(first, { sizes, count: 1, seed: 5 });
  assert(slant!.vector[7]! > 0.9, String(slant!.vector));
});

Deno.test("inputsOf() gives every class the same noise", () => {
  const rows = inputsOf([7, 8], { classes: 2, latentSize: 2 });
  assert.deepEqual([...rows], [7, 8, 1, 0, 7, 8, 0, 1]);
});

Deno.test("measure() sees slant, stroke, width, height and where the ink is", () => {
  const image = (ink: (x: number, y: number) => number) =>
    Array.from({ length: 400 }, (_, i) => ink(i % 20 - 9.5, 9.5 - Math.floor(i / 20)));
  const of = (name: string, ink: (x: number, y: number) => number) =>
    measure(image(ink), 20)[MEASURES.findIndex((each) => each.name === name)]!;
  const box = (width: number, height: number) => (x: number, y: number) =>
    Number(Math.abs(x) < width && Math.abs(y) < height);
  const leaning = (slope: number) => (x: number, y: number) =>
    Number(Math.abs(x - slope * y) < 1.5 && Math.abs(y) < 7);
  assert(Math.abs(of("Slant", leaning(0.5)) - 0.5) < 0.05);
  assert(Math.abs(of("Slant", leaning(-0.5)) + 0.5) < 0.05);
  assert(of("Stroke", box(3, 7)) > of("Stroke", box(1, 7)));
  assert(of("Width", box(7, 3)) > of("Width", box(3, 3)));
  assert(of("Height", box(3, 7)) > of("Height", box(3, 3)));
  assert(of("Rise", (x, y) => Number(Math.abs(y - 0.3 * x) < 1.5)) > 0.2);
  const heavy = (x: number, y: number) => Number(Math.abs(x) < (y > 2 ? 8 : 1) && Math.abs(y) < 8);
  assert(of("Balance", heavy) > of("Balance", (x, y) => heavy(x, -y)));
  assert(of("Side", (x, y) => heavy(y, x)) > of("Side", (x, y) => heavy(y, -x)));
  const ring = (x: number, y: number) => Number(Math.abs(Math.hypot(x, y) - 6) < 1.5);
  assert(of("Middle", box(2, 2)) > of("Middle", ring));
  assert.deepEqual(measure(image(() => 0), 20), MEASURES.map(() => 0));
});

Deno.test("handsPicture() has four pixels for each of an image, and hands below each other", () => {
  const [side, classes] = [3, 2];
  // A class is one pixel of ink at the right and at its own height, darker with its number of noise.
  const generator: PlayedProgram = {
    inputs: [{ dtype: "float32", shape: [2, 3] }],
    outputs: [{ dtype: "float32", shape: [2, 9] }],
    run: (rows) => [
      Float32Array.from({ length: 18 }, (_, i) => {
        const [image, x, y] = [Math.floor(i / 9), i % 3, Math.floor(i / 3) % 3];
        return x === 2 && y === image ? (rows![3 * image]! > 0 ? 1 : 0.5) : 0;
      }),
    ],
  };
  const png = handsPicture(generator, {
    sizes: { classes, side, latentSize: 1 },
    seed: 1,
    hands: 2,
  });
  const { width, height, data } = decode(Uint8Array.fromBase64(png));
  assert.deepEqual([width, height], [28, 28]);
  const next = normalNumbers(1);
  const inks = [next(), next()].map((noise) => noise > 0 ? 0 : 132); // 16 of 31 shades
  const expected = Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % 28, Math.floor(i / 28)];
    const [row, at] = [Math.floor(y / 14), Math.floor(x / 14)];
    const [left, top] = [x % 14 - 4, y % 14 - 4];
    const isInk = left >= 4 && left < 6 && top >= 2 * at && top < 2 * at + 2;
    return isInk ? inks[row]! : 255;
  });
  assert.deepEqual([...data], expected);
});

Deno.test("planePicture() keeps dots at its edges and leaves out those beyond", () => {
  const program = (make: (count: number) => Float32Array): PlayedProgram => ({
    inputs: [{ dtype: "float32", shape: [1, 2] }],
    outputs: [{ dtype: "float32", shape: [1, 1] }],
    run: (rows) => [make(rows!.length / 2)],
  });
  const discriminator = program((count) => new Float32Array(count));
  const generator = program((count) => new Float32Array(2 * count).fill(9));
  const real = [-1, 0, 0, 1, 1, -1];
  const png = planePicture({ generator, discriminator }, { real, reach: 1, seed: 1 });
  const { data } = decode(Uint8Array.fromBase64(png));
  const isBlue = (x: number, y: number) =>
    [0, 114, 178].every((value, k) => data[3 * (y * 320 + x) + k] === value);
  assert.deepEqual([0, 1, 2].map((x) => isBlue(x, 160)), [true, true, false]);
  assert.deepEqual([0, 1, 2].map((y) => isBlue(160, y)), [true, true, false]);
  assert.deepEqual([318, 319].map((x) => isBlue(x, 319)), [false, true]);
});

Deno.test("normalNumbers() are standard normal, and the same for the same seed", () => {
  const [next, again] = [normalNumbers(7), normalNumbers(7)];
  const numbers = Array.from({ length: 20_000 }, next);
  assert.deepEqual(numbers.slice(0, 50), Array.from({ length: 50 }, again));
  const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
  const variance = numbers.reduce((sum, x) => sum + x * x, 0) / numbers.length;
  assert(Math.abs(mean) < 0.03 && Math.abs(variance - 1) < 0.04, `${mean} ${variance}`);
  const far = numbers.filter((x) => Math.abs(x) > 1.96).length / numbers.length;
  assert(Math.abs(far - 0.05) < 0.006, String(far));
});

Deno.test("playground() takes seeds of 32 bits", async () => {
  const programs = await planePrograms();
  const withSeed = (seed: number) => playground("plane", { ...programs, seed });
  assert.match((await withSeed(2 ** 32 - 1)).html, /gan-playground/);
  await assert.rejects(withSeed(2 ** 32), /^RangeError: .*expected seed .*, got 4294967296$/);
});

Deno.test("playground() refuses programs of other shapes, in one sentence", async () => {
  const { generator, discriminator, classifier } = await digitPrograms();
  const plane = await planePrograms();
  const refused = (options: object, message: RegExp) =>
    assert.rejects(playground("digits", options as never), message);
  await refused({}, /^TypeError: Cannot make a playground: expected generator to be /);
  await refused({ generator, colour: 1 }, /expected options .*, got "colour"$/);
  await refused({ generator: {} }, /^TypeError: .* expected generator to be what export\(\)/);
  await refused(
    { generator: discriminator },
    /^RangeError: .* a generator from \[classes, .* got one from \[1, 794\] to \[1, 1\]$/,
  );
  await refused(
    { generator, discriminator: classifier },
    /a discriminator from \[1, 794\] to \[1, 1\], got one from \[1, 784\] to \[1, 10\]$/,
  );
  await refused(
    { generator, classifier: discriminator },
    /a classifier from \[1, 784\] to \[1, 10\]/,
  );
  await refused(
    { generator, names: ["a", "b"] },
    /number of names to be 10, as many as classes, got 2$/,
  );
  const logits = exported((x) => tf.add(tf.slice(x, [0, 0], [1, 10]), 7), [1, 784]);
  const noSigmoid = exported((z) => tf.sub(tf.tile(tf.slice(z, [0, 0], [10, 1]), [1, 784]), 9), [
    10,
    15,
  ]);
  await refused(
    { generator: noSigmoid },
    /the generator's pixels to be .* from 0 to 1 in each place/,
  );
  await refused({ generator, classifier: logits }, /the classifier's answers to be .* from 0 to 1/);
  await assert.rejects(
    playground("plane", { ...plane, discriminator }),
    /a discriminator from \[rows, 2\] to \[rows, 1\] and \[rows, 2\], got one from \[1, 794\]/,
  );
  await assert.rejects(playground("plane", { ...plane, real: [1, NaN] }), RangeError);
  await assert.rejects(
    playground("planes" as "plane", plane),
    /expected kind to be one of "digits", "plane"/,
  );
});

Deno.test("the board of the notebook's networks is a page of at most 1.5 MB, even with initial weights", async () => {
  await tf.setBackend("cpu");
  const options = { conditional: true, channels: 32, rng: new Random(1) };
  const [G, D] = [
    nn.mnistGenerator({ ...options, latentSize: 64 }),
    nn.mnistDiscriminator(options),
  ];
  const { model } = new Classifier();
  const of = (model: tf.LayersModel) => (x: tf.Tensor) => model.apply(x) as tf.Tensor;
  const { page } = await playground("digits", {
    generator: exported(of(G), [10, 74], "float16"),
    discriminator: exported((x) => tf.sigmoid(of(D)(x)), [1, 794], "int8"),
    classifier: exported((x) => tf.softmax(of(model)(x)), [1, 784], "int8"),
  });
  assert(page.length < 1.5e6, String(page.length));
  assert.equal(new TextEncoder().encode(page).length, page.length);
});

Deno.test("the search for directions lets others run in between", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  const slow: PlayedProgram = {
    ...bars,
    run: (rows) => {
      const end = performance.now() + 2;
      while (performance.now() < end);
      return bars.run(rows!);
    },
  };
  await findDirections(slow, { sizes: { classes: 2, latentSize: 3, side: 16 }, count: 1, seed: 1 });
  clearInterval(timer);
  assert(turns >= 3, String(turns));
});
