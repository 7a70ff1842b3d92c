/**
 * W4 of the benchmark is notebook 04: its networks, losses, optimizers, penalty and steps, in this
 * project's peer and in PyTorch's. A change of one of them alone fails here.
 */

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Random } from "../../lib/data/mod.ts";
import { projectRoot } from "../../notebooks/tasks/paths.ts";
import { cellsOf } from "../notebooks/notebook_cells.ts";
import { openCompiled } from "./peers/compiled.ts";
import { type DigitPlayers, digitPlayers, setWeights } from "./peers/gan_steps.ts";
import { checkedLosses } from "./peers/serve.ts";
import * as bench from "./workloads.ts";

/** Something with the next batch. */
interface Batches {
  next(): Float32Array;
}

/** What the cells of notebook 04 define. */
interface NotebookPlayers extends DigitPlayers {
  readonly batchSize: number;
  readonly latentSize: number;
  readonly classes: number;
  readonly realDigits: Batches;
  readonly inputs: Batches;
  /** Makes the steps of one iteration. */
  readonly iterate: (realDigits: Batches, inputs: Batches) => void;
}

/** Runs the cells of notebook 04 that define its players, and makes a function of its steps. */
async function playersOfNotebook(): Promise<NotebookPlayers> {
  const start = ["const notebook = await startNotebook();", ""] as const;
  const cells = cellsOf("04_conditional_gan_mnist.ipynb", [start]);
  const having = (text: string) => cells.find((cell) => cell.includes(text))!;
  const game = having("for await (const _ of game)");
  const [, steps] = /for await \(const _ of game\) \{\n(.*?)\n\}/s.exec(game)!;
  const targets = game.split("\n").filter((line) => /^const (real|generated) =/.test(line));
  const source = [
    ...["import * as tf", "const seed =", "loadMnist()", "new nn.Discriminator("].map(having),
    ...targets,
    "export { average, batchSize, classes, D, G, inputs, latentSize, realDigits };",
    `type Batches = { next(): Float32Array };`,
    `export const iterate = (realDigits: Batches, inputs: Batches) => {\n${steps}\n};`,
  ].join("\n").replaceAll('"../lib/', `"${pathToFileURL(join(projectRoot, "lib"))}/`);
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, source);
    return await import(pathToFileURL(file).href);
  } finally {
    await Deno.remove(file);
  }
}

/** Describes what a network computes: its layers without their names and seeds, and its weights. */
function describeModel(model: tf.LayersModel): unknown {
  const layers = model.layers.map((layer) => {
    const { name: _, ...config } = layer.getConfig();
    return [layer.getClassName(), JSON.parse(JSON.stringify(config, withoutSeed))];
  });
  return { layers, weights: model.weights.map(({ shape }) => shape) };
}

function withoutSeed(key: string, value: unknown): unknown {
  return key === "seed" ? undefined : value;
}

/** Finds γ of an R1 penalty: the penalty is γ/2 · every · slope². */
function gammaOf({ D: { penalty } }: DigitPlayers): number {
  const slope = tf.tidy(() => penalty!.compute(tf.ones([1, bench.pixels])).dataSync()[0]!);
  return Number((2 * slope / penalty!.every / bench.pixels).toPrecision(5));
}

/** Describes the settings of the players. */
function describePlayers(players: DigitPlayers) {
  const { D, G, average } = players;
  const { every, inputs, name } = D.penalty!;
  return {
    optimizers: [D, G].map(({ optimizer }) => [optimizer.getClassName(), optimizer.getConfig()]),
    loss: D.loss.name,
    penalty: { name, every, inputs, gamma: gammaOf(players) },
    decay: average.decay,
    models: [D, G].map(({ model }) => describeModel(model)),
  };
}

/** Returns the numbers that a Python file assigns to capital names, such as `EVERY, DECAY = 4, 0.9`. */
function constantsOf(python: string): Record<string, number | number[]> {
  const lines = [...python.matchAll(/^([A-Z][A-Z_, ]+) = ([-\d.e, ()]+)$/gm)];
  return Object.fromEntries(lines.flatMap(([, names, values]) => {
    const all = JSON.parse(`[${values!.replaceAll("(", "[").replaceAll(")", "]")}]`);
    return names!.split(", ").map((name, i) => [name, all[i]]);
  }));
}

/** Lists the shapes of the parameters of a PyTorch class in TensorFlow.js's layout, from its source. */
function shapesIn(python: string, name: string): number[][] {
  const constants = constantsOf(python);
  const source = python.slice(python.indexOf(`class ${name}(nn.Module)`)).split("def forward")[0]!;
  const layers = source.matchAll(/nn\.(Linear|Conv2d|ConvTranspose2d)\(([^=)]+?)(?:, \w+=|\))/g);
  return [...layers].flatMap(([found, layer, list]) => {
    const [from, to, side] = list!.split(", ").map((size) =>
      size.split(" + ").reduce((sum, part) => sum + Number(constants[part] ?? part), 0)
    ) as [number, number, number];
    const kernels = { Linear: [from, to], Conv2d: [side, side, from, to] };
    const kernel = { ...kernels, ConvTranspose2d: [side, side, to, from] }[layer!]!;
    return found.includes("bias=") ? [kernel] : [kernel, [to]];
  });
}

/** Plays the iterations of the check with the notebook's own steps; returns all losses. */
function lossesOfNotebook({ D, G, iterate }: NotebookPlayers): number[] {
  const take = bench.reader(bench.checkValues("w4"));
  setWeights({ d: D.model, g: G.model }, bench.workloads.w4.parameters.map(take));
  const losses: number[] = [];
  const trainD = D.train.bind(D), trainG = G.train.bind(G);
  const keep = (loss: number) => (losses.push(loss), loss);
  D.train = (...of) => keep(trainD(...of));
  G.train = (...of) => keep(trainG(...of));
  for (let step = 0; step < bench.workloads.w4.checkSteps; step++) {
    const [images, ...noises] = bench.inputShapes("w4").map(take);
    iterate({ next: () => images! }, { next: () => noises.shift()! });
  }
  return losses;
}

await tf.setBackend("cpu");
const notebook = await playersOfNotebook();
const peers = ["python_peer.py", "torch_peer.py"].map((name) =>
  Deno.readTextFileSync(join(import.meta.dirname!, "peers", name))
);
const python = peers.join("\n");

Deno.test("W4's players have the layers, loss, penalty, optimizers and average of notebook 04", () => {
  assert.deepEqual(describePlayers(digitPlayers(new Random(1))), describePlayers(notebook));
});

Deno.test("W4's weights, batches and inputs have the sizes of notebook 04", () => {
  const { D, G, batchSize, latentSize, classes, realDigits, inputs } = notebook;
  const weights = [D, G].flatMap(({ model }) => model.weights.map(({ shape }) => shape));
  assert.deepEqual(bench.workloads.w4.parameters, weights);
  assert.equal(bench.workloads.w4.checkBatch, batchSize);
  assert.deepEqual(
    [bench.batchSize, bench.digitLatentSize, bench.classes],
    [batchSize, latentSize, classes],
  );
  assert.deepEqual(
    bench.inputShapes("w4").map(bench.sizeOf),
    [realDigits, inputs, inputs].map((batches) => batches.next().length),
  );
});

Deno.test("W4's steps give the losses of notebook 04's steps, to the last bit", async () => {
  const session = await openCompiled("w4", bench.batchSize);
  const losses = await checkedLosses("w4", session, bench.checkValues("w4"));
  assert.equal(losses.length, 3 * bench.workloads.w4.checkSteps);
  assert.deepEqual(losses, lossesOfNotebook(notebook));
  assert.equal(notebook.average.updates, bench.workloads.w4.checkSteps);
});

Deno.test("the Python peers of W4 have the settings of notebook 04, and PyTorch's the shapes", () => {
  const { D, G, batchSize, latentSize, classes, average } = notebook;
  const shapes = [D, G].map(({ model }) => model.weights.map(({ shape }) => shape));
  assert.deepEqual([shapesIn(python, "Judge"), shapesIn(python, "Artist")], shapes);
  const { learningRate, beta1, beta2, epsilon } = D.optimizer.getConfig();
  const { BATCH, DIGIT_LATENT, CLASSES, PIXELS, ...found } = constantsOf(python);
  assert.deepEqual(
    [BATCH, DIGIT_LATENT, CLASSES, PIXELS],
    [batchSize, latentSize, classes, D.penalty!.inputs],
  );
  const { DIGIT_RATE, DIGIT_BETAS, GAMMA, EVERY, DECAY } = found;
  assert.deepEqual([DIGIT_RATE, DIGIT_BETAS, GAMMA, EVERY, DECAY], [
    learningRate,
    [beta1, beta2],
    gammaOf(notebook),
    D.penalty!.every,
    average.decay,
  ]);
  const own = (name: string) => python.split(`class ${name}(`)[1]!.split("\nclass ")[0]!;
  assert.ok(own("Digits").includes(`"eps": ${epsilon}`));
  assert.ok(own("Digits").includes("nn.BCEWithLogitsLoss()"));
  assert.equal(D.loss.name, "BCE from logits");
  const slopes = [...own("Judge").matchAll(/LeakyReLU\(([\d.]+)\)/g)].map(([, slope]) => +slope!);
  const leaky = D.model.layers.filter((layer) => layer.getClassName() === "LeakyReLU");
  assert.deepEqual(slopes, leaky.map((layer) => layer.getConfig().alpha));
});
