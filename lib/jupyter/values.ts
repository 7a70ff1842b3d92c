/** Formats tensors and typed arrays as readable text: rounded, aligned, and shortened in the middle. */

/** Value of an array; a pair is a complex number. */
export type Value = number | bigint | string | boolean | readonly [number, number];

/** Values of a typed array or a tensor, row after row. */
export type Values = ArrayLike<Value>;

/** Parts of a tensor that its text shows. */
interface TensorValues {
  /** Data type, such as `float32`. */
  readonly dtype: string;
  /** Length of each dimension. */
  readonly shape: readonly number[];
  /** Values, row after row. */
  readonly values: Values;
}

/** Maximum number of values of a typed array that are shown. Of a longer array, half of them at each end. */
const maxValues = 100;

/** Maximum number of values of a tensor's row that are shown. */
const maxRow = 20;

/** Number of values per line of a typed array. */
const lineLength = 10;

/**
 * Formats a typed array, such as `Float32Array(3) [0.9791, 0.0160, 1]`. Of more than 100 values,
 * only the number of the middle ones is shown.
 */
export function arrayText(array: Values, name: string): string {
  const head = `${name}(${count(array.length)})`;
  const shown = elide(array.length, maxValues);
  const cells = shown.map((index) => typeof index === "number" ? valueText(array[index]!) : index);
  if (array.length <= 2 * lineLength) return `${head} [${cells.join(", ")}]`;
  const width = Math.max(
    ...cells.map((cell, at) => typeof shown[at] === "number" ? cell.length : 0),
  );
  const lines: string[][] = [[]];
  for (const [at, cell] of cells.entries()) {
    const isGap = typeof shown[at] === "string";
    if (isGap || lines.at(-1)!.length === lineLength) lines.push([]);
    lines.at(-1)!.push(isGap ? cell : cell.padStart(width));
    if (isGap) lines.push([]);
  }
  const rows = lines.filter((line) => line.length > 0).map((line) => line.join(", "));
  return `${head} [\n  ${rows.join(",\n  ")}\n]`;
}

/** Formats a tensor, such as `tensor float32 [2, 2]`, with its rows below. */
export function tensorText({ dtype, shape, values }: TensorValues, name = "tensor"): string {
  const head = `${name} ${dtype} [${shape.join(", ")}]`;
  if (shape.length === 0) return `${head}: ${valueText(values[0]!)}`;
  let width = 0;
  rows({ shape, values }, (value) => {
    const text = valueText(value);
    width = Math.max(width, text.length);
    return text;
  });
  return `${head}\n${rows({ shape, values }, (value) => valueText(value).padStart(width))}`;
}

/** Formats a tensor in one line if it is short, for use inside an array or an object. */
export function tensorInline(tensor: TensorValues, name = "tensor"): string {
  const text = tensorText(tensor, name);
  const line = text.replace("\n", " ").replace(/\n */g, " ").replace(/(?<=[[ ]) +/g, "");
  return line.length <= 100 ? line : text;
}

/**
 * Formats a value: four decimals as in PyTorch, fewer for large numbers, scientific for tiny
 * numbers, and whole numbers exactly.
 */
export function valueText(value: Value): string {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "object") {
    const [real, imaginary] = value;
    return `${valueText(real)} ${imaginary < 0 ? "-" : "+"} ${valueText(Math.abs(imaginary))}i`;
  }
  if (typeof value === "boolean" || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e15) return String(value + 0);
  if (size < 1e-3 || size >= 1e6) return value.toExponential(3);
  return value.toFixed(size >= 1000 ? 1 : 4);
}

type Tensor = Pick<TensorValues, "shape" | "values">;

/** Formats rows as nested brackets, one row per line, starting with the value at `offset`. */
function rows(
  { shape, values }: Tensor,
  text: (value: Value) => string,
  axis = 0,
  offset = 0,
): string {
  const size = shape[axis]!;
  const isLast = axis === shape.length - 1;
  if (isLast) {
    const shown = elide(size, maxRow);
    return `[${
      shown.map((at) => typeof at === "number" ? text(values[offset + at]!) : at).join(", ")
    }]`;
  }
  const stride = shape.slice(axis + 1).reduce((product, length) => product * length, 1);
  const shown = elide(size, [10, 10, 10, 4][shape.length] ?? 2); // at most about 20 rows in total
  const parts = shown.map((at) =>
    typeof at === "number" ? rows({ shape, values }, text, axis + 1, offset + at * stride) : at
  );
  return `[${parts.join(`,\n${" ".repeat(axis + 1)}`)}]`;
}

/** Lists the indices to show. A text stands for the omitted ones. */
function elide(length: number, max: number): (number | string)[] {
  if (length <= max) return Array.from({ length }, (_, index) => index);
  const half = max / 2;
  const head = Array.from({ length: half }, (_, index) => index);
  const tail = head.map((index) => length - half + index);
  return [...head, `… ${count(length - max)} more …`, ...tail];
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
