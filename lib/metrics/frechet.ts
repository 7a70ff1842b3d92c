/** Fréchet distance between two sets of samples, each approximated by a normal distribution. */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { checkOptions } from "../check/mod.ts";
import { LOOP_KINDS, type LoopOptions, steps } from "../train/mod.ts";
import { checkSameFeatures, countSamples, type Features } from "./features.ts";

/** Normal distribution of vectors with `width` numbers. */
export interface Gaussian {
  /** Mean of the distribution, `[width]`. */
  readonly mean: readonly number[];
  /** Covariance of the distribution, `[width, width]`, symmetric. */
  readonly covariance: readonly (readonly number[])[];
}

const TASK = "measure a Fréchet distance";

/**
 * Computes the mean and the covariance (divided by n - 1) of a set of samples.
 *
 * @throws {TypeError | RangeError} if there are fewer than 2 samples, they are not whole rows of
 * finite numbers, or an option is unknown or wrong.
 */
export async function gaussianOf(
  features: Features,
  options: LoopOptions = {},
): Promise<Gaussian> {
  checkOptions(TASK, options, { kinds: LOOP_KINDS });
  const count = countSamples(features, { task: TASK, atLeast: 2 });
  const { values, width } = features;
  const mean = new Float64Array(width);
  values.forEach((value, i) => mean[i % width]! += value / count);
  const sums = new Float64Array(width * width);
  const row = new Float64Array(width);
  for await (const sample of steps(count, options)) {
    for (let i = 0; i < width; i++) row[i] = values[sample * width + i]! - mean[i]!;
    for (let i = 0; i < width; i++) {
      for (let j = 0; j <= i; j++) sums[i * width + j]! += row[i]! * row[j]!;
    }
  }
  const indices = Array.from({ length: width }, (_, i) => i);
  const entry = (i: number, j: number) => sums[Math.max(i, j) * width + Math.min(i, j)]!;
  const covariance = indices.map((i) => indices.map((j) => entry(i, j) / (count - 1)));
  return { mean: [...mean], covariance };
}

/**
 * Entries below this fraction of the largest one are set to 0; their square root is below the
 * precision of floats.
 */
const NOTHING = 1e-32;

/**
 * Computes the eigenvalues and eigenvectors of a symmetric matrix without negative eigenvalues.
 * Values that rounding made negative become 0.
 */
function decompose(matrix: Matrix): { readonly values: number[]; readonly vectors: Matrix } {
  const scale = Math.max(-matrix.min(), matrix.max()) || 1;
  // Scaled to 1, and with tiny entries set to 0: the iteration compares entries with the rounding
  // error of others, which must not be 0.
  const scaled = Matrix.div(matrix, scale).to2DArray().map((row) =>
    row.map((value) => Math.abs(value) < NOTHING ? 0 : value)
  );
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(scaled, {
    assumeSymmetric: true,
  });
  const values = realEigenvalues.map((value) => scale * Math.max(0, value));
  return { values, vectors: eigenvectorMatrix };
}

/** Computes the symmetric square root of a symmetric matrix without negative eigenvalues. */
function squareRoot(matrix: Matrix): Matrix {
  const { values, vectors } = decompose(matrix);
  return vectors.mmul(Matrix.diag(values.map(Math.sqrt))).mmul(vectors.transpose());
}

/**
 * Computes the squared Fréchet distance |m1 - m2|² + trace(C1 + C2 - 2 (C1 C2)^½) between two
 * normal distributions with means m1, m2 and covariances C1, C2 (Dowson and Landau, 1982).
 *
 * The trace of (C1 C2)^½ equals that of (C1^½ C2 C1^½)^½. In the second form all matrices are
 * symmetric, so that the eigenvalues are real.
 */
export function gaussianDistance(a: Gaussian, b: Gaussian): number {
  const [first, second] = [a, b].map(({ covariance }) => new Matrix(covariance as number[][]));
  const root = squareRoot(first!);
  const product = root.mmul(second!).mmul(root);
  const symmetric = product.add(product.transpose()).mul(0.5);
  const shared = decompose(symmetric).values.reduce((sum, value) => sum + Math.sqrt(value), 0);
  const apart = a.mean.reduce((sum, value, i) => sum + (value - b.mean[i]!) ** 2, 0);
  return Math.max(0, apart + first!.trace() + second!.trace() - 2 * shared);
}

/**
 * Computes the squared Fréchet distance between two sets of samples (Heusel et al., "GANs trained
 * by a two time-scale update rule", 2017). It is 0 for equal sets and grows with the difference of
 * their means and covariances.
 *
 * It has no unit, and it falls as the number of samples grows. So state it together with the
 * distance between two sets of real samples of the same size. For a width of 128 it takes about a
 * tenth of a second, in one piece: three products of `[width, width]` matrices and two eigenvalue
 * decompositions.
 *
 * @throws {TypeError | RangeError} if a set has fewer than 2 samples, the sets are not whole rows
 * of finite numbers of one width, or an option is unknown or wrong.
 */
export async function frechetDistance(
  real: Features,
  generated: Features,
  options: LoopOptions = {},
): Promise<number> {
  checkSameFeatures(real, generated, TASK);
  return gaussianDistance(await gaussianOf(real, options), await gaussianOf(generated, options));
}
