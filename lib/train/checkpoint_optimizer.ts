/** What an optimizer knows besides its options: its step count and a number or two for each weight. */
import * as tf from "@tensorflow/tfjs";
import { joinBytes } from "./checkpoint_model.ts";

/** An optimizer as a checkpoint has it; `slots` are the shapes of the arrays in its binary file. */
export interface SavedOptimizer {
  /** The class: SGD, Adam, … */
  readonly name: string;
  /** The options: learning rate and so on. */
  readonly config: Readonly<Record<string, unknown>>;
  /** How many steps it made. */
  readonly iterations: number;
  /** Running products that TensorFlow.js would only approximate from the step count. */
  readonly powers: Readonly<Record<string, number>>;
  /** The arrays that go along with the weights, such as Adam's moments. */
  readonly slots: readonly { readonly name: string; readonly shape: readonly number[] }[];
}

/** A variable that an optimizer keeps for a weight. */
export interface Slot {
  /** What TensorFlow.js calls it. */
  readonly name: string;
  /** The variable; or, on its way from a file, a tensor. */
  readonly tensor: tf.Tensor;
}

/**
 * Adam's beta1^t and beta2^t, kept as products in float32. `setWeights` computes them anew as
 * powers, which is not bit-equal; and they are private, so they are reached for by name.
 */
const POWERS = ["accBeta1", "accBeta2"] as const;

function powersOf(optimizer: tf.Optimizer): Map<string, tf.Variable> {
  const fields = optimizer as unknown as Readonly<Record<string, unknown>>;
  return new Map(POWERS.flatMap((name) => {
    const power = fields[name];
    return power instanceof tf.Variable ? [[name, power]] : [];
  }));
}

/**
 * The variables that an optimizer keeps for the weights, in its own order.
 *
 * @throws {TypeError} if TensorFlow.js cannot tell them, as for Adamax.
 */
export async function slotsOf(optimizer: tf.Optimizer): Promise<Slot[]> {
  try {
    const [iterations, ...slots] = await optimizer.getWeights();
    iterations?.tensor.dispose(); // made for the asking, unlike the others
    return slots;
  } catch (error) {
    throw new TypeError(
      "Cannot save a checkpoint: expected an optimizer that tells its state (SGD, momentum, Adam, " +
        `RMSProp, Adagrad, Adadelta), got ${optimizer.getClassName()}`,
      { cause: error },
    );
  }
}

/** An optimizer as it is at the moment of the call, and the bytes of its slots. */
export function saveOptimizer(
  optimizer: tf.Optimizer,
  slots: readonly Slot[],
): { readonly saved: SavedOptimizer; readonly bytes: Uint8Array<ArrayBuffer> } {
  const powers = [...powersOf(optimizer)].map(([name, value]) => [name, value.dataSync()[0]!]);
  const saved: SavedOptimizer = {
    name: optimizer.getClassName(),
    config: optimizer.getConfig(),
    iterations: optimizer.iterations,
    powers: Object.fromEntries(powers),
    slots: slots.map(({ name, tensor }) => ({ name, shape: tensor.shape })),
  };
  return { saved, bytes: joinBytes(slots.map(({ tensor }) => tensor.dataSync())) };
}

/**
 * Whether an optimizer is the one that was saved.
 *
 * @throws {RangeError} that says what differs.
 */
export function checkOptimizer(
  optimizer: tf.Optimizer,
  saved: SavedOptimizer,
  owner: string,
): void {
  const found = optimizer.getClassName();
  if (found !== saved.name) {
    throw new RangeError(`expected the optimizer ${found} for ${owner}, got ${saved.name}`);
  }
  for (const [key, value] of Object.entries(optimizer.getConfig())) {
    const before = saved.config[key];
    if (JSON.stringify(before) !== JSON.stringify(value)) {
      throw new RangeError(
        `expected ${owner}'s optimizer with ${key} ${String(value)}, got ${String(before)}`,
      );
    }
  }
}

/** The saved slots as tensors of the caller's. */
function readSlots(saved: SavedOptimizer, bytes: Uint8Array): Slot[] {
  const values = new Float32Array(bytes.slice().buffer);
  let at = 0;
  return saved.slots.map(({ name, shape }) => {
    const size = shape.reduce((product, length) => product * length, 1);
    at += size;
    return { name, tensor: tf.tensor(values.slice(at - size, at), [...shape], "float32") };
  });
}

/** Puts a saved optimizer's numbers into one that {@linkcode checkOptimizer} let pass. */
export async function restoreOptimizer(
  optimizer: tf.Optimizer,
  saved: SavedOptimizer,
  bytes: Uint8Array,
): Promise<void> {
  const slots = readSlots(saved, bytes);
  const present = await slotsOf(optimizer);
  const shapes = (list: readonly Slot[]) => list.map(({ tensor }) => tensor.shape.join()).join(";");
  if (shapes(present) === shapes(slots)) {
    // Compiled steps know these variables, so they stay; only what is in them changes.
    slots.forEach(({ tensor }, i) => (present[i]!.tensor as tf.Variable).assign(tensor));
    (optimizer as unknown as { iterations_: number }).iterations_ = saved.iterations;
  } else {
    const iterations = { name: "iter", tensor: tf.scalar(saved.iterations, "int32") };
    await optimizer.setWeights([iterations, ...slots]);
    tf.dispose([iterations.tensor, ...present.map(({ tensor }) => tensor)]);
  }
  tf.tidy(() =>
    powersOf(optimizer).forEach((power, name) => power.assign(tf.scalar(saved.powers[name]!)))
  );
  tf.dispose(slots.map(({ tensor }) => tensor));
}
