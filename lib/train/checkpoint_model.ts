/** Models as the files that `tf.loadLayersModel` takes, for TensorFlow.js on a file system. */
import * as tf from "@tensorflow/tfjs";
import type { Files } from "./checkpoint_files.ts";

const MODEL = "model.json";
const WEIGHTS = "weights.bin";

/** The bytes of arrays, one after the other; a copy, so that later steps do not change them. */
export function joinBytes(arrays: readonly ArrayBufferView[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(arrays.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    whole.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return whole;
}

/** `model.json` as TensorFlow.js documents it, with one group of weights in one file. */
function modelJson(artifacts: tf.io.ModelArtifacts): Uint8Array<ArrayBuffer> {
  const { weightData: _, weightSpecs = [], ...description } = artifacts;
  const weightsManifest = [{ paths: [WEIGHTS], weights: weightSpecs }];
  return new TextEncoder().encode(JSON.stringify({ ...description, weightsManifest }));
}

/**
 * The two files of a model, as it is at the moment of the call.
 *
 * (`model.save` reads weight after weight as it gets to them, so steps in between would tear it.)
 */
export function modelFiles(model: tf.LayersModel): Files {
  const weights = model.weights.map((weight) => ({ weight, tensor: weight.read() }));
  const specs = weights.map(({ weight, tensor }) => ({
    name: weight.originalName,
    shape: tensor.shape,
    dtype: tensor.dtype as "float32" | "int32" | "bool",
  }));
  const json = modelJson({
    modelTopology: model.toJSON(null, false) as object,
    weightSpecs: specs,
    format: "layers-model",
    generatedBy: `TensorFlow.js tfjs-layers v${tf.version_layers}`,
    convertedBy: null,
  });
  const data = joinBytes(weights.map(({ tensor }) => tensor.dataSync()));
  return new Map([[MODEL, json], [WEIGHTS, data]]);
}

/** What the two files of a model hold. */
export function readModelFiles(
  json: Uint8Array,
  weights: Uint8Array<ArrayBuffer>,
): tf.io.ModelArtifacts {
  const model = JSON.parse(new TextDecoder().decode(json)) as tf.io.ModelJSON;
  const specs = tf.io.getWeightSpecs(model.weightsManifest);
  const data = weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.byteLength);
  return tf.io.getModelArtifactsForJSONSync(model, specs, data);
}

/**
 * Saves a model to a folder and loads it from there: the handler for a file system that
 * TensorFlow.js has in Node.js but not in Deno.
 *
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { fileSystem } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const folder = Deno.makeTempDirSync();
 * const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 3 })] });
 * await model.save(fileSystem(folder));
 * const loaded = await tf.loadLayersModel(fileSystem(folder));
 * assert.deepEqual(loaded.outputs[0]?.shape, [null, 3]);
 * Deno.removeSync(folder, { recursive: true });
 * ```
 *
 * @throws {Deno.errors.NotFound} on loading, if `model.json` or `weights.bin` is not there.
 */
export function fileSystem(folder: string): tf.io.IOHandler {
  return {
    async save(artifacts) {
      const data = new tf.io.CompositeArrayBuffer(artifacts.weightData ?? []).slice(0);
      await Deno.mkdir(folder, { recursive: true });
      await Deno.writeFile(`${folder}/${WEIGHTS}`, new Uint8Array(data));
      await Deno.writeFile(`${folder}/${MODEL}`, modelJson(artifacts));
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    },
    async load() {
      const json = await Deno.readFile(`${folder}/${MODEL}`);
      return readModelFiles(json, await Deno.readFile(`${folder}/${WEIGHTS}`));
    },
  };
}
