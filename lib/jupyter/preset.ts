/** Chooses one of a notebook's sets of knobs: by name in the notebook, or from outside for all notebooks. */

import {
  callable,
  check,
  checkOptions,
  isPlainObject,
  type Kind,
  optional,
  readVariable,
  text,
} from "../check/mod.ts";

/** The environment variable that chooses for every notebook. */
export const PRESET_VARIABLE = "GAN_PRESET";

const TASK = "choose a preset";

const PRESETS: Kind = {
  expected: "an object of presets",
  fault: (value) => isPlainObject(value) ? undefined : "type",
};

/**
 * Finds the knobs of a name, and adds the name to them. The environment variable `GAN_PRESET` comes first, so
 * that a notebook can be run for seconds or for an hour without being edited.
 *
 * ```ts
 * import { choosePreset } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const presets = { seconds: { steps: 20 }, minutes: { steps: 4_000 } };
 * assert(choosePreset(presets, "minutes").steps >= 20);
 * ```
 *
 * @throws {TypeError | RangeError} if no preset has that name.
 */
export function choosePreset<Preset extends object>(
  presets: Readonly<Record<string, Preset>>,
  name: string,
  options: { readonly env?: (name: string) => string | undefined } = {},
): Preset & { readonly name: string } {
  check(TASK, { presets }, PRESETS);
  check(TASK, { name }, text);
  checkOptions(TASK, options, { kinds: { env: callable } });
  const { env = readVariable } = options;
  const given = env(PRESET_VARIABLE);
  check(TASK, { "the result of env": given }, optional(text));
  const outside = given || undefined;
  const chosen = outside ?? name;
  if (Object.hasOwn(presets, chosen)) return { ...presets[chosen]!, name: chosen };
  const where = outside === undefined ? "" : ` in ${PRESET_VARIABLE}`;
  throw new RangeError(
    `Cannot ${TASK}: expected one of ${Object.keys(presets).join(", ")}, ` +
      `got "${chosen}"${where}`,
  );
}
