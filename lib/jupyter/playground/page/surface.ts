/** Colours of D's answers, the same in the page and in the picture that replaces it. */

/**
 * Returns the colour of an answer from 0 to 1, in eleven bands: orange is generated, white is
 * undecided, blue is real.
 */
export function answerColor(answer: number): [number, number, number] {
  const band = Math.min(10, Math.max(0, Math.floor(answer * 11))) / 10;
  const [from, to, part] = band < 0.5
    ? [[239, 173, 128], [247, 247, 247], 2 * band]
    : [[247, 247, 247], [127, 179, 217], 2 * band - 1];
  return [0, 1, 2].map((i) => Math.round(from[i]! + (to[i]! - from[i]!) * part)) as [
    number,
    number,
    number,
  ];
}

/**
 * Returns the centers of `cells * cells` cells from `-reach` to `reach`, row by row from above:
 * `[cells * cells, 2]`.
 */
export function placesOf(cells: number, reach: number): Float32Array {
  const middle = (i: number) => reach * ((2 * i + 1) / cells - 1);
  const places = new Float32Array(2 * cells * cells);
  for (let i = 0; i < cells * cells; i++) {
    places[2 * i] = middle(i % cells);
    places[2 * i + 1] = -middle(Math.floor(i / cells));
  }
  return places;
}

/**
 * Runs a program, which takes a fixed number of rows, on any number of rows `[rows, 2]`. Returns
 * the results of all rows.
 */
export function runRows(
  program: {
    readonly inputs: readonly { readonly shape: readonly number[] }[];
    run(...inputs: readonly ArrayLike<number>[]): ArrayLike<number>[];
  },
  rows: Float32Array,
): Float32Array[] {
  const batch = program.inputs[0]!.shape[0]!;
  const count = rows.length / 2;
  const input = new Float32Array(2 * batch);
  let all: Float32Array[] = [];
  for (let at = 0; at < count; at += batch) {
    const here = Math.min(batch, count - at);
    input.set(rows.subarray(2 * at, 2 * (at + here)));
    const results = program.run(input);
    if (at === 0) all = results.map(({ length }) => new Float32Array(length / batch * count));
    results.forEach((values, i) => {
      const width = values.length / batch;
      all[i]!.set((values as Float32Array).subarray(0, here * width), at * width);
    });
  }
  return all;
}
