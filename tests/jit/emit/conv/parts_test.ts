/** Convolutions and poolings in parts of the batch, against the same ones in one piece. */
import assert from "node:assert/strict";
import { convScratch, emitConv } from "../../../../lib/jit/emit/conv/mod.ts";
import { convPartScratch, convStages } from "../../../../lib/jit/emit/conv/parts.ts";
import { emitPool, emitPoolGradient } from "../../../../lib/jit/emit/conv/pool.ts";
import { scratchOf, stagesOf } from "../../../../lib/jit/emit/equation.ts";
import { denseAccess, sizeOf } from "../../../../lib/jit/program/access.ts";
import type { Values } from "../../../../lib/jit/program/dtype.ts";
import type {
  ConvGeometry,
  ConvKind,
  FusedEquation,
  PoolKind,
  Var,
} from "../../../../lib/jit/program/equation.ts";
import { assertSame, type Order, ORDERS, runStages, type Work } from "../parts/run_stages.ts";

/** Sizes of the batch, and channels with which convolutions of these sizes have a few parts. */
const CHANNELS = [[1, 8], [2, 20], [6, 14], [7, 20], [13, 12], [64, 5]] as const;

/** A geometry with filters of 4x4 and strides of 2, padded as `same`. */
function geometryOf(batch: number, change: Partial<ConvGeometry> = {}): ConvGeometry {
  return {
    batch,
    inHeight: 16,
    inWidth: 16,
    inChannels: 18,
    outHeight: 8,
    outWidth: 8,
    outChannels: 19,
    filterHeight: 4,
    filterWidth: 4,
    strideHeight: 2,
    strideWidth: 2,
    dilationHeight: 1,
    dilationWidth: 1,
    padTop: 1,
    padLeft: 1,
    ...change,
  };
}

/** Small whole numbers, so that every sum is exact. */
function integers(size: number, seed: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => (Math.imul(i + 1, seed) >>> 9) % 7 - 3);
}

/** The three arrays of a convolution, in the order `images`, `filter`, `places`. */
function arraysOf(g: ConvGeometry): readonly [Var, Var, Var] {
  const array = (id: number, ...shape: number[]): Var => ({ id, dtype: "float32", shape });
  return [
    array(0, g.batch, g.inHeight, g.inWidth, g.inChannels),
    array(1, g.filterHeight, g.filterWidth, g.inChannels, g.outChannels),
    array(2, g.batch, g.outHeight, g.outWidth, g.outChannels),
  ];
}

const RESULT = { conv2d: 2, conv2dInput: 0, conv2dFilter: 1 } as const;

function readings(values: readonly Var[]): Map<Var, Values> {
  return new Map(
    values.map((value, i) => [value, integers(sizeOf(value.shape), 0x9e3779b1 + 2 * i)]),
  );
}

/** Runs work in each order, and compares it with the same work in one piece. */
function compare(whole: Work, cut: Work, what: string): void {
  const wanted = runStages(whole, "in order");
  for (const order of Object.keys(ORDERS) as Order[]) {
    assertSame(runStages(cut, order), wanted, `${what}, parts ${order}`);
  }
}

/** Compares one convolution, and returns the parts of its stages. */
function checkConv(kind: ConvKind, geometry: ConvGeometry): number[] {
  const arrays = arraysOf(geometry);
  const out = arrays[RESULT[kind]];
  const base = { inputs: readings(arrays.filter((array) => array !== out)), results: [out] };
  const parts: number[] = [];
  const whole: Work = {
    ...base,
    scratch: { shared: 0, own: convScratch(kind, geometry) },
    stages: ({ layout, own }) => {
      const [images, filter, places] = arrays.map((array) => layout.addressOf(array));
      const at = { images: images!, filter: filter!, places: places! };
      const emit = ({ f }: Parameters<ReturnType<typeof convStages>[number]["emit"]>[0]) =>
        emitConv(f, { kind, geometry, ...at, scratch: own(0) });
      return [{ name: "whole", parts: 1, emit }];
    },
  };
  const cut: Work = {
    ...base,
    fillsLines: true,
    scratch: convPartScratch(kind, geometry),
    stages: ({ layout, scratch, own }) => {
      const [images, filter, places] = arrays.map((array) => layout.addressOf(array));
      const at = { images: images!, filter: filter!, places: places! };
      const stages = convStages({ kind, geometry, ...at }, { shared: scratch, own });
      parts.splice(0, parts.length, ...stages.map((stage) => stage.parts));
      return stages;
    },
  };
  compare(whole, cut, `${kind} of ${Object.values(geometry).join("x")}`);
  return parts;
}

for (const kind of ["conv2d", "conv2dInput", "conv2dFilter"] as const) {
  Deno.test(`${kind} in parts is that in one piece, for each size of the batch`, () => {
    const images = { inHeight: 32, inWidth: 32, outHeight: 16, outWidth: 16 };
    const parts = CHANNELS.map(([batch, inChannels]) => {
      const outChannels = inChannels + 1;
      return checkConv(kind, geometryOf(batch, { ...images, inChannels, outChannels }))[0];
    });
    assert.deepEqual(parts, [1, 2, 3, 7, 5, 4]);
  });

  Deno.test(`${kind} in parts is that in one piece, for each kind of geometry`, () => {
    const images = { inHeight: 20, inWidth: 20 };
    const changes: Partial<ConvGeometry>[] = [
      { ...images, filterHeight: 1, filterWidth: 1, strideHeight: 1, strideWidth: 1 },
      { inHeight: 18, inWidth: 18, padTop: 0, padLeft: 0 }, // the frame is the image
      { ...images, padTop: 0, padLeft: 0 }, // pixels that no filter reaches
      { ...images, filterHeight: 3, dilationHeight: 3, dilationWidth: 2, padTop: 2 },
      { filterWidth: 3, strideWidth: 1, inWidth: 9, padLeft: 1, padTop: 3 },
    ];
    for (const change of changes) {
      const pointwise = change.filterHeight === 1 && { inChannels: 120, outChannels: 120 };
      const inside = pointwise && { outHeight: 20, outWidth: 20, padTop: 0, padLeft: 0 };
      const [parts] = checkConv(kind, geometryOf(12, { ...change, ...pointwise, ...inside }));
      assert(parts! > 1, `${parts} parts of ${JSON.stringify(change)}`);
    }
  });
}

Deno.test("the filters of parts are added up in parts too, if they are large", () => {
  const side = { filterHeight: 3, filterWidth: 3, padTop: 0, padLeft: 0 };
  const image = { inHeight: 17, inWidth: 17, inChannels: 41, outChannels: 53 };
  assert.deepEqual(checkConv("conv2dFilter", geometryOf(12, { ...image, ...side })), [3, 2]);
});

Deno.test("the gradient of a filter adds up those of the parts in their order, to the last bit", () => {
  const geometry = geometryOf(12, { inChannels: 20, outChannels: 21 });
  const floats = (value: Var, seed: number) =>
    Float32Array.from(
      { length: sizeOf(value.shape) },
      (_, i) => Math.sin(i * seed) * 10 ** (i % 5),
    );
  const [x, filter, y] = arraysOf(geometry);
  const [images, places] = [floats(x, 1.3), floats(y, 2.1)];
  const sum = (batch: number, inputs: readonly Float32Array[]) => {
    const part = { ...geometry, batch };
    const [x, filter, y] = arraysOf(part);
    const work = {
      inputs: new Map([[x, inputs[0]!], [y, inputs[1]!]]),
      results: [filter],
      fillsLines: true,
      scratch: convPartScratch("conv2dFilter", part),
      stages: ({ layout, scratch, own }: Parameters<Work["stages"]>[0]) => {
        const [images, at, places] = [x, filter, y].map((array) => layout.addressOf(array));
        const arrays = { images: images!, filter: at!, places: places! };
        const kind = "conv2dFilter";
        return convStages({ kind, geometry: part, ...arrays }, { shared: scratch, own });
      },
    };
    return runStages(work, "in reverse")[0]!;
  };
  const parts = checkConv("conv2dFilter", geometry)[0]!;
  assert(parts > 2, `${parts} parts`);
  const wanted = new Float32Array(sizeOf(filter.shape));
  for (let part = 0; part < parts; part++) {
    const run = (values: Float32Array) =>
      values.slice(part * values.length / parts, (part + 1) * values.length / parts);
    const added = sum(12 / parts, [run(images), run(places)]);
    wanted.forEach((before, i) => wanted[i] = part === 0 ? added[i]! : before + added[i]!);
  }
  assertSame([sum(12, [images, places])], [wanted], "the sum of the parts");
});

/** Compares an equation with code that does all of it, and returns its number of parts. */
function checkPool(equation: FusedEquation, whole: Work["stages"]): number {
  const inputs = readings([...new Set(equation.inputs.map(({ source }) => source))]);
  const results = "out" in equation ? [equation.out] : [];
  const base = { inputs, results, scratch: scratchOf(equation, false) };
  let parts = 0;
  const stages: Work["stages"] = (places) => {
    const found = stagesOf(equation, places);
    parts = found[0]!.parts;
    return found;
  };
  compare({ ...base, stages: whole }, { ...base, stages }, equation.op);
  return parts;
}

function checkPools(kind: PoolKind, geometry: ConvGeometry): number[] {
  const [x, , y] = arraysOf(geometry);
  const [dy, out] = [{ ...y, id: 3 }, { ...x, id: 4 }];
  const read = (source: Var) => ({ source, ...denseAccess(source.shape) });
  const stage = (
    emit: ReturnType<Work["stages"]>[number]["emit"],
  ) => [{ name: "whole", parts: 1, emit }];
  const isMax = kind === "max";
  return [
    checkPool(
      { op: "pool", kind, geometry, inputs: [read(x)], out: y },
      ({ layout }) =>
        stage(({ f }) => {
          emitPool(f, { geometry, kind, x: layout.addressOf(x), out: layout.addressOf(y) });
        }),
    ),
    checkPool(
      {
        op: "poolGradient",
        kind,
        geometry,
        inputs: isMax ? [read(dy), read(x), read(y)] : [read(dy)],
        out,
      },
      ({ layout }) =>
        stage(({ f }) => {
          const at = (value: Var) => layout.addressOf(value);
          const others = { x: isMax ? at(x) : 0, y: at(isMax ? y : dy) };
          emitPoolGradient(f, { geometry, kind, ...others, dy: at(dy), out: at(out) });
        }),
    ),
  ];
}

for (const kind of ["max", "avg"] as const) {
  Deno.test(`the ${kind} pool in parts and its gradient are those in one piece`, () => {
    for (const [batch] of CHANNELS) {
      for (const side of [2, 3]) {
        const channels = { 64: 7, 7: 173 }[batch as number] ?? 73;
        const filters = { filterHeight: side, filterWidth: side, inChannels: channels };
        const pads = { padTop: side - 2, padLeft: side - 2 };
        const geometry = geometryOf(batch, { ...filters, ...pads, outChannels: channels });
        const parts = checkPools(kind, geometry);
        assert(batch < 6 || parts.every((count) => count > 1), `${parts} parts of ${batch}`);
      }
    }
  });
}
