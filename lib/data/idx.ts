/** Reads IDX, the file format of MNIST: a short header, then the numbers, row after row. */
import { isGzip, unzip } from "./idx_gzip.ts";

/** Numbers of an IDX file, in the type that its header gives. */
type IdxValues =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** Content of an IDX file. */
export interface IdxArray {
  /** Length of each dimension: `[60000, 28, 28]` for the images of MNIST. */
  readonly shape: readonly number[];
  /** Numbers, with the last dimension varying fastest. */
  readonly values: IdxValues;
}

/** Options of {@linkcode readIdx}. */
export interface ReadIdxOptions {
  /** Name of the file in errors. */
  readonly file?: string;
  /** Maximum size of the file in bytes after decompression; 1 GiB by default. */
  readonly maxBytes?: number;
}

/** Default of the maximum size in bytes. The largest file of EMNIST has half of it. */
export const MAX_IDX_BYTES = 2 ** 30;

/** Number type of the format: its size in bytes, and a reader of the numbers after the header. */
interface IdxType {
  readonly bytes: number;
  readonly read: (body: Uint8Array) => IdxValues;
}

type Getter = (view: DataView, offset: number) => number;

/**
 * Makes the number type of numbers with several bytes: big-endian in the file, the byte order of
 * this machine in memory.
 */
function wide<T extends IdxValues>(make: (length: number) => T, get: Getter): IdxType {
  const bytes = make(0).BYTES_PER_ELEMENT;
  const read = (body: Uint8Array) => {
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    const values = make(body.byteLength / bytes);
    for (let i = 0; i < values.length; i++) values[i] = get(view, i * bytes);
    return values;
  };
  return { bytes, read };
}

/** Number types by the third byte of the header (LeCun et al., "The MNIST database"). */
const TYPES: ReadonlyMap<number, IdxType> = new Map([
  [0x08, { bytes: 1, read: (body) => body }],
  [0x09, { bytes: 1, read: (b) => new Int8Array(b.buffer, b.byteOffset, b.byteLength) }],
  [0x0b, wide((n) => new Int16Array(n), (view, at) => view.getInt16(at))],
  [0x0c, wide((n) => new Int32Array(n), (view, at) => view.getInt32(at))],
  [0x0d, wide((n) => new Float32Array(n), (view, at) => view.getFloat32(at))],
  [0x0e, wide((n) => new Float64Array(n), (view, at) => view.getFloat64(at))],
]);

/**
 * Reads the bytes of an IDX file, gzipped or not.
 *
 * The length in the header is compared with the length of the file before memory is allocated.
 * Numbers of one byte are a view of `bytes`, or of the decompressed bytes, not a copy.
 *
 * ```ts
 * import { readIdx } from "./idx.ts";
 * import assert from "node:assert/strict";
 *
 * const { shape, values } = readIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1));
 * assert.deepEqual(shape, [3]);
 * assert.deepEqual(values, Uint8Array.of(7, 2, 1));
 * ```
 *
 * @throws {TypeError} if the bytes are not an IDX file.
 * @throws {RangeError} if the file is shorter or longer than its header says, or larger than
 * `maxBytes`.
 */
export function readIdx(
  bytes: Uint8Array,
  { file = "the IDX file", maxBytes = MAX_IDX_BYTES }: ReadIdxOptions = {},
): IdxArray {
  const plain = isGzip(bytes) ? unzip(bytes, { file, maxBytes }) : bytes;
  if (plain.length > maxBytes) {
    throw new RangeError(
      `Cannot read ${file}: expected at most ${maxBytes} bytes, got ${plain.length}`,
    );
  }
  const { type, shape, start } = readHeader(plain, file);
  const size = shape.includes(0) ? 0 : shape.reduce((product, length) => product * length, 1);
  if (start + size * type.bytes !== plain.length) {
    throw new RangeError(
      `Cannot read ${file}: expected ${start + size * type.bytes} bytes, ` +
        `as its header says with the shape [${shape}], got ${plain.length}`,
    );
  }
  return { shape, values: type.read(plain.subarray(start)) };
}

interface Header {
  readonly type: IdxType;
  readonly shape: readonly number[];
  /** Offset of the first number in bytes. */
  readonly start: number;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

function readHeader(bytes: Uint8Array, file: string): Header {
  const [zero, zeroToo, code, rank] = bytes;
  if (zero === undefined || zeroToo === undefined || code === undefined || rank === undefined) {
    throw new RangeError(
      `Cannot read ${file}: expected a header of at least 4 bytes, got ${bytes.length} bytes`,
    );
  }
  const type = TYPES.get(code);
  if (zero !== 0 || zeroToo !== 0 || type === undefined || rank === 0) {
    throw new TypeError(
      `Cannot read ${file}: expected an IDX file, whose first bytes are 00 00, a number type from ` +
        `08 to 0e and how many dimensions, got ${[...bytes.subarray(0, 4)].map(hex).join(" ")}`,
    );
  }
  const start = 4 + 4 * rank;
  if (bytes.length < start) {
    throw new RangeError(
      `Cannot read ${file}: expected a header of ${start} bytes for ${rank} dimensions, ` +
        `got ${bytes.length} bytes`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, start);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  return { type, shape, start };
}
