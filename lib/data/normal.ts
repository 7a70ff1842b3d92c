/**
 * Draws normal numbers by the ziggurat method (Marsaglia and Tsang, 2000). 99 of 100 numbers
 * need only one random word.
 */

/** Source of random bits. */
interface BitSource {
  /** Returns 32 random bits. */
  bits(): number;
  /** Returns a number uniform in [0, 1). */
  uniform(): number;
}

const LAYERS = 256;
/** Start of the tail and area of each layer, for 256 layers. */
const TAIL = 3.6541528853610088;
const AREA = 4.92867323399e-3;

const density = (x: number) => Math.exp(-0.5 * x * x);

/**
 * Right edges of the layers, from the bottom to the top, where the edge is 0. The first is the edge
 * that the base would have as a rectangle of the same area.
 */
const EDGES = new Float64Array(LAYERS + 1);
EDGES[0] = AREA / density(TAIL);
EDGES[1] = TAIL;
for (let i = 2; i < LAYERS; i++) {
  EDGES[i] = Math.sqrt(-2 * Math.log(AREA / EDGES[i - 1]! + density(EDGES[i - 1]!)));
}
const HEIGHTS = EDGES.map(density);
/** Share of a layer's width in which every point lies below the density. */
const SAFE = Float64Array.from({ length: LAYERS }, (_, i) => EDGES[i + 1]! / EDGES[i]!);

/** Draws a number from the tail, beyond the last edge (Marsaglia, 1964). */
function drawTail(source: BitSource): number {
  for (;;) {
    const x = -Math.log(1 - source.uniform()) / TAIL;
    const y = -Math.log(1 - source.uniform());
    if (y + y >= x * x) return TAIL + x;
  }
}

/** Draws a number from the standard normal distribution. */
export function drawNormal(source: BitSource): number {
  for (;;) {
    const word = source.bits() | 0;
    const layer = word & (LAYERS - 1);
    // The 24 bits that do not choose the layer, as a number in [-1, 1). Doornik (2005) says why
    // they must be other bits.
    const u = (word >> 8) * 2 ** -23;
    const x = u * EDGES[layer]!;
    if (Math.abs(u) < SAFE[layer]!) return x;
    if (layer === 0) return Math.sign(u) * drawTail(source);
    const top = HEIGHTS[layer + 1]!;
    if (top - (top - HEIGHTS[layer]!) * source.uniform() < density(x)) return x;
  }
}
