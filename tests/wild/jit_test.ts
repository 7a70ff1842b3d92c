/** lib/jit with wild arguments. */
import * as tf from "@tensorflow/tfjs";
import * as jit from "../../lib/jit/mod.ts";
import { testWildCalls } from "./wild_calls.ts";

/** An exported program as data. */
function programData(): jit.ProgramData {
  const step = jit.jit((x: tf.Tensor) => tf.neg(x), { rehearse: true });
  tf.tidy(() => step(tf.zeros([2])));
  const data = step.export().toJSON();
  step.dispose();
  return data;
}

// What jit() returns hands its arguments on to the reader's own function, whose errors they are.
testWildCalls("jit", jit, {
  jit: {
    good: () => [
      (x: tf.Tensor) => tf.neg(x),
      { name: "step", cacheSize: 2, rehearse: false, relaxedSimd: false },
    ],
    use: (call: (x: tf.Tensor) => tf.Tensor) => tf.tidy(() => call(tf.tensor1d([1, 2]))),
  },
  loadProgram: {
    good: () => [programData()],
    use: (program: jit.LoadedProgram) => program.run([1, 2]),
  },
  NoiseSource: {
    good: () => [7],
    accepts: { "0": (value) => value === undefined },
    use: (noise: jit.NoiseSource) => noise.state(),
    methods: {
      state: { good: () => [] },
      next: { good: () => [new Int32Array(4)] },
      rehearse: { good: () => [new Int32Array(4)] },
      restore: { good: () => [new jit.NoiseSource(8).state()] },
    },
  },
});
