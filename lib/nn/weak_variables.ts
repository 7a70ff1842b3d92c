/** Allows the variables of unused networks and optimizers to be garbage-collected. */
import * as tf from "@tensorflow/tfjs";

/** Part of TensorFlow.js's engine that lists and counts all variables. */
interface EngineState {
  registeredVariables: Record<string, tf.Variable>;
  numTensors: number;
  numDataBuffers: number;
  numBytes: number;
}

const known = new WeakSet<object>();

/**
 * Number of models whose order of layers TensorFlow.js caches; by default 100. The cache keeps the
 * weights of these models in memory. D, G and an average alternate; computing the order of another
 * model again takes microseconds.
 */
const MODELS_IN_ORDER = 4;

/**
 * Replaces the engine's list of variables by one with weak references. The original list keeps
 * every variable in memory until it is disposed, but a notebook cell that is run again does not
 * dispose anything.
 */
export function holdVariablesWeakly(): void {
  const { state } = tf.engine() as unknown as { readonly state: EngineState };
  if (known.has(state.registeredVariables)) return;
  tf.env().set("TOPOLOGICAL_SORT_CACHE_MAX_ENTRIES", MODELS_IN_ORDER);
  const before = Object.values(state.registeredVariables);
  const references = new Map<string, WeakRef<tf.Variable>>();
  const forgotten = new FinalizationRegistry<{ readonly name: string; readonly bytes: number }>(
    ({ name, bytes }) => {
      if (!references.get(name)?.deref()) references.delete(name);
      state.numTensors--;
      state.numDataBuffers--;
      state.numBytes -= bytes;
    },
  );
  const add = (name: string, variable: tf.Variable) => {
    references.set(name, new WeakRef(variable));
    const bytes = variable.size * tf.util.bytesPerElement(variable.dtype);
    forgotten.register(variable, { name, bytes }, variable);
  };
  state.registeredVariables = listOf(references, {
    add,
    remove: (variable) => forgotten.unregister(variable),
  });
  known.add(state.registeredVariables);
  before.forEach((variable) => add(variable.name, variable));
}

/** Makes an object that can be read and written like the engine's list. */
function listOf(
  references: Map<string, WeakRef<tf.Variable>>,
  { add, remove }: {
    readonly add: (name: string, variable: tf.Variable) => void;
    readonly remove: (variable: tf.Variable) => void;
  },
): Record<string, tf.Variable> {
  const find = (name: string | symbol) =>
    typeof name === "string" ? references.get(name)?.deref() : undefined;
  return new Proxy<Record<string, tf.Variable>>({}, {
    get: (_, name) => find(name),
    has: (_, name) => find(name) !== undefined,
    set: (_, name, variable: tf.Variable) => {
      add(String(name), variable);
      return true;
    },
    deleteProperty: (_, name) => {
      const variable = find(name);
      if (variable) remove(variable);
      references.delete(String(name));
      return true;
    },
    ownKeys: () => [...references.keys()], // reading one that was collected gives undefined
    getOwnPropertyDescriptor: (_, name) => {
      const value = find(name);
      return value && { value, writable: true, enumerable: true, configurable: true };
    },
  });
}
