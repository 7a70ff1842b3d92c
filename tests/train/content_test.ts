/**
 * The content of checkpoints: senseless content is skipped, content that does not fit is refused
 * completely.
 */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { Batches, Random } from "../../lib/data/mod.ts";
import {
  Discriminator,
  type DiscriminatorOptions,
  Generator,
  gradientPenalty,
  linear,
} from "../../lib/nn/mod.ts";
import { type CheckpointParts, Checkpoints } from "../../lib/train/mod.ts";
import { change, type Json, json } from "./changed_files.ts";
import { withFolder } from "./folders.ts";
import { tinyRun } from "./tiny_run.ts";

type Edit = (bytes: Uint8Array) => Uint8Array;
type Senseless = readonly [what: string, file: string, edit: Edit];

const network = (edit: (D: Json) => void) => json((saved) => edit(saved.networks.D));
const optimizer = (edit: (optimizer: Json) => void) => network((D) => edit(D.optimizer));
const weights = (edit: (weights: Json[]) => void) =>
  json((model) => edit(model.weightsManifest[0].weights));
const withNaN: Edit = (bytes) => {
  const changed = bytes.slice();
  new Float32Array(changed.buffer)[1] = NaN;
  return changed;
};
const shorter: Edit = (bytes) => bytes.slice(0, -4);
const longer: Edit = (bytes) => Uint8Array.of(...bytes, 0, 0, 0, 0);
const text = (content: string): Edit => () => new TextEncoder().encode(content);

/** Values that are wrong for counts, lists, names and tables. */
const NONE: readonly [string, unknown][] = [
  ["null", null],
  ["-1", -1],
  ["a fraction", 0.5],
  ["text", "12"],
  ["a list of text", ["x"]],
  ["an object in a list", [{}]],
];

/** Parts of `checkpoint.json`, each with a function that sets or removes a value. */
const PLACES: Readonly<Record<string, (saved: Json, value: unknown) => void>> = {
  step: (saved, value) => saved.step = value,
  run: (saved, value) => saved.run = typeof value === "string" ? 3 : value,
  version: (saved, value) => saved.version = value,
  networks: (saved, value) => saved.networks = value,
  "the network D": (saved, value) => saved.networks.D = value,
  counter: (saved, value) => saved.networks.D.counter = value,
  progress: (saved, value) => saved.networks.D.progress = value,
  "history of real": (saved, value) => saved.networks.D.history.real = value,
  history: (saved, value) => saved.networks.D.history = value,
  answers: (saved, value) => saved.networks.D.answers = value,
  "steps on fake": (saved, value) => saved.networks.D.steps.fake = value,
  frozen: (saved, value) => saved.networks.D.frozen = value,
  "outputs of G": (saved, value) => saved.networks.G.outputs = value,
  optimizer: (saved, value) => saved.networks.D.optimizer = value,
  iterations: (saved, value) => saved.networks.D.optimizer.iterations = value,
  "the class of the optimizer": (saved, value) =>
    saved.networks.D.optimizer.name = typeof value === "string" ? 3 : value,
  numbers: (saved, value) => saved.networks.D.optimizer.numbers = value,
  "learning rate": (saved, value) =>
    saved.networks.D.optimizer.numbers.learningRate = typeof value === "number" ? "1" : value,
  slots: (saved, value) => saved.networks.D.optimizer.slots = value,
  "shape of a slot": (saved, value) => saved.networks.D.optimizer.slots[2].shape = value,
  "type of a slot": (saved, value) => saved.networks.D.optimizer.slots[2].dtype = value,
  "field of a slot": (saved, value) => saved.networks.D.optimizer.slots[2].field = value,
  "path of a slot": (saved, value) => saved.networks.D.optimizer.slots[2].path = value,
  averages: (saved, value) => saved.averages = value,
  "the average G": (saved, value) => saved.averages.G = value,
  states: (saved, value) => saved.states = value,
  "the state noise": (saved, value) => saved.states.noise = value,
  "the state batches": (saved, value) => saved.states.batches = value,
  lists: (saved, value) => saved.lists = value,
  "the list dLoss": (saved, value) => saved.lists.dLoss = value,
};

/** Parts without which the checkpoint belongs to other parts. */
const isOptional = (place: string) => /^the (state|list)/.test(place);

const SENSELESS: readonly Senseless[] = [
  ...Object.entries(PLACES).flatMap(([place, put]) => [
    ...NONE.map(([name, value]): Senseless => [
      `${name} for ${place}`,
      "checkpoint.json",
      json((saved) => put(saved, value)),
    ]),
    ...(isOptional(place) ? [] : [
      [`no ${place}`, "checkpoint.json", json((saved) => put(saved, undefined))] as const,
    ]),
  ]),
  ["words of zeros", "checkpoint.json", json((saved) => saved.states.noise.words = [0, 0, 0, 0])],
  ["a frozen layer 9", "checkpoint.json", network((D) => D.frozen = ["9"])],
  ["no slots", "checkpoint.json", optimizer((o) => o.slots = [])],
  ["a slot twice", "checkpoint.json", optimizer((o) => o.slots[3] = o.slots[2])],
  ["a turned slot", "checkpoint.json", optimizer((o) => o.slots[2].shape.reverse())],
  ["a slot of another weight", "checkpoint.json", optimizer((o) => o.slots[2].path = "1.0")],
  ["a slot of an unknown field", "checkpoint.json", optimizer((o) => o.slots[2].field = "moment")],
  ["a list of JSON", "checkpoint.json", text("[]")],
  ["no JSON", "checkpoint.json", text("{")],
  ["NaN among the weights", "D/weights.bin", withNaN],
  ["NaN among the slots", "D/optimizer.bin", withNaN],
  ["NaN among the outputs", "G/outputs.bin", withNaN],
  ["NaN in the average", "G.average/weights.bin", withNaN],
  ...["D/weights.bin", "D/optimizer.bin", "G/outputs.bin", "G.average/weights.bin"].flatMap((
    file,
  ): Senseless[] => [[`too short a ${file}`, file, shorter], [`too long a ${file}`, file, longer]]),
  ["a turned weight", "D/model.json", weights(([kernel]) => kernel.shape.reverse())],
  ["a weight twice", "D/model.json", weights((list) => list[1].path = list[0].path)],
  ["a weight without a path", "D/model.json", weights(([kernel]) => delete kernel.path)],
  ["a weight of another type", "D/model.json", weights(([kernel]) => kernel.dtype = "int32")],
  ["no shape of a weight", "D/model.json", weights(([kernel]) => kernel.shape = [null])],
  ["no weights", "D/model.json", json((model) => model.weightsManifest = [])],
  ["no manifest", "D/model.json", json((model) => model.weightsManifest = 3)],
  [
    "no layers",
    "D/model.json",
    json((model) => delete model.modelTopology.config.layers[1].config),
  ],
  ["no model", "D/model.json", json((model) => model.modelTopology = null)],
  ["no class of a layer", "D/model.json", json((m) => m.modelTopology.config.layers[0] = {})],
  ["no model.json", "D/model.json", text("")],
];

Deno.test(`Checkpoints.restore() skips senseless content, of ${SENSELESS.length} kinds`, () =>
  withFolder(async (folder) => {
    const lines: string[] = [];
    const run = tinyRun(folder, { warn: (line) => lines.push(line) });
    for (let i = 0; i < 20; i++) run.step();
    await run.checkpoints.save(20);
    const good = await run.everything();
    for (let i = 0; i < 20; i++) run.step();
    const path = await run.checkpoints.save(40);
    for (const [what, file, edit] of SENSELESS) {
      const before = await Deno.readFile(`${path}/${file}`);
      await change(path, file, edit);
      run.step();
      assert.equal((await run.checkpoints.restore())?.step, 20, what);
      assert.equal(await run.everything(), good, what);
      assert.equal(lines.length, 1, what);
      const [line = ""] = lines.splice(0);
      assert.match(
        line,
        /^Cannot restore the checkpoint .*: expected [^\n]* got [^\n]*; continuing/,
      );
      assert.doesNotMatch(line, /undefined \(reading|is not (iterable|a function)/, what);
      await change(path, file, () => before);
    }
    assert.equal((await run.checkpoints.restore())?.step, 40);
    assert.deepEqual(lines, []);
  }));

Deno.test("Checkpoints.restore() changes nothing if all content is senseless", () =>
  withFolder(async (folder) => {
    const run = tinyRun(folder);
    for (let i = 0; i < 20; i++) run.step();
    const path = await run.checkpoints.save(20);
    for (let i = 0; i < 3; i++) run.step();
    const before = await run.everything();
    for (const [what, file, edit] of SENSELESS) {
      const bytes = await Deno.readFile(`${path}/${file}`);
      await change(path, file, edit);
      await assert.rejects(() => run.checkpoints.restore(), {
        name: "RangeError",
        message:
          /^Cannot restore [^]*; use another checkpoint or another folder, or start a new run$/,
      }, what);
      assert.equal(await run.everything(), before, what);
      await change(path, file, () => bytes);
    }
  }));

const D = (options: DiscriminatorOptions = {}) =>
  new Discriminator({ optimizer: tf.train.adam(0.01), ...options });
const layers = (...layers: tf.layers.Layer[]) => D({ model: tf.sequential({ layers }) });
const sigmoid = { activation: "sigmoid" } as const;
const saved: CheckpointParts = {
  networks: { D: D() },
  states: { batches: new Batches(10, { batchSize: 2 }) },
};

/** Parts that a checkpoint of `saved` does not fit, each with the reason. */
const UNFIT: Readonly<Record<string, readonly [parts: CheckpointParts, reason: string]>> = {
  "other networks": [
    { ...saved, networks: { ...saved.networks, G: new Generator() } },
    "expected networks D, G, got D",
  ],
  "no states": [{ networks: saved.networks }, "expected states none, got batches"],
  "other lists": [{ ...saved, lists: { loss: [1] } }, "expected lists loss, got none"],
  "another optimizer": [
    { ...saved, networks: { D: D({ optimizer: tf.train.sgd(0.01) }) } },
    "expected D's optimizer to be SGD, got Adam",
  ],
  "fewer layers": [
    { ...saved, networks: { D: layers(linear(4, 1)) } },
    "expected the model D to have 1 layers, got 2",
  ],
  "wider layers": [
    { ...saved, networks: { D: layers(linear(4, 5, sigmoid), linear(5, 1, sigmoid)) } },
    "expected units 5 in layer 1 of the model D, got 3",
  ],
  "another activation": [
    { ...saved, networks: { D: layers(linear(4, 3, sigmoid), linear(3, 1)) } },
    'expected activation "linear" in layer 2 of the model D, got "sigmoid"',
  ],
  "another kind of layer": [
    { ...saved, networks: { D: layers(linear(4, 1), tf.layers.leakyReLU()) } },
    "expected units 1 in layer 1 of the model D, got 3",
  ],
  "other data": [
    { ...saved, states: { batches: new Batches(11, { batchSize: 2 }) } },
    "Cannot restore batches: expected count 11, got 10",
  ],
};

for (const [what, [parts, reason]] of Object.entries(UNFIT)) {
  Deno.test(`Checkpoints.restore() refuses a checkpoint that does not fit: ${what}`, () =>
    withFolder(async (folder) => {
      const fitting = await new Checkpoints(folder, parts).save(1); // which must not be used instead
      const path = await new Checkpoints(folder, saved).save(2);
      assert.notEqual(path, fitting);
      const weights = () =>
        Object.values(parts.networks).map(({ model }) =>
          model.getWeights().map((w) => w.dataSync().join())
        );
      const before = weights();
      await assert.rejects(() => new Checkpoints(folder, parts).restore(), {
        name: "RangeError",
        message:
          `Cannot restore the checkpoint ${path}: ${reason}; use the parts that it was saved ` +
          'with, or another folder, or an older checkpoint by { from: "000001" }',
      });
      assert.deepEqual(weights(), before);
      const restored = await new Checkpoints(folder, parts).restore({ from: "000001" });
      assert.equal(restored?.step, 1);
    }));
}

/** Makes a D whose last layer reads two others: the second one, and the first one or the input. */
function wired(addsInput: boolean): Discriminator {
  const x = tf.input({ shape: [4] });
  const apply = (layer: tf.layers.Layer, to: unknown) => layer.apply(to as never) as never;
  const first = apply(linear(4, 4), x);
  const second = apply(linear(4, 4), first);
  const sum = apply(tf.layers.add(), [second, addsInput ? x : first]);
  return D({ model: tf.model({ inputs: x, outputs: apply(linear(4, 1), sum) }) });
}

Deno.test("Checkpoints.restore() refuses a model of the same layers that read others", () =>
  withFolder(async (folder) => {
    const [same, again, other] = [wired(false), wired(false), wired(true)];
    await new Checkpoints(folder, { networks: { D: same } }).save(1);
    const restored = await new Checkpoints(folder, { networks: { D: again } }).restore();
    assert.equal(restored?.step, 1);
    await assert.rejects(() => new Checkpoints(folder, { networks: { D: other } }).restore(), {
      name: "RangeError",
      message: /expected inputs .* in layer 4 of the model D, got /,
    });
  }));

Deno.test("Checkpoints.restore() refuses another version", () =>
  withFolder(async (folder) => {
    const checkpoints = new Checkpoints(folder, saved);
    const path = await checkpoints.save(1);
    for (const version of [1, 3]) {
      await change(path, "checkpoint.json", json((saved) => saved.version = version));
      await assert.rejects(() => checkpoints.restore(), {
        name: "RangeError",
        message: new RegExp(
          `version 2, got ".*" of version ${version}, which another version of this library wrote; use`,
        ),
      });
    }
  }));

/** Numbers that a user may change between two runs. */
const TUNED: Readonly<Record<string, (strength: number) => tf.layers.Layer>> = {
  "a slope": (alpha) => tf.layers.leakyReLU({ alpha }),
  "a dropout": (rate) => tf.layers.dropout({ rate }),
  "a momentum": (momentum) => tf.layers.batchNormalization({ momentum }),
  "a regularizer": (l2) =>
    tf.layers.dense({ units: 4, kernelRegularizer: tf.regularizers.l2({ l2 }) }),
  "an initializer": (value) =>
    tf.layers.dense({ units: 4, kernelInitializer: tf.initializers.constant({ value }) }),
};

for (const [what, layer] of Object.entries(TUNED)) {
  Deno.test(`Checkpoints.restore() takes a checkpoint of networks with ${what} changed`, () =>
    withFolder(async (folder) => {
      const make = (strength: number) => layers(linear(4, 4), layer(strength), linear(4, 1));
      await new Checkpoints(folder, { networks: { D: make(0.3) } }).save(1);
      const again = new Checkpoints(folder, { networks: { D: make(0.5) } });
      assert.equal((await again.restore())?.step, 1);
    }));
}

Deno.test("Checkpoints.restore() brings back every number of an optimizer, and names what differs", () =>
  withFolder(async (folder) => {
    const optimizers: readonly (() => tf.Optimizer)[] = [
      () => tf.train.sgd(0.01),
      () => tf.train.sgd(0.02),
      () => tf.train.momentum(0.01, 0.9),
      () => tf.train.momentum(0.02, 0.8),
      () => tf.train.adam(0.01, 0.9),
      () => tf.train.adam(0.02, 0.5),
    ];
    for (let i = 0; i < 2 * optimizers.length; i += 2) {
      const lines: string[] = [];
      const compile = i < optimizers.length;
      const make = (optimizer: tf.Optimizer) => D({ optimizer, rng: new Random(1), compile });
      const [one, other] = optimizers.slice(i % optimizers.length);
      const [first, second] = [make(one!()), make(other!())];
      const train = (D: Discriminator) => D.train([1, 0, 1, 0], [0.2]);
      train(first);
      for (let step = 0; step < 3; step++) train(second); // with its own rate, compiled by now
      const own = `${folder}/${i}`;
      await new Checkpoints(own, { networks: { D: first } }).save(1);
      const warn = (line: string) => lines.push(line);
      await new Checkpoints(own, { networks: { D: second } }, { warn }).restore();
      for (let step = 0; step < 5; step++) assert.equal(train(second), train(first));
      assert.match(
        lines[0]!,
        /^D's optimizer continues with the saved learningRate 0.01, not with 0.02/,
      );
      assert.equal(lines.length, i % optimizers.length === 0 ? 1 : 2);
    }
  }));

Deno.test("Checkpoints keep the random numbers of a penalty", () =>
  withFolder(async (folder) => {
    const make = (seed: number) => {
      const penalty = gradientPenalty({ rng: new Random(seed) });
      return D({ penalty, loss: "wasserstein", rng: new Random(1), compile: false });
    };
    const train = (D: Discriminator) => {
      D.train([1, 0, 1, 0], [1]);
      D.train([0.2, 0.4, 0.3, 0.1], [0]);
      return D.model.getWeights().map((weight) => weight.dataSync().join());
    };
    const [first, second] = [make(1), make(2)];
    train(first);
    await new Checkpoints(folder, { networks: { D: first } }).save(1);
    await new Checkpoints(folder, { networks: { D: second } }).restore();
    assert.deepEqual(train(second), train(first));
  }));

Deno.test("Checkpoints.save() refuses a state that JSON would change", () =>
  withFolder(async (folder) => {
    const states: readonly [unknown, string][] = [
      [{ best: Infinity }, "expected finite numbers, got Infinity in the state of mine"],
      [[new Float32Array(2)], "expected the state of mine to be numbers"],
      [new Map(), "expected the state of mine to be numbers"],
      [undefined, "expected the state of mine to be numbers"],
      [{ step: 3n }, "expected the state of mine to be numbers"],
    ];
    for (const [state, reason] of states) {
      const mine = { state: () => state, restore: () => {} };
      const checkpoints = new Checkpoints(folder, { networks: {}, states: { mine } });
      await assert.rejects(() => checkpoints.save(1), (error: Error) => {
        assert(error.message.startsWith(`Cannot save a checkpoint: ${reason}`), error.message);
        return true;
      });
    }
  }));
