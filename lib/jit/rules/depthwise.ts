/**
 * Rules for depthwise convolutions and their gradients, built of views, products and sums.
 *
 * Each place of the filter sees a view of the images; the views times their weights are added up in one loop.
 * @module
 */
import type { ConvGeometry, Var } from "../program/equation.ts";
import type { Builder } from "../program/builder.ts";
import { convGeometry } from "./geometry.ts";
import { withBiasAndActivation } from "./product.ts";
import { allFloat, type Call, input, listAttr, type RuleTable } from "./rule.ts";

type Shape4 = [number, number, number, number];

function geometryOf(call: Call, images: readonly number[], filter: readonly number[]) {
  return convGeometry(call, { images, filter }, true);
}

/** The position of images along the rows or columns of a frame. What lies before 0 is cut off. */
interface Placing {
  readonly begin: number;
  readonly size: number;
}

/** Puts images into a frame with zeros around them; undefined if no pixel lies in it. */
function framed(b: Builder, x: Var, placings: readonly [Placing, Placing]): Var | undefined {
  const [n, h, w, c] = x.shape as Shape4;
  const cuts = placings.map(({ begin, size }, d) => {
    const from = Math.max(0, -begin);
    return { from, to: Math.min([h, w][d]!, size - begin), at: Math.max(0, begin) };
  });
  const [rows, columns] = cuts.map(({ from, to }) => to - from) as [number, number];
  if (rows <= 0 || columns <= 0) return undefined;
  const [top, left] = cuts as [typeof cuts[0], typeof cuts[0]];
  const begin = [0, top.from, left.from, 0];
  const part = b.slice(x, { begin, size: [n, rows, columns, c] });
  const shape = [n, placings[0].size, placings[1].size, c];
  if (rows === shape[1] && columns === shape[2]) return part;
  return b.assemble([part], { begins: [[0, top.at, left.at, 0]], dtype: "float32", shape });
}

/** Adds the padding that the filters reach. */
function padded(b: Builder, x: Var, g: ConvGeometry): Var | undefined {
  const height = (g.outHeight - 1) * g.strideHeight + (g.filterHeight - 1) * g.dilationHeight + 1;
  const width = (g.outWidth - 1) * g.strideWidth + (g.filterWidth - 1) * g.dilationWidth + 1;
  return framed(b, x, [{ begin: g.padTop, size: height }, { begin: g.padLeft, size: width }]);
}

/**
 * Lists the pixels that each place of a filter is multiplied with, as views `[batch, height, width, channels,
 * 1]`.
 */
function seen(b: Builder, frame: Var, g: ConvGeometry): Var[] {
  const [n, , , c] = frame.shape as Shape4;
  return placesOf(g).map(([row, column]) => {
    const view = b.slice(frame, {
      begin: [0, row * g.dilationHeight, column * g.dilationWidth, 0],
      size: [n, g.outHeight, g.outWidth, c],
      steps: [1, g.strideHeight, g.strideWidth, 1],
    });
    return b.reshape(view, [...view.shape, 1]);
  });
}

function placesOf({ filterHeight, filterWidth }: ConvGeometry): (readonly [number, number])[] {
  return Array.from({ length: filterHeight * filterWidth }, (_, i) => {
    return [Math.floor(i / filterWidth), i % filterWidth] as const;
  });
}

/** Lists the weights of each place of a filter, as views `[channels, multiples]`. */
function weights(b: Builder, filter: Var, g: ConvGeometry): Var[] {
  const [, , c, m] = filter.shape as Shape4;
  return placesOf(g).map(([row, column]) =>
    b.reshape(b.slice(filter, { begin: [row, column, 0, 0], size: [1, 1, c, m] }), [c, m])
  );
}

/** Adds up the products of views and weights. */
function weighted(b: Builder, views: readonly Var[], factors: readonly Var[]): Var {
  const products = views.map((view, i) => b.map("mul", view, factors[i]!));
  return products.reduce((sum, product) => b.map("add", sum, product));
}

function depthwise(b: Builder, call: Call): Var | undefined {
  const [x, filter] = [input(call, "x"), input(call, "filter")];
  const g = geometryOf(call, x.shape, filter.shape);
  if (!g || !allFloat(x, filter)) return undefined;
  const frame = padded(b, x, g);
  const made = frame && weighted(b, seen(b, frame, g), weights(b, filter, g));
  return made && b.reshape(made, [g.batch, g.outHeight, g.outWidth, g.outChannels]);
}

function fusedDepthwise(b: Builder, call: Call): Var | undefined {
  const made = depthwise(b, call);
  return made && withBiasAndActivation(b, made, call);
}

/**
 * Computes the gradient with respect to the filter: at each place of it, pixels times the result's
 * gradient, summed over all windows.
 */
function filterGradient(b: Builder, call: Call): Var | undefined {
  const [x, dy] = [input(call, "x"), input(call, "dy")];
  const [height, width, c, m] = listAttr(call, "filterShape") as Shape4;
  const g = geometryOf(call, x.shape, [height, width, c, m]);
  if (!g || !allFloat(x, dy) || g.dilationHeight * g.dilationWidth > 1) return undefined;
  const frame = padded(b, x, g);
  if (!frame) return undefined;
  const slopes = b.reshape(dy, [g.batch, g.outHeight, g.outWidth, c, m]);
  const parts = seen(b, frame, g).map((view) => {
    const sum = b.reduce("sum", b.map("mul", view, slopes), [0, 1, 2]);
    return b.reshape(sum, [1, 1, c, m]);
  });
  const begins = placesOf(g).map(([row, column]) => [row, column, 0, 0]);
  return b.assemble(parts, { begins, dtype: "float32", shape: [height, width, c, m] });
}

/** Puts zeros between the rows and columns of images. */
function spread(b: Builder, x: Var, [rows, columns]: readonly [number, number]): Var {
  if (rows * columns === 1) return x;
  const [n, h, w, c] = x.shape as Shape4;
  const shape = [n, h, rows, w, columns, c];
  const part = b.reshape(x, [n, h, 1, w, 1, c]);
  const made = b.assemble([part], { begins: [shape.map(() => 0)], dtype: "float32", shape });
  return b.slice(b.reshape(made, [n, h * rows, w * columns, c]), {
    begin: [0, 0, 0, 0],
    size: [n, (h - 1) * rows + 1, (w - 1) * columns + 1, c],
  });
}

/**
 * Computes the gradient with respect to the input: a convolution of the spread gradient with the
 * reversed filter.
 */
function inputGradient(b: Builder, call: Call): Var | undefined {
  const [dy, filter] = [input(call, "dy"), input(call, "filter")];
  const g = geometryOf(call, listAttr(call, "inputShape"), filter.shape);
  if (!g || !allFloat(dy, filter) || g.dilationHeight * g.dilationWidth > 1) return undefined;
  const { batch, inHeight, inWidth, inChannels, filterHeight, filterWidth } = g;
  const frame = framed(b, spread(b, dy, [g.strideHeight, g.strideWidth]), [
    { begin: filterHeight - 1 - g.padTop, size: inHeight + filterHeight - 1 },
    { begin: filterWidth - 1 - g.padLeft, size: inWidth + filterWidth - 1 },
  ]);
  if (!frame) return undefined;
  const back = { ...g, outHeight: inHeight, outWidth: inWidth, strideHeight: 1, strideWidth: 1 };
  const split = [batch, inHeight, inWidth, inChannels, g.outChannels / inChannels];
  const views = seen(b, frame, back).map((view) => b.reshape(view, split));
  return b.reduce("sum", weighted(b, views, weights(b, filter, g).toReversed()), [4]);
}

/** Rules for depthwise convolutions, by the names of their kernels. */
export const DEPTHWISE: RuleTable = {
  DepthwiseConv2dNative: depthwise,
  DepthwiseConv2dNativeBackpropFilter: filterGradient,
  DepthwiseConv2dNativeBackpropInput: inputGradient,
  FusedDepthwiseConv2D: fusedDepthwise,
};
