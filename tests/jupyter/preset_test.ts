import assert from "node:assert/strict";
import { choosePreset } from "../../lib/jupyter/mod.ts";

const presets = { seconds: 1, minutes: 2 };
const env = (value?: string) => ({ env: () => value });

Deno.test("choosePreset() takes the notebook's choice unless one comes from outside", () => {
  assert.equal(choosePreset(presets, "minutes", env()), 2);
  assert.equal(choosePreset(presets, "minutes", env("")), 2);
  assert.equal(choosePreset(presets, "minutes", env("seconds")), 1);
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
