/** Lets TensorFlow.js forget the variables of networks and optimizers that nobody holds any more. */
import * as tf from "@tensorflow/tfjs";

/** The part of TensorFlow.js's engine that knows all variables, and counts them. */
interface EngineState {
  registeredVariables: Record<string, tf.Variable>;
  numTensors: number;
  numDataBuffers: number;
  numBytes: number;
}

const known = new WeakSet<object>();

/**
 * TensorFlow.js keeps the order of the layers of the last 100 models that were applied, and so their
 * weights. D, G and an average take turns; another model is put in order anew, which takes microseconds.
 */
const MODELS_IN_ORDER = 4;

/**
 * Has the engine's list of variables hold them weakly: by itself it keeps every variable, with its
 * elements, until it is disposed, and a notebook's cell that is run again disposes nothing.
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

/** An object that reads and writes like the engine's own. */
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
    ownKeys: () => [...references.keys()].filter(find),
    getOwnPropertyDescriptor: (_, name) => {
      const value = find(name);
      return value && { value, writable: true, enumerable: true, configurable: true };
    },
  });
}
