/** Convolutional networks for MNIST, optionally with the digit as an input. */
import * as tf from "@tensorflow/tfjs";
import {
  arrayOf,
  check,
  checkOptions,
  flag,
  instanceOf,
  type Kinds,
  oneOf,
  wholeNumber,
} from "../check/mod.ts";
import { defaultRandom, MNIST_CLASSES, MNIST_PIXELS, MNIST_SIDE, Random } from "../data/mod.ts";

/** Options of {@linkcode mnistDiscriminator}. */
export interface MnistNetworkOptions {
  /** Random generator of the initial weights. */
  readonly rng?: Random;
  /**
   * True if a sample is an image and its one-hot label, `[784 + classes]` numbers; false, the
   * default, if it is only the image.
   */
  readonly conditional?: boolean;
  /** Number of classes, that is, of different labels; 10 by default. */
  readonly classes?: number;
  /**
   * Number of channels of the layer next to the image; 32 by default. The inner layer has twice as
   * many channels, and D's hidden layer four times as many units.
   */
  readonly channels?: number;
  /** Number of values per pixel, 1 by default. A sample begins with all values of its first pixel. */
  readonly colours?: number;
}

/** Options of {@linkcode mnistGenerator}. */
export interface MnistGeneratorOptions extends MnistNetworkOptions {
  /** Number of noise values per image; 16 by default. */
  readonly latentSize?: number;
}

const KINDS: Kinds<MnistNetworkOptions> = {
  rng: instanceOf(Random),
  conditional: flag,
  classes: wholeNumber({ from: 1, to: 256 }),
  channels: wholeNumber({ from: 1, to: 1024 }),
  colours: wholeNumber({ from: 1, to: 16 }),
};

const GENERATOR_KINDS: Kinds<MnistGeneratorOptions> = {
  ...KINDS,
  latentSize: wholeNumber({ from: 1, to: 2 ** 16 }),
};

/** Side of the inner feature maps: 28 pixels divided by two strides of 2. */
const INNER_SIDE = MNIST_SIDE / 4;

/** Settings of all convolutions and transposed convolutions. */
const CONVOLUTION = { kernelSize: 4, strides: 2, padding: "same" } as const;

/** Makes initial weights for layers before a ReLU (He et al., "Delving deep into rectifiers", 2015). */
function heNormal(rng: Random): ReturnType<typeof tf.initializers.heNormal> {
  return tf.initializers.heNormal({ seed: rng.bits() });
}

/** Makes initial weights for layers that are not before a ReLU (Glorot and Bengio, 2010). */
function glorotNormal(rng: Random): ReturnType<typeof tf.initializers.glorotNormal> {
  return tf.initializers.glorotNormal({ seed: rng.bits() });
}

/** Makes a LeakyReLU with the slope of DCGAN's discriminator (Radford et al., 2016). */
const leaky = () => tf.layers.leakyReLU({ alpha: 0.2 });

function chain(layers: readonly tf.layers.Layer[], from: tf.SymbolicTensor): tf.SymbolicTensor {
  return layers.reduce((at, layer) => layer.apply(at) as tf.SymbolicTensor, from);
}

/** Selects columns of each row: `[batch, size]` to `[batch, size - before - after]`. */
function columns(
  from: tf.SymbolicTensor,
  { before, after }: { readonly before: number; readonly after: number },
): tf.SymbolicTensor {
  const size = from.shape[1]!;
  return chain([
    tf.layers.reshape({ targetShape: [1, size, 1] }),
    tf.layers.cropping2D({ cropping: [[0, 0], [before, after]] }),
    tf.layers.reshape({ targetShape: [size - before - after] }),
  ], from);
}

/** Options of {@linkcode projectionDiscriminator}. */
export interface ProjectionOptions {
  /** Number of values of a sample without its label. */
  readonly inputs: number;
  /** Number of classes; 0, the default, if samples have no label. */
  readonly classes?: number;
  /** Activation function of the answer: none, the default, for logits, or a sigmoid. */
  readonly activation?: "linear" | "sigmoid";
  /** Random generator of the initial weights. */
  readonly rng?: Random;
}

const PROJECTION_KINDS: Kinds<ProjectionOptions> = {
  inputs: wholeNumber({ from: 1, to: 2 ** 20 }),
  classes: wholeNumber({ from: 0, to: 256 }),
  activation: oneOf(["linear", "sigmoid"]),
  rng: instanceOf(Random),
};

/**
 * Makes a discriminator from the layers that turn `[batch, inputs]` into features `[batch, size]`.
 * Its answers are `[batch, 1]`: a linear function f of the features.
 *
 * With classes its input is a sample and a one-hot label, `[batch, inputs + classes]`. The layers do
 * not see the label. The features h are also multiplied by a learnt vector e of the label, and the
 * answer is f(h) + ⟨e(label), h⟩ (Miyato and Koyama, "cGANs with projection discriminator", 2018).
 *
 * @throws {TypeError | RangeError} if an option is unknown, missing or wrong.
 */
export function projectionDiscriminator(
  layers: readonly tf.layers.Layer[],
  options: ProjectionOptions,
): tf.LayersModel {
  const task = "make a discriminator with projection";
  checkOptions(task, options, { kinds: PROJECTION_KINDS, required: ["inputs"] });
  check(task, { layers }, arrayOf(instanceOf(tf.layers.Layer)));
  const { inputs: size, classes = 0, activation = "linear", rng = defaultRandom() } = options;
  const input = tf.input({ shape: [size + classes] });
  const features = chain(
    layers,
    classes > 0 ? columns(input, { before: 0, after: classes }) : input,
  );
  const real = tf.layers.dense({ units: 1, kernelInitializer: glorotNormal(rng) });
  const isReal = chain([real], features);
  const answer = (from: tf.SymbolicTensor) =>
    activation === "linear" ? from : chain([tf.layers.activation({ activation })], from);
  if (classes === 0) return tf.model({ inputs: input, outputs: answer(isReal) });
  const label = columns(input, { before: size, after: 0 });
  const embedding = tf.layers.dense({
    units: features.shape[1]!,
    useBias: false,
    kernelInitializer: tf.initializers.randomNormal({ stddev: 0.02, seed: rng.bits() }),
  });
  const fits = tf.layers.dot({ axes: 1 }).apply([features, chain([embedding], label)]);
  const both = tf.layers.add().apply([isReal, fits as tf.SymbolicTensor]) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: answer(both) });
}

/**
 * Makes a discriminator of digits, from pixels `[batch, 784]` in [0, 1] to logits `[batch, 1]`. If
 * conditional, its input is pixels and one-hot labels, `[batch, 784 + classes]`. Images with several
 * colours have 784 times as many values.
 *
 * The layers are two 4 x 4 convolutions with stride 2, from 28 to 14 to 7 pixels, a hidden layer,
 * and a linear layer, with LeakyReLU(0.2) in between. The hidden layer sees the whole image, while
 * an inner feature sees only 10 x 10 pixels. If conditional, the answer also depends on how well the
 * hidden features fit the label, see `projectionDiscriminator`.
 *
 * @throws {TypeError | RangeError} if an option is unknown or wrong.
 */
export function mnistDiscriminator(options: MnistNetworkOptions = {}): tf.LayersModel {
  checkOptions("make a discriminator of digits", options, { kinds: KINDS });
  const { rng = defaultRandom(), conditional = false, channels = 32 } = options;
  const { classes = MNIST_CLASSES, colours = 1 } = options;
  const convolution = (filters: number) =>
    tf.layers.conv2d({ ...CONVOLUTION, filters, kernelInitializer: heNormal(rng) });
  const layers = [
    tf.layers.reshape({ targetShape: [MNIST_SIDE, MNIST_SIDE, colours] }),
    convolution(channels), // [batch, 14, 14, channels]
    leaky(),
    convolution(2 * channels), // [batch, 7, 7, 2 channels]
    leaky(),
    tf.layers.flatten(),
    tf.layers.dense({ units: 4 * channels, kernelInitializer: heNormal(rng) }),
    leaky(),
  ];
  return projectionDiscriminator(layers, {
    inputs: MNIST_PIXELS * colours,
    classes: conditional ? classes : 0,
    rng,
  });
}

/**
 * Makes a generator of digits, from noise `[batch, latentSize]` to pixels `[batch, 784]` in (0, 1).
 *
 * The layers are a linear layer to 7 x 7 maps and two 4 x 4 transposed convolutions with stride 2,
 * from 7 to 14 to 28 pixels, with ReLU in between and a sigmoid at the end. If conditional, the
 * input is noise and one-hot labels, `[batch, latentSize + classes]`, and the output is the image
 * and the same labels, `[batch, 784 + classes]`, as a conditional discriminator needs them.
 *
 * @throws {TypeError | RangeError} if an option is unknown or wrong.
 */
export function mnistGenerator(options: MnistGeneratorOptions = {}): tf.LayersModel {
  checkOptions("make a generator of digits", options, { kinds: GENERATOR_KINDS });
  const { rng = defaultRandom(), conditional = false, channels = 32, latentSize = 16 } = options;
  const { classes = MNIST_CLASSES, colours = 1 } = options;
  const input = tf.input({ shape: [latentSize + (conditional ? classes : 0)] });
  const inner = 2 * channels;
  const image = chain([
    tf.layers.dense({
      units: INNER_SIDE * INNER_SIDE * inner,
      activation: "relu",
      kernelInitializer: heNormal(rng),
    }),
    tf.layers.reshape({ targetShape: [INNER_SIDE, INNER_SIDE, inner] }),
    tf.layers.conv2dTranspose({
      ...CONVOLUTION,
      filters: channels, // [batch, 14, 14, channels]
      activation: "relu",
      kernelInitializer: heNormal(rng),
    }),
    tf.layers.conv2dTranspose({
      ...CONVOLUTION,
      filters: colours, // [batch, 28, 28, colours]
      activation: "sigmoid",
      kernelInitializer: glorotNormal(rng),
    }),
    tf.layers.reshape({ targetShape: [MNIST_PIXELS * colours] }),
  ], input);
  if (!conditional) return tf.model({ inputs: input, outputs: image });
  const digit = columns(input, { before: latentSize, after: 0 });
  const sample = tf.layers.concatenate({ axis: 1 }).apply([image, digit]) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: sample });
}
