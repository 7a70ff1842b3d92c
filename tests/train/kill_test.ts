/** A run that is killed twenty times ends like one that was not. */
import assert from "node:assert/strict";
import { Random } from "../../lib/data/mod.ts";
import { tinyRun } from "./tiny_run.ts";

const KILLS = Number(Deno.env.get("KILLS") ?? 20);
const program = new URL("./killed_run.ts", import.meta.url).pathname;

function start(folder: string, last: number): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-A", program, folder, String(last)],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

/** Lets a process save a few checkpoints, then kills it at a random moment. */
async function runAndKill(folder: string, rng: Random): Promise<number> {
  const child = start(folder, 1e9);
  const saves = 1 + rng.below(2);
  let [step, seen] = [0, 0];
  const lines = child.stdout.pipeThrough(new TextDecoderStream());
  for await (const text of lines.values({ preventCancel: true })) {
    const steps = text.match(/^\d+$/gm) ?? [];
    step = Number(steps.at(-1) ?? step);
    if ((seen += steps.length) >= saves) break;
  }
  await new Promise((resolve) => setTimeout(resolve, rng.uniform(0, 120)));
  child.kill("SIGKILL");
  await lines.cancel();
  assert.equal((await child.status).signal, "SIGKILL");
  return step;
}

Deno.test(`a run killed at ${KILLS} random moments and resumed ends bit-equal to one left alone`, async () => {
  const folder = await Deno.makeTempDir();
  try {
    const rng = new Random(Date.now());
    let step = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const reached = await runAndKill(folder, rng);
      assert(reached > step, `killed ${kill} times it is at step ${reached}, before at ${step}`);
      step = reached;
    }
    const last = step + 300;
    const { stdout, success } = await start(folder, last).output();
    assert(success);
    const resumed = new TextDecoder().decode(stdout).trim().split("\n").at(-1);

    const alone = tinyRun("unused");
    for (let i = 0; i < last; i++) alone.step();
    assert.equal(resumed, await alone.everything());
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
