/** Process that trains in a folder until it is killed, and prints when it has started. */
import { Discriminator } from "../../lib/nn/mod.ts";
import { TrainingRun } from "../../lib/train/mod.ts";

const [folder = ""] = Deno.args;
const D = new Discriminator({ compile: false, print: () => {} });
const run = new TrainingRun({ networks: { D } }, { folder, saveEvery: 3 });
for await (const step of run.steps(1e9, { sliceMs: 1 })) {
  D.train([1, 0, 1, 0], [1]);
  if (step === 10) console.log("at work");
}
