/**
 * Corrections of kernels that the cpu backend computes wrongly.
 *
 * They replace the backend's kernels while a function is recorded and inside programs, so that all calls of a
 * compiled function give the right value.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type CpuBackend, dataOf, type KernelCallArguments, type KernelFunc } from "./backend.ts";
import { sizeOf } from "../program/access.ts";

type Correction = (kernel: KernelFunc, call: KernelCallArguments) => ReturnType<KernelFunc>;

/** Returns the function of a kernel, or a corrected one where the backend's is wrong. */
export function corrected(name: string, kernel: KernelFunc): KernelFunc {
  const correction = CORRECTIONS[name];
  return correction ? (call) => correction(kernel, call) : kernel;
}

const CORRECTIONS: Readonly<Record<string, Correction>> = {
  GatherNd: gatherNd,
  ResizeBilinearGrad: likeImages,
  ResizeNearestNeighborGrad: resizeGradient,
  StridedSlice: stridedSlice,
  UnsortedSegmentSum: segmentSum,
};

/**
 * Adds each row to its segment once. The backend multiplies all rows by 0 or 1 for each segment, so that a
 * NaN or an infinity reaches every segment, and a large table takes seconds.
 */
function segmentSum(kernel: KernelFunc, call: KernelCallArguments): ReturnType<KernelFunc> {
  const { inputs, attrs, backend } = call;
  const [x, ids] = [inputs["x"]!, inputs["segmentIds"]!];
  if (ids.shape.length !== 1) return kernel(call);
  const shape = [attrs!["numSegments"] as number, ...x.shape.slice(1)];
  const sums = new Float64Array(sizeOf(shape));
  const [from, numbers] = [x, ids].map(({ dataId }) => dataOf(backend, dataId).values);
  const inner = sizeOf(x.shape.slice(1));
  numbers!.forEach((id, row) => {
    if (id < 0 || id >= shape[0]!) return;
    for (let i = 0; i < inner; i++) sums[id * inner + i]! += Math.fround(from![row * inner + i]!);
  });
  const dtype = "float32";
  return { dataId: backend.write(Float32Array.from(sums), shape, dtype), shape, dtype };
}

/**
 * Throws for an index outside its dimension. The backend reads another place then, if that lies inside the
 * tensor.
 */
function gatherNd(kernel: KernelFunc, call: KernelCallArguments): ReturnType<KernelFunc> {
  const { inputs, backend } = call;
  const { shape, dataId } = inputs["indices"]!;
  const depth = shape.at(-1)!;
  dataOf(backend, dataId).values.forEach((index, i) => {
    const length = inputs["params"]!.shape[i % depth]!;
    if (index >= 0 && index < length) return;
    throw new RangeError(
      `Cannot gather: expected indices from 0 to ${length - 1} in dimension ${
        i % depth
      }, got ${index}`,
    );
  });
  return kernel(call);
}

/** Gives the gradient the shape of the images; the backend mixes up height and width, but only in the shape. */
function likeImages(kernel: KernelFunc, call: KernelCallArguments): ReturnType<KernelFunc> {
  const gradient = [kernel(call)].flat()[0]!;
  return { ...gradient, shape: call.inputs["images"]!.shape };
}

/**
 * Computes the gradient one image at a time: the backend reads the gradients of all but the first at wrong
 * places.
 */
function resizeGradient(kernel: KernelFunc, call: KernelCallArguments): tf.TensorInfo {
  const { inputs, attrs, backend } = call;
  const [images, dy] = [inputs["images"]!, inputs["dy"]!];
  const values = new Float32Array(sizeOf(images.shape));
  const count = images.shape[0]!;
  for (let i = 0; i < count; i++) {
    const one = { images: imageOf(backend, images, i), dy: imageOf(backend, dy, i) };
    const gradient = [kernel({ inputs: one, attrs, backend })].flat()[0]!;
    values.set(dataOf(backend, gradient.dataId).values, i * (values.length / count));
    for (const { dataId } of [one.images, one.dy, gradient]) backend.disposeData(dataId);
  }
  const { shape, dtype } = images;
  return { dataId: backend.write(values, shape, dtype), shape, dtype };
}

function imageOf(backend: CpuBackend, { dataId, shape, dtype }: tf.TensorInfo, index: number) {
  const size = sizeOf(shape.slice(1));
  const values = dataOf(backend, dataId).values.slice(index * size, (index + 1) * size);
  const one = [1, ...shape.slice(1)];
  return { dataId: backend.write(values, one, dtype), shape: one, dtype };
}

const MASKS = ["beginMask", "endMask", "ellipsisMask", "newAxisMask", "shrinkAxisMask"] as const;

/** Gives the backend a plain box: with axes that are added or removed it mixes up its axes. */
function stridedSlice(kernel: KernelFunc, call: KernelCallArguments): ReturnType<KernelFunc> {
  const attrs = call.attrs as
    & Readonly<Record<typeof MASKS[number], number>>
    & {
      readonly [key in "begin" | "end" | "strides"]: number[];
    };
  if (!attrs.newAxisMask && !attrs.shrinkAxisMask) return kernel(call);
  const masks = MASKS.map((mask) => attrs[mask]) as [number, number, number, number, number];
  const { shape } = call.inputs["x"]!;
  const box = tf.slice_util.sliceInfo(shape, attrs.begin, attrs.end, attrs.strides, ...masks);
  const plain = {
    begin: box.begin,
    end: box.end,
    strides: box.strides,
    ...Object.fromEntries(MASKS.map((mask) => [mask, 0])),
    // An end below 0 means that an axis is read backwards up to its first element.
    endMask: box.end.reduce((mask, end, i) => end < 0 ? mask | 1 << i : mask, 0),
  };
  const sliced = [kernel({ ...call, attrs: plain })].flat()[0]!;
  return { ...sliced, shape: box.finalShape };
}
