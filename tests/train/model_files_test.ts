/** `model.json` decides which files contain the weights of a model, whatever tool wrote them. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { fileSystem } from "../../lib/train/mod.ts";
import { type Json, json } from "./changed_files.ts";
import { entries, withFolder } from "./folders.ts";

const weightsOf = (model: tf.LayersModel) => model.getWeights().map((w) => [...w.dataSync()]);

function newModel(): tf.Sequential {
  const layers = [tf.layers.dense({ inputShape: [4], units: 3 }), tf.layers.dense({ units: 2 })];
  return tf.sequential({ layers });
}

function editJson(folder: string, edit: (model: Json) => void): void {
  const path = `${folder}/model.json`;
  Deno.writeFileSync(path, json(edit)(Deno.readFileSync(path)));
}

/** Saves a model and splits its weights into files, as other tools do; `cuts` are in bytes. */
async function shardedModel(folder: string, cuts: readonly number[]): Promise<tf.LayersModel> {
  const model = newModel();
  await model.save(fileSystem(folder));
  const bytes = await Deno.readFile(`${folder}/weights.bin`);
  const ends = [...cuts, bytes.length];
  const paths = ends.map((_, i) => `group1-shard${i + 1}of${ends.length}.bin`);
  for (const [i, path] of paths.entries()) {
    await Deno.writeFile(`${folder}/${path}`, bytes.slice(ends[i - 1] ?? 0, ends[i]));
  }
  await Deno.remove(`${folder}/weights.bin`);
  editJson(folder, (saved) => saved.weightsManifest[0].paths = paths);
  return model;
}

for (const cuts of [[], [48], [10, 50]]) { // at the end of a weight, and in the middle
  Deno.test(`fileSystem() loads weights from ${cuts.length + 1} files that model.json names`, () =>
    withFolder(async (folder) => {
      const model = await shardedModel(folder, cuts);
      const load = async () => weightsOf(await tf.loadLayersModel(fileSystem(folder)));
      assert.deepEqual(await load(), weightsOf(model));
      await Deno.writeFile(`${folder}/weights.bin`, new Uint8Array(4 * model.countParams()));
      assert.deepEqual(await load(), weightsOf(model), "a stale weights.bin is not read");
    }));
}

Deno.test("fileSystem() loads several groups of weights, one of them quantized", () =>
  withFolder(async (folder) => {
    const model = newModel();
    await model.save(fileSystem(folder));
    const bytes = await Deno.readFile(`${folder}/weights.bin`);
    await Deno.writeFile(`${folder}/a.bin`, bytes.slice(0, 60));
    const halves = Uint8Array.of(0, 1, 2, 3, 4, 5); // six numbers from -1 in steps of 0.5
    await Deno.writeFile(`${folder}/b.bin`, Uint8Array.of(...halves, ...bytes.slice(84)));
    editJson(folder, (saved) => {
      const { weights } = saved.weightsManifest[0];
      weights[2].quantization = { dtype: "uint8", min: -1, scale: 0.5, original_dtype: "float32" };
      saved.weightsManifest = [
        { paths: ["a.bin"], weights: weights.slice(0, 2) },
        { paths: ["b.bin"], weights: weights.slice(2) },
      ];
    });
    const loaded = weightsOf(await tf.loadLayersModel(fileSystem(folder)));
    const expected = weightsOf(model);
    expected[2] = [-1, -0.5, 0, 0.5, 1, 1.5];
    assert.deepEqual(loaded, expected);
  }));

Deno.test("fileSystem() loads a model without weights, with or without a list of them", () =>
  withFolder(async (folder) => {
    const flat = tf.sequential({ layers: [tf.layers.flatten({ inputShape: [2, 2] })] });
    await flat.save(fileSystem(folder));
    const check = async () => {
      const loaded = await tf.loadLayersModel(fileSystem(folder));
      assert.deepEqual((loaded.predict(tf.ones([3, 2, 2])) as tf.Tensor).shape, [3, 4]);
    };
    await check();
    editJson(folder, (saved) => delete saved.weightsManifest);
    await check();
  }));

Deno.test("fileSystem() saves over shards, and loads what it saved", () =>
  withFolder(async (folder) => {
    await shardedModel(folder, [48]);
    const model = newModel();
    await model.save(fileSystem(folder));
    assert.deepEqual(weightsOf(await tf.loadLayersModel(fileSystem(folder))), weightsOf(model));
  }));

Deno.test("fileSystem() saves a model with its optimizer as model.save() hands it over", () =>
  withFolder(async (folder) => {
    const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 3 })] });
    model.compile({ optimizer: "adam", loss: "meanSquaredError" });
    await model.fit(tf.ones([4, 2]), tf.zeros([4, 3]), { verbose: 0 });
    await model.save(fileSystem(`${folder}/deep/model`), { includeOptimizer: true });
    const loaded = await tf.loadLayersModel(fileSystem(`${folder}/deep/model`));
    assert.deepEqual(weightsOf(loaded), weightsOf(model));
    assert.equal((loaded as tf.Sequential).optimizer.iterations, 1);
    assert.deepEqual(await entries(`${folder}/deep/model`), ["model.json", "weights.bin"]);
  }));

/** Kinds of damage to a model in two files, each with the words of the error. */
const DAMAGES: Readonly<Record<string, readonly [(folder: string) => void, RegExp]>> = {
  "no model.json": [
    (folder) => Deno.removeSync(`${folder}/model.json`),
    /^NotFound: Cannot load a model from .*: expected a file model.json, got none$/,
  ],
  "no second shard": [
    (folder) => Deno.removeSync(`${folder}/group1-shard2of2.bin`),
    /^NotFound: Cannot load a model from .*: expected a file group1-shard2of2.bin, got none$/,
  ],
  "a short shard": [
    (folder) => Deno.writeFileSync(`${folder}/group1-shard1of2.bin`, new Uint8Array(40)),
    /expected 92 bytes of weights in group1-shard1of2.bin, group1-shard2of2.bin, got 84$/,
  ],
  "no JSON": [
    (folder) => Deno.writeTextFileSync(`${folder}/model.json`, "<html>"),
    /expected model.json to contain JSON, got/,
  ],
  "a list": [
    (folder) => Deno.writeTextFileSync(`${folder}/model.json`, "[]"),
    /expected model.json to be an object, got an array of length 0$/,
  ],
  "no topology": [
    (folder) => editJson(folder, (model) => delete model.modelTopology),
    /expected modelTopology to be an object, got undefined$/,
  ],
  "a manifest of text": [
    (folder) => editJson(folder, (model) => model.weightsManifest = "weights.bin"),
    /expected weightsManifest to be an array with an object in each place, got the string/,
  ],
  "paths outside of the folder": [
    (folder) => editJson(folder, (model) => model.weightsManifest[0].paths = ["../../etc/hosts"]),
    /expected the paths of weights to be an array with a file in the folder of the model in each/,
  ],
};

for (const [what, [damage, message]] of Object.entries(DAMAGES)) {
  Deno.test(`fileSystem() refuses to load a model with ${what} in one sentence`, () =>
    withFolder(async (folder) => {
      await shardedModel(folder, [48]);
      damage(folder);
      await assert.rejects(() => tf.loadLayersModel(fileSystem(folder)), message);
    }));
}

Deno.test("fileSystem() says in one sentence that it cannot save, and keeps existing files", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/notes`, "mine");
    const refused = {
      name: "RangeError",
      message: /^Cannot save a model to .*: expected a folder/,
    };
    await assert.rejects(() => newModel().save(fileSystem(`${folder}/notes`)), refused);
    await Deno.mkdir(`${folder}/model.json`); // a folder where the file should be
    await Deno.writeTextFile(`${folder}/model.json/mine`, "");
    await assert.rejects(() => newModel().save(fileSystem(folder)), refused);
    const left = (await entries(folder)).filter((name) => name.startsWith("."));
    assert.deepEqual(left, []);
    for (const path of ["", "https://example.com/model"]) {
      assert.throws(
        () => fileSystem(path),
        /^RangeError: Cannot save or load a model: expected folder/,
      );
    }
    assert.throws(() => fileSystem(undefined as never), TypeError);
  }));
