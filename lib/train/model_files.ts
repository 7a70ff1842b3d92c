/** Saves models to folders and loads them, in the format of `tf.loadLayersModel`. */
import * as tf from "@tensorflow/tfjs";
import { arrayOf, check, folderPath, type Kind, text } from "../check/mod.ts";
import { joinBytes } from "./checkpoint_arrays.ts";
import { Damage, expectKind, messageOf, parseJson, RECORD } from "./damage.ts";

/** Name of the file that describes a model. */
export const MODEL = "model.json";
/**
 * Name of the file with the weights, as this library writes it. For other models, `model.json`
 * names the files.
 */
export const WEIGHTS = "weights.bin";

/** Group of weights in `model.json`, and the files that contain it, in order. */
interface WeightGroup {
  readonly paths: readonly string[];
  readonly weights: readonly tf.io.WeightsManifestEntry[];
}

/** Kind of paths inside the folder of the model. */
const PATH: Kind = {
  expected: "a file in the folder of the model",
  fault: (value) =>
    typeof value === "string" && value !== "" && !/^[/\\]|^\w+:|(^|[/\\])\.\.([/\\]|$)/.test(value)
      ? undefined
      : "range",
};

/**
 * Makes the content of `model.json` in the format of TensorFlow.js, with one group of weights in
 * one file.
 */
export function modelJson(artifacts: tf.io.ModelArtifacts): Uint8Array<ArrayBuffer> {
  const { weightData: _, weightSpecs = [], ...description } = artifacts;
  const weightsManifest = [{ paths: [WEIGHTS], weights: weightSpecs }];
  return new TextEncoder().encode(JSON.stringify({ ...description, weightsManifest }));
}

/**
 * Reads the description and the groups of weights from `model.json`.
 *
 * @throws {Damage} if the file is missing or damaged.
 */
export function readModelJson(
  bytes: Uint8Array | undefined,
): { readonly description: tf.io.ModelJSON; readonly groups: readonly WeightGroup[] } {
  const description = expectKind<tf.io.ModelJSON>(MODEL, parseJson(MODEL, bytes), RECORD);
  expectKind("modelTopology", description.modelTopology, RECORD);
  const manifest: unknown = description.weightsManifest ?? [];
  const groups = expectKind<WeightGroup[]>("weightsManifest", manifest, arrayOf(RECORD));
  for (const { paths, weights } of groups) {
    expectKind("the paths of weights", paths, arrayOf(PATH));
    expectKind("the weights of a group", weights, arrayOf(RECORD));
    for (const { name } of weights) expectKind("the name of a weight", name, text);
  }
  return { description, groups };
}

const BYTES: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  complex64: 8,
  bool: 1,
  uint8: 1,
  uint16: 2,
  float16: 2,
};

/**
 * Checks that the files have the length that their weights need. Weights of type string may have
 * any length.
 *
 * @throws {Damage} if the length is wrong.
 */
function checkLength(groups: readonly WeightGroup[], length: number): void {
  const specs = groups.flatMap(({ weights }) => weights);
  const sizes = specs.map(({ shape, dtype, quantization }) =>
    tf.util.sizeFromShape(shape) * (BYTES[quantization?.dtype ?? dtype] ?? NaN)
  );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (Number.isNaN(total) || total === length) return;
  const files = groups.flatMap(({ paths }) => paths).join(", ");
  throw new Damage(`expected ${total} bytes of weights in ${files}, got ${length}`);
}

/**
 * Makes an IO handler that saves a model to a folder and loads it from there. TensorFlow.js has
 * such a handler for Node.js, but not for Deno.
 *
 * `model.json` names the files with the weights. This handler writes one, `weights.bin`. It also
 * reads models of other tools, with several files such as `group1-shard1of2.bin`.
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
 * @throws {TypeError | RangeError} if `folder` is not the path of a folder.
 * @throws {Deno.errors.NotFound} when loading, if `model.json` or a file that it names is missing.
 * @throws {RangeError} when loading, if a file is damaged; when saving, if a file cannot be
 * written.
 */
export function fileSystem(folder: string): tf.io.IOHandler {
  check("save or load a model", { folder }, folderPath);
  return {
    save: (artifacts) => saveFiles(folder, artifacts),
    load: () => loadFiles(folder),
  };
}

async function saveFiles(
  folder: string,
  artifacts: tf.io.ModelArtifacts,
): Promise<tf.io.SaveResult> {
  const data = new tf.io.CompositeArrayBuffer(artifacts.weightData ?? []).slice(0);
  const files = { [WEIGHTS]: new Uint8Array(data), [MODEL]: modelJson(artifacts) };
  const draft = (name: string) => `${folder}/.${name}.draft`;
  try {
    await Deno.mkdir(folder, { recursive: true });
    for (const [name, bytes] of Object.entries(files)) await Deno.writeFile(draft(name), bytes);
    for (const name of Object.keys(files)) await Deno.rename(draft(name), `${folder}/${name}`);
  } catch (error) {
    for (const name of Object.keys(files)) await Deno.remove(draft(name)).catch(() => {});
    throw new RangeError(
      `Cannot save a model to ${folder}: expected a folder to write to, got "${messageOf(error)}"`,
      { cause: error },
    );
  }
  return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
}

async function loadFiles(folder: string): Promise<tf.io.ModelArtifacts> {
  const task = `Cannot load a model from ${folder}`;
  try {
    const { description, groups } = readModelJson(await readFile(folder, MODEL, task));
    const parts: Uint8Array[] = [];
    for (const path of groups.flatMap(({ paths }) => paths)) {
      parts.push(await readFile(folder, path, task));
    }
    const { buffer, length } = joinBytes(parts);
    checkLength(groups, length);
    const specs = groups.flatMap(({ weights }) => weights);
    return tf.io.getModelArtifactsForJSONSync(description, specs, buffer);
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    throw new RangeError(`${task}: ${error.message}`, { cause: error });
  }
}

async function readFile(folder: string, name: string, task: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(`${folder}/${name}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new Deno.errors.NotFound(`${task}: expected a file ${name}, got none`);
    }
    throw new RangeError(`${task}: expected to read ${name}, got "${messageOf(error)}"`, {
      cause: error,
    });
  }
}
