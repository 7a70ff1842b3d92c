/** Moving average of a network's weights. It often generates better samples than the network itself. */
import * as tf from "@tensorflow/tfjs";
import { checkOptions, finiteNumber, type Kinds, wholeNumber } from "../check/mod.ts";
import { checkModel } from "./model_shapes.ts";

/** Options of {@linkcode MovingAverage}. */
export interface MovingAverageOptions {
  /** Share of the average that stays at every update, in [0, 1); 0.998 by default. */
  readonly decay?: number;
  /**
   * Number of updates at the start that only copy the weights; 0 by default. At the start of a training,
   * an average of earlier weights is worse than the present weights.
   */
  readonly warmUp?: number;
}

/** State of a moving average without its weights, as plain data that JSON can store. */
export interface MovingAverageState {
  /** Number of updates. */
  readonly updates: number;
}

const KINDS: Kinds<MovingAverageOptions> = {
  decay: finiteNumber({ from: 0, below: 1 }),
  warmUp: wholeNumber({ from: 0 }),
};

/** Kinds of the properties of a state. */
const STATE: Kinds<MovingAverageState> = { updates: wholeNumber({ from: 0 }) };

/** Makes a network with the same layers and its own weights. */
function copyOf(model: tf.LayersModel): tf.LayersModel {
  const kind = model.constructor as tf.serialization.SerializableConstructor<tf.LayersModel> & {
    fromConfig: typeof tf.LayersModel.fromConfig;
  };
  const copy = kind.fromConfig(kind, model.getConfig() as tf.serialization.ConfigDict);
  copy.setWeights(model.getWeights());
  return copy;
}

/** Moves numbers by a share of their distance to other numbers, rounded like float32 tensors. */
function movedBy(share: number, old: ArrayLike<number>, to: ArrayLike<number>): Float32Array {
  const moved = new Float32Array(old.length);
  for (let i = 0; i < moved.length; i++) {
    moved[i] = old[i]! + Math.fround(share * Math.fround(to[i]! - old[i]!));
  }
  return moved;
}

/**
 * Exponential moving average of the weights of `source`, in a network with its own weights.
 *
 * After the warm-up, the n-th update keeps the share min(decay, n / (n + 9)) of the average. So it
 * averages over few steps at first, and later over about 1 / (1 - decay). Karras et al.
 * ("Progressive growing of GANs", 2018) generate samples with such an average.
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
  /** Network whose weights are averaged. */
  readonly source: tf.LayersModel;
  /** Network with the averaged weights. */
  readonly model: tf.LayersModel;
  /** Share of the average that stays at every update, after the first ones. */
  readonly decay: number;
  /** Number of updates at the start that only copy the weights. */
  readonly warmUp: number;
  #updates = 0;

  /**
   * Starts with a copy of the weights.
   *
   * @throws {TypeError | RangeError} if `source` is not a model, or an option is unknown or wrong.
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

  /** Number of updates. */
  get updates(): number {
    return this.#updates;
  }

  /** Share of the average that stays at the next update. */
  get nextDecay(): number {
    const seen = this.#updates - this.warmUp;
    return seen < 0 ? 0 : Math.min(this.decay, (seen + 1) / (seen + 10));
  }

  /** Moves the average towards the present weights of `source`. Call it after every step of the network. */
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

  /** Returns the state without the weights, for `restore`. */
  state(): MovingAverageState {
    return { updates: this.#updates };
  }

  /**
   * Restores a state. The weights are not part of it; set those of `model`.
   *
   * @throws {TypeError | RangeError} if it is not a state; then nothing has changed.
   */
  restore(state: MovingAverageState): void {
    checkOptions("restore a moving average", state, { kinds: STATE, required: ["updates"] });
    const { updates } = state;
    this.#updates = updates;
  }
}
