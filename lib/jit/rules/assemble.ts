/**
 * Rules for kernels that put arrays into a larger one: concatenation, stacking, padding.
 * @module
 */
import type { Var } from "../program/equation.ts";
import type { Builder } from "../program/builder.ts";
import { axisAttr, type Call, input, inputList, numberAttr, type RuleTable } from "./rule.ts";

/** Puts parts one after another along an axis. */
function joined(
  b: Builder,
  call: Call,
  { parts, axis }: { parts: readonly Var[]; axis: number },
): Var {
  const { dtype, shape } = call.outs[0]!;
  let at = 0;
  const begins = parts.map((part) => {
    const begin = shape.map((_, d) => d === axis ? at : 0);
    at += part.shape[axis]!;
    return begin;
  });
  return b.assemble(parts, { begins, dtype, shape });
}

function concat(b: Builder, call: Call): Var | undefined {
  const parts = inputList(call);
  const { dtype, shape } = call.outs[0]!;
  if (parts.some((part) => part.dtype !== dtype)) return undefined;
  return joined(b, call, { parts, axis: axisAttr(call, shape.length) });
}

function pack(b: Builder, call: Call): Var | undefined {
  const { dtype, shape } = call.outs[0]!;
  if (inputList(call).some((part) => part.dtype !== dtype)) return undefined;
  const axis = axisAttr(call, shape.length);
  const single = shape.map((n, d) => d === axis ? 1 : n);
  return joined(b, call, { parts: inputList(call).map((part) => b.reshape(part, single)), axis });
}

function pad(b: Builder, call: Call): Var | undefined {
  const x = input(call, "x");
  const paddings = call.attrs["paddings"] as readonly (readonly [number, number])[];
  if (paddings.length !== x.shape.length) return undefined; // TensorFlow.js does not check it
  const begin = paddings.map(([before]) => before);
  const fill = numberAttr(call, "constantValue");
  return b.assemble([x], { begins: [begin], fill, ...call.outs[0]! });
}

/** Computes one-hot vectors: compares each index with every class. An index out of range is no class. */
function oneHot(b: Builder, call: Call): Var | undefined {
  const indices = input(call, "indices");
  const { dtype } = call.outs[0]!;
  if (indices.dtype !== "int32" || dtype === "bool") return undefined;
  const depth = numberAttr(call, "depth");
  const classes = b.constant(Int32Array.from({ length: depth }, (_, i) => i), "int32", [depth]);
  const isClass = b.map("eq", b.reshape(indices, [...indices.shape, 1]), classes);
  const [on, off] = ["onValue", "offValue"].map((key) => b.scalar(numberAttr(call, key), dtype));
  return b.map("select", isClass, on!, off!);
}

/** Rules for kernels that put arrays into a larger one, by the names of these kernels. */
export const ASSEMBLY: RuleTable = {
  Concat: concat,
  OneHot: oneHot,
  Pack: pack,
  PadV2: pad,
};
