/**
 * Exports a compiled function as an object that a page can run: two modules, the weights, and their
 * addresses.
 * @module
 */
import { checkOptions, type Kinds, oneOf } from "../../check/mod.ts";
import { addressOf, emitStep, type StepSource } from "../emit/step.ts";
import { sizeOf } from "../program/access.ts";
import type { Values } from "../program/dtype.ts";
import { bytesOf } from "../program/equation.ts";
import { alignedBytes } from "../program/gaps.ts";
import { lower, type Lowered } from "../rules/lower.ts";
import { cpuBackend, dataOf } from "../trace/backend.ts";
import { specDifference } from "../trace/tree.ts";
import { FIRST_ADDRESS, PAGE } from "./arena.ts";
import { compileProgram } from "./compile.ts";
import type { Entry } from "./entry.ts";
import { ExportedProgram } from "./exported_program.ts";
import type { WeightPart } from "./load_program.ts";
import { asFloat16, asInt8, LARGEST_FLOAT16, plainBytes } from "./rounded_weights.ts";
import type { StoredWeights, WeightType } from "./rounded_weights.ts";

/** Options of `export()` of a compiled function. */
export interface ExportOptions {
  /**
   * The format of matrices and larger arrays of floats: "float32" is exact and the default, "float16" takes
   * half of that, "int8" a quarter, with a scale for each column. Vectors and single numbers stay exact.
   */
  readonly weights?: WeightType;
}

const KINDS: Kinds<ExportOptions> = { weights: oneOf(["float32", "float16", "int8"]) };

/** A constant or a variable, and the address at which the program expects its values. */
interface Placed {
  readonly values: Values;
  readonly shape: readonly number[];
  readonly address: number;
}

/**
 * Exports the only program of a function that is called `name`.
 *
 * @throws {TypeError | RangeError} if an option is not known or of the wrong kind.
 * @throws {Error} if there is not exactly one program, or it needs more than its arguments.
 */
export function exportProgram(
  entries: readonly Entry[],
  { name, options }: { readonly name: string; readonly options: ExportOptions },
): ExportedProgram {
  const task = `export ${name}`;
  checkOptions(task, options, { kinds: KINDS });
  const lowered = lower(onlyEntry(entries, task).recording);
  checkSelfContained(lowered, task);
  return exportLowered(lowered, { task, type: options.weights ?? "float32" });
}

function onlyEntry(entries: readonly Entry[], task: string): Entry {
  const refuse = (expected: string, got: string): never => {
    throw new Error(`Cannot ${task}: expected ${expected}, got ${got}`);
  };
  const [entry, other] = entries;
  if (!entry) return refuse("a call before", "none");
  if (other) {
    const found = specDifference(other.spec, entry.spec, "args");
    const where = found ? `${found.path}: ${found.was}, then ${found.is}` : "of several objects";
    return refuse("calls with arguments of the same shapes", `${entries.length} kinds (${where})`);
  }
  const { plain } = entry.recording;
  if (plain !== undefined) return refuse("tensors of numbers", `tensors of type ${plain}`);
  if (!entry.compiled) return refuse("a compiled program (call it once more)", "one recorded call");
  const changed = entry.recording.guards.difference();
  if (changed) return refuse("nothing to have changed since the last call", changed);
  return entry;
}

/** Throws if a page cannot run the program. */
function checkSelfContained({ program, variables, fallbacks, noiseInput }: Lowered, task: string) {
  const [assign] = program.assigns;
  const [kernel] = Object.keys(fallbacks);
  const got = assign
    ? `one that updates ${variables[assign.variable]!.name}`
    : noiseInput !== undefined
    ? "one that draws random numbers"
    : kernel !== undefined && `one with the operation ${kernel}, which is not compiled`;
  if (!got) return;
  throw new Error(
    `Cannot ${task}: expected a function that only computes results from its arguments, got ${got}`,
  );
}

function exportLowered(
  { program: traced, variables }: Lowered,
  { task, type }: { readonly task: string; readonly type: WeightType },
): ExportedProgram {
  const source = compileProgram(traced, { relaxed: false, native: false });
  const { program, plan } = source;
  const addresses = { block: FIRST_ADDRESS, variables: [] as number[], pages: 0 };
  let end = FIRST_ADDRESS + alignedBytes(plan.bytes);
  for (const value of program.variables) {
    addresses.variables.push(end);
    end += alignedBytes(bytesOf(value));
  }
  addresses.pages = Math.ceil(end / PAGE) + 1;
  const moduleOf = (relaxed: boolean) =>
    emitStep({ ...source, relaxed } as StepSource, addresses).bytes;
  const { parts, weights, error } = storeAll([
    ...constantsOf(source),
    ...variables.map((variable, i) => ({
      values: dataOf(cpuBackend(), variable.dataId).values,
      shape: variable.shape,
      address: addresses.variables[i]!,
    })),
  ], { task, type });
  return new ExportedProgram({
    format: "tensor program",
    version: 1,
    inputs: program.inputs.map(({ id, dtype, shape }) => {
      return { dtype, shape, address: addressOf(plan.places.get(id)!, addresses) };
    }),
    outputs: program.outputs.map(({ source, shape }, i) => {
      return { dtype: source.dtype, shape, address: addressOf(plan.outputs[i]!, addresses) };
    }),
    pages: addresses.pages,
    parts,
    relaxedSimd: moduleOf(true),
    simd: moduleOf(false),
    weights,
  }, error);
}

/** Lists the constants that the program reads from memory. */
function constantsOf({ program, plan }: StepSource): Placed[] {
  return program.constants.flatMap(({ out, values }) => {
    const place = plan.places.get(out.id);
    if (place?.in !== "block") return [];
    return [{ values, shape: out.shape, address: FIRST_ADDRESS + place.offset }];
  });
}

function storeAll(
  all: readonly Placed[],
  options: { readonly task: string; readonly type: WeightType },
): { parts: WeightPart[]; weights: Uint8Array<ArrayBuffer>; error: number } {
  const stored = all.map((placed) => store(placed, options));
  const weights = new Uint8Array(stored.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let at = 0;
  for (const { bytes } of stored) {
    weights.set(bytes, at);
    at += bytes.length;
  }
  const error = Math.max(0, ...stored.map(({ error }) => error));
  return { parts: stored.map(({ part }) => part), weights, error };
}

function store(
  { values, shape, address }: Placed,
  { task, type }: { readonly task: string; readonly type: WeightType },
): StoredWeights & { readonly part: WeightPart } {
  const part = { length: sizeOf(shape), columns: shape.at(-1) ?? 1, address };
  if (!(values instanceof Float32Array)) {
    const type = values instanceof Int32Array ? "int32" : "bool";
    return { part: { ...part, type }, bytes: plainBytes(values), error: 0 };
  }
  if (type === "float32" || shape.length < 2) {
    return { part: { ...part, type: "float32" }, bytes: plainBytes(values), error: 0 };
  }
  const wrong = values.find((value) => !(Math.abs(value) <= LARGEST_FLOAT16));
  if (wrong !== undefined) {
    throw new RangeError(
      `Cannot ${task}: expected weights up to ${LARGEST_FLOAT16} for ${type}, got ${wrong}`,
    );
  }
  const rounded = type === "float16" ? asFloat16(values) : asInt8(values, part.columns);
  return { part: { ...part, type }, ...rounded };
}
