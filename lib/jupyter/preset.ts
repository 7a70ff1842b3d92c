/** Chooses one of several sets of settings of a notebook, by name or by an environment variable. */

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

/** Environment variable that chooses the preset of every notebook. */
export const PRESET_VARIABLE = "GAN_PRESET";

const TASK = "choose a preset";

const PRESETS: Kind = {
  expected: "an object of presets",
  fault: (value) => isPlainObject(value) ? undefined : "type",
};

/**
 * Returns the settings with the given name, and adds the name to them. The environment variable
 * `GAN_PRESET` has priority over `name`, so that a notebook can run for seconds or for an hour
 * without being edited.
 *
 * ```ts
 * import { choosePreset } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const presets = { seconds: { steps: 20 }, minutes: { steps: 4_000 } };
 * assert(choosePreset(presets, "minutes").steps >= 20);
 * ```
 *
 * @throws {TypeError | RangeError} if there is no preset with that name.
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
