/** Unzips files into a bounded amount of memory. */
import { gunzipSync } from "node:zlib";

/** What to call a file, and how large it may get. */
export interface UnzipOptions {
  /** What errors call the file. */
  readonly file: string;
  /** The most bytes that it may have unzipped. */
  readonly maxBytes: number;
}

/** Whether bytes begin as gzip's do (RFC 1952). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The bytes that were gzipped; no more than `maxBytes` of them are ever made.
 *
 * @throws {RangeError} if there are more than `maxBytes`.
 * @throws {TypeError} if the file is damaged.
 */
export function unzip(bytes: Uint8Array, { file, maxBytes }: UnzipOptions): Uint8Array {
  try {
    const plain = gunzipSync(bytes, { maxOutputLength: maxBytes });
    return new Uint8Array(plain.buffer, plain.byteOffset, plain.byteLength);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if ("code" in error && error.code === "ERR_BUFFER_TOO_LARGE") {
      throw new RangeError(`Cannot read ${file}: expected at most ${maxBytes} bytes, got more`);
    }
    throw new TypeError(`Cannot read ${file}: expected whole gzip data, got ${error.message}`);
  }
}
