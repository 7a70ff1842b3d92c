/** A small state of a GAN in the plane, for tests of its figures. */

import type { PlaneState } from "../../lib/plot/mod.ts";

/** State with two by two cells from -3 to 3, two points, and a lattice of 3 by 3. */
export const state: PlaneState = {
  iteration: 1200,
  reach: 3,
  surface: [0.1, 0.9, 0.5, 0.123456],
  real: [1, 2, -1, -2],
  fake: [0, 0, 1, 1],
  pushes: [3, 4, 0, -1],
  lattice: Array.from({ length: 9 }, (_, i) => [i % 3, Math.floor(i / 3)]).flat(),
};
