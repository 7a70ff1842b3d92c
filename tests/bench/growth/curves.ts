/** Curves of what was measured, as numbers that figures and tables show. */

/** Line of a panel. */
export interface Line {
  /** Name in the legend. */
  readonly name: string;
  /** Peer or program, which has one colour. */
  readonly of: string;
  /** Horizontal positions. */
  readonly x: readonly number[];
  /** Values. */
  readonly y: readonly number[];
}

/** Panel of a figure. */
export interface Panel {
  /** Title of the horizontal axis. */
  readonly x: string;
  /** Title of the vertical axis. */
  readonly y: string;
  /** What stays the same in the panel. */
  readonly below: string;
  /** Lines. */
  readonly lines: readonly Line[];
}

/** Measured value of a line. */
export interface Sample {
  /** Peer or program. */
  readonly of: string;
  /** Part of it, if there are several lines; drawn dotted. */
  readonly part?: string;
  /** Horizontal position. */
  readonly x: number;
  /** Value; undefined if the peer did not report it. */
  readonly y: number | undefined;
}

/** Gathers samples to lines, in the order in which the names first occur, from left to right. */
export function linesOf(samples: readonly Sample[]): Line[] {
  const known = samples.filter(({ y }) => y !== undefined);
  const nameOf = ({ of, part }: Sample) => part === undefined ? of : `${of}, ${part}`;
  return [...Map.groupBy(known, nameOf)].map(([name, some]) => {
    const sorted = some.toSorted((a, b) => a.x - b.x);
    return { name, of: some[0]!.of, x: sorted.map(({ x }) => x), y: sorted.map(({ y }) => y!) };
  });
}

/**
 * Computes the power of x with which y grows: the slope of the least squares line through the
 * logarithms. It is 1 if y is proportional to x, and 2 for a square.
 */
export function growthPower({ x, y }: Pick<Line, "x" | "y">): number {
  const [u, v] = [x.map(Math.log), y.map(Math.log)];
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const [mu, mv] = [mean(u), mean(v)];
  const spread = u.reduce((sum, each) => sum + (each - mu) ** 2, 0);
  return u.reduce((sum, each, i) => sum + (each - mu) * (v[i]! - mv), 0) / spread;
}

/** Keeps the points of a line from a horizontal position on. */
export function from(start: number, { name, of, x, y }: Line): Line {
  const kept = x.flatMap((each, i) => each >= start ? [i] : []);
  return { name, of, x: kept.map((i) => x[i]!), y: kept.map((i) => y[i]!) };
}
