/** Measures of an image, after which the directions of a latent space are named. */

/** Measure of an image, with words for small and large values. */
export interface Measure {
  /** Name of a slider for this measure. */
  readonly name: string;
  /** Word for small values. */
  readonly low: string;
  /** Word for large values. */
  readonly high: string;
}

/** Measures, in the order of `measure`. */
export const MEASURES: readonly Measure[] = [
  { name: "Slant", low: "left", high: "right" },
  { name: "Stroke", low: "thin", high: "thick" },
  { name: "Width", low: "narrow", high: "wide" },
  { name: "Height", low: "low", high: "tall" },
  { name: "Rise", low: "falling", high: "rising" },
  { name: "Balance", low: "bottom-heavy", high: "top-heavy" },
  { name: "Side", low: "left-heavy", high: "right-heavy" },
  { name: "Middle", low: "empty", high: "full" },
];

/** Ink below this value counts as paper. */
const FAINT = 0.02;

/**
 * Measures an image `[side * side]` in [0, 1], 1 is ink. Returns one number for each of
 * {@linkcode MEASURES}.
 */
export function measure(image: ArrayLike<number>, side: number): number[] {
  const { ink, x, y, sizeX, sizeY, together, skewX, skewY, middle } = momentsOf(image, side);
  if (ink < 1e-6) return MEASURES.map(() => 0);
  return [
    -together / (sizeY * sizeY + 1e-6), // change of x for one step upwards
    ink / (edgeOf(image, side) + 1e-6), // ink relative to its edge
    sizeX,
    sizeY,
    -together / (sizeX * sizeX + 1e-6), // rise of y for one step to the right
    skewY / (sizeY ** 3 + 1e-6) - y / side,
    x / side - skewX / (sizeX ** 3 + 1e-6),
    middle,
  ];
}

/** Computes the ink of an image, its mean position, and its spread; y counts downwards. */
function momentsOf(image: ArrayLike<number>, side: number) {
  let [ink, sumX, sumY] = [0, 0, 0];
  for (let i = 0; i < side * side; i++) {
    const here = image[i]! > FAINT ? image[i]! : 0;
    ink += here;
    sumX += here * (i % side);
    sumY += here * Math.floor(i / side);
  }
  const [x, y] = [sumX / ink, sumY / ink];
  let [xx, yy, xy, xxx, yyy, middle] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < side * side; i++) {
    if (image[i]! <= FAINT) continue;
    const part = image[i]! / ink;
    const [dx, dy] = [i % side - x, Math.floor(i / side) - y];
    xx += part * dx * dx;
    yy += part * dy * dy;
    xy += part * dx * dy;
    xxx += part * dx ** 3;
    yyy += part * dy ** 3;
    if (dx * dx + dy * dy < side * side / 64) middle += part;
  }
  const [sizeX, sizeY] = [Math.sqrt(xx), Math.sqrt(yy)];
  return { ink, x, y, sizeX, sizeY, together: xy, skewX: xxx, skewY: yyy, middle };
}

/** Computes the sum of all differences between neighbouring pixels. */
function edgeOf(image: ArrayLike<number>, side: number): number {
  let edge = 0;
  for (let i = 0; i < side * (side - 1); i++) {
    edge += Math.abs(image[i]! - image[i + side]!);
    if (i % side < side - 1) edge += Math.abs(image[i]! - image[i + 1]!);
  }
  return edge;
}
