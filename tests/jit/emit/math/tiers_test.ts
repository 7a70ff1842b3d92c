import assert from "node:assert/strict";
import { f32x4, ModuleBuilder, v128 } from "../../../../lib/jit/wasm/mod.ts";
import { instantiate, memoryOf } from "../../wasm/instance.ts";
import { vectorMath } from "../../../../lib/jit/emit/math/mod.ts";

const BYTES = 4096;

Deno.test("emitted code gives the same bits before and after the engine optimises it", async () => {
  const builder = new ModuleBuilder();
  const memory = memoryOf(builder, 1);
  builder.func({ name: "run", params: { times: "i32" }, export: true }, (f, { times }) => {
    f.loop({ to: times }, () => {
      f.loop({ to: BYTES, step: 16 }, (i) => {
        const product = f32x4.relaxedMadd(v128.load(i), v128.load(i, BYTES), v128.load(i));
        f.store.v128(i, vectorMath.sigmoid(f, f.let(product)), 2 * BYTES);
      });
    });
  });
  const exports = instantiate(builder, { memory });
  const run = exports.run as (times: number) => void;
  const floats = new Float32Array(memory.buffer);
  for (let i = 0; i < BYTES / 2; i++) floats[i] = Math.fround((i * 0.7548776662) % 1 - 0.5);
  const results = () => floats.slice(BYTES / 2, BYTES * 3 / 4);
  run(1);
  const first = results();
  for (let time = 0; time < 5; time++) {
    run(5_000);
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(results(), first);
  }
  assert.ok(first.some((value) => value !== first[0]));
});
