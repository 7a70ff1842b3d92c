/**
 * Random numbers for pages. The function is also copied to the page as text, so it cannot use
 * anything outside it.
 */

/** Makes a source of standard normal numbers; the same seed gives the same numbers. */
export function normalNumbers(seed: number): () => number {
  let state = seed | 0;
  const uniform = () => { // Mulberry32
    state = state + 0x6d2b79f5 | 0;
    let mixed = Math.imul(state ^ state >>> 15, state | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
