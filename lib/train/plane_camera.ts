/**
 * Records a GAN whose samples are points in the plane: the answers of D on a grid, the points of G,
 * and D's gradients.
 */
import {
  check,
  checkOptions,
  finiteNumber,
  instanceOf,
  type Kinds,
  recordOf,
  wholeNumber,
} from "../check/mod.ts";
import { bestAnswers, type Coverage, PlaneGrid, PointCloud, Random } from "../data/mod.ts";
import { Discriminator, Generator } from "../nn/mod.ts";
import { pushesOf } from "./plane_gradients.ts";

/** Options of {@linkcode PlaneCamera}. */
export interface PlaneCameraOptions {
  /** Distribution of the real points. */
  readonly cloud: PointCloud;
  /** Random generator of the real points and of the noise. Every picture uses the same ones. */
  readonly rng: Random;
  /** Grid on which the answers of D are computed; by default 40 by 40 cells from -3 to 3. */
  readonly grid?: PlaneGrid;
  /** Number of real points and number of generated points in a picture; 128 by default. */
  readonly points?: number;
}

const KINDS: Kinds<PlaneCameraOptions> = {
  cloud: instanceOf(PointCloud),
  rng: instanceOf(Random),
  grid: instanceOf(PlaneGrid),
  points: wholeNumber({ from: 1, to: 512 }),
};

/** State of a GAN in the plane at one moment. */
export interface PlanePicture {
  /** Number of the iteration. By default it is the number of G's training steps. */
  readonly iteration: number;
  /** Half the length of the side of the grid: it covers -reach to reach in x and in y. */
  readonly reach: number;
  /** Answers of D, 0 to 1, at the center of each cell, `[cells * cells]`, row by row from below. */
  readonly surface: Float32Array;
  /** Real points `[points, 2]`, the same in every picture. */
  readonly real: Float32Array;
  /** Generated points `[points, 2]`, from the same noise in every picture. */
  readonly fake: Float32Array;
  /**
   * Negative gradient of G's loss with respect to each generated point, `[points, 2]`: the
   * direction in which the loss decreases.
   */
  readonly pushes: Float32Array;
  /** Generated points for a square lattice of noise from -2 to 2, `[side * side, 2]`, row by row. */
  readonly lattice: Float32Array;
  /** Measures of how well 512 generated points cover the modes. */
  readonly coverage: Coverage;
}

/**
 * Number of generated points that are used to measure the coverage. A picture contains only the
 * first of them.
 */
const COUNTED = 512;

/**
 * Number of generated points from which their density is estimated, and the standard deviation of
 * the kernel.
 */
const ESTIMATED = 10_000;
const BLUR = 0.15;

/** Number of lattice points along each side. */
const LATTICE_SIDE = 21;

/** Lattice of noise from -2 to 2. 91 % of normal noise lies in this range. */
const LATTICE = new PlaneGrid({
  reach: 2 * LATTICE_SIDE / (LATTICE_SIDE - 1),
  cells: LATTICE_SIDE,
}).points;

/**
 * Camera that takes pictures of a GAN whose samples and noise are points in the plane.
 *
 * Taking a picture does not change the GAN: nothing trains, and the camera has its own points and
 * noise.
 *
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
  /** Grid on which the answers of D are computed. */
  readonly grid: PlaneGrid;
  readonly #cloud: PointCloud;
  readonly #real: Float32Array;
  readonly #noise: Float32Array;
  readonly #many: Float32Array;

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
    this.#many = rng.split("many").fillNormal(new Float32Array(2 * ESTIMATED));
  }

  /**
   * Takes a picture of a GAN.
   *
   * @throws {TypeError} if D is not a `Discriminator` or G is not a `Generator`.
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

  /**
   * Compares the answers of discriminators on the points that G makes now with the best possible
   * answers p / (p + q), where q is estimated from 10,000 generated points. Returns a panel for
   * each discriminator and one for the best answers, which is blank where there are no points.
   *
   * @throws {TypeError | RangeError} if there is no discriminator, or the samples or the noise are
   * not pairs of numbers.
   */
  compareWithBest(Ds: Readonly<Record<string, Discriminator>>, G: Generator): ComparedWithBest {
    const task = "compare with the best answers";
    check(task, { Ds }, recordOf(instanceOf(Discriminator)));
    check(
      task,
      { "the number of discriminators": Object.keys(Ds).length },
      wholeNumber({ from: 1 }),
    );
    for (const D of Object.values(Ds)) checkPlane(D, G);
    const { grid } = this;
    const generated = G.forward(this.#many);
    const best = bestAnswers(generated, { cloud: this.#cloud, grid, blur: BLUR });
    const compared = Object.entries(Ds).map(([title, D]) => ({
      title,
      ...compareAnswers(D, { points: grid.points, best }),
    }));
    const panels = compared.map(({ title, surface, distance }) => ({
      title,
      below: `off by ${distance.toFixed(2)}`,
      surface,
    }));
    return {
      panels: [...panels, {
        title: "best possible",
        below: "p / (p + q)",
        surface: Float32Array.from(best),
      }],
      distances: compared.map(({ distance }) => distance),
    };
  }
}

/** Answers of several discriminators, compared with the best possible ones. */
export interface ComparedWithBest {
  /** Panel of each discriminator and, last, of the best answers. */
  readonly panels: readonly {
    readonly title: string;
    readonly below: string;
    readonly surface: Float32Array;
  }[];
  /** Mean absolute difference from the best answers, for each discriminator. */
  readonly distances: readonly number[];
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
 * Computes the answers of D to points `[count, inputs]`, from 0 to 1. Probabilities are returned
 * unchanged, and logits pass through a sigmoid. Scores of a critic are rescaled linearly, the
 * lowest to 0 and the highest to 1.
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

/** Answers of a discriminator, compared with the best possible ones. */
interface ComparedAnswers {
  /** Answers of D, 0 to 1, on the grid; NaN where there is no best answer. */
  readonly surface: Float32Array;
  /** Mean absolute difference from the best answers, over all cells with a best answer. */
  readonly distance: number;
}

/** Compares the answers of D at `points` with the best possible ones there; NaN where there is none. */
export function compareAnswers(
  D: Discriminator,
  { points, best }: { readonly points: Float32Array; readonly best: ArrayLike<number> },
): ComparedAnswers {
  const surface = answersOf(D, points).map((answer, i) => Number.isFinite(best[i]) ? answer : NaN);
  const gaps = Array.from(surface, (answer, i) => Math.abs(answer - best[i]!))
    .filter(Number.isFinite);
  return { surface, distance: gaps.reduce((a, b) => a + b) / gaps.length };
}
