/** A compiled function that nobody holds any more is collected, and its memory freed. */
import assert from "node:assert/strict";

/** Runs code in a process of its own, where the collector can be asked for. */
async function inProcess(code: string): Promise<string> {
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--v8-flags=--expose-gc", "--config", "deno.json", code],
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** How many of 10 functions survive, and how many bytes of the arena they still hold. */
async function remains(
  make: string,
  { most }: { readonly most: number },
): Promise<{ alive: number; bytes: number }> {
  const out = await inProcess(`
    import * as tf from "@tensorflow/tfjs";
    import { jit } from "@gan-notebooks/lib/jit";
    import { sharedArena } from "./lib/jit/run/arena.ts";
    await tf.setBackend("cpu");
    const x = tf.ones([1000]);
    const make = () => { ${make} };
    const refs = [];
    make(); // what is made once for all stays
    for (let k = 0; k < 10; k++) (() => refs.push(...make().map((made) => new WeakRef(made))))();
    const held = sharedArena().reserved;
    let result;
    // A busy machine collects later.
    for (let i = 0; i < 500 && (!result || result.alive > 4 || result.bytes >= ${most}); i++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      gc();
      const alive = refs.filter((ref) => ref.deref()).length;
      result = { alive, bytes: sharedArena().reserved / held };
    }
    console.log("RESULT " + JSON.stringify(result));`);
  return JSON.parse(/RESULT (.*)/.exec(out)![1]!);
}

const KINDS = {
  "with constants": `
    const step = jit((a) => a.add(1.5).mul(tf.tensor1d([2])));
    for (let i = 0; i < 4; i++) step(x).dispose();
    return [step];`,
  "of an object that holds it, rehearsed, bound and checked": `
    const network = { weights: new Float32Array(1000) };
    network.step = jit((a) => a.mul(network.weights.length), { rehearse: true });
    network.bound = network.step.bind(x);
    for (let i = 0; i < 200; i++) network.bound.run();
    return [network, network.step];`,
  "that was refused, and one that threw": `
    const refused = jit((a) => a.mul(Math.random()));
    const failing = jit((a) => { a.neg(); throw new Error("own"); });
    for (const step of [refused, failing]) {
      for (let i = 0; i < 3; i++) try { step(x); } catch { /* expected */ }
    }
    return [refused, failing];`,
};
for (const [name, make] of Object.entries(KINDS)) {
  Deno.test(`jit() a function ${name} is collected once it is forgotten`, async () => {
    const most = name === "that was refused, and one that threw" ? Infinity : 0.5;
    const { alive, bytes } = await remains(make, { most });
    assert(alive <= 4, `${alive} alive`); // the engine may hold on to the last ones
    assert(bytes < most, `${bytes} of the memory is still reserved`);
  });
}
