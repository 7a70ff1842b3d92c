/**
 * Accesses: affine maps from the indices of a shape to the elements of a dense array, by which values are
 * read.
 *
 * Transposing, broadcasting, slicing and reversing change only the map, so none of them moves data.
 * @module
 */

/** A map from each index of `shape` to the element `offset + Σ index[d] * strides[d]`, which is read there. */
export interface Access {
  /** The shape that the reader sees. */
  readonly shape: readonly number[];
  /** The element that index 0 reads. */
  readonly offset: number;
  /** The elements from one index to the next along each dimension; 0 repeats, a negative number reverses. */
  readonly strides: readonly number[];
}

/** Counts the elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Computes the strides of a dense array in row-major order. */
export function denseStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = stride;
    stride *= shape[d]!;
  }
  return strides;
}

/** Reads a dense array as it is. */
export function denseAccess(shape: readonly number[]): Access {
  return { shape, offset: 0, strides: denseStrides(shape) };
}

/** Tells whether the elements are read one after another in memory, from any offset. */
export function isContiguous({ shape, strides }: Access): boolean {
  const dense = denseStrides(shape);
  return sizeOf(shape) === 0 || shape.every((n, d) => n === 1 || strides[d] === dense[d]);
}

/** Tells whether the elements are read one after another from the first. */
export function isDense(access: Access): boolean {
  return access.offset === 0 && isContiguous(access);
}

/** Tells whether two shapes are the same. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, d) => n === b[d]);
}

/** Computes the shape of an elementwise operation on operands of these shapes. */
export function broadcastShape(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, d) => {
    const lengths = shapes.map((shape) => shape[d - rank + shape.length] ?? 1);
    return lengths.find((n) => n !== 1) ?? 1;
  });
}

/** Repeats an access along missing and length-1 dimensions, up to `shape`. */
export function broadcastTo(access: Access, shape: readonly number[]): Access {
  const missing = shape.length - access.shape.length;
  const strides = shape.map((n, d) => {
    const own = access.shape[d - missing];
    return own === undefined || (own === 1 && n !== 1) ? 0 : access.strides[d - missing]!;
  });
  return { shape, offset: access.offset, strides };
}

/** Puts the dimensions of an access in another order: dimension `d` of the result is `permutation[d]`. */
export function permute(access: Access, permutation: readonly number[]): Access {
  return {
    shape: permutation.map((d) => access.shape[d]!),
    offset: access.offset,
    strides: permutation.map((d) => access.strides[d]!),
  };
}

/** Cuts a box out of an access: every `steps[d]`-th index from `begin[d]`. Steps may be negative. */
export function sliceAccess(
  access: Access,
  { begin, size, steps }: {
    readonly begin: readonly number[];
    readonly size: readonly number[];
    readonly steps?: readonly number[];
  },
): Access {
  const skipped = begin.reduce((sum, index, d) => sum + index * access.strides[d]!, 0);
  return {
    shape: size,
    offset: access.offset + skipped,
    strides: access.strides.map((stride, d) => stride * (steps?.[d] ?? 1)),
  };
}

/**
 * Joins two accesses to one. `inner` reads a source, and `outer` reads the result of `inner`; the joined access
 * reads the source directly. Returns undefined if that would need more than one stride for a dimension.
 */
export function composeAccess(outer: Access, inner: Access): Access | undefined {
  if (isDense(inner)) return outer;
  const first = unravel(outer.offset, inner.shape);
  const [low, high] = [[...first], [...first]];
  const strides = new Array<number>(outer.shape.length).fill(0);
  for (let d = 0; d < outer.shape.length; d++) {
    if (outer.shape[d]! <= 1 || outer.strides[d] === 0) continue;
    const move = moveAlongOne(outer.strides[d]!, inner.shape);
    if (move === undefined) return undefined;
    strides[d] = move.units * inner.strides[move.dim]!;
    const span = move.units * (outer.shape[d]! - 1);
    if (span < 0) low[move.dim]! += span;
    else high[move.dim]! += span;
  }
  // A step that leaves its dimension would carry into the next one, which is not affine.
  const inside = inner.shape.every((n, d) => low[d]! >= 0 && high[d]! < n);
  return inside ? { shape: outer.shape, offset: elementAt(inner, first), strides } : undefined;
}

/** Reads the same elements under another shape of the same size; undefined if the map would not be affine. */
export function reshapeAccess(access: Access, shape: readonly number[]): Access | undefined {
  if (sizeOf(shape) === 0) return { ...denseAccess(shape), offset: access.offset };
  if (sameShape(access.shape, shape) && !shape.includes(1)) {
    return { shape, offset: access.offset, strides: access.strides };
  }
  const strides = new Array<number>(shape.length).fill(0);
  const groups = matchGroups(access.shape, shape);
  for (const { from, to } of groups) {
    const merged = mergeRun(access, from);
    if (merged === undefined) return undefined;
    let stride = merged;
    for (let d = to.end - 1; d >= to.begin; d--) {
      strides[d] = stride;
      stride *= shape[d]!;
    }
  }
  return { shape, offset: access.offset, strides };
}

/** Computes the index of an element of a dense array. */
function unravel(element: number, shape: readonly number[]): number[] {
  const index = new Array<number>(shape.length).fill(0);
  let rest = element;
  for (let d = shape.length - 1; d >= 0; d--) {
    const length = Math.max(1, shape[d]!);
    index[d] = rest % length;
    rest = Math.floor(rest / length);
  }
  return index;
}

/** Computes the element that `access` reads at `index`. */
export function elementAt(access: Access, index: readonly number[]): number {
  return index.reduce((sum, i, d) => sum + i * access.strides[d]!, access.offset);
}

/** Lists all elements that an access reads, in order. */
export function elementsOf({ shape, offset, strides }: Access): number[] {
  let elements = [offset];
  shape.forEach((length, d) => {
    const outer = elements;
    elements = [];
    for (const first of outer) {
      for (let i = 0; i < length; i++) elements.push(first + i * strides[d]!);
    }
  });
  return elements;
}

interface DimensionRun {
  readonly begin: number;
  readonly end: number;
}

/** Splits two shapes of one size into the shortest runs of dimensions that have the same size. */
export function matchGroups(
  from: readonly number[],
  to: readonly number[],
): { readonly from: DimensionRun; readonly to: DimensionRun }[] {
  if (sizeOf(from) !== sizeOf(to)) {
    throw new Error(`internal: [${from}] is not as large as [${to}]`);
  }
  const groups = [];
  let [i, j] = [0, 0];
  while (i < from.length || j < to.length) {
    const [beginI, beginJ] = [i, j];
    let a = i < from.length ? from[i++]! : 1;
    let b = j < to.length ? to[j++]! : 1;
    while (a !== b) {
      if (a < b) a *= from[i++]!;
      else b *= to[j++]!;
    }
    groups.push({ from: { begin: beginI, end: i }, to: { begin: beginJ, end: j } });
  }
  return groups;
}

function mergeRun(access: Access, run: DimensionRun): number | undefined {
  const dims = [];
  for (let d = run.begin; d < run.end; d++) if (access.shape[d] !== 1) dims.push(d);
  for (let k = 0; k + 1 < dims.length; k++) {
    const [outer, inner] = [dims[k]!, dims[k + 1]!];
    if (access.strides[outer] !== access.strides[inner]! * access.shape[inner]!) return undefined;
  }
  const last = dims.at(-1);
  return last === undefined ? 0 : access.strides[last]!;
}

/** Finds the dimension of a dense array along which `stride` elements are a whole number of steps. */
function moveAlongOne(
  stride: number,
  shape: readonly number[],
): { readonly dim: number; readonly units: number } | undefined {
  const dense = denseStrides(shape);
  const dim = dense.findIndex((unit, d) =>
    shape[d] !== 1 && Math.abs(stride) >= unit && stride % unit === 0
  );
  return dim < 0 ? undefined : { dim, units: stride / dense[dim]! };
}
