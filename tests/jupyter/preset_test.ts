import assert from "node:assert/strict";
import { choosePreset } from "../../lib/jupyter/mod.ts";

const presets = { seconds: { steps: 1 }, minutes: { steps: 2 } };
const env = (value?: string) => ({ env: () => value });

Deno.test("choosePreset() takes the notebook's choice unless one comes from outside", () => {
  assert.deepEqual(choosePreset(presets, "minutes", env()), { steps: 2, name: "minutes" });
  assert.deepEqual(choosePreset(presets, "minutes", env("")), { steps: 2, name: "minutes" });
  assert.deepEqual(choosePreset(presets, "minutes", env("seconds")), { steps: 1, name: "seconds" });
});

Deno.test("choosePreset() names what there is, and where the wrong name came from", () => {
  assert.throws(() => choosePreset(presets, "best", env()), {
    name: "RangeError",
    message: 'Cannot choose a preset: expected one of seconds, minutes, got "best"',
  });
  assert.throws(() => choosePreset(presets, "minutes", env("toString")), {
    message: /got "toString" in GAN_PRESET$/,
  });
});
