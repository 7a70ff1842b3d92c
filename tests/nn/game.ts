/** The 1-0-1-0 game as notebook 01 plays it, for tests. */
import { generate1010, Random } from "../../lib/data/mod.ts";
import { Discriminator, type DiscriminatorOptions, Generator } from "../../lib/nn/mod.ts";

/** Two players and the random generator of their real data. */
export interface Game {
  readonly D: Discriminator;
  readonly G: Generator;
  readonly data: Random;
}

/** Makes new players whose initial weights and data come from one seed; they do not print. */
export function newGame(seed: number, options: DiscriminatorOptions = {}): Game {
  const rng = new Random(seed);
  const print = () => {};
  return {
    D: new Discriminator({ ...options, rng: rng.split("D"), print }),
    G: new Generator({ rng: rng.split("G"), print }),
    data: rng.split("data"),
  };
}

/** Runs the three lines of the script `iterations` times. */
export function play({ D, G, data }: Game, iterations: number): void {
  for (let i = 0; i < iterations; i++) {
    D.train(generate1010(data), [1]);
    D.train(G.forward([0.5]), [0]);
    G.train(D, [0.5], [1]);
  }
}

/** Returns all weights of a network, in order, as plain numbers. */
export function weightsOf({ model }: Pick<Discriminator | Generator, "model">): number[] {
  return model.getWeights().flatMap((weight) => [...weight.dataSync()]);
}
