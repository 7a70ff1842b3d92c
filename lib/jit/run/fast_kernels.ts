/**
 * Compiled replacements of the backend's slowest kernels, used while a function is recorded.
 *
 * The cpu backend takes seconds for a convolution that takes a millisecond here, and a recorded call
 * is a real one: without these the first calls of a convolutional network take minutes.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { sizeOf } from "../program/access.ts";
import { type CpuBackend, dataOf } from "../trace/backend.ts";
import type { RunningKernel } from "../trace/record.ts";
import { compileProgram } from "./compile.ts";
import { Executable } from "./executable.ts";
import { isNumeric } from "../program/dtype.ts";
import type { Var } from "../program/equation.ts";
import type { TracedProgram } from "../program/program.ts";
import { Builder, isEmpty, read } from "../program/builder.ts";
import { CONVOLUTIONS } from "../rules/convolution.ts";
import { DEPTHWISE } from "../rules/depthwise.ts";
import { PRODUCTS } from "../rules/product.ts";
import type { Attrs, RuleTable } from "../rules/rule.ts";

/** Rules of the kernels that do many operations for each element that they read. */
const HEAVY: RuleTable = { ...CONVOLUTIONS, ...DEPTHWISE, ...PRODUCTS };

/** The smallest number of elements for which a kernel is compiled: with fewer, compiling takes longer. */
const LEAST_ELEMENTS = 4096;

type Inputs = RunningKernel["inputs"];

/** Compiled kernels by name, shapes and attributes; undefined for those that have no rule. */
const compiled = new Map<string, Executable | undefined>();

/** Runs a kernel faster than the backend would; undefined if it is not one of the slow kernels. */
export function runFast(
  backend: CpuBackend,
  { name, inputs, attrs }: RunningKernel,
): tf.TensorInfo | undefined {
  const elements = inputs.reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0);
  if (!(name in HEAVY) || elements < LEAST_ELEMENTS) return undefined;
  const key = keyOf(name, inputs, attrs);
  if (!compiled.has(key)) compiled.set(key, compileKernel(name, inputs, attrs));
  const executable = compiled.get(key);
  if (!executable) return undefined;
  executable.inputs.forEach((to, i) => to.set(dataOf(backend, inputs[i]![1].dataId).values));
  executable.run();
  const { shape, dtype } = executable.results[0]!;
  const dataId = backend.write(executable.outputs[0]!.slice(), [...shape], dtype);
  return { dataId, shape: [...shape], dtype };
}

/** Frees the compiled kernels; the next recording makes those that it needs. */
export function freeFastKernels(): void {
  compiled.forEach((executable) => executable?.dispose());
  compiled.clear();
}

function compileKernel(name: string, inputs: Inputs, attrs: Attrs): Executable | undefined {
  const b = new Builder();
  const vars = inputs.map(([key, { dtype, shape }]) => {
    return isNumeric(dtype) && !isEmpty(shape) ? [key, b.newVar(dtype, shape)] as const : undefined;
  });
  const known = vars.filter((entry) => entry !== undefined);
  if (known.length < vars.length) return undefined;
  const made = HEAVY[name]!(b, { name, inputs: Object.fromEntries(known), attrs, outs: [] });
  if (made === undefined || Array.isArray(made)) return undefined;
  const program: TracedProgram = {
    inputs: known.map(([, value]) => value),
    variables: [],
    constants: b.constants,
    equations: b.equations,
    outputs: [read(made as Var)],
    assigns: [],
  };
  return new Executable({ ...compileProgram(program), variables: [], fallbacks: {} });
}

function keyOf(name: string, inputs: Inputs, attrs: Attrs): string {
  const shapes = inputs.map(([key, { dtype, shape }]) => `${key}:${dtype}[${shape}]`);
  const details = Object.entries(attrs).map(([key, value]) => `${key}=${String(value)}`);
  return [name, ...shapes, ...details].join(" ");
}
