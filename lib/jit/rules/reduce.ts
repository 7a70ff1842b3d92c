/**
 * Rules for kernels that combine elements along axes, and for what is built of them.
 * @module
 */
import type { ReduceFn, Var } from "../program/equation.ts";
import type { Builder } from "../program/builder.ts";
import { cast } from "./elementwise.ts";
import {
  allFloat,
  axesAttr,
  type Call,
  input,
  numberAttr,
  type Rule,
  type RuleTable,
} from "./rule.ts";

/** Makes the rule of a reduction. Reductions over no elements at all are left to the ordinary kernel. */
function reduction(fn: ReduceFn, axesName: string): Rule {
  return (b, call) => {
    const x = input(call, "x");
    if (x.dtype === "bool" && fn !== "sum") return undefined;
    const counted = x.dtype === "bool" ? cast(b, x, "int32") : x;
    const axes = axesAttr(call, axesName, x.shape.length);
    return b.reduce(fn, counted, axes, call.attrs["keepDims"] === true);
  };
}

/** Computes a mean; divides before it adds, as the backend does. */
function mean(b: Builder, call: Call): Var {
  const x = cast(b, input(call, "x"), "float32");
  const axes = axesAttr(call, "axis", x.shape.length);
  const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
  return b.reduce("sum", b.map("div", x, count), axes, call.attrs["keepDims"] === true);
}

/** Computes softmax; the largest element of a row is subtracted first, so that `exp` cannot overflow. */
function softmax(b: Builder, call: Call): Var | undefined {
  const logits = input(call, "logits");
  const rank = logits.shape.length;
  const dim = numberAttr(call, "dim");
  if (!allFloat(logits) || (dim !== -1 && dim !== rank - 1)) return undefined;
  const largest = b.reduce("max", logits, [rank - 1], true);
  const exp = b.map("exp", b.map("sub", logits, largest));
  return b.map("div", exp, b.reduce("sum", exp, [rank - 1], true));
}

/** Makes the rule of a reduction of truth values, which are combined as 0 and 1. */
function truth(fn: "max" | "min"): Rule {
  return (b, call) => {
    const x = input(call, "x");
    if (x.dtype !== "bool") return undefined;
    const axes = axesAttr(call, "axis", x.shape.length);
    const counted = b.reduce(fn, cast(b, x, "int32"), axes, call.attrs["keepDims"] === true);
    return cast(b, counted, "bool");
  };
}

/** Rules for reductions, by the names of their kernels. */
export const REDUCTIONS: RuleTable = {
  All: truth("min"),
  Any: truth("max"),
  Max: reduction("max", "reductionIndices"),
  Mean: mean,
  Min: reduction("min", "axis"),
  Prod: reduction("prod", "axis"),
  Softmax: softmax,
  Sum: reduction("sum", "axis"),
};
