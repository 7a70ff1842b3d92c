/** Process that continues a run from its folder, with a checkpoint every ten steps, until it is killed. */
import * as tf from "@tensorflow/tfjs";
import { tinyRun } from "./tiny_run.ts";

(tf.backend() as { firstUse?: boolean }).firstUse = false; // no banner from twenty processes
const [folder = "", last = ""] = Deno.args;
const run = tinyRun(folder);
const restored = await run.checkpoints.restore();
for (let step = (restored?.step ?? 0) + 1; step <= Number(last); step++) {
  run.step();
  if (step % 10 === 0) {
    await run.checkpoints.save(step);
    console.log(step);
  }
}
console.log(await run.everything());
