/** `plotProgress` draws the losses of both networks over the same iterations, each in its colour. */
import assert from "node:assert/strict";
import { Discriminator, Generator } from "../../lib/nn/mod.ts";
import type { Figure } from "../../lib/plot/mod.ts";
import { COLORS } from "../../lib/plot/theme.ts";

function starsOf({ data }: Figure): { x: number[]; marker: { color: string } } {
  return data[0] as unknown as { x: number[]; marker: { color: string } };
}

Deno.test("plotProgress() of both networks has the iterations of the game on its axis", () => {
  const [D, G] = [new Discriminator(), new Generator()];
  for (let iteration = 0; iteration < 20; iteration++) {
    D.train([1, 0, 1, 0], [1]);
    D.train(G.forward([0.5]), [0]);
    G.train(D, [0.5], [1]);
  }
  assert.deepEqual(starsOf(D.plotProgress()).x, [5, 10, 15, 20]); // two of its steps an iteration
  assert.deepEqual(starsOf(G.plotProgress()).x, [10, 20]);
  assert.equal(starsOf(D.plotProgress()).marker.color, COLORS.discriminator);
  assert.equal(starsOf(G.plotProgress()).marker.color, COLORS.generator);
});

Deno.test("plotProgress() of a discriminator that trains alone counts its steps, and none at first", () => {
  const D = new Discriminator();
  assert.deepEqual(starsOf(D.plotProgress()).x, []);
  for (let step = 0; step < 20; step++) D.train([1, 0, 1, 0], [1]);
  assert.deepEqual(starsOf(D.plotProgress()).x, [10, 20]);
});
