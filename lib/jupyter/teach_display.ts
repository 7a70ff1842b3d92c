/** Adds methods to figures, tensors and typed arrays that show them as the last value of a cell. */
import * as tf from "@tensorflow/tfjs";
import { Figure } from "../plot/mod.ts";
import { figureBundle } from "./figure_bundle.ts";
import { displaySymbol, type MediaBundle } from "./kernel.ts";
import { arrayText, tensorInline, tensorText, type Values } from "./values.ts";

/** Parts of a tensor that its text contains. */
interface ShownTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly name?: string;
  readonly isDisposed: boolean;
  data(): Promise<Values>;
  dataSync(): Values;
}

const typedArrayPrototype: object = Object.getPrototypeOf(Float32Array.prototype);

/** Symbol of the method that Deno's console calls, also for a tensor inside an array or an object. */
const inspectSymbol = Symbol.for("Deno.customInspect");

/** Adds these methods to the prototypes of figures, tensors and typed arrays. A second call changes nothing. */
export function teachDisplay(): void {
  define(Figure.prototype, displaySymbol, function (this: Figure): MediaBundle {
    return figureBundle(this);
  });
  define(typedArrayPrototype, displaySymbol, function (this: ArrayBufferView): MediaBundle {
    return typedArrayBundle(this);
  });
  define(tf.Tensor.prototype, displaySymbol, async function (this: ShownTensor) {
    const values = this.isDisposed ? [] : await this.data();
    return { "text/plain": describeTensor(this, values, tensorText) };
  });
  define(tf.Tensor.prototype, inspectSymbol, function (this: ShownTensor): string {
    return describeTensor(this, this.isDisposed ? [] : this.dataSync(), tensorInline);
  });
}

function define(prototype: object, key: symbol, value: (this: never) => unknown): void {
  Object.defineProperty(prototype, key, { value, configurable: true, writable: true });
}

/**
 * Makes the bundle of a typed array. A PNG or JPEG is shown as an image, and a subclass such as
 * `Buffer` as usual.
 */
function typedArrayBundle(array: ArrayBufferView): MediaBundle {
  const type = array instanceof Uint8Array ? imageType(array) : undefined;
  if (type) return { [type]: (array as Uint8Array).toBase64() };
  const name = (array as unknown as Record<symbol, string>)[Symbol.toStringTag] ?? "";
  const isPlain = Object.getPrototypeOf(array).constructor.name === name;
  const text = isPlain
    ? arrayText(array as unknown as Values, name)
    : Deno.inspect(array, { colors: true });
  return { "text/plain": text };
}

/** Recognizes PNG and JPEG by their first bytes. */
function imageType(bytes: Uint8Array): string | undefined {
  const starts = (...magic: number[]) => magic.every((byte, index) => bytes[index] === byte);
  if (starts(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return "image/png";
  return starts(0xff, 0xd8, 0xff) ? "image/jpeg" : undefined;
}

function describeTensor(tensor: ShownTensor, values: Values, text: typeof tensorText): string {
  const { dtype, shape } = tensor;
  const name = tensor instanceof tf.Variable ? `variable ${JSON.stringify(tensor.name)}` : "tensor";
  if (tensor.isDisposed) return `${name} ${dtype} [${shape.join(", ")}], disposed`;
  return text({ dtype, shape, values: readable(dtype, values) }, name);
}

/** Converts the values of a tensor for display: booleans are stored as bytes, complex numbers as pairs. */
function readable(dtype: string, values: Values): Values {
  if (dtype === "bool") return Array.from(values, Boolean);
  if (dtype !== "complex64") return values;
  return Array.from({ length: values.length / 2 }, (_, index) => {
    return [Number(values[2 * index]), Number(values[2 * index + 1])] as const;
  });
}
