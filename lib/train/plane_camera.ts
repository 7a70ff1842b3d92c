/** A camera for GANs in the plane: what D answers everywhere, where G puts its points, and the way D sends them. */
import {
  check,
  checkOptions,
  finiteNumber,
  instanceOf,
  type Kinds,
  listOf,
  number,
  wholeNumber,
} from "../check/mod.ts";
import { type Coverage, PlaneGrid, PointCloud, Random } from "../data/mod.ts";
import { Discriminator, Generator } from "../nn/mod.ts";
import { pushesOf } from "./plane_gradients.ts";

/** Options of {@linkcode PlaneCamera}. */
export interface PlaneCameraOptions {
  /** Where the real points come from. */
  readonly cloud: PointCloud;
  /** Where the points and the noise come from that every picture shows. */
  readonly rng: Random;
  /** Where D is asked. By default 40 by 40 cells from -3 to 3. */
  readonly grid?: PlaneGrid;
  /** How many real and how many generated points a picture shows. Default 128. */
  readonly points?: number;
}

const KINDS: Kinds<PlaneCameraOptions> = {
  cloud: instanceOf(PointCloud),
  rng: instanceOf(Random),
  grid: instanceOf(PlaneGrid),
  points: wholeNumber({ from: 1, to: 512 }),
};

/** A GAN in the plane at one moment. */
export interface PlanePicture {
  /** The iteration: how often G has been trained, unless the caller said otherwise. */
  readonly iteration: number;
  /** The surface covers -reach to reach in both directions. */
  readonly reach: number;
  /** D's answers, 0 to 1, on a square grid, `[cells * cells]`, row by row from below. */
  readonly surface: Float32Array;
  /** Real points, the same ones in every picture, `[points, 2]`. */
  readonly real: Float32Array;
  /** Generated points, of the same noise in every picture, `[points, 2]`. */
  readonly fake: Float32Array;
  /** Minus the gradient of G's loss by each generated point: the way that D sends it, `[points, 2]`. */
  readonly pushes: Float32Array;
  /** G's points for a square lattice of noise from -2 to 2, `[side * side, 2]`, row by row. */
  readonly lattice: Float32Array;
  /** How well 512 generated points cover the modes. */
  readonly coverage: Coverage;
}

/** Enough points to count modes with; a picture shows the first of them. */
const COUNTED = 512;

/** Lattice points along each side. */
const LATTICE_SIDE = 21;

/** The lattice covers -2 to 2: the noise of 91 of 100 points. */
const LATTICE = new PlaneGrid({
  reach: 2 * LATTICE_SIDE / (LATTICE_SIDE - 1),
  cells: LATTICE_SIDE,
}).points;

/**
 * Takes pictures of a GAN whose samples and noise are points in the plane.
 *
 * Looking changes nothing: the networks do not train, and the camera has points and noise of its own.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { pointClouds, Random } from "../data/mod.ts";
 * import { Discriminator, Generator, linear } from "../nn/mod.ts";
 * import { PlaneCamera } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const D = new Discriminator({ model: tf.sequential({ layers: [linear(2, 1)] }), loss: "non-saturating" });
 * const G = new Generator({ model: tf.sequential({ layers: [linear(2, 2)] }) });
 * const camera = new PlaneCamera({ cloud: pointClouds.ring(), rng: new Random(1) });
 * const picture = camera.look(D, G);
 * assert.equal(picture.surface.length, 40 * 40);
 * assert.deepEqual(picture, camera.look(D, G));
 * ```
 */
export class PlaneCamera {
  /** Where D is asked. */
  readonly grid: PlaneGrid;
  readonly #cloud: PointCloud;
  readonly #real: Float32Array;
  readonly #noise: Float32Array;

  /**
   * Makes a camera.
   *
   * @throws {TypeError | RangeError} if an option is unknown, missing or wrong.
   */
  constructor(options: PlaneCameraOptions) {
    const required = ["cloud", "rng"];
    checkOptions("make a camera", options, { kinds: KINDS, required });
    const { cloud, rng, grid = new PlaneGrid(), points = 128 } = options;
    this.grid = grid;
    this.#cloud = cloud;
    this.#real = cloud.draw(points, rng.split("real"));
    this.#noise = rng.split("noise").fillNormal(new Float32Array(2 * COUNTED));
  }

  /**
   * Takes a picture.
   *
   * @throws {RangeError} if the samples or the noise are not pairs of numbers.
   */
  look(D: Discriminator, G: Generator, iteration: number = G?.counter): PlanePicture {
    checkPlane(D, G);
    check("take a picture", { iteration }, finiteNumber());
    const counted = G.forward(this.#noise);
    const fake = counted.slice(0, this.#real.length);
    return {
      iteration,
      reach: this.grid.reach,
      surface: answersOf(D, this.grid.points),
      real: this.#real,
      fake,
      pushes: pushesOf(D, fake),
      lattice: G.forward(LATTICE),
      coverage: this.#cloud.coverage(counted),
    };
  }
}

function checkPlane(D: Discriminator, G: Generator): void {
  check("take a picture", { D }, instanceOf(Discriminator));
  check("take a picture", { G }, instanceOf(Generator));
  const sizes = [D.inputSize, D.outputSize, G.inputSize, G.outputSize];
  if (sizes.join() === "2,1,2,2") return;
  throw new RangeError(
    "Cannot take a picture: expected D from 2 numbers to 1 and G from 2 to 2, " +
      `got D from ${sizes[0]} to ${sizes[1]} and G from ${sizes[2]} to ${sizes[3]}`,
  );
}

/**
 * Asks D about points `[count, inputs]` and returns answers from 0 to 1: probabilities as they are, logits through
 * a sigmoid, scores of a critic stretched from their lowest to their highest.
 */
export function answersOf(D: Discriminator, points: Float32Array): Float32Array {
  const outputs = D.forward(points);
  switch (D.loss.answers) {
    case "probability":
      return outputs;
    case "logit":
      return outputs.map((logit) => 1 / (1 + Math.exp(-logit)));
    case "score":
      return stretch(outputs);
    default:
      return D.loss.answers satisfies never;
  }
}

function stretch(scores: Float32Array): Float32Array {
  const low = scores.reduce((a, b) => Math.min(a, b));
  const high = scores.reduce((a, b) => Math.max(a, b));
  return scores.map((score) => high > low ? (score - low) / (high - low) : 0.5);
}

/** Answers of a discriminator beside the best possible ones. */
export interface ComparedAnswers {
  /** D's answers, 0 to 1, on the same grid; NaN where the best ones are. */
  readonly surface: Float32Array;
  /** How far D's answers are from the best ones on average, over all places that have a best one. */
  readonly distance: number;
}

/** Options of {@linkcode compareWithBest}. */
export interface CompareWithBestOptions {
  /** Where D is asked. */
  readonly grid: PlaneGrid;
  /** The best answers there, `[cells * cells]`; NaN where there is none. */
  readonly best: ArrayLike<number>;
}

const COMPARE_KINDS: Kinds<CompareWithBestOptions> = {
  grid: instanceOf(PlaneGrid),
  best: listOf(number),
};

/**
 * Compares D's answers on a grid with the best possible ones of `bestAnswers()`, `[cells * cells]`.
 *
 * @throws {RangeError} if there are not as many best answers as cells, or none of them is a number.
 */
export function compareWithBest(
  D: Discriminator,
  options: CompareWithBestOptions,
): ComparedAnswers {
  check("compare answers", { D }, instanceOf(Discriminator));
  checkOptions("compare answers", options, { kinds: COMPARE_KINDS, required: ["grid", "best"] });
  const { grid, best } = options;
  const answers = answersOf(D, grid.points);
  const surface = answers.map((answer, i) => Number.isFinite(best[i]) ? answer : NaN);
  const gaps = Array.from(surface, (answer, i) => Math.abs(answer - best[i]!))
    .filter(Number.isFinite);
  if (best.length === answers.length && gaps.length > 0) {
    return { surface, distance: gaps.reduce((a, b) => a + b) / gaps.length };
  }
  throw new RangeError(
    `Cannot compare answers: expected ${answers.length} best answers, got ${best.length} ` +
      `with ${gaps.length} numbers among them`,
  );
}
