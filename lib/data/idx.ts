/** Reads IDX, the format of the MNIST files: a short header, then the numbers, row after row. */
import { check, checkOptions, instanceOf, type Kinds, text, wholeNumber } from "../check/mod.ts";
import { isGzip, unzip } from "./idx_gzip.ts";

/** The numbers of an IDX file, in the type that its header names. */
export type IdxValues =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** What an IDX file holds. */
export interface IdxArray {
  /** How many numbers there are in each dimension: `[60000, 28, 28]` for the images of MNIST. */
  readonly shape: readonly number[];
  /** The numbers, the last dimension fastest. */
  readonly values: IdxValues;
}

/** Options of `readIdx`. */
export interface ReadIdxOptions {
  /** What errors call the file. */
  readonly file?: string;
  /** The largest file that is read, in bytes after decompression; 1 GiB by default. */
  readonly maxBytes?: number;
}

/** The largest file that is read unless told otherwise; EMNIST's largest has half as many bytes. */
export const MAX_IDX_BYTES = 2 ** 30;

/** The kinds of the options of `readIdx`. */
export const READ_IDX_KINDS: Kinds<ReadIdxOptions> = {
  file: text,
  maxBytes: wholeNumber({ from: 1, to: 2 ** 32 }),
};

/** A number type of the format: its width, and how to make our numbers of the file's bytes. */
interface IdxType {
  readonly bytes: number;
  readonly read: (body: Uint8Array) => IdxValues;
}

type Getter = (view: DataView, offset: number) => number;

/** A type of several bytes: big-endian in the file, this machine's order in memory. */
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

/** The third byte of the header and what it stands for (LeCun et al., "The MNIST database"). */
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
 * The header is checked against the file's length before any memory is asked for. Numbers of one
 * byte are a view of `bytes` (or of what they were unzipped to), not a copy.
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
 * @throws {TypeError} if the bytes are not those of an IDX file, or an option is of another kind.
 * @throws {RangeError} if the file is cut, longer than its header says, or larger than `maxBytes`.
 */
export function readIdx(
  bytes: Uint8Array,
  options: ReadIdxOptions = {},
): IdxArray {
  checkOptions("read an IDX file", options, { kinds: READ_IDX_KINDS });
  const { file = "the IDX file", maxBytes = MAX_IDX_BYTES } = options;
  check(`read ${file}`, { bytes }, instanceOf(Uint8Array));
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
  /** Where the numbers begin. */
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
