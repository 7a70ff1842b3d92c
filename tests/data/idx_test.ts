/** IDX files are read exactly, gzipped or not; other files are refused by name. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { readIdx } from "../../lib/data/idx.ts";
import { idxFile, type IdxTypeName } from "./idx_files.ts";

const small = idxFile([2, 3], [0, 1, 2, 253, 254, 255]);

Deno.test("readIdx() gives back shapes and numbers of every type, gzipped or not", () => {
  const numbers: Record<IdxTypeName, fc.Arbitrary<number>> = {
    uint8: fc.integer({ min: 0, max: 255 }),
    int8: fc.integer({ min: -128, max: 127 }),
    int16: fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }),
    int32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    float32: fc.float(),
    float64: fc.double(),
  };
  const shapes = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 });
  for (const [type, number] of Object.entries(numbers) as [IdxTypeName, typeof numbers.int8][]) {
    const files = shapes.chain((shape) => {
      const size = shape.reduce((product, length) => product * length, 1);
      return fc.tuple(fc.constant(shape), fc.array(number, { minLength: size, maxLength: size }));
    });
    fc.assert(fc.property(files, fc.boolean(), ([shape, values], zipped) => {
      const bytes = idxFile(shape, values, type);
      const read = readIdx(zipped ? gzipSync(bytes) : bytes);
      assert.deepEqual(read.shape, shape);
      assert.deepEqual([...read.values], values);
      assert.equal(read.values.constructor.name.toLowerCase(), `${type}array`);
    }));
  }
});

Deno.test("readIdx() reads from the middle of a larger buffer", () => {
  const buffer = new Uint8Array(small.length + 10);
  buffer.set(small, 3);
  const { values } = readIdx(buffer.subarray(3, 3 + small.length));
  assert.deepEqual([...values], [0, 1, 2, 253, 254, 255]);
});

Deno.test("readIdx() does not copy single bytes", () => {
  assert.equal(readIdx(small).values.buffer, small.buffer);
});

/** Changes some bytes of the file. */
function patched(changes: Record<number, number>): Uint8Array {
  const bytes = small.slice();
  for (const [at, byte] of Object.entries(changes)) bytes[Number(at)] = byte;
  return bytes;
}

function withByte(bytes: Uint8Array, at: number, byte: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[at] = byte;
  return changed;
}

const zipped = Uint8Array.from(gzipSync(small));
const IDX = "expected an IDX file, whose first bytes are 00 00, a number type from 08 to 0e and " +
  "how many dimensions, got";

const REFUSED: readonly [what: string, bytes: unknown, name: string, message: string][] = [
  [
    "nothing",
    new Uint8Array(0),
    "RangeError",
    "expected a header of at least 4 bytes, got 0 bytes",
  ],
  [
    "3 bytes",
    small.subarray(0, 3),
    "RangeError",
    "expected a header of at least 4 bytes, got 3 bytes",
  ],
  ["text", new TextEncoder().encode("<html>"), "TypeError", `${IDX} 3c 68 74 6d`],
  ["no known number type", patched({ 2: 0x0a }), "TypeError", `${IDX} 00 00 0a 02`],
  ["no dimensions", patched({ 3: 0 }), "TypeError", `${IDX} 00 00 08 00`],
  [
    "half a header",
    small.subarray(0, 9),
    "RangeError",
    "expected a header of 12 bytes for 2 dimensions, got 9 bytes",
  ],
  [
    "one number too few",
    small.subarray(0, -1),
    "RangeError",
    "expected 18 bytes, as its header says with the shape [2,3], got 17",
  ],
  [
    "one number too many",
    Uint8Array.of(...small, 1),
    "RangeError",
    "expected 18 bytes, as its header says with the shape [2,3], got 19",
  ],
  [
    "a header of 4 GB",
    patched({ 4: 255, 5: 255, 6: 255, 7: 255 }),
    "RangeError",
    "expected 12884901897 bytes, as its header says with the shape [4294967295,3], got 18",
  ],
  [
    "wider numbers",
    patched({ 2: 0x0e }),
    "RangeError",
    "expected 60 bytes, as its header says with the shape [2,3], got 18",
  ],
  [
    "half of gzip",
    zipped.subarray(0, 20),
    "TypeError",
    "expected complete gzip data, got unexpected end of file",
  ],
  [
    "gzip with a wrong sum",
    withByte(zipped, zipped.length - 7, 99),
    "TypeError",
    "expected complete gzip data, got incorrect data check",
  ],
  [
    "gzip and more",
    Uint8Array.of(...zipped, 1, 2, 3),
    "TypeError",
    "expected complete gzip data, got incorrect header check",
  ],
  ["gzip of text", gzipSync("hello"), "TypeError", `${IDX} 68 65 6c 6c`],
];

Deno.test("readIdx() refuses other files and says which, what and why", async (t) => {
  for (const [what, bytes, name, message] of REFUSED) {
    await t.step(what, () => {
      assert.throws(() => readIdx(bytes as Uint8Array, { file: "digits.idx" }), {
        name,
        message: `Cannot read digits.idx: ${message}`,
      });
    });
  }
});

Deno.test("readIdx() never decompresses more than maxBytes", () => {
  const bomb = gzipSync(new Uint8Array(2 ** 24)); // 16 kB;
  for (const bytes of [bomb, small]) {
    assert.throws(() => readIdx(bytes, { maxBytes: 17 }), {
      name: "RangeError",
      message: /^Cannot read the IDX file: expected at most 17 bytes, got (more|18)$/,
    });
  }
  assert.deepEqual(readIdx(small, { maxBytes: 18 }).shape, [2, 3]);
  assert.deepEqual(readIdx(zipped, { maxBytes: 18 }).shape, [2, 3]);
});
