/** Peer of this project for growth curves: a training step of a dense network, and programs of many kernels. */

import * as tf from "@tensorflow/tfjs";
import { jit, type Jitted } from "../../../lib/jit/mod.ts";
import { denseShapes } from "../growth/points.ts";
import { leakySlope, pixels } from "../workloads.ts";
import { serve, type Served, type Session } from "./serve.ts";

const { dense, leakyReLU } = tf.layers;

/** Makes the network 784-width-...-1 with a number of dense layers. */
function denseNet(width: number, depth: number): tf.Sequential {
  const net = tf.sequential();
  for (let i = 0; i < depth - 1; i++) {
    net.add(dense({ units: width, ...i === 0 ? { inputShape: [pixels] } : {} }));
    net.add(leakyReLU({ alpha: leakySlope }));
  }
  const inputShape = depth === 1 ? { inputShape: [pixels] } : {};
  net.add(dense({ units: 1, activation: "sigmoid", ...inputShape }));
  return net;
}

/** Opens one step of Adam on a batch that stays the same. */
function openDense(batch: number, width: number, depth: number): Served {
  const net = denseNet(width, depth), optimizer = tf.train.adam(1e-4);
  const step = jit((x: tf.Tensor) => {
    const loss = () =>
      tf.losses.meanSquaredError(tf.ones([batch, 1]), net.apply(x) as tf.Tensor) as tf.Scalar;
    return optimizer.minimize(loss, true)!;
  }, { rehearse: true });
  const bound = step.bind(tf.randomUniform([batch, pixels]));
  const session: Session = {
    run: (iterations) => {
      for (let i = 0; i < iterations; i++) bound.run();
    },
    setParameters: (values) =>
      tf.tidy(() =>
        net.setWeights(net.getWeights().map((old, i) => tf.tensor(values[i]!, old.shape)))
      ),
    losses: ([inputs]) => {
      bound.inputs[0]!.set(inputs!);
      bound.run();
      return [...bound.outputs[0]!];
    },
    facts: () => factsOf(step),
  };
  return { session, parameters: denseShapes(width, depth), inputs: [[batch, pixels]] };
}

/** Opens a chain of elementwise operations on four numbers; every second one reads the first number again. */
function openChain(length: number): Served {
  const step = jit((x: tf.Tensor) => {
    let y = x;
    for (let i = 0; i < length; i++) y = i % 2 === 0 ? tf.sigmoid(y) : tf.add(tf.mul(y, y), x);
    return y;
  });
  const bound = step.bind(tf.ones([4]));
  const session: Session = {
    run: (iterations) => {
      for (let i = 0; i < iterations; i++) bound.run();
    },
    setParameters: () => {},
    losses: () => [],
    facts: () => factsOf(step),
  };
  return { session, parameters: [], inputs: [] };
}

function factsOf<A extends readonly unknown[], R>(step: Jitted<A, R>): Record<string, number> {
  const { kernels, loops, compileMs, moduleBytes, bytes } = step.explain();
  const residentBytes = Deno.memoryUsage().rss;
  return { kernels, loops, compileMs, moduleBytes, arenaBytes: bytes, residentBytes };
}

/** Opens `dense:64:256:2` (batch, width, number of dense layers) or `chain:100` (operations). */
export function openGrowth(argument: string): Served {
  const [name, ...sizes] = argument.split(":");
  const [first = 1, width = 1, depth = 1] = sizes.map(Number);
  return name === "chain" ? openChain(first) : openDense(first, width, depth);
}

if (import.meta.main) {
  await tf.setBackend("cpu");
  await serve("this project", openGrowth);
}
