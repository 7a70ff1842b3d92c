/**
 * Rules for matrix products and convolutions.
 * @module
 */
import { broadcastShape, sizeOf } from "../program/access.ts";
import type { Var } from "../program/equation.ts";
import type { Builder } from "../program/builder.ts";
import { elu, leakyRelu, relu6 } from "./elementwise.ts";
import { allFloat, type Call, input, inputList, numberAttr, type RuleTable } from "./rule.ts";

function batchMatmul(b: Builder, call: Call): Var | undefined {
  const [left, right] = [input(call, "a"), input(call, "b")];
  if (!allFloat(left, right)) return undefined;
  const batches = [left, right].map(({ shape }) => shape.slice(0, -2));
  const sizes = batches.map(sizeOf);
  if (sizes[0] !== sizes[1] && !sizes.includes(1)) return undefined;
  const [a, c] = [left, right].map((v, i) => b.reshape(v, [sizes[i]!, ...v.shape.slice(-2)]));
  const transposeA = call.attrs["transposeA"] === true;
  const transposeB = call.attrs["transposeB"] === true;
  const out = outerProduct(b, a!, c!, { transposeA, transposeB }) ??
    b.matmul(a!, c!, { transposeA, transposeB });
  return b.reshape(out, [...broadcastShape(batches), ...out.shape.slice(1)]);
}

/** The fewest elements and columns of an outer product for which a loop is worth it. */
const LEAST_OUTER = { elements: 4096, columns: 16 };

/**
 * Multiplies columns by rows elementwise, so that the result can be fused with what follows: the gradient of a
 * dense layer for a batch of one with its optimizer. Undefined if there are several terms, or few elements.
 */
function outerProduct(
  b: Builder,
  left: Var,
  right: Var,
  { transposeA, transposeB }: { readonly transposeA: boolean; readonly transposeB: boolean },
): Var | undefined {
  const terms = left.shape[transposeA ? 1 : 2]!;
  const [m, n] = [left.shape[transposeA ? 2 : 1]!, right.shape[transposeB ? 1 : 2]!];
  const isLarge = n >= LEAST_OUTER.columns && m * n >= LEAST_OUTER.elements;
  if (terms !== 1 || !isLarge) return undefined;
  const columns = transposeA ? b.transpose(left, [0, 2, 1]) : left;
  const rows = transposeB ? b.transpose(right, [0, 2, 1]) : right;
  // A sum of one product begins at 0, so it is never -0.
  return b.map("add", b.map("mul", columns, rows), 0);
}

function fusedMatmul(b: Builder, call: Call): Var | undefined {
  const product = batchMatmul(b, call);
  return product && withBiasAndActivation(b, product, call);
}

/** Adds the bias and applies the activation, as fused kernels do after the product. */
export function withBiasAndActivation(b: Builder, product: Var, call: Call): Var | undefined {
  if (!allFloat(...inputList(call))) return undefined;
  const { bias, preluActivationWeights } = call.inputs;
  const biased = bias ? b.map("add", product, bias) : product;
  switch (call.attrs["activation"]) {
    case undefined:
    case null:
    case "linear":
      return biased;
    case "relu":
      return b.map("max", 0, biased);
    case "relu6":
      return relu6(b, biased);
    case "elu":
      return elu(b, biased);
    case "sigmoid":
      return b.map("sigmoid", biased);
    case "leakyrelu":
      return leakyRelu(b, biased, numberAttr(call, "leakyreluAlpha"));
    case "prelu":
      return preluActivationWeights && leakyRelu(b, biased, preluActivationWeights);
    default:
      return undefined;
  }
}

/** Rules for matrix products, by the names of their kernels. */
export const PRODUCTS: RuleTable = {
  BatchMatMul: batchMatmul,
  _FusedMatMul: fusedMatmul,
};
