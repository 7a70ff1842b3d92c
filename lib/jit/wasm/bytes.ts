/**
 * A growing buffer of bytes with the encodings of WebAssembly's binary format.
 * @module
 */

/** A buffer that grows as needed. Its methods write bytes, LEB128 numbers, little-endian floats and names. */
export class ByteWriter {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** The number of bytes that were written so far. */
  get length(): number {
    return this.#length;
  }

  /** Writes one byte. */
  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** Writes bytes as they are. */
  bytes(values: ArrayLike<number>): void {
    const { length } = values;
    this.#reserve(length);
    // An instruction is a few bytes: a loop over them is faster than `set`.
    if (length > 32) this.#bytes.set(values, this.#length);
    else for (let i = 0; i < length; i++) this.#bytes[this.#length + i] = values[i]!;
    this.#length += length;
  }

  /** Writes an unsigned integer below 2^32 as LEB128. */
  u32(value: number): void {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  /** Writes a signed 32-bit integer as LEB128. */
  s32(value: number): void {
    let rest = value | 0;
    while (rest < -64 || rest > 63) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    this.byte(rest & 0x7f);
  }

  /** Writes a signed 64-bit integer as LEB128. */
  s64(value: bigint): void {
    let rest = BigInt.asIntN(64, value);
    while (rest < -64n || rest > 63n) {
      this.byte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.byte(Number(rest & 0x7fn));
  }

  /** Writes an unsigned integer as LEB128 of always five bytes, so that it can be patched later. */
  u32Padded(value: number): void {
    for (let shift = 0; shift < 28; shift += 7) this.byte(((value >>> shift) & 0x7f) | 0x80);
    this.byte(value >>> 28);
  }

  /** Writes a 32-bit float. */
  f32(value: number): void {
    this.#reserve(4);
    this.#view.setFloat32(this.#length, value, true);
    this.#length += 4;
  }

  /** Writes a 64-bit float. */
  f64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** Writes a name: its length in UTF-8, then its bytes. */
  name(text: string): void {
    const encoded = new TextEncoder().encode(text);
    this.u32(encoded.length);
    this.bytes(encoded);
  }

  /** Writes a section or a function body: the length of the content, then the content. */
  sized(content: ByteWriter): void {
    this.u32(content.length);
    this.bytes(content.view());
  }

  /** Inserts bytes at a position. */
  insert(at: number, values: Uint8Array): void {
    this.#reserve(values.length);
    this.#bytes.copyWithin(at + values.length, at, this.#length);
    this.#bytes.set(values, at);
    this.#length += values.length;
  }

  /** Returns a copy of what was written, and empties the buffer. */
  take(): Uint8Array<ArrayBuffer> {
    const written = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return written;
  }

  /** Returns a view of the written bytes, valid until the next write. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + count));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
