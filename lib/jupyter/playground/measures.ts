/** Measures of a drawing, by which the directions of a latent space are named. */

/** A measure of an image, and the words for little and much of it. */
export interface Measure {
  /** What a slider along it is called. */
  readonly name: string;
  /** Little of it. */
  readonly low: string;
  /** Much of it. */
  readonly high: string;
}

/** The measures, in the order of `measure`. */
export const MEASURES: readonly Measure[] = [
  { name: "Slant", low: "to the left", high: "to the right" },
  { name: "Stroke", low: "thin", high: "thick" },
  { name: "Width", low: "narrow", high: "wide" },
  { name: "Height", low: "low", high: "tall" },
  { name: "Rise", low: "falling", high: "rising" },
  { name: "Weight", low: "at the bottom", high: "at the top" },
  { name: "Side", low: "heavy left", high: "heavy right" },
  { name: "Middle", low: "empty", high: "full" },
];

/** Measures an image `[side * side]` in [0, 1], 1 is ink: one number for each of {@linkcode MEASURES}. */
export function measure(image: ArrayLike<number>, side: number): number[] {
  const { ink, x, y, sizeX, sizeY, together, skewX, skewY, middle } = momentsOf(image, side);
  if (ink < 1e-6) return MEASURES.map(() => 0);
  return [
    -together / (sizeY * sizeY + 1e-6), // how far x moves for a step upwards
    ink / (edgeOf(image, side) + 1e-6), // ink for its edge
    sizeX,
    sizeY,
    -together / (sizeX * sizeX + 1e-6), // how far y rises for a step to the right
    skewY / (sizeY ** 3 + 1e-6) - y / side,
    x / side - skewX / (sizeX ** 3 + 1e-6),
    middle / ink,
  ];
}

/** The ink of an image, its mean place, and how it spreads; y counts downwards. */
function momentsOf(image: ArrayLike<number>, side: number) {
  const each = (read: (dx: number, dy: number) => number, x = 0, y = 0) => {
    let sum = 0;
    for (let i = 0; i < side * side; i++) {
      if (image[i]! > 0.02) sum += image[i]! * read(i % side - x, Math.floor(i / side) - y);
    }
    return sum;
  };
  const ink = each(() => 1);
  const x = each((dx) => dx) / ink;
  const y = each((_, dy) => dy) / ink;
  const mean = (read: (dx: number, dy: number) => number) => each(read, x, y) / ink;
  return {
    ink,
    x,
    y,
    sizeX: Math.sqrt(mean((dx) => dx * dx)),
    sizeY: Math.sqrt(mean((_, dy) => dy * dy)),
    together: mean((dx, dy) => dx * dy),
    skewX: mean((dx) => dx ** 3),
    skewY: mean((_, dy) => dy ** 3),
    middle: each((dx, dy) => Number(dx * dx + dy * dy < side * side / 64), x, y),
  };
}

/** The sum of all differences between neighbours. */
function edgeOf(image: ArrayLike<number>, side: number): number {
  let edge = 0;
  for (let i = 0; i < side * (side - 1); i++) {
    edge += Math.abs(image[i]! - image[i + side]!);
    if (i % side < side - 1) edge += Math.abs(image[i]! - image[i + 1]!);
  }
  return edge;
}
