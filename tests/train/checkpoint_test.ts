/** Checkpoints restore everything bit-equal; damaged and foreign ones are refused with the reason. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import fc from "fast-check";
import { Discriminator } from "../../lib/nn/mod.ts";
import { Checkpoints, fileSystem } from "../../lib/train/mod.ts";
import { entries, withFolder } from "./folders.ts";
import { type TinyRun, tinyRun } from "./tiny_run.ts";

function steps(run: TinyRun, count: number): void {
  for (let i = 0; i < count; i++) run.step();
}

for (const compile of [true, false]) {
  const how = compile ? "compiled" : "plain";
  Deno.test(`Checkpoints bring everything back bit-equal, and the ${how} run goes on bit-equal`, () =>
    withFolder(async (folder) => {
      const run = tinyRun(folder, { compile });
      steps(run, 30);
      assert.equal(await run.checkpoints.save(30), `${folder}/000001`);
      const saved = await run.everything();
      steps(run, 30);
      const later = await run.everything();
      for (const resumed of [tinyRun(folder, { seed: 2, compile }), run]) {
        // Restores into new networks with another seed, and into the trained ones.
        assert.notEqual(await resumed.everything(), saved);
        assert.deepEqual(await resumed.checkpoints.restore(), {
          step: 30,
          path: `${folder}/000001`,
        });
        assert.equal(await resumed.everything(), saved);
      }
      const resumed = tinyRun(folder, { compile });
      await resumed.checkpoints.restore();
      steps(resumed, 30);
      assert.equal(await resumed.everything(), later);
    }));
}

Deno.test("a checkpoint of the start returns a trained run to it", () =>
  withFolder(async (folder) => {
    const run = tinyRun(folder);
    const start = await run.everything();
    await run.checkpoints.save(0);
    steps(run, 20);
    const trained = await run.everything();
    await run.checkpoints.restore();
    assert.equal(await run.everything(), start);
    steps(run, 20);
    assert.equal(await run.everything(), trained);
  }));

Deno.test("tf.loadLayersModel() loads the models of a checkpoint", () =>
  withFolder(async (folder) => {
    const run = tinyRun(folder);
    steps(run, 12);
    const path = await run.checkpoints.save(12);
    const x = tf.tensor2d([[0.3, -1.2], [2, 0.1]]);
    for (const [name, { model }] of [["G", run.G], ["G.average", run.average]] as const) {
      const loaded = await tf.loadLayersModel(fileSystem(`${path}/${name}`));
      const [got, expected] = [loaded, model].map((m) => (m.predict(x) as tf.Tensor).dataSync());
      assert.deepEqual(got, expected);
    }
  }));

Deno.test("Checkpoints.save() keeps the newest two, and removes incomplete folders of a killed process", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/.draft-000007/G`, { recursive: true });
    await Deno.mkdir(`${folder}/.old-000003/G`, { recursive: true });
    await Deno.mkdir(`${folder}/mine`);
    const run = tinyRun(folder);
    for (const step of [1, 2, 3]) await run.checkpoints.save(step);
    assert.deepEqual(await entries(folder), ["000002", "000003", "mine"]);
    assert.equal((await run.checkpoints.restore())?.path, `${folder}/000003`);
  }));

Deno.test("Checkpoints.restore() finds nothing where nothing was saved", () =>
  withFolder(async (folder) => {
    assert.equal(await tinyRun(folder).checkpoints.restore(), undefined);
    assert.equal(await tinyRun(`${folder}/none`).checkpoints.restore(), undefined);
  }));

Deno.test("sha256sum checks a checkpoint's files", () =>
  withFolder(async (folder) => {
    const path = await tinyRun(folder).checkpoints.save(0);
    const sums = await Deno.readTextFile(`${path}/SHA256SUMS`);
    const [first = ""] = sums.split("\n");
    const json = await Deno.readFile(`${path}/checkpoint.json`);
    const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", json)).toHex();
    assert.equal(first, `${sum}  checkpoint.json`);
    assert.deepEqual(sums.match(/\S+$/gm), [
      "checkpoint.json",
      ...["model.json", "weights.bin", "optimizer.bin"].map((file) => `D/${file}`),
      ...["model.json", "weights.bin", "optimizer.bin", "outputs.bin"].map((file) => `G/${file}`),
      ...["model.json", "weights.bin"].map((file) => `G.average/${file}`),
    ]);
  }));

/** Lists the files of a checkpoint. */
const FILES = [
  "SHA256SUMS",
  "checkpoint.json",
  "D/model.json",
  "D/weights.bin",
  "D/optimizer.bin",
  "G/outputs.bin",
  "G.average/weights.bin",
];

Deno.test("a damaged checkpoint is refused with the reason, and the one before it is used", () =>
  withFolder(async (folder) => {
    const warnings: string[] = [];
    const run = tinyRun(folder, { warn: (line) => warnings.push(line) });
    steps(run, 10);
    await run.checkpoints.save(10);
    const before = await run.everything();
    steps(run, 10);
    const path = await run.checkpoints.save(20);
    const damages: Record<string, fc.Arbitrary<(bytes: Uint8Array) => Uint8Array | undefined>> = {
      flipped: fc.nat().map((at) => (bytes) =>
        bytes.with((at >> 3) % bytes.length, bytes[(at >> 3) % bytes.length]! ^ (1 << (at & 7)))
      ),
      cut: fc.nat().map((at) => (bytes) => bytes.slice(0, at % bytes.length)),
      longer: fc.constant((bytes) => Uint8Array.of(...bytes, 10)),
      missing: fc.constant(() => undefined),
    };
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...FILES),
        fc.oneof(...Object.values(damages)),
        async (file, damage) => {
          const bytes = await Deno.readFile(`${path}/${file}`);
          const damaged = damage(bytes);
          if (damaged) await Deno.writeFile(`${path}/${file}`, damaged);
          else await Deno.remove(`${path}/${file}`);
          steps(run, 1);
          assert.equal((await run.checkpoints.restore())?.step, 10);
          assert.equal(await run.everything(), before);
          const warning = warnings.splice(0).join("\n");
          assert(warning.startsWith(`Cannot restore the checkpoint ${path}: expected `), warning);
          assert(warning.endsWith(`; continuing from ${folder}/000001, step 10`), warning);
          assert(file === "SHA256SUMS" || warning.includes(file), warning);
          await Deno.writeFile(`${path}/${file}`, bytes);
        },
      ),
      { numRuns: 60 },
    );
    assert.equal((await run.checkpoints.restore())?.step, 20);
    assert.deepEqual(warnings, []);
  }));

Deno.test("Checkpoints.restore() throws with every reason when none is whole, and changes nothing", () =>
  withFolder(async (folder) => {
    const run = tinyRun(folder);
    for (const step of [1, 2]) await run.checkpoints.save(step);
    await Deno.remove(`${folder}/000002/G/model.json`);
    await Deno.writeTextFile(`${folder}/000001/SHA256SUMS`, "");
    steps(run, 5);
    const before = await run.everything();
    await assert.rejects(() => run.checkpoints.restore(), {
      name: "RangeError",
      message:
        `Cannot restore the checkpoint ${folder}/000002: expected a file G/model.json, got none\n` +
        `Cannot restore the checkpoint ${folder}/000001: expected each line of SHA256SUMS to hold a ` +
        "sum and a file, got other text; use another checkpoint or another folder, or start a new run",
    });
    assert.equal(await run.everything(), before);
  }));

Deno.test("Checkpoints.save() refuses numbers that are not finite, and keeps the good checkpoint", () =>
  withFolder(async (folder) => {
    const run = tinyRun(folder);
    steps(run, 1);
    await run.checkpoints.save(1);
    const [, moment] = await run.D.optimizer.getWeights();
    const weight = run.G.model.weights[0]!.read() as tf.Variable;
    for (const [variable, place] of [[moment!.tensor, "D's optimizer"], [weight, "G"]] as const) {
      const good = variable.clone();
      (variable as tf.Variable).assign(tf.fill(variable.shape, NaN));
      await assert.rejects(() => run.checkpoints.save(2), {
        name: "RangeError",
        message: new RegExp(
          `^Cannot save a checkpoint: expected finite numbers, got NaN in .* of ${place}$`,
        ),
      });
      assert.deepEqual(await entries(folder), ["000001"]);
      (variable as tf.Variable).assign(good);
    }
    assert.equal(await run.checkpoints.save(2), `${folder}/000002`);
  }));

Deno.test("Checkpoints.save() refuses lists with numbers that are not finite", () =>
  withFolder(async (folder) => {
    const lists = { dReal: [0.5] };
    const checkpoints = new Checkpoints(folder, { networks: {}, lists });
    lists.dReal.push(NaN);
    await assert.rejects(() => checkpoints.save(1), {
      name: "RangeError",
      message: "Cannot save a checkpoint: expected finite numbers, got NaN in the list dReal",
    });
  }));

Deno.test("Checkpoints.restore() reads no file outside the checkpoint", () =>
  withFolder(async (folder) => {
    const checkpoints = new Checkpoints(folder, { networks: {}, lists: { loss: [1] } });
    const path = await checkpoints.save(1);
    await Deno.writeTextFile(`${folder}/other.json`, "{}");
    const sum = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"; // of {}
    const sums = await Deno.readTextFile(`${path}/SHA256SUMS`);
    await Deno.writeTextFile(`${path}/SHA256SUMS`, `${sums}${sum}  ../other.json\n`);
    await assert.rejects(() => checkpoints.restore(), {
      message: /expected each line of SHA256SUMS/,
    });
  }));

Deno.test("Checkpoints.save() asked twice at once writes one after the other", () =>
  withFolder(async (folder) => {
    const run = tinyRun(folder);
    const paths = await Promise.all([1, 2, 3].map((step) => run.checkpoints.save(step)));
    assert.deepEqual(paths, ["000001", "000002", "000003"].map((name) => `${folder}/${name}`));
    assert.equal((await run.checkpoints.restore())?.step, 3);
  }));

Deno.test("Checkpoints refuse bad names, counts and steps", async () => {
  const networks = { D: new Discriminator() };
  assert.throws(() => new Checkpoints("x", { networks: { "../D": networks.D } }), {
    name: "RangeError",
    message: 'Cannot keep checkpoints: expected names of letters, digits, _ and -, got "../D"',
  });
  const both = { D: networks.D, d: networks.D }; // one file on disks that ignore case
  assert.throws(() => new Checkpoints("x", { networks: both }), {
    message: "Cannot keep checkpoints: expected names that differ in more than case, got D, d",
  });
  assert.throws(() => new Checkpoints("x", { networks }, { keep: 0 }), {
    message: "Cannot keep checkpoints: expected keep to be a whole number from 1 on, got 0",
  });
  for (const step of [-1, 0.5, NaN]) {
    await assert.rejects(() => new Checkpoints("x", { networks }).save(step), {
      name: "RangeError",
      message:
        `Cannot save a checkpoint: expected step to be a whole number from 0 on, got ${step}`,
    });
  }
});

Deno.test("Checkpoints leak no tensor", () =>
  withFolder(async (folder) => {
    const run = tinyRun(folder);
    const cycle = async () => {
      steps(run, 1);
      await run.checkpoints.save(1);
      await run.checkpoints.restore();
      const fresh = tf.memory().numTensors;
      await run.checkpoints.save(0);
      await run.checkpoints.restore();
      noMoreThan(fresh);
    };
    // Fewer are no leak: between two tasks, networks of the tests before may be collected.
    const noMoreThan = (before: number) => {
      const now = tf.memory().numTensors;
      assert.ok(now <= before, `${now} tensors, ${before} before`);
    };
    await cycle();
    const { numTensors } = tf.memory();
    for (let i = 0; i < 3; i++) await cycle();
    noMoreThan(numTensors);
  }));
