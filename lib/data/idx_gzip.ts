/** Decompresses gzip files with a limit on their size. */
import { gunzipSync } from "node:zlib";

/** Options of {@linkcode unzip}. */
interface UnzipOptions {
  /** Name of the file in errors. */
  readonly file: string;
  /** Maximum number of decompressed bytes. */
  readonly maxBytes: number;
}

/** Tells whether bytes begin with the two bytes of gzip (RFC 1952). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Decompresses gzip data. Never allocates more than `maxBytes` for the result.
 *
 * @throws {RangeError} if the result is larger than `maxBytes`.
 * @throws {TypeError} if the data is damaged.
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
    throw new TypeError(`Cannot read ${file}: expected complete gzip data, got ${error.message}`);
  }
}
