/** The networks of the MNIST notebooks: convolutional ones, with or without the digit as an input. */
import * as tf from "@tensorflow/tfjs";
import { checkOptions, flag, instanceOf, type Kinds, wholeNumber } from "../check/mod.ts";
import { defaultRandom, MNIST_CLASSES, MNIST_PIXELS, MNIST_SIDE, Random } from "../data/mod.ts";

/** Options of the MNIST networks. */
export interface MnistNetworkOptions {
  /** Where the initial weights come from. */
  readonly rng?: Random;
  /** True if a sample is an image and its label, `[784 + classes]` numbers; by default an image. */
  readonly conditional?: boolean;
  /** How many kinds of labels there are; 10 by default. */
  readonly classes?: number;
  /**
   * The channels of the layer next to the image, 32 by default; the inner one has twice as many, and
   * D's hidden layer four times as many units.
   */
  readonly channels?: number;
}

/** Options of {@linkcode mnistGenerator}. */
export interface MnistGeneratorOptions extends MnistNetworkOptions {
  /** How many numbers of noise an image is made from. */
  readonly latentSize?: number;
}

const KINDS: Kinds<MnistNetworkOptions> = {
  rng: instanceOf(Random),
  conditional: flag,
  classes: wholeNumber({ from: 1, to: 256 }),
  channels: wholeNumber({ from: 1, to: 1024 }),
};

const GENERATOR_KINDS: Kinds<MnistGeneratorOptions> = {
  ...KINDS,
  latentSize: wholeNumber({ from: 1, to: 2 ** 16 }),
};

/** The side of the inner feature maps: two strides of 2 lead from 28 there and back. */
const INNER_SIDE = MNIST_SIDE / 4;

/** A layer's settings that both kinds of convolutions share. */
const CONVOLUTION = { kernelSize: 4, strides: 2, padding: "same" } as const;

/** Weights for layers before a rectifier (He et al., "Delving deep into rectifiers", 2015). */
function heNormal(rng: Random): ReturnType<typeof tf.initializers.heNormal> {
  return tf.initializers.heNormal({ seed: rng.bits() });
}

/** Weights for other layers (Glorot and Bengio, 2010). */
function glorotNormal(rng: Random): ReturnType<typeof tf.initializers.glorotNormal> {
  return tf.initializers.glorotNormal({ seed: rng.bits() });
}

/** The slope of D below zero, from DCGAN (Radford et al., 2016). */
const leaky = () => tf.layers.leakyReLU({ alpha: 0.2 });

function chain(layers: readonly tf.layers.Layer[], from: tf.SymbolicTensor): tf.SymbolicTensor {
  return layers.reduce((at, layer) => layer.apply(at) as tf.SymbolicTensor, from);
}

/** Some of the numbers of each row: `[batch, size]` to `[batch, size - before - after]`. */
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

/**
 * A discriminator of digits: logits `[batch, 1]` of `[batch, 784]` pixels in [0, 1], or of
 * `[batch, 784 + classes]` pixels and labels as rows with a single 1.
 *
 * Two convolutions by 4 with stride 2, 28 to 14 to 7, a hidden layer, which sees the whole image where
 * an inner feature sees 10 x 10 pixels of it, and a linear one; LeakyReLU(0.2) between. With the digit,
 * the hidden features h are also multiplied with a learnt vector of that digit: the answer is
 * f(h) + ⟨e(digit), h⟩ (Miyato and Koyama, "cGANs with projection discriminator", 2018).
 *
 * @throws {TypeError | RangeError} if an option is not known or of another kind.
 */
export function mnistDiscriminator(options: MnistNetworkOptions = {}): tf.LayersModel {
  checkOptions("make a discriminator of digits", options, { kinds: KINDS });
  const { rng = defaultRandom(), conditional = false, channels = 32 } = options;
  const { classes = MNIST_CLASSES } = options;
  const input = tf.input({ shape: [MNIST_PIXELS + (conditional ? classes : 0)] });
  const pixels = conditional ? columns(input, { before: 0, after: classes }) : input;
  const convolution = (filters: number) =>
    tf.layers.conv2d({ ...CONVOLUTION, filters, kernelInitializer: heNormal(rng) });
  const features = chain([
    tf.layers.reshape({ targetShape: [MNIST_SIDE, MNIST_SIDE, 1] }),
    convolution(channels), // [batch, 14, 14, channels]
    leaky(),
    convolution(2 * channels), // [batch, 7, 7, 2 channels]
    leaky(),
    tf.layers.flatten(),
    tf.layers.dense({ units: 4 * channels, kernelInitializer: heNormal(rng) }),
    leaky(),
  ], pixels);
  const real = tf.layers.dense({ units: 1, kernelInitializer: glorotNormal(rng) });
  const isReal = chain([real], features);
  if (!conditional) return tf.model({ inputs: input, outputs: isReal });
  const digit = columns(input, { before: MNIST_PIXELS, after: 0 });
  const embedding = tf.layers.dense({
    units: features.shape[1]!,
    useBias: false,
    kernelInitializer: tf.initializers.randomNormal({ stddev: 0.02, seed: rng.bits() }),
  });
  const isDigit = tf.layers.dot({ axes: 1 }).apply([features, chain([embedding], digit)]);
  const answer = tf.layers.add().apply([isReal, isDigit as tf.SymbolicTensor]);
  return tf.model({ inputs: input, outputs: answer as tf.SymbolicTensor });
}

/**
 * A generator of digits: `[batch, 784]` pixels in (0, 1) of `[batch, latentSize]` noise.
 *
 * A linear layer to 7 x 7 maps, then two transposed convolutions by 4 with stride 2: 7 to 14 to 28,
 * ReLU between, a sigmoid at the end. With the digit the input is noise and digit,
 * `[batch, latentSize + classes]`, and so is the sample: the image and the digit that it was made for,
 * `[batch, 784 + classes]`, which is what a conditional discriminator judges.
 *
 * @throws {TypeError | RangeError} if an option is not known or of another kind.
 */
export function mnistGenerator(options: MnistGeneratorOptions = {}): tf.LayersModel {
  checkOptions("make a generator of digits", options, { kinds: GENERATOR_KINDS });
  const { rng = defaultRandom(), conditional = false, channels = 32, latentSize = 64 } = options;
  const { classes = MNIST_CLASSES } = options;
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
      filters: 1, // [batch, 28, 28, 1]
      activation: "sigmoid",
      kernelInitializer: glorotNormal(rng),
    }),
    tf.layers.reshape({ targetShape: [MNIST_PIXELS] }),
  ], input);
  if (!conditional) return tf.model({ inputs: input, outputs: image });
  const digit = columns(input, { before: latentSize, after: 0 });
  const sample = tf.layers.concatenate({ axis: 1 }).apply([image, digit]) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: sample });
}
