/** Finds numbers and texts in a result that make no sense. */
import * as tf from "@tensorflow/tfjs";
import { isPlain } from "./paths.ts";
import { WildError } from "./wild_values.ts";

/** Maximum number of entries of a list that are checked. */
const MAX_READ = 1000;
const MAX_DEPTH = 6;

/** Describes the first senseless part of a result. */
export function senselessIn(value: unknown): string | undefined {
  try {
    return findSenseless(value, 0);
  } catch (error) {
    if (error instanceof WildError) return undefined; // the result contains a wild value
    throw error;
  }
}

function findSenseless(value: unknown, depth: number): string | undefined {
  if (depth > MAX_DEPTH) return undefined;
  if (typeof value === "number") return Number.isNaN(value) ? "NaN" : undefined;
  if (typeof value === "string") {
    const [words] = /\b(?:undefined|NaN)\b|\[object \w+\]/.exec(value) ?? [];
    return words && `a text with ${words}`;
  }
  if (value instanceof tf.Tensor) {
    return value.isDisposed ? "a disposed tensor" : findSenseless([...value.dataSync()], depth + 1);
  }
  const parts = Array.isArray(value) || ArrayBuffer.isView(value) && "subarray" in value
    ? [...(value as unknown[]).slice(0, MAX_READ)]
    : isPlain(value)
    ? Object.values(value)
    : [];
  for (const part of parts) {
    const found = findSenseless(part, depth + 1);
    if (found) return found;
  }
  return undefined;
}
