/**
 * Cuts convolutions into parts: some images of the batch each.
 *
 * The gradient of a filter is a sum over all images. So each part computes the sum over its own images, and a
 * second stage adds up these sums in order.
 * @module
 */
import type { ConvGeometry, ConvKind } from "../../program/equation.ts";
import { f32x4, type FunctionBuilder, i32, type Int, v128 } from "../../wasm/mod.ts";
import {
  type BatchCut,
  bySize,
  cut,
  cutBatch,
  type Part,
  runOfPart,
  type Scratch,
  type Stage,
  type StepContext,
} from "../parts/stage.ts";
import { convScratch, emitConv } from "./mod.ts";
import { patchSize, placesOf } from "./geometry.ts";

/** The least number of additions and multiplications in a part. They take about 50 to 100 microseconds. */
const PART_OPERATIONS = 3e6;

/**
 * The least number of output places in a part of the gradient of a filter: each part has a sum of its own, which
 * has to be added up later.
 */
const LEAST_PLACES = 256;

/** The least number of floats in a part of the second stage, which adds up the sums. */
const SUM_FLOATS = 8192;

/** A convolution and the addresses of its arrays. */
export interface ConvArrays {
  readonly kind: ConvKind;
  readonly geometry: ConvGeometry;
  readonly images: number;
  readonly filter: number;
  readonly places: number;
}

function cutOf(kind: ConvKind, geometry: ConvGeometry): BatchCut {
  const { batch, outChannels } = geometry;
  const places = batch * placesOf(geometry);
  const wanted = 2 * places * patchSize(geometry) * outChannels / PART_OPERATIONS;
  const most = kind === "conv2dFilter" ? Math.min(wanted, places / LEAST_PLACES) : wanted;
  return cutBatch(batch, most);
}

/** Counts the bytes of working memory of a convolution. */
export function convPartScratch(kind: ConvKind, geometry: ConvGeometry): Scratch {
  const { parts, size, last } = cutOf(kind, geometry);
  const own = Math.max(
    ...[size, last].map((batch) => convScratch(kind, { ...geometry, batch })),
  );
  const filters = kind === "conv2dFilter" && parts > 1 ? parts * filterBytes(geometry) : 0;
  return { shared: filters, own };
}

/** Counts the bytes of a part's sum, rounded up to whole cache lines. */
function filterBytes(geometry: ConvGeometry): number {
  return 64 * Math.ceil(patchSize(geometry) * geometry.outChannels / 16);
}

/** Returns the stages of a convolution; `shared` and `own` are the addresses of its working memory. */
export function convStages(
  arrays: ConvArrays,
  { shared, own }: { readonly shared: number; own(thread: Int): Int },
): Stage[] {
  const { kind, geometry } = arrays;
  const cutting = cutOf(kind, geometry);
  const { parts, size } = cutting;
  const { inHeight, inWidth, inChannels, outChannels } = geometry;
  const imageBytes = 4 * size * inHeight * inWidth * inChannels;
  const placeBytes = 4 * size * placesOf(geometry) * outChannels;
  const isSummed = kind === "conv2dFilter" && parts > 1;
  const emit = ({ f, sgemm }: StepContext, { part, thread }: Part) => {
    const at = (address: number, bytes: number) => i32.add(i32.mul(part, bytes), address);
    const memory = {
      images: at(arrays.images, imageBytes),
      places: at(arrays.places, placeBytes),
      filter: isSummed ? at(shared, filterBytes(geometry)) : arrays.filter,
      scratch: own(thread),
    };
    const write = (batch: number) =>
      emitConv(f, { kind, geometry: { ...geometry, batch }, ...memory }, sgemm);
    bySize(f, { part, ...cutting }, write);
  };
  const name = `${kind} ${Object.values(geometry).join("x")}`;
  const first = { name, parts, emit };
  if (!isSummed) return [first];
  const floats = patchSize(geometry) * outChannels;
  const run = cut(floats, { parts: Math.floor(floats / SUM_FLOATS), step: 16 });
  const sum = {
    name: `${name}, sum of filters`,
    parts: run.parts,
    emit: ({ f }: StepContext, { part }: Part) => {
      const bytes = filterBytes(geometry);
      const floats = runOfPart(f, { part, size: 4 * run.size, length: bytes });
      addFilters(f, { ...floats, bytes, parts, shared, filter: arrays.filter });
    },
  };
  return [first, sum];
}

/**
 * Adds up the parts' sums for a run of floats, four floats at a time. The sums and the result have room for
 * whole cache lines.
 */
function addFilters(f: FunctionBuilder, { from, to, bytes, parts, shared, filter }: {
  readonly from: Int;
  readonly to: Int;
  readonly bytes: number;
  readonly parts: number;
  readonly shared: number;
  readonly filter: number;
}): void {
  f.loop({ from, to, step: 16 }, (i) => {
    const sum = f.let(v128.load(i, shared));
    for (let part = 1; part < parts; part++) {
      f.set(sum, f32x4.add(sum, v128.load(i, shared + part * bytes)));
    }
    f.store.v128(i, sum, filter);
  });
}
