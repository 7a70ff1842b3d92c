/**
 * Playgrounds: trained generators to play with in a page, without a kernel and without a network
 * connection.
 */
import {
  arrayOf,
  check,
  checkOptions,
  finiteNumber,
  type Kinds,
  listOf,
  objectWith,
  oneOf,
  text,
  wholeNumber,
} from "../check/mod.ts";
import { elementBefore } from "./element_before.ts";
import { escapeHtml, scriptJson } from "./escape.ts";
import { displaySymbol, type MediaBundle } from "./kernel.ts";
import { findDirections, inputsOf, type Sizes } from "./playground/directions.ts";
import { packPrograms } from "./playground/pack.ts";
import { digitBoard, digitBoardText } from "./playground/page/digit_board.ts";
import { make, makeSlider, onFrames, quietly } from "./playground/page/dom.ts";
import { mountPlayground, mountTexts, type PlaygroundSpec } from "./playground/page/mount.ts";
import { planeBoard, planeBoardText } from "./playground/page/plane_board.ts";
import { PLAYGROUND_CSS } from "./playground/page/style.ts";
import { handsPicture, planePicture } from "./playground/picture.ts";
import type { ExportedModel, PlayedProgram } from "./playground/page/program.ts";
import { normalNumbers } from "./playground/page/random.ts";

export type {
  ExportedModel,
  PlayedData,
  PlayedPort,
  PlayedProgram,
} from "./playground/page/program.ts";

/** Options of a playground of digits. Its programs are results of `export()` of compiled functions. */
export interface DigitPlaygroundOptions {
  /**
   * Program of G for all classes: standard normal noise and the one-hot class,
   * `[classes, latentSize + classes]`, to `[classes, pixels]` or more numbers, of which the first
   * are the image, in [0, 1].
   */
  readonly generator: ExportedModel;
  /** Program of D for one complete row of G's result: `[1, …]` to the answer `[1, 1]`, from 0 to 1. */
  readonly discriminator?: ExportedModel;
  /** Program of a classifier for one image: `[1, pixels]` to probabilities `[1, classes]`. */
  readonly classifier?: ExportedModel;
  /** Names of the classes; the digits from 0 on by default. */
  readonly names?: readonly string[];
  /** Number of sliders; 6 by default. */
  readonly sliders?: number;
  /** Seed of all handwritings; 1 by default. */
  readonly seed?: number;
  /** Title of the stand-alone page. */
  readonly title?: string;
}

/** Options of a playground of the plane. Its programs are results of `export()` of compiled functions. */
export interface PlanePlaygroundOptions {
  /** Program of G for several points: standard normal noise `[points, 2]` to points `[points, 2]`. */
  readonly generator: ExportedModel;
  /**
   * Program of D for several points `[points, 2]`: to the answers `[points, 1]`, from 0 to 1, and
   * the negative gradients of G's loss, `[points, 2]`.
   */
  readonly discriminator: ExportedModel;
  /** Real points, `[points, 2]`. */
  readonly real: ArrayLike<number>;
  /** Half the side of the board: it shows -reach to reach in x and in y; 3 by default. */
  readonly reach?: number;
  /** Seed of the generated points; 1 by default. */
  readonly seed?: number;
  /** Title of the stand-alone page. */
  readonly title?: string;
}

/** Kind of exported programs. */
const PROGRAM = objectWith("what export() of a compiled function gives", ["load"]);

const SEED = wholeNumber({ from: 0, to: 2 ** 32 - 1 });

const DIGIT_KINDS: Kinds<DigitPlaygroundOptions> = {
  generator: PROGRAM,
  discriminator: PROGRAM,
  classifier: PROGRAM,
  names: arrayOf(text),
  sliders: wholeNumber({ from: 1, to: 12 }),
  seed: SEED,
  title: text,
};

const PLANE_KINDS: Kinds<PlanePlaygroundOptions> = {
  generator: PROGRAM,
  discriminator: PROGRAM,
  real: listOf(finiteNumber()),
  reach: finiteNumber({ above: 0, to: 1e6 }),
  seed: SEED,
  title: text,
};

/** Parts of a playground. */
interface Parts {
  readonly kind: "digits" | "plane";
  readonly title: string;
  /** Alternative text: one sentence for readers who cannot use the playground. */
  readonly sentence: string;
  /** PNG of the picture in base 64. */
  readonly picture: string;
  readonly html: string;
}

/** Playground. As the last value of a cell it is shown. */
export class Playground {
  readonly #parts: Parts;

  /** Stores the parts of a playground; call {@linkcode playground} to make one. */
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** HTML of the playground, for a cell's output or any page. It contains everything and loads nothing. */
  get html(): string {
    return this.#parts.html;
  }

  /** Complete page that contains only the playground. */
  get page(): string {
    return playgroundPage(this.#parts.html);
  }

  /** Shows the playground in a notebook; where scripts do not run, shows a picture. */
  [displaySymbol](): MediaBundle {
    const { html, picture, sentence } = this.#parts;
    return { "text/html": html, "image/png": picture, "text/plain": sentence };
  }
}

/**
 * Makes a playground: a trained generator that runs in the page, without a kernel and without a network.
 *
 * - `"digits"`: choose a digit, and change the handwriting along the directions that change the
 *   images most.
 * - `"plane"`: drag G's noise, and see its point on D's surface, with D's arrow.
 *
 * @example The digits of an untrained generator
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { jit } from "../jit/mod.ts";
 * import { mnistGenerator } from "../nn/mod.ts";
 * import { playground } from "./mod.ts";
 *
 * await tf.setBackend("cpu");
 * const model = mnistGenerator({ conditional: true, latentSize: 4, channels: 1 });
 * const draw = jit((z: tf.Tensor) => model.apply(z) as tf.Tensor, { rehearse: true });
 * draw(tf.zeros([10, 4 + 10])).dispose(); // ten digits at once
 *
 * const board = await playground("digits", { generator: draw.export({ weights: "float16" }), sliders: 2 });
 * assert(board.page.startsWith("<!doctype html>")); // a file to send to a friend
 * ```
 *
 * @throws {TypeError | RangeError} if an option is missing, unknown or wrong, or a program has other shapes.
 */
export function playground(kind: "digits", options: DigitPlaygroundOptions): Promise<Playground>;
/** Makes a playground of a GAN whose samples are points in the plane. */
export function playground(kind: "plane", options: PlanePlaygroundOptions): Promise<Playground>;
export async function playground(
  kind: "digits" | "plane",
  options: DigitPlaygroundOptions | PlanePlaygroundOptions,
): Promise<Playground> {
  check(TASK, { kind }, oneOf(["digits", "plane"]));
  return kind === "digits"
    ? await digitPlayground(options as DigitPlaygroundOptions)
    : await planePlayground(options as PlanePlaygroundOptions);
}

const TASK = "make a playground";

async function digitPlayground(options: DigitPlaygroundOptions): Promise<Playground> {
  checkOptions(TASK, options, { kinds: DIGIT_KINDS, required: ["generator"] });
  const { generator, discriminator, classifier, seed = 1, sliders = 6 } = options;
  const { title = "Ask for a digit" } = options;
  const programs = {
    generator,
    ...discriminator && { discriminator },
    ...classifier && { classifier },
  };
  const loaded = await loadAll(programs);
  const sizes = digitSizes(loaded);
  const { names = Array.from({ length: sizes.classes }, (_, i) => String(i)) } = options;
  check(TASK, { "the number of names": names.length }, {
    expected: `${sizes.classes}, as many as classes`,
    fault: (count) => count === sizes.classes ? undefined : "range",
  });
  checkAnswers(loaded, sizes);
  const count = Math.min(sliders, sizes.latentSize);
  const directions = await findDirections(loaded.generator!, { sizes, count, seed });
  const rounded = directions.map(({ vector, ...rest }) => {
    return { ...rest, vector: vector.map((part) => Number(part.toPrecision(6))) };
  });
  const board = {
    names,
    side: sizes.side,
    latentSize: sizes.latentSize,
    directions: rounded,
    seed,
    chosen: Math.min(7, sizes.classes - 1),
  };
  const picture = handsPicture(loaded.generator!, { sizes, seed });
  const sentence = `Playground: ${names.join(", ")}, drawn by four hands, a row for each.`;
  return await build({ kind: "digits", title, sentence, picture, programs, board });
}

async function planePlayground(options: PlanePlaygroundOptions): Promise<Playground> {
  const required = ["generator", "discriminator", "real"];
  checkOptions(TASK, options, { kinds: PLANE_KINDS, required });
  const { generator, discriminator, reach = 3, seed = 1, title = "A GAN in the plane" } = options;
  const programs = { generator, discriminator };
  const loaded = await loadAll(programs);
  checkShapes("generator", loaded.generator!, { inputs: [[0, 2]], outputs: [[0, 2]] });
  checkShapes("discriminator", loaded.discriminator!, {
    inputs: [[0, 2]],
    outputs: [[0, 1], [0, 2]],
  });
  const real = Array.from(options.real, (value) => Number(value.toFixed(4)));
  const board = { real, reach, seed };
  const both = { generator: loaded.generator!, discriminator: loaded.discriminator! };
  const picture = planePicture(both, board);
  const sentence = "Playground: D's surface, real points in blue and G's points in orange.";
  return await build({ kind: "plane", title, sentence, picture, programs, board });
}

async function loadAll(
  programs: Readonly<Record<string, ExportedModel>>,
): Promise<Record<string, PlayedProgram>> {
  const loaded: Record<string, PlayedProgram> = {};
  for (const [name, program] of Object.entries(programs)) loaded[name] = await program.load();
  return loaded;
}

/** Reads the sizes from the generator, and checks that the other programs fit. */
function digitSizes(
  { generator, discriminator, classifier }: Record<string, PlayedProgram>,
): Sizes {
  const [classes = 0, width = 0] = generator!.inputs[0]?.shape ?? [];
  const sampleSize = generator!.outputs[0]?.shape[1] ?? 0;
  const fits = generator!.inputs.length === 1 && classes > 0 && width > classes && sampleSize > 0;
  const pixels = Math.floor(Math.sqrt(sampleSize)) ** 2;
  if (!fits || pixels < 4) {
    throw new RangeError(
      `Cannot ${TASK}: expected a generator from [classes, latentSize + classes] to [classes, pixels], got ` +
        shapesText(generator!),
    );
  }
  checkShapes("generator", generator!, { inputs: [[0, 0]], outputs: [[classes, 0]] });
  if (discriminator) {
    checkShapes("discriminator", discriminator, { inputs: [[1, sampleSize]], outputs: [[1, 1]] });
  }
  if (classifier) {
    checkShapes("classifier", classifier, { inputs: [[1, pixels]], outputs: [[1, classes]] });
  }
  return { classes, latentSize: width - classes, side: Math.sqrt(pixels) };
}

/**
 * Checks that the programs return pixels, answers and probabilities. A program that returns other
 * numbers lacks a sigmoid, or its network was not trained.
 */
function checkAnswers(
  { generator, discriminator, classifier }: Record<string, PlayedProgram>,
  sizes: Sizes,
): void {
  const hand = Float32Array.from({ length: sizes.latentSize }, normalNumbers(1));
  const [samples] = generator!.run(inputsOf(hand, sizes)) as [Float32Array];
  const sample = samples.subarray(0, samples.length / sizes.classes);
  const image = sample.subarray(0, sizes.side ** 2);
  const [answer = []] = discriminator?.run(sample) ?? [];
  const [shares = []] = classifier?.run(image) ?? [];
  check(TASK, { "the generator's pixels": image }, listOf(finiteNumber({ from: 0, to: 1 })));
  check(TASK, { "the discriminator's answers": answer }, listOf(finiteNumber({ from: 0, to: 1 })));
  check(TASK, { "the classifier's answers": shares }, listOf(finiteNumber({ from: 0, to: 1 })));
}

/** Shapes of all arguments or results; 0 stands for any length. */
type Shapes = readonly (readonly number[])[];

function checkShapes(
  name: string,
  program: PlayedProgram,
  expected: { readonly inputs: Shapes; readonly outputs: Shapes },
): void {
  const fit = (shapes: Shapes, ports: PlayedProgram["inputs"]) =>
    shapes.length === ports.length && shapes.every((shape, i) => {
      const found = ports[i]!.shape;
      return found.length === shape.length &&
        shape.every((length, k) => length === 0 || length === found[k]);
    });
  if (fit(expected.inputs, program.inputs) && fit(expected.outputs, program.outputs)) return;
  const words = [expected.inputs, expected.outputs].map((shapes) =>
    shapes.map((shape) => `[${shape.map((length) => length || "rows").join(", ")}]`).join(" and ")
  );
  throw new RangeError(
    `Cannot ${TASK}: expected a ${name} from ${words.join(" to ")}, got ${shapesText(program)}`,
  );
}

function shapesText({ inputs, outputs }: PlayedProgram): string {
  const text = (ports: PlayedProgram["inputs"]) =>
    ports.map(({ shape }) => `[${shape.join(", ")}]`).join(" and ");
  return `one from ${text(inputs)} to ${text(outputs)}`;
}

async function build(
  { programs, board, kind, ...texts }: Omit<Parts, "html"> & {
    readonly programs: Readonly<Record<string, ExportedModel>>;
    readonly board: object;
  },
): Promise<Playground> {
  const packed = await packPrograms(programs);
  const spec = { ...packed, css: PLAYGROUND_CSS, board };
  const { loader } = Object.values(programs)[0]!;
  const html = playgroundHtml(spec, { ...texts, kind, loader });
  return new Playground({ ...texts, kind, html });
}

/** Makes a box with the picture and a sentence, and the script that replaces them by the playground. */
function playgroundHtml(
  spec: PlaygroundSpec,
  { kind, title, sentence, picture, loader }: Omit<Parts, "html"> & { readonly loader: string },
): string {
  const [board, boardText] = kind === "digits"
    ? [digitBoard, digitBoardText()]
    : [planeBoard, planeBoardText()];
  const shared = [elementBefore, make, makeSlider, onFrames, quietly, normalNumbers, ...mountTexts]
    .join("\n");
  const options = `{ spec: ${scriptJson(spec)}, loadProgram: ${loader}, board: ${board.name} }`;
  const call =
    `${mountPlayground.name}(globalThis, elementBefore(document.currentScript), ${options});`;
  return `<div class="gan-playground" data-kind="${kind}" data-title="${
    escapeHtml(title)
  }" data-lm-suppress-shortcuts="true">` +
    `<img alt="${
      escapeHtml(sentence)
    }" style="max-width:100%" src="data:image/png;base64,${picture}">` +
    `<p>This is a picture. To play, open the exported page, or run the cell in a notebook that you trust.</p></div>` +
    `<script>(() => {\n${shared}\n${boardText}\n${call}\n})();</script>`;
}

/** Makes a complete page with the playground's HTML and a title. */
export function playgroundPage(html: string): string {
  const [, title = ""] = html.match(/ data-title="([^"]*)"/) ?? []; // escaped already
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
:root { color-scheme: light dark; }
body { margin: 0 auto; padding: 1.25rem 1rem 2rem; max-width: 62rem; background: light-dark(#fff, #16191f);
  color: light-dark(#1d2430, #e3e7ed); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .25rem; }
p { margin: 0 0 1rem; }
</style>
</head>
<body>
<h1>${title}</h1>
<p>Everything is computed in this page, by a network that was trained in a notebook.</p>
${html}
</body>
</html>
`;
}
