/** 120,000 damaged files are refused by name, or are valid files; memory stays bounded. */
import assert from "node:assert/strict";
import { gunzipSync, gzipSync } from "node:zlib";
import { Random } from "../../lib/data/mod.ts";
import { readIdx } from "../../lib/data/idx.ts";
import { readMnistSet } from "../../lib/data/read_mnist_set.ts";
import { idxFile, idxSet, type IdxTypeName } from "./idx_files.ts";

/** Maximum size of a file, larger than each undamaged file in this test. */
const MAX_BYTES = 10_000;

type Mutation = (bytes: Uint8Array, rng: Random, other: Uint8Array) => Uint8Array;

function position(length: number, rng: Random): number {
  return Math.floor(rng.uniform(0, length));
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function noise(length: number, rng: Random): Uint8Array {
  return Uint8Array.from({ length }, () => rng.bits() & 255);
}

function overwritten(bytes: Uint8Array, at: number, patch: Uint8Array): Uint8Array {
  const changed = bytes.slice();
  patch.forEach((byte, i) => changed[at + i] = byte); // writes past the end are ignored
  return changed;
}

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  truncated: (bytes, rng) => bytes.subarray(0, position(bytes.length, rng)),
  lengthened: (bytes, rng) => concat(bytes, noise(1 + position(64, rng), rng)),
  "bit-flipped": (bytes, rng) => {
    const changed = bytes.slice();
    for (let i = position(8, rng); i >= 0; i--) {
      changed[position(bytes.length, rng)]! ^= 1 << position(8, rng);
    }
    return changed;
  },
  "flipped in the header": (bytes, rng) => {
    const changed = bytes.slice();
    changed[position(16, rng)]! ^= 1 << position(8, rng);
    return changed;
  },
  oversized: (bytes, rng) =>
    overwritten(
      bytes,
      4 + 4 * position(3, rng),
      Uint8Array.of(255 >> position(8, rng), 255, 255, 255),
    ),
  "with more dimensions": (bytes, rng) => overwritten(bytes, 3, noise(1, rng)),
  "of another byte order": (bytes) => overwritten(bytes, 0, bytes.slice(0, 16).reverse()),
  swapped: (_, __, other) => other,
  spliced: (bytes, rng, other) =>
    concat(
      bytes.subarray(0, position(bytes.length, rng)),
      other.subarray(position(other.length, rng)),
    ),
  random: (bytes, rng) => noise(position(2 * bytes.length, rng), rng),
};

/** Measures the sizes of the typed arrays that `run` allocates. */
function largestAllocation(run: () => void): number {
  const names = [
    "Uint8Array",
    "Int8Array",
    "Int16Array",
    "Int32Array",
    "Float32Array",
    "Float64Array",
  ];
  const globals = globalThis as unknown as Record<
    string,
    new (...args: unknown[]) => ArrayBufferView
  >;
  const originals = names.map((name) => globals[name]!);
  let largest = 0;
  const watched = (original: new (...args: unknown[]) => ArrayBufferView) =>
    new Proxy(original, {
      construct(target, args) {
        const made = Reflect.construct(target, args);
        if (!(args[0] instanceof ArrayBuffer)) largest = Math.max(largest, made.byteLength);
        return made;
      },
    });
  names.forEach((name, i) => globals[name] = watched(originals[i]!));
  try {
    run();
  } finally {
    names.forEach((name, i) => globals[name] = originals[i]!);
  }
  return largest;
}

/**
 * Asserts that an error is a RangeError or TypeError that names the file, the expectation and the
 * finding.
 */
function assertRefusal(error: unknown, files: readonly string[], what: string): void {
  assert(error instanceof RangeError || error instanceof TypeError, `${what}: ${error}`);
  const named = files.some((file) => error.message.startsWith(`Cannot read ${file}: expected `));
  assert(named && /, got .+/s.test(error.message), `${what}: ${error.message}`);
}

/** Asserts that a damaged file that was read is, byte for byte, the IDX file of the result. */
function assertWhole(bytes: Uint8Array, what: string): void {
  const { shape, values } = readIdx(bytes, { maxBytes: MAX_BYTES });
  const type = values.constructor.name.replace("Array", "").toLowerCase() as IdxTypeName;
  const plain = bytes[0] === 0x1f ? gunzipSync(bytes) : bytes;
  const header = 4 + 4 * shape.length;
  const written = idxFile(shape, values, type);
  assert.deepEqual([...written.subarray(0, header)], [...plain.subarray(0, header)], what);
  if (!type.startsWith("float")) assert.deepEqual([...written], [...plain], what);
}

const TYPED: readonly Uint8Array[] = [
  idxFile([3, 4, 5], Array.from({ length: 60 }, (_, i) => i * 4)),
  idxFile([7], [1, 2, 3, 4, 5, 6, 7]),
  idxFile([2, 3], [1, -2, 3, -4, 5, -6], "int8"),
  idxFile([2, 3], [1, -2, 300, -400, 5, -6], "int16"),
  idxFile([5], [1, -2, 70_000, -4, 5], "int32"),
  idxFile([2, 2], [0.5, -1, 1e9, 0], "float32"),
  idxFile([2, 1, 2], [0.5, -1, 1e99, 0], "float64"),
];
const FILES = TYPED.concat(TYPED.slice(0, 3).map((bytes) => Uint8Array.from(gzipSync(bytes))));

/** Makes `count` damaged files, some compressed after the damage and some before. */
function* damaged(files: readonly Uint8Array[], count: number): Generator<[string, Uint8Array]> {
  const rng = new Random(20_26);
  const mutations = Object.entries(MUTATIONS);
  for (let i = 0; i < count; i++) {
    const [how, mutate] = mutations[i % mutations.length]!;
    const bytes = files[position(files.length, rng)]!;
    const other = files[position(files.length, rng)]!;
    const changed = mutate(bytes, rng, other);
    const zip = i % 9 === 0;
    yield [
      `file ${i}, ${how}${zip ? ", zipped" : ""}`,
      zip ? Uint8Array.from(gzipSync(changed)) : changed,
    ];
  }
}

Deno.test("readIdx() survives 100,000 damaged files", () => {
  const counts = { refused: 0, read: 0 };
  let largest = 0;
  for (const [what, bytes] of damaged(FILES, 100_000)) {
    let refusal: unknown;
    const asked = largestAllocation(() => {
      try {
        readIdx(bytes, { file: what, maxBytes: MAX_BYTES });
      } catch (error) {
        refusal = error;
      }
    });
    largest = Math.max(largest, asked);
    if (refusal === undefined) assertWhole(bytes, what);
    else assertRefusal(refusal, [what], what);
    counts[refusal === undefined ? "read" : "refused"]++;
  }
  assert(largest <= MAX_BYTES, `an array of ${largest} bytes was asked for`);
  assert(counts.refused > 60_000 && counts.read > 5_000, JSON.stringify(counts));
});

Deno.test("readMnistSet() survives 20,000 damaged pairs of images and labels", () => {
  const { images, labels } = idxSet(3);
  const wide = idxFile([3, 8], Array.from({ length: 24 }, (_, i) => i % 8 ? 1000 : i / 8), "int32");
  const zipped = [images, labels].map((bytes) => Uint8Array.from(gzipSync(bytes)));
  let [refused, index] = [0, 0];
  for (const [what, bytes] of damaged([images, labels, wide, ...zipped], 20_000)) {
    const good = {
      images: { file: "images", bytes: images },
      labels: { file: "labels", bytes: labels },
    };
    const part = index++ % 2 === 0 ? "images" : "labels";
    try {
      const options = { maxBytes: MAX_BYTES, classes: 10, transposed: index % 4 < 2 };
      const set = readMnistSet({ ...good, [part]: { file: part, bytes } }, options);
      assert.deepEqual([set.count, set.images.length, set.labels.length], [3, 3 * 784, 3]);
      assert(set.labels.every((label) => label < 10));
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      assertRefusal(error, ["images", "labels"], what);
      refused++;
    }
  }
  assert(refused > 12_000, `${refused} were refused`);
});
