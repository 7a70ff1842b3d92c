/** A moving average of a network's weights, which often makes better samples than the network itself. */
import * as tf from "@tensorflow/tfjs";
import { checkOptions, finiteNumber, type Kinds, wholeNumber } from "../check/mod.ts";
import { checkModel } from "./model_shapes.ts";

/** Options of `MovingAverage`. */
export interface MovingAverageOptions {
  /** How much of the average stays at every update, in [0, 1). */
  readonly decay?: number;
  /**
   * How many updates only copy the weights: while a network still learns its first shapes, an
   * average of what it was before is worse than what it is.
   */
  readonly warmUp?: number;
}

/** What a moving average is besides its weights, as plain data that survives JSON. */
export interface MovingAverageState {
  /** How often it was updated. */
  readonly updates: number;
}

const KINDS: Kinds<MovingAverageOptions> = {
  decay: finiteNumber({ from: 0, below: 1 }),
  warmUp: wholeNumber({ from: 0 }),
};

/** The number of updates in a state. */
const STATE: Kinds<MovingAverageState> = { updates: wholeNumber({ from: 0 }) };

/** A network of the same layers, with weights of its own. */
function copyOf(model: tf.LayersModel): tf.LayersModel {
  const kind = model.constructor as tf.serialization.SerializableConstructor<tf.LayersModel> & {
    fromConfig: typeof tf.LayersModel.fromConfig;
  };
  const copy = kind.fromConfig(kind, model.getConfig() as tf.serialization.ConfigDict);
  copy.setWeights(model.getWeights());
  return copy;
}

/** The old numbers, moved by a share of their distance to the new ones, rounded as tensors are. */
function movedBy(share: number, old: ArrayLike<number>, to: ArrayLike<number>): Float32Array {
  const moved = new Float32Array(old.length);
  for (let i = 0; i < moved.length; i++) {
    moved[i] = old[i]! + Math.fround(share * Math.fround(to[i]! - old[i]!));
  }
  return moved;
}

/**
 * An exponential moving average of the weights of `source`, kept in a network of its own.
 *
 * After the warm-up, update number n keeps min(decay, n / (n + 9)) of the average, n counted from
 * the warm-up's end: the first steps are averaged over few weights, the later ones over about
 * 1 / (1 - decay). Karras et al. ("Progressive growing of GANs", 2018) sample from such an average.
 *
 * ```ts
 * import { Generator, MovingAverage } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const G = new Generator();
 * const average = new MovingAverage(G.model, { decay: 0.998 });
 * average.update(); // after every step of G
 * const smooth = new Generator({ model: average.model });
 * assert.equal(smooth.forward([0.5]).length, 4);
 * ```
 */
export class MovingAverage {
  /** The network that is averaged. */
  readonly source: tf.LayersModel;
  /** The average: an ordinary network. */
  readonly model: tf.LayersModel;
  /** How much of the average stays at every update, once it has seen enough of them. */
  readonly decay: number;
  /** How many updates only copy the weights. */
  readonly warmUp: number;
  #updates = 0;

  /**
   * Begins with a copy of the weights.
   *
   * @throws {TypeError | RangeError} if `source` is no model, or an option is not known or not such a
   * number.
   */
  constructor(source: tf.LayersModel, options: MovingAverageOptions = {}) {
    checkModel("average weights", { source });
    checkOptions("average weights", options, { kinds: KINDS });
    const { decay = 0.998, warmUp = 0 } = options;
    this.source = source;
    this.decay = decay;
    this.warmUp = warmUp;
    this.model = copyOf(source);
  }

  /** How often it was updated. */
  get updates(): number {
    return this.#updates;
  }

  /** How much of the average stays at the next update. */
  get nextDecay(): number {
    const seen = this.#updates - this.warmUp;
    return seen < 0 ? 0 : Math.min(this.decay, (seen + 1) / (seen + 10));
  }

  /** Moves the average towards the weights as they are now. */
  update(): void {
    const share = Math.fround(1 - this.nextDecay);
    tf.tidy(() => {
      this.model.weights.forEach((average, i) => {
        const old = average.read();
        const now = this.source.weights[i]!.read();
        average.write(tf.tensor(movedBy(share, old.dataSync(), now.dataSync()), old.shape));
      });
    });
    this.#updates++;
  }

  /** What it is besides its weights. */
  state(): MovingAverageState {
    return { updates: this.#updates };
  }

  /**
   * Goes on counting from a state; its weights are those of `model`, to be set there.
   *
   * @throws {TypeError | RangeError} if it is no such state; then nothing has changed.
   */
  restore(state: MovingAverageState): void {
    checkOptions("restore a moving average", state, { kinds: STATE, required: ["updates"] });
    const { updates } = state;
    this.#updates = updates;
  }
}
