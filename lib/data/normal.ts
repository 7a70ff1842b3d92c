/** Normal numbers by the ziggurat (Marsaglia and Tsang, 2000): one draw for 99 of 100 of them. */

/** What draws are made from. */
export interface BitSource {
  /** 32 random bits. */
  bits(): number;
  /** A number uniform in [0, 1). */
  uniform(): number;
}

const LAYERS = 256;
/** Where the tail begins, and the area of every layer, for 256 of them. */
const TAIL = 3.6541528853610088;
const AREA = 4.92867323399e-3;

const density = (x: number) => Math.exp(-0.5 * x * x);

/** Right edges of the layers: the first the base's as if it were a rectangle, 0 at the top. */
const EDGES = new Float64Array(LAYERS + 1);
EDGES[0] = AREA / density(TAIL);
EDGES[1] = TAIL;
for (let i = 2; i < LAYERS; i++) {
  EDGES[i] = Math.sqrt(-2 * Math.log(AREA / EDGES[i - 1]! + density(EDGES[i - 1]!)));
}
const HEIGHTS = EDGES.map(density);
/** The part of a layer that is below the density all the way up. */
const SAFE = Float64Array.from({ length: LAYERS }, (_, i) => EDGES[i + 1]! / EDGES[i]!);

/** Beyond the last edge (Marsaglia, 1964). */
function drawTail(source: BitSource): number {
  for (;;) {
    const x = -Math.log(1 - source.uniform()) / TAIL;
    const y = -Math.log(1 - source.uniform());
    if (y + y >= x * x) return TAIL + x;
  }
}

/** A number of the standard normal distribution. */
export function drawNormal(source: BitSource): number {
  for (;;) {
    const word = source.bits() | 0;
    const layer = word & (LAYERS - 1);
    // The 24 bits that the layer does not use (Doornik, 2005, on why not the same ones), in [-1, 1).
    const u = (word >> 8) * 2 ** -23;
    const x = u * EDGES[layer]!;
    if (Math.abs(u) < SAFE[layer]!) return x;
    if (layer === 0) return Math.sign(u) * drawTail(source);
    const top = HEIGHTS[layer + 1]!;
    if (top - (top - HEIGHTS[layer]!) * source.uniform() < density(x)) return x;
  }
}
