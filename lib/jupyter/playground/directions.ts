/** Finds the directions of a generator's latent space that change its images most, and names them. */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { type Measure, measure, MEASURES } from "./measures.ts";
import type { PlayedProgram } from "./page/program.ts";
import { normalNumbers } from "./page/random.ts";

/** Direction of the latent space. */
export interface Direction {
  /** Name of a slider for this direction. */
  readonly name: string;
  /** Words for the lower end. */
  readonly low: string;
  /** Words for the upper end. */
  readonly high: string;
  /** Correlation with the measure after which it is named; 0 if there is none. */
  readonly correlation: number;
  /** Unit vector, `[latentSize]`. */
  readonly vector: readonly number[];
}

/** Generator with one row for each class, whose inputs end with the one-hot class. */
export interface Sizes {
  /** Number of classes. */
  readonly classes: number;
  /** Number of noise values of an image. */
  readonly latentSize: number;
  /** Side of an image in pixels. */
  readonly side: number;
}

/** Number of handwritings from which the directions are computed, in pairs of opposite ones. */
const HANDS = 192;

/** Number of additional components, because a measure may follow a later one. */
const MORE = 4;

/** Minimum correlation with a measure after which a direction is named. */
const LEAST_CORRELATION = 0.2;

/** Makes the input of the generator for one handwriting: a row for each class. */
export function inputsOf(
  hand: ArrayLike<number>,
  { classes, latentSize }: Pick<Sizes, "classes" | "latentSize">,
): Float32Array {
  const width = latentSize + classes;
  const rows = new Float32Array(classes * width);
  for (let row = 0; row < classes; row++) {
    rows.set(hand, row * width);
    rows[row * width + latentSize + row] = 1;
  }
  return rows;
}

/** Handwritings and their images, as differences from the mean image of each class. */
interface Drawn {
  readonly hands: readonly Float32Array[];
  readonly changes: readonly Float32Array[];
  /** Measures of the images, `[hand][class]`. */
  readonly measures: readonly (readonly number[])[][];
}

/**
 * Finds the `count` directions that change the images most, by principal components of a linear
 * approximation of the generator. Then rotates them inside their space, so that each follows one
 * measure.
 */
export async function findDirections(
  generator: PlayedProgram,
  { sizes, count, seed }: { readonly sizes: Sizes; readonly count: number; readonly seed: number },
): Promise<Direction[]> {
  const rest = makeRest();
  const drawn = await drawHands(generator, { sizes, seed, rest });
  const vectors = strongest(
    await slopesOf(drawn, sizes.latentSize, rest),
    Math.min(count + MORE, sizes.latentSize),
  );
  await rest();
  return nameDirections(vectors, { drawn, count });
}

/** Function that lets the kernel of the notebook answer from time to time. */
type Rest = () => Promise<void>;

/** Maximum time in milliseconds for which the kernel does not answer. */
const SLICE_MS = 40;

function makeRest(): Rest {
  let start = performance.now();
  return async () => {
    if (performance.now() - start < SLICE_MS) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    start = performance.now();
  };
}

async function drawHands(
  generator: PlayedProgram,
  { sizes, seed, rest }: { readonly sizes: Sizes; readonly seed: number; readonly rest: Rest },
): Promise<Drawn> {
  const next = normalNumbers(seed);
  const hands: Float32Array[] = [];
  while (hands.length < HANDS) {
    const hand = Float32Array.from({ length: sizes.latentSize }, next);
    hands.push(hand, hand.map((value) => -value));
  }
  const pixels = sizes.side ** 2;
  const images: Float32Array[] = [];
  const measures: number[][][] = [];
  for (const hand of hands) {
    await rest();
    const [samples] = generator.run(inputsOf(hand, sizes)) as [Float32Array];
    const width = samples.length / sizes.classes;
    const rows = Array.from({ length: sizes.classes }, (_, row) => {
      return samples.subarray(row * width, row * width + pixels);
    });
    const all = new Float32Array(sizes.classes * pixels);
    rows.forEach((image, row) => all.set(image, row * pixels));
    images.push(all);
    measures.push(rows.map((image) => measure(image, sizes.side)));
  }
  const mean = images[0]!.map((_, i) => images.reduce((sum, all) => sum + all[i]!, 0) / HANDS);
  return { hands, changes: images.map((all) => all.map((ink, i) => ink - mean[i]!)), measures };
}

/** Computes how much each noise value changes each pixel on average: `[classes * pixels, latentSize]`. */
async function slopesOf(
  { hands, changes }: Drawn,
  latentSize: number,
  rest: Rest,
): Promise<Float64Array[]> {
  const slopes = Array.from(changes[0]!, () => new Float64Array(latentSize));
  for (const [at, change] of changes.entries()) {
    await rest();
    const hand = hands[at]!;
    for (let i = 0; i < change.length; i++) {
      const slope = slopes[i]!;
      const weight = change[i]! / HANDS;
      for (let k = 0; k < latentSize; k++) slope[k]! += weight * hand[k]!;
    }
  }
  return slopes;
}

/** Computes the first eigenvectors of the squared slopes. */
function strongest(slopes: readonly Float64Array[], count: number): number[][] {
  const size = slopes[0]!.length;
  const rows = Array.from({ length: size }, () => new Float64Array(size));
  for (const slope of slopes) {
    for (let i = 0; i < size; i++) {
      const [row, part] = [rows[i]!, slope[i]!];
      for (let j = 0; j < size; j++) row[j]! += part * slope[j]!;
    }
  }
  const squares = new Matrix(rows.map((row) => [...row]));
  const found = new EigenvalueDecomposition(squares, { assumeSymmetric: true });
  const order = found.realEigenvalues.map((_, i) => i)
    .sort((a, b) => found.realEigenvalues[b]! - found.realEigenvalues[a]!);
  return order.slice(0, count).map((column) => found.eigenvectorMatrix.getColumn(column));
}

/**
 * Rotates the directions inside their space, so that each follows one measure as closely as
 * possible: first the measure that can be followed best, then the next in the remaining space.
 */
function nameDirections(
  vectors: readonly number[][],
  { drawn, count }: { readonly drawn: Drawn; readonly count: number },
): Direction[] {
  const table = MEASURES.map((_, at) => vectors.map((vector) => correlation(vector, at, drawn)));
  const turned: number[][] = [];
  const names: (Measure | undefined)[] = [];
  const correlations: number[] = [];
  while (turned.length < count) {
    const ways = table.map((row) => withoutThese(row, turned));
    const lengths = ways.map((way, at) => names.includes(MEASURES[at]) ? 0 : Math.hypot(...way));
    const at = lengths.indexOf(Math.max(...lengths));
    const isNamed = lengths[at]! >= LEAST_CORRELATION;
    const way = isNamed ? ways[at]! : longest(
      vectors.map((_, i) => withoutThese(vectors.map((_, k) => Number(k === i)), turned)),
    );
    names.push(isNamed ? MEASURES[at] : undefined);
    correlations.push(isNamed ? lengths[at]! : 0);
    turned.push(way.map((part) => part / Math.hypot(...way)));
  }
  let others = 0;
  return turned.map((way, i) => ({
    ...names[i] ?? { name: `Shape ${++others}`, low: "one way", high: "the other" },
    correlation: correlations[i]!,
    vector: vectors[0]!.map((_, k) =>
      way.reduce((sum, part, j) => sum + part * vectors[j]![k]!, 0)
    ),
  }));
}

/** Removes the parts of a vector along some unit vectors. */
function withoutThese(vector: readonly number[], units: readonly number[][]): number[] {
  return units.reduce((rest, unit) => {
    const along = unit.reduce((sum, part, k) => sum + part * vector[k]!, 0);
    return rest.map((part, k) => part - along * unit[k]!);
  }, [...vector]);
}

function longest(ways: readonly number[][]): number[] {
  return ways.reduce((a, b) => Math.hypot(...b) > Math.hypot(...a) + 1e-9 ? b : a);
}

/** Computes the correlation of a measure with the position along a direction, averaged over the classes. */
function correlation(vector: readonly number[], at: number, { hands, measures }: Drawn): number {
  const along = hands.map((hand) => vector.reduce((sum, part, k) => sum + part * hand[k]!, 0));
  const classes = measures[0]!.length;
  let sum = 0;
  for (let row = 0; row < classes; row++) {
    sum += pearson(along, measures.map((all) => all[row]![at]!)) / classes;
  }
  return sum;
}

function pearson(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((x, y) => x + y, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [both, ofA, ofB] = [0, 0, 0];
  a.forEach((value, i) => {
    const [x, y] = [value - meanA, b[i]! - meanB];
    both += x * y;
    ofA += x * x;
    ofB += y * y;
  });
  return ofA > 0 && ofB > 0 ? both / Math.sqrt(ofA * ofB) : 0;
}
