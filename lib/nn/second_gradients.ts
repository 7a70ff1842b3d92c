/**
 * Second gradients, which penalties need, for kernels where TensorFlow.js lacks them or computes
 * them wrongly.
 *
 * If the gradient of a kernel uses its own result (sigmoid, tanh, exp, …), TensorFlow.js saves a
 * copy of the result without its connection to the inputs. The second gradient then misses a term,
 * without an error. Here the gradient computes the result again; in a compiled step both share the
 * work.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

let ready = false;

/** Registers the second gradients of this file with TensorFlow.js. Only the first call does something. */
export function readySecondGradients(): void {
  if (ready) return;
  ready = true;
  GRADIENTS.forEach((config) => tf.registerGradient(config));
  composeOperations();
}

/** Function with its own gradient, in the form that TensorFlow.js's engine takes. */
type CustomFunction = (...inputsAndSave: unknown[]) => { readonly value: tf.Tensor };

/** Part of the engine that applies such functions, and the name of the running operation. */
interface CustomGradients {
  /** TensorFlow.js has no scope outside of its operations and of `tf.tidy`. */
  readonly state: { readonly activeScope: { readonly name: string } | null };
  customGrad(f: CustomFunction): (...inputs: tf.Tensor[]) => tf.Tensor;
}

/** Operations whose own gradient has this fault, while the gradients of their parts are correct. */
const COMPOSED: ReadonlySet<string> = new Set(["logSoftmax__op", "softmaxCrossEntropy__op"]);

/** Makes TensorFlow.js ignore the gradients of these operations and use those of their parts. */
function composeOperations(): void {
  const engine = tf.engine() as unknown as CustomGradients;
  const { customGrad } = engine;
  engine.customGrad = (f) =>
    COMPOSED.has(engine.state.activeScope?.name ?? "")
      ? (...inputs) => f(...inputs, () => {}).value
      : customGrad.call(engine, f);
}

type Gradient = Parameters<typeof tf.registerGradient>[0];

/**
 * Makes the gradient of a comparison such as `greater`: zero. The gradient of LeakyReLU contains a comparison, so
 * its own gradient needs this one.
 */
function ofComparison(kernelName: string): Gradient {
  return {
    kernelName,
    inputsToSave: ["a", "b"],
    gradFunc: (_dy, [a, b]) => ({ a: () => tf.zerosLike(a!), b: () => tf.zerosLike(b!) }),
  };
}

/** Attributes of a kernel. */
type Attrs = Readonly<Record<string, unknown>>;

/** Makes the gradient of a kernel that computes the kernel's result again from the saved input. */
function ofResult(
  kernelName: string,
  input: string,
  resultOf: (x: tf.Tensor, attrs: Attrs) => tf.Tensor,
): Gradient {
  const known = tf.getGradient(kernelName);
  return {
    kernelName,
    inputsToSave: [input],
    gradFunc: (dy, [x], attrs) => known.gradFunc(dy, [resultOf(x!, attrs as Attrs)], attrs),
  };
}

const GRADIENTS: readonly Gradient[] = [
  ...["Equal", "Greater", "GreaterEqual", "Less", "LessEqual", "NotEqual"].map(ofComparison),
  ofResult("Elu", "x", (x) => tf.elu(x)),
  ofResult("Exp", "x", (x) => tf.exp(x)),
  ofResult("Sigmoid", "x", (x) => tf.sigmoid(x)),
  ofResult("Tanh", "x", (x) => tf.tanh(x)),
  ofResult("Softmax", "logits", (x, { dim }) => tf.softmax(x, dim as number)),
  {
    // EluGrad computes `dy * (y < 0 ? y + 1 : 1)`, where `y` is the result of elu.
    kernelName: "EluGrad",
    inputsToSave: ["dy", "y"],
    gradFunc: (slope, [dy, y]) => ({
      dy: () => tf.engine().runKernel("EluGrad", { dy: slope as tf.Tensor, y: y! }) as tf.Tensor,
      y: () => tf.mul(tf.mul(slope as tf.Tensor, dy!), tf.step(tf.neg(y!))),
    }),
  },
  {
    kernelName: "MaxPoolGrad",
    inputsToSave: ["input", "output"],
    gradFunc: (slope, [input, output], attrs) => ({
      dy: () => atMaximum(slope as tf.Tensor4D, { input: input!, output: output! }, attrs),
      input: () => tf.zerosLike(input!),
      output: () => tf.zerosLike(output!),
    }),
  },
];

/** Function that saves tensors for a gradient. */
type Save = (tensors: tf.Tensor[]) => void;

/** Images, and the result of their max pooling. */
interface Pooling {
  readonly input: tf.Tensor;
  readonly output: tf.Tensor;
}

/**
 * Returns the values of images at the pixels that a max pooling chose. This is linear in the
 * values, and its gradient is MaxPoolGrad.
 */
function atMaximum(values: tf.Tensor4D, { input, output }: Pooling, attrs: unknown): tf.Tensor {
  const pick = tf.customGrad((...args) => {
    const [at, x, y, save] = args as unknown as [tf.Tensor4D, tf.Tensor, tf.Tensor, Save];
    save([x, y]);
    return {
      value: picked(at, { input: x, output: y }, attrs),
      gradFunc: (dy, saved) => {
        const [images, result] = saved as tf.Tensor[];
        const inputs = { dy: dy as tf.Tensor, input: images!, output: result! };
        const gradient = tf.engine().runKernel("MaxPoolGrad", inputs, attrs as tf.NamedAttrMap);
        return [gradient as tf.Tensor, tf.zerosLike(images!), tf.zerosLike(result!)];
      },
    };
  });
  return pick(values, input, output);
}

/**
 * Returns those values. Compares the positions of the windows row by row: the first pixel equal to
 * the maximum is the one that was chosen.
 */
function picked(values: tf.Tensor4D, { input, output }: Pooling, attrs: unknown): tf.Tensor {
  const info = infoOf(input, attrs);
  const [pixels, slopes] = [framed(input as tf.Tensor4D, info, -Infinity), framed(values, info, 0)];
  let sum = tf.zerosLike(output);
  let open = tf.greater(output, -Infinity);
  for (let row = 0; row < info.filterHeight; row++) {
    for (let column = 0; column < info.filterWidth; column++) {
      const place = (images: tf.Tensor4D) => placed(images, info, [row, column]);
      const isFirst = tf.logicalAnd(open, tf.equal(place(pixels), output));
      sum = tf.where(isFirst, place(slopes), sum);
      open = tf.logicalAnd(open, tf.logicalNot(isFirst));
    }
  }
  return sum;
}

type Info = tf.backend_util.Conv2DInfo;

function infoOf(input: tf.Tensor, attrs: unknown): Info {
  const { filterSize, strides, pad, dimRoundingMode } = attrs as {
    readonly filterSize: [number, number];
    readonly strides: [number, number];
    readonly pad: number;
    readonly dimRoundingMode: "floor";
  };
  const shape = input.shape as [number, number, number, number];
  return tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
}

/** Adds a border to images, so that every window lies inside them. */
function framed(images: tf.Tensor4D, info: Info, border: number): tf.Tensor4D {
  const { padInfo: { top, left } } = info;
  const missing = (size: number, before: number, reach: number): [number, number] => [
    before,
    Math.max(0, reach - before - size),
  ];
  const height = (info.outHeight - 1) * info.strideHeight + info.filterHeight;
  const width = (info.outWidth - 1) * info.strideWidth + info.filterWidth;
  const rows = missing(info.inHeight, top, height);
  const columns = missing(info.inWidth, left, width);
  return tf.pad(images, [[0, 0], rows, columns, [0, 0]], border);
}

/** Returns the pixel at one position of each window. */
function placed(images: tf.Tensor4D, info: Info, [row, column]: [number, number]): tf.Tensor {
  const { strideHeight, strideWidth, batchSize, inChannels } = info;
  return tf.stridedSlice(
    images,
    [0, row, column, 0],
    [
      batchSize,
      row + (info.outHeight - 1) * strideHeight + 1,
      column + (info.outWidth - 1) * strideWidth + 1,
      inChannels,
    ],
    [1, strideHeight, strideWidth, 1],
  );
}
