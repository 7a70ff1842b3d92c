/** Chooses images at random, always the same ones. */
import { Random } from "../data/mod.ts";

/**
 * Chooses `count` of `all` positions at random, always the same ones.
 *
 * Evenly spaced positions would be wrong, because digits are often requested in turn, and in
 * MNIST's training file the writers of its two sources alternate. With an even spacing the Fréchet
 * distance of real images was 10.5 instead of 1.9, and with a spacing of 10 the recall was 0.10
 * instead of 0.86.
 */
export function choosePositions(count: number, all: number): Int32Array {
  const positions = Int32Array.from({ length: all }, (_, i) => i);
  return count === all ? positions : new Random(0).shuffle(positions).subarray(0, count);
}
