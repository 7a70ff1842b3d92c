/** Compares the layers of a model with saved layers: classes and shapes must be equal. */
import { arrayOf, isPlainObject, text } from "../check/mod.ts";
import { expectKind, RECORD } from "./damage.ts";

type Json = Readonly<Record<string, unknown>>;

/** Layer as it is in `model.json`. */
interface SavedLayer {
  readonly kind: string;
  readonly config: Json;
}

/** Options that may differ: names, and options that only concern the initial weights or the training. */
const INCIDENTAL = /^(name|trainable|seed)$|_(initializer|regularizer|constraint)$/;

/** Options that contain layers, which are compared separately. */
const INNER = /^(layers?|inbound_nodes)$/;

/** Options whose numbers may differ. Other numbers, such as `units`, determine shapes. */
const TUNABLE =
  /^(rate|alpha|momentum|epsilon|theta|stddev|max_value|threshold|negative_slope|(recurrent_)?dropout)$/;

function readLayer(what: string, value: unknown): SavedLayer {
  const layer = expectKind<Json>(what, value, RECORD);
  return {
    kind: expectKind(`the class of ${what}`, layer["class_name"], text),
    config: {
      ...expectKind<Json>(`the options of ${what}`, layer["config"], RECORD),
      ...(layer["inbound_nodes"] !== undefined && { inbound_nodes: layer["inbound_nodes"] }),
    },
  };
}

/** Reads the layers directly inside a layer: those of a model, or the layer inside a wrapper. */
function innerLayers(what: string, { config }: SavedLayer): SavedLayer[] {
  const { layers, layer } = config;
  const inner = layers ?? (layer === undefined ? [] : [layer]);
  return expectKind<unknown[]>(`the layers of ${what}`, inner, arrayOf(RECORD))
    .map((entry, i) => readLayer(`layer ${i + 1} of ${what}`, entry));
}

/**
 * Checks that a model's layers equal the saved ones. Both have the form of `model.toJSON`.
 *
 * @throws {Damage} if the saved value does not describe layers.
 * @throws {RangeError} if a layer differs; the message names it.
 */
export function checkLayers(what: string, topologies: { mine: unknown; saved: unknown }): void {
  const [mine, saved] = [topologies.mine, topologies.saved].map((part) => readLayer(what, part));
  compare(what, mine!, saved!);
}

function compare(what: string, mine: SavedLayer, saved: SavedLayer): void {
  if (mine.kind !== saved.kind) refuse("the kind", what, [mine.kind, saved.kind]);
  const [expected, found] = [innerLayers(what, mine), innerLayers(what, saved)];
  if (found.length !== expected.length) {
    throw new RangeError(`expected ${what} to have ${expected.length} layers, got ${found.length}`);
  }
  const [names, savedNames] = [expected, found].map((layers) =>
    layers.map(({ config }) => config["name"])
  );
  const keys = new Set([...Object.keys(mine.config), ...Object.keys(saved.config)]);
  for (const key of keys) {
    if (INNER.test(key)) continue;
    const values = [
      withoutNames(mine.config[key], names!),
      withoutNames(saved.config[key], savedNames!),
    ] as const;
    if (!isSame(key, ...values)) refuse(key, what, values);
  }
  expected.forEach((layer, i) => {
    const nodes = [
      withoutNames(layer.config["inbound_nodes"], names!),
      withoutNames(found[i]!.config["inbound_nodes"], savedNames!),
    ] as const;
    const inner = `layer ${i + 1} of ${what}`;
    if (!isSame("inbound_nodes", ...nodes)) refuse("inputs", inner, nodes);
    compare(inner, layer, found[i]!);
  });
}

/** Replaces names of layers by their positions. Automatic names differ from run to run. */
function withoutNames(nodes: unknown, names: readonly unknown[]): unknown {
  if (typeof nodes === "string" && names.includes(nodes)) return names.indexOf(nodes);
  return Array.isArray(nodes) ? nodes.map((node) => withoutNames(node, names)) : nodes;
}

function isSame(key: string, a: unknown, b: unknown): boolean {
  if (INCIDENTAL.test(key) || JSON.stringify(a) === JSON.stringify(b)) return true;
  if ([a, b].some((value) => typeof value === "number")) return isTuned(key, [a, b]);
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((entry, i) => isSame("", entry, b[i]));
  }
  if (!isPlainObject(a) || !isPlainObject(b)) return false;
  return Object.keys({ ...a, ...b }).every((inner) => isSame(inner, a[inner], b[inner]));
}

/** Tells whether a number may differ. A number that is not whole cannot determine a shape. */
function isTuned(key: string, values: readonly unknown[]): boolean {
  const numbers = values.filter((value) => typeof value === "number");
  if (numbers.length < values.length) return TUNABLE.test(key);
  return TUNABLE.test(key) || numbers.some((number) => !Number.isInteger(number));
}

function refuse(key: string, what: string, [mine, saved]: readonly [unknown, unknown]): never {
  const [expected, found] = [mine, saved].map((value) => JSON.stringify(value));
  throw new RangeError(`expected ${key} ${expected} in ${what}, got ${found}`);
}
