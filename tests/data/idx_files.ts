/** Makes IDX files in memory, for tests. */

type Setter = (view: DataView, at: number, value: number) => void;

const TYPES = {
  uint8: [0x08, 1, (view, at, value) => view.setUint8(at, value)],
  int8: [0x09, 1, (view, at, value) => view.setInt8(at, value)],
  int16: [0x0b, 2, (view, at, value) => view.setInt16(at, value)],
  int32: [0x0c, 4, (view, at, value) => view.setInt32(at, value)],
  float32: [0x0d, 4, (view, at, value) => view.setFloat32(at, value)],
  float64: [0x0e, 8, (view, at, value) => view.setFloat64(at, value)],
} satisfies Record<string, readonly [code: number, width: number, set: Setter]>;

/** Number types of IDX files. */
export type IdxTypeName = keyof typeof TYPES;

/** Makes the bytes of an IDX file. Numbers are big-endian, as the format requires. */
export function idxFile(
  shape: readonly number[],
  values: ArrayLike<number>,
  type: IdxTypeName = "uint8",
): Uint8Array {
  const [code, width, set] = TYPES[type];
  const start = 4 + 4 * shape.length;
  const bytes = new Uint8Array(start + width * values.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 0, code, shape.length]);
  shape.forEach((length, i) => view.setUint32(4 + 4 * i, length));
  for (let i = 0; i < values.length; i++) set(view, start + i * width, values[i]!);
  return bytes;
}

/** Makes different images of `size` by `size` pixels, and their labels, 0 to 9 in turn. */
export function idxSet(count: number, size = 28): { images: Uint8Array; labels: Uint8Array } {
  const pixels = Uint8Array.from({ length: count * size * size }, (_, i) => (i * 31 + 7) % 251);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
  return { images: idxFile([count, size, size], pixels), labels: idxFile([count], labels) };
}
