/** Memory of programs that nobody holds is used again, where the engine lets itself be asked to collect. */
import assert from "node:assert/strict";

const CODE = `
  import * as tf from "@tensorflow/tfjs";
  import { jit } from "@gan-notebooks/lib/jit";
  import { sharedArena } from "./lib/jit/run/arena.ts";
  await tf.setBackend("cpu");
  const cell = () => {
    const w = tf.variable(tf.zeros([1024, 1024]));
    const step = jit((x) => { w.assign(w.add(x)); return w.sum(); }, { rehearse: true });
    const x = tf.ones([1024, 1024]);
    step(x).dispose();
    x.dispose();
    w.dispose();
  };
  const reserved = [];
  for (let run = 0; run < 20; run++) {
    cell();
    for (let i = 0; i < 10; i++) await new Promise((resolve) => setTimeout(resolve, 5));
    reserved.push(sharedArena().reserved);
  }
  console.log("reserved " + Math.max(...reserved.slice(10)) / Math.max(...reserved.slice(0, 10)));`;

/** How much more memory is reserved in the last ten of twenty runs of a cell than in the first ten. */
async function growth(...flags: readonly string[]): Promise<number> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", ...flags, "--config", "deno.json", CODE],
  }).output();
  const found = /reserved ([\d.]+)/.exec(new TextDecoder().decode(stdout))?.[1];
  assert(found, new TextDecoder().decode(stderr));
  return Number(found);
}

Deno.test("programs that nobody holds leave their memory to others, without a call of the collector by hand", async () => {
  const ratio = await growth("--v8-flags=--expose-gc");
  assert(ratio < 1.2, `${ratio} times as much`);
});
