/** Makes programs for playgrounds, small and untrained. */
import * as tf from "@tensorflow/tfjs";
import { Random } from "../../lib/data/mod.ts";
import { type ExportedProgram, jit, type WeightType } from "../../lib/jit/mod.ts";
import * as nn from "../../lib/nn/mod.ts";

/** Compiles a function for arguments of one shape and exports it. */
export function exported(
  fn: (x: tf.Tensor) => tf.Tensor | tf.Tensor[],
  shape: number[],
  weights: WeightType = "float32",
): ExportedProgram {
  const step = jit(fn, { rehearse: true });
  tf.tidy(() => step(tf.zeros(shape)));
  const program = step.export({ weights });
  step.dispose();
  return program;
}

let digits: ReturnType<typeof compileDigits> | undefined;

/** Gives the programs of a board of digits: latent size 5, images of 28 x 28. The tests of a file share them. */
export function digitPrograms(): ReturnType<typeof compileDigits> {
  return digits ??= compileDigits();
}

async function compileDigits() {
  await tf.setBackend("cpu");
  const rng = new Random(3);
  const options = { rng, conditional: true, channels: 2 };
  const G = nn.mnistGenerator({ ...options, latentSize: 5 });
  const D = nn.mnistDiscriminator(options);
  const dense = tf.sequential({ layers: [nn.linear(784, 10, { rng })] });
  const draw = (z: tf.Tensor) => G.apply(z) as tf.Tensor;
  return {
    draw,
    generator: exported(draw, [10, 15], "float16"),
    discriminator: exported((x) => tf.sigmoid(D.apply(x) as tf.Tensor), [1, 794], "int8"),
    classifier: exported((x) => tf.softmax(dense.apply(x) as tf.Tensor), [1, 784], "int8"),
  };
}

/** Makes the programs of a board of the plane, for 16 points at once. */
export async function planePrograms() {
  await tf.setBackend("cpu");
  const rng = new Random(4);
  const network = (outputs: number) =>
    tf.sequential({
      layers: [nn.linear(2, 8, { activation: "relu", rng }), nn.linear(8, outputs, { rng })],
    });
  const [G, D] = [network(2), network(1)];
  const logit = (x: tf.Tensor) => D.apply(x) as tf.Tensor;
  const real = rng.fillNormal(new Float32Array(20));
  return {
    generator: exported((z) => G.apply(z) as tf.Tensor, [16, 2]),
    discriminator: exported(
      (x) => [tf.sigmoid(logit(x)), tf.grad((x: tf.Tensor) => tf.logSigmoid(logit(x)).sum())(x)],
      [16, 2],
    ),
    real,
  };
}
