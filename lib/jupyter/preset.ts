/** Chooses one of a notebook's sets of knobs: by name in the notebook, or from outside for all notebooks. */

/** The environment variable that chooses for every notebook. */
export const PRESET_VARIABLE = "GAN_PRESET";

/**
 * The knobs of a name. The environment variable `GAN_PRESET` comes first, so that a notebook can be run
 * for seconds or for an hour without being edited.
 *
 * ```ts
 * import { choosePreset } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const presets = { seconds: { steps: 20 }, minutes: { steps: 4_000 } };
 * assert(choosePreset(presets, "minutes").steps >= 20);
 * ```
 *
 * @throws {RangeError} if no preset has that name.
 */
export function choosePreset<Preset>(
  presets: Readonly<Record<string, Preset>>,
  name: string,
  { env = fromEnvironment }: { readonly env?: (name: string) => string | undefined } = {},
): Preset {
  const outside = env(PRESET_VARIABLE) || undefined;
  const chosen = outside ?? name;
  if (Object.hasOwn(presets, chosen)) return presets[chosen]!;
  const where = outside === undefined ? "" : ` in ${PRESET_VARIABLE}`;
  throw new RangeError(
    `Cannot choose a preset: expected one of ${Object.keys(presets).join(", ")}, ` +
      `got "${chosen}"${where}`,
  );
}

function fromEnvironment(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}
