/** The weights of a model: the ones that training moves, and those that a pass must leave as they are. */
import * as tf from "@tensorflow/tfjs";

/** Anything whose `trainable` decides what training moves: layers, models, single weights. */
interface Freezable {
  readonly trainable: boolean;
}

/** Fields that TensorFlow.js declares private. */
interface LayerFields {
  readonly _trainableWeights: readonly tf.LayerVariable[];
}

/** The layers directly inside a layer: those of a model, a wrapper's layer, a recurrent layer's cells. */
function innerLayers(layer: tf.layers.Layer): tf.layers.Layer[] {
  if (layer instanceof tf.LayersModel) return layer.layers;
  return Object.values(layer).flat().filter((value) => value instanceof tf.layers.Layer);
}

/** A layer and all layers inside it, each once, in order. */
export function allLayers(
  layer: tf.layers.Layer,
  found: Set<tf.layers.Layer> = new Set(),
): Set<tf.layers.Layer> {
  if (found.has(layer)) return found;
  found.add(layer);
  for (const inner of innerLayers(layer)) allLayers(inner, found);
  return found;
}

function ownParameters(layer: tf.layers.Layer): readonly tf.LayerVariable[] {
  return (layer as unknown as LayerFields)._trainableWeights;
}

/** The weights that training moves if no layer is frozen, in an order that freezing does not change. */
export function parametersOf(model: tf.layers.Layer): tf.LayerVariable[] {
  return [...new Set([...allLayers(model)].flatMap(ownParameters))];
}

/** The weights inside frozen layers and models: nothing of them changes in training, state included. */
export function frozenWeights(model: tf.layers.Layer): tf.LayerVariable[] {
  const frozen = [...allLayers(model)].filter(({ trainable }) => !trainable);
  return [...new Set(frozen.flatMap(({ weights }) => weights))];
}

/** The variable of a weight. */
export function variableOf(weight: tf.LayerVariable): tf.Variable {
  const variable = weight.read();
  if (variable instanceof tf.Variable) return variable;
  throw new Error(`internal: the weight ${weight.name} is not a variable`);
}

/**
 * Runs `pass` and puts the weights back that it changed, bit for bit, such as the moving averages that
 * batch normalization updates at each training pass. Nothing is copied: the old data is kept.
 */
export function keepWeights<T>(weights: readonly tf.LayerVariable[], pass: () => T): T {
  const before = weights.map((weight) => {
    const variable = variableOf(weight);
    return { variable, value: variable.clone() };
  });
  const result = pass();
  for (const { variable, value } of before) {
    if (variable.dataId !== value.dataId) variable.assign(value);
    value.dispose();
  }
  return result;
}

/** Tells which weights of a model are trainable; asked at every step, so it compares before it lists. */
export class TrainableWatch {
  readonly #parameters: readonly tf.LayerVariable[];
  readonly #model: tf.LayersModel;
  readonly #watched: readonly Freezable[];
  readonly #seen: boolean[];
  #key: string;

  /** Watches the model, the layers in it that have weights or layers, and the weights. */
  constructor(model: tf.LayersModel) {
    this.#model = model;
    this.#parameters = parametersOf(model);
    const layers = [...allLayers(model)].filter((layer) =>
      ownParameters(layer).length > 0 || innerLayers(layer).length > 0
    );
    this.#watched = [...layers, ...this.#parameters];
    this.#seen = this.#watched.map(({ trainable }) => trainable);
    this.#key = this.#makeKey();
  }

  /** One character for each weight: the same string as long as the same weights are trainable. */
  get key(): string {
    const watched = this.#watched, seen = this.#seen;
    for (let i = 0; i < watched.length; i++) {
      if (watched[i]!.trainable !== seen[i]) return this.#look();
    }
    return this.#key;
  }

  #look(): string {
    this.#watched.forEach(({ trainable }, i) => this.#seen[i] = trainable);
    return this.#key = this.#makeKey();
  }

  #makeKey(): string {
    const trainable = new Set(this.#model.trainableWeights);
    const frozen = [...allLayers(this.#model)].filter((layer) => !layer.trainable).length;
    return this.#parameters.map((weight) => trainable.has(weight) ? "1" : "0").join("") + frozen;
  }
}
