/** Workloads of the peers, and the numbers of a check. */

import { generate1010, Random } from "../../lib/data/mod.ts";

/** Name of a workload. */
export type WorkloadName = "w1" | "w2" | "w3" | "w4";

/** Number of rows in a batch of W2 and W3. */
export const batchSize = 64;
/** Number of noise values of the generators of W2 and W3. */
export const latentSize = 100;
/** Number of values in an image of W2 and W3. */
export const pixels = 784;
/** Number of units in the hidden layers of W2. */
export const hiddenSize = 200;
/** Slope of each LeakyReLU below zero. */
export const leakySlope = 0.02;
/** Number of noise values in W4, notebook 04, where every row ends with a digit. */
export const digitLatentSize = 16;
/** Number of values of a one-hot digit. */
export const classes = 10;
/** Number of rows of the artificial data set of real batches. */
export const dataRows = 2048;

/** Description of a workload and of its check. */
export interface Workload {
  /** Line for the table. */
  readonly title: string;
  /** Number of iterations to which the times in the table refer. */
  readonly iterations: number;
  /** Shapes of the parameters, first the discriminator's, then the generator's, in TensorFlow.js's layout. */
  readonly parameters: readonly (readonly number[])[];
  /** Number of rows in a check's batches. */
  readonly checkBatch: number;
  /** Number of iterations of a check. The first two or three calls of a compiled step are eager. */
  readonly checkSteps: number;
}

/** Workloads by name. */
export const workloads: Readonly<Record<WorkloadName, Workload>> = {
  w1: {
    title: "W1: 1-0-1-0, 15,000 iterations, ms",
    iterations: 15_000,
    parameters: [[4, 3], [3], [3, 1], [1], [1, 3], [3], [3, 4], [4]],
    checkBatch: 1,
    checkSteps: 200,
  },
  w2: {
    title: "W2: dense 784-200-1 and 100-200-784, batch 64, Adam, ms an iteration",
    iterations: 1,
    parameters: [
      [pixels, hiddenSize],
      [hiddenSize],
      [hiddenSize, 1],
      [1],
      [latentSize, hiddenSize],
      [hiddenSize],
      [hiddenSize, pixels],
      [pixels],
    ],
    checkBatch: batchSize,
    checkSteps: 8,
  },
  w3: {
    title: "W3: convolutions 32, 64 and 64, 32, 1, 4x4, stride 2, batch 64, Adam, ms an iteration",
    iterations: 1,
    parameters: [
      [4, 4, 1, 32],
      [32],
      [4, 4, 32, 64],
      [64],
      [3136, 1],
      [1],
      [latentSize, 3136],
      [3136],
      [4, 4, 32, 64],
      [32],
      [4, 4, 1, 32],
      [1],
    ],
    checkBatch: 4, // eager TensorFlow.js needs a minute and a half for 64
    checkSteps: 5,
  },
  w4: {
    title: "W4: notebook 04, batch 64, Adam, R1 at every 4th step, moving average, ms an iteration",
    iterations: 1,
    parameters: [
      [4, 4, 1, 32],
      [32],
      [4, 4, 32, 64],
      [64],
      [3136, 128],
      [128],
      [classes, 128],
      [128, 1],
      [1],
      [digitLatentSize + classes, 3136],
      [3136],
      [4, 4, 32, 64],
      [32],
      [4, 4, 1, 32],
      [1],
    ],
    checkBatch: batchSize,
    checkSteps: 4, // includes the first R1; more steps would let Adam amplify rounding
  },
};

/** Names in the order of the table. */
export const workloadNames: readonly WorkloadName[] = ["w1", "w2", "w3", "w4"];

/** Returns the shapes of the inputs of a checked iteration: a real batch, and the noise of both phases. */
export function inputShapes(name: WorkloadName, batch = batchSize): number[][] {
  if (name === "w1") return [[4]];
  const [image, noise] = name === "w4"
    ? [pixels + classes, digitLatentSize + classes]
    : [pixels, latentSize];
  return [[batch, image], [batch, noise], [batch, noise]];
}

/** Returns the number of values in an array of this shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

/** Computes PyTorch's initial bound of each parameter: 1 / sqrt(inputs); a bias has that of its kernel. */
function initialBounds(parameters: readonly (readonly number[])[]): number[] {
  let bound = 0;
  return parameters.map((shape) => {
    if (shape.length > 1) bound = 1 / Math.sqrt(sizeOf(shape.slice(0, -1)));
    return bound;
  });
}

/** Makes parameters in PyTorch's initial distribution, one after the other. */
export function initialValues(
  parameters: readonly (readonly number[])[],
  rng: Random,
): Float32Array<ArrayBuffer> {
  const bounds = initialBounds(parameters);
  return Float32Array.from(
    parameters.flatMap((shape, index) =>
      Array.from({ length: sizeOf(shape) }, () => rng.uniform(-bounds[index]!, bounds[index]!))
    ),
  );
}

/** Makes the numbers of a check: all parameters, then the inputs of each iteration. */
export function checkValues(name: WorkloadName, seed = 1): Float32Array<ArrayBuffer> {
  const { parameters, checkBatch, checkSteps } = workloads[name];
  const inputs = inputShapes(name, checkBatch), rng = new Random(seed);
  const weights = initialValues(parameters, rng);
  const each = inputs.reduce((sum, shape) => sum + sizeOf(shape), 0);
  const values = new Float32Array(weights.length + each * checkSteps);
  values.set(weights);
  let at = weights.length;
  for (let step = 0; step < checkSteps; step++) {
    for (const shape of inputs) fillInput(values.subarray(at, at += sizeOf(shape)), shape, rng);
  }
  return values;
}

function fillInput(out: Float32Array, shape: readonly number[], rng: Random): void {
  const width = shape.at(-1)!;
  if (shape.length === 1) out.set(generate1010(rng));
  else if (width < pixels) rng.fillNormal(out);
  else out.forEach((_, i) => out[i] = rng.uniform());
  if (width !== digitLatentSize + classes && width !== pixels + classes) return;
  for (let end = width; end <= out.length; end += width) {
    out.fill(0, end - classes, end);
    out[end - 1 - rng.below(classes)] = 1;
  }
}

/** Splits the numbers of a check into arrays of the given shapes, in order. */
export function reader(values: Float32Array): (shape: readonly number[]) => Float32Array {
  let at = 0;
  return (shape) => values.slice(at, at += sizeOf(shape));
}
