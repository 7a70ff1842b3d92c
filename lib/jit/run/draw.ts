/**
 * Random numbers for calls that are recorded: the same that a compiled call would draw, computed by a small
 * program.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { Builder, read } from "../program/builder.ts";
import { isNumeric, type Values } from "../program/dtype.ts";
import { NOISE_WORDS } from "../program/equation.ts";
import type { DrawNumbers } from "../trace/random_draws.ts";
import type { Draw } from "../trace/record.ts";
import { compileProgram } from "./compile.ts";
import { Executable } from "./executable.ts";

/** Makes the function that draws for one recorded call; `take` writes the words, at the first draw. */
export function drawer(take: (words: Values) => void): Draw {
  let words: Values | undefined;
  return (numbers, tensor) => {
    if (!words) take(words = new Int32Array(NOISE_WORDS));
    return drawValues(numbers, tensor, words);
  };
}

/** Draws numbers of a shape and type from the words of a `NoiseSource`. */
function drawValues(
  numbers: DrawNumbers,
  { shape, dtype }: Pick<tf.TensorInfo, "shape" | "dtype">,
  words: Values,
): Values {
  if (!isNumeric(dtype)) throw new Error(`internal: ${dtype} cannot be drawn`);
  const b = new Builder();
  const out = b.draw(numbers, { shape, dtype });
  const { constants, equations } = b;
  const ends = { inputs: [b.noise!], outputs: [read(out)], variables: [], assigns: [] };
  const program = compileProgram({ ...ends, constants, equations });
  const executable = new Executable({ ...program, variables: [], fallbacks: {} });
  executable.inputs[0]!.set(words);
  executable.run();
  const values = executable.outputs[0]!.slice();
  executable.dispose();
  return values;
}
