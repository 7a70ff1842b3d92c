/** Models as the files that `tf.loadLayersModel` takes, for TensorFlow.js on a file system. */
import * as tf from "@tensorflow/tfjs";
import { arrayOf, check, folderPath, type Kind, text } from "../check/mod.ts";
import { joinBytes, sizeOf } from "./checkpoint_arrays.ts";
import { Damage, expectKind, messageOf, parseJson, RECORD } from "./damage.ts";

/** The description of a model. */
export const MODEL = "model.json";
/** The weights, where this library writes them; elsewhere `model.json` says which files hold them. */
export const WEIGHTS = "weights.bin";

/** A group of weights in `model.json`, and the files that hold it one after the other. */
interface WeightGroup {
  readonly paths: readonly string[];
  readonly weights: readonly tf.io.WeightsManifestEntry[];
}

/** Paths inside the folder of the model. */
const PATH: Kind = {
  expected: "a file in the folder of the model",
  fault: (value) =>
    typeof value === "string" && value !== "" && !/^[/\\]|^\w+:|(^|[/\\])\.\.([/\\]|$)/.test(value)
      ? undefined
      : "range",
};

/** Makes `model.json` as TensorFlow.js documents it, with one group of weights in one file. */
export function modelJson(artifacts: tf.io.ModelArtifacts): Uint8Array<ArrayBuffer> {
  const { weightData: _, weightSpecs = [], ...description } = artifacts;
  const weightsManifest = [{ paths: [WEIGHTS], weights: weightSpecs }];
  return new TextEncoder().encode(JSON.stringify({ ...description, weightsManifest }));
}

/** Reads `model.json`: the description, and the groups of weights. */
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

/** @throws {Damage} if files do not have the length of their weights; strings have any length. */
function checkLength(groups: readonly WeightGroup[], length: number): void {
  const specs = groups.flatMap(({ weights }) => weights);
  const sizes = specs.map(({ shape, dtype, quantization }) =>
    sizeOf(shape) * (BYTES[quantization?.dtype ?? dtype] ?? NaN)
  );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (Number.isNaN(total) || total === length) return;
  const files = groups.flatMap(({ paths }) => paths).join(", ");
  throw new Damage(`expected ${total} bytes of weights in ${files}, got ${length}`);
}

/**
 * Makes the handler that saves a model to a folder and loads it from there, which TensorFlow.js has in
 * Node.js but not in Deno.
 *
 * `model.json` decides which files hold the weights: `weights.bin`, as it is saved here, or one or several
 * such as `group1-shard1of2.bin`, as other tools write it.
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
 * @throws {Deno.errors.NotFound} on loading, if `model.json` or a file that it names is missing.
 * @throws {RangeError} on loading, if a file makes no sense; on saving, if a file cannot be written.
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
