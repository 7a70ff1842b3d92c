/** The folder of a run has one writer, keeps files of others, and reports files that cannot be written. */
import assert from "node:assert/strict";
import { Discriminator } from "../../lib/nn/mod.ts";
import { FolderLock } from "../../lib/train/folder_lock.ts";
import { Checkpoints, TrainingRun } from "../../lib/train/mod.ts";
import { entries, withFolder } from "./folders.ts";

const BATCH = [1, 0, 1, 0];

function newRun(folder: string, options: { saveEvery?: number; keep?: number } = {}) {
  const lines: string[] = [];
  const D = new Discriminator({ compile: false });
  const warn = (line: string) => lines.push(line);
  const run = new TrainingRun({ networks: { D } }, { folder, saveEvery: 5, ...options, warn });
  const train = async (total: number) => {
    for await (const _ of run.steps(total, { sliceMs: 0 })) D.train(BATCH, [1]);
  };
  const weights = () => D.model.getWeights().map((weight) => weight.dataSync().join());
  return { D, run, lines, train, weights };
}

/** Reads every file below a folder. */
function contentOf(folder: string): Map<string, string> {
  const files = [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory
      ? [...contentOf(path)]
      : [[path, Deno.readFileSync(path).toBase64()] as [string, string]];
  });
  return new Map(files);
}

function assertKept(before: ReadonlyMap<string, string>, folder: string): void {
  const now = contentOf(folder);
  for (const [path, content] of before) assert.equal(now.get(path), content, path);
}

Deno.test("a new run keeps all checkpoints of earlier runs, and removes its own old ones", () =>
  withFolder(async (folder) => {
    const best = newRun(folder);
    await best.train(40);
    const before = contentOf(folder);
    for (const total of [3, 24, 100, 0]) {
      await newRun(folder).train(total);
      assertKept(before, folder);
    }
    assert.equal((await entries(folder)).length, 2 + 2 + 2 + 2 + 1);
  }));

Deno.test("a resumed run continues its checkpoints, and removes only those", () =>
  withFolder(async (folder) => {
    const first = newRun(folder);
    await first.train(10);
    const second = newRun(folder);
    await second.train(10);
    const third = newRun(folder);
    assert.equal(await third.run.resume({ from: "000002" }), 5);
    const others = contentOf(`${folder}/000003`); // of the first run, but newer than where it goes on
    await third.train(20);
    assertKept(others, folder);
    const names = await entries(folder);
    assert(!names.includes("000002"), "the own checkpoint that newer ones replace");
    assert(names.includes("000005") && names.includes("000006"), "those of the second run");
  }));

Deno.test("TrainingRun.resume() names other runs in the folder, and continues the requested one", () =>
  withFolder(async (folder) => {
    const best = newRun(folder);
    await best.train(40);
    await newRun(folder).train(3);
    const later = newRun(folder);
    assert.equal(await later.run.resume(), 3);
    assert.equal(later.lines.length, 1);
    assert.match(
      later.lines[0]!,
      / other runs, the newest 000009 \(step 40\); restore the newest of them with \{ from: "000009" \}/,
    );
    assert.equal(await later.run.resume({ from: "000009" }), 40);
    assert.deepEqual(later.weights(), best.weights());
    await assert.rejects(() => later.run.resume({ from: "000001" }), {
      name: "RangeError",
      message:
        /^Cannot restore a checkpoint: expected `from` to name one of those in .*000009.*, got "000001"$/,
    });
  }));

Deno.test("a loop waits for a resume that is not awaited", () =>
  withFolder(async (folder) => {
    const first = newRun(folder);
    await first.train(40);
    const second = newRun(folder);
    const { readFile } = Deno;
    Deno.readFile = async (path) => {
      await new Promise((resolve) => setTimeout(resolve, 50)); // a slow disk
      return await readFile(path);
    };
    const resuming = second.run.resume();
    await second.train(50).finally(() => Deno.readFile = readFile);
    assert.equal(await resuming, 40);
    assert.equal(second.D.counter, 50);
    await first.train(50);
    assert.deepEqual(second.weights(), first.weights());
  }));

Deno.test("all cells run twice: the second run is a new one, and both end", () =>
  withFolder(async (folder) => {
    for (const _ of [1, 2]) {
      const cell = newRun(folder);
      await cell.train(12);
      assert.equal(cell.D.counter, 12);
      assert.deepEqual(cell.lines, []);
    }
  }));

Deno.test("a run does not save the same state twice", () =>
  withFolder(async (folder) => {
    const { run, train, D } = newRun(folder, { keep: 9 });
    await train(10);
    await train(10);
    await run.save();
    assert.deepEqual(await entries(folder), ["000001", "000002", "000003"]);
    D.model.setWeights(D.model.getWeights().map((weight) => weight.mul(2)));
    await run.save(); // the step is the same, the weights are not
    assert.deepEqual(await entries(folder), ["000001", "000002", "000003", "000004"]);
  }));

Deno.test("files and folders that no run wrote are kept, whatever their names", () =>
  withFolder(async (folder) => {
    const mine = [
      "20250101/notes.txt",
      "000001/notes.txt",
      "000003/deep/weights.bin",
      ".draft-000002/notes.txt",
      ".old-000001/deep/notes.txt",
      ".draft-000004",
      "000002",
      "mine/checkpoint.json",
    ].map((path) => `${folder}/${path}`);
    for (const path of mine) {
      Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
      Deno.writeTextFileSync(path, "mine");
    }
    const before = contentOf(folder);
    const run = newRun(folder);
    assert.equal(await run.run.resume(), 0, "there is nothing to resume");
    await run.train(40);
    assertKept(before, folder);
    const again = newRun(folder);
    assert.equal(await again.run.resume(), 40);
    await again.train(50);
    assertKept(before, folder);
  }));

Deno.test("a second run is refused while the loop of the first one is running, and works afterwards", () =>
  withFolder(async (folder) => {
    const [first, second] = [newRun(folder), newRun(`${folder}/`)];
    const refused = {
      name: "RangeError",
      message:
        `Cannot write to ${folder}: expected a folder that no other run writes to, got one that ` +
        "a run of this process is writing to; stop that run or choose another folder",
    };
    for await (const step of first.run.steps(12)) {
      first.D.train(BATCH, [1]);
      if (step !== 7) continue;
      await assert.rejects(() => second.train(3), refused);
      await assert.rejects(() => second.run.save(), refused);
      assert.equal(await second.run.resume(), 5, "reading is no harm");
    }
    assert.equal(first.run.step, 12);
    await second.train(20);
    assert.equal(second.run.step, 20);
    assert.deepEqual((await entries(folder)).filter((name) => !/^\d+$/.test(name)), []);
  }));

Deno.test("a run of another process keeps others out until it is killed", () =>
  withFolder(async (folder) => {
    const program = new URL("./held_folder.ts", import.meta.url).pathname;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "-A", program, folder],
      stdout: "piped",
    }).spawn();
    const lines = child.stdout.pipeThrough(new TextDecoderStream());
    for await (const text of lines.values({ preventCancel: true })) {
      if (text.includes("at work")) break;
    }
    const { train } = newRun(folder);
    await assert.rejects(() => train(3), {
      message: new RegExp(
        `got one that a run of process ${child.pid} is writing to; stop that run`,
      ),
    });
    child.kill("SIGKILL");
    await lines.cancel();
    await child.status;
    await train(3);
    const again = newRun(folder);
    assert.equal(await again.run.resume(), 3);
  }));

Deno.test("FolderLock refuses other writers until all holders have released it", () =>
  withFolder(async (folder) => {
    const [mine, other] = [new FolderLock(folder), new FolderLock(folder)];
    const [a, b] = await Promise.all([mine.hold(), mine.hold()]);
    await a[Symbol.asyncDispose]();
    await a[Symbol.asyncDispose](); // a second call has no effect
    await assert.rejects(() => other.hold(), RangeError);
    await b[Symbol.asyncDispose]();
    assert.deepEqual(await entries(folder), []);
    const held = await other.hold();
    await assert.rejects(() => mine.hold(), RangeError);
    await Deno.remove(folder, { recursive: true }); // the user removes the folder
    await held[Symbol.asyncDispose]();
    await (await mine.hold())[Symbol.asyncDispose]();
  }));

Deno.test("a wrong folder is refused before anything is written", () => {
  const networks = { D: new Discriminator() };
  const folders: readonly [unknown, string][] = [
    ["", "RangeError"],
    ["  ", "RangeError"],
    ["https://example.com/out", "RangeError"],
    ["file:///tmp/out", "RangeError"],
    [undefined, "TypeError"],
    [new URL("file:///tmp/out"), "TypeError"],
    [3, "TypeError"],
  ];
  for (const [folder, name] of folders) {
    const message = /^Cannot .*: expected folder to be the path of a folder, got /;
    assert.throws(() => new TrainingRun({ networks }, { folder } as never), { name, message });
    assert.throws(() => new Checkpoints(folder as never, { networks }), { name, message });
  }
});

Deno.test("a folder in the place of the lock is named in one sentence", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/.writer.lock`);
    await assert.rejects(() => newRun(folder).train(3), {
      name: "RangeError",
      message: /^Cannot write to .*: expected a folder to write to, got ".*"; choose another/,
    });
    assert.deepEqual(await entries(folder), [".writer.lock"]);
  }));

Deno.test("a file in the way is named in one sentence, and stays", () =>
  withFolder(async (folder) => {
    const file = `${folder}/notes`;
    await Deno.writeTextFile(file, "mine");
    for (const path of [file, `${file}/out`]) {
      const { train, run, D } = newRun(path);
      await assert.rejects(() => train(3), {
        name: "RangeError",
        message:
          /^Cannot write to .*: expected a folder to write to, got ".*"; choose another folder/,
      });
      assert.deepEqual([run.step, D.counter], [0, 0]);
    }
    await assert.rejects(() => newRun(file).run.resume(), {
      name: "RangeError",
      message: /^Cannot restore a checkpoint from .*: expected a folder, got ".*"$/,
    });
    assert.deepEqual([...contentOf(folder).values()], [btoa("mine")]);
  }));

/** Runs `use` while the disk accepts a limited number of files. */
async function withFullDisk(files: number, use: () => Promise<void>): Promise<void> {
  const { writeFile } = Deno;
  Deno.writeFile = async (path, data, options) => {
    if (files-- > 0) return await writeFile(path, data, options);
    await writeFile(path, (data as Uint8Array).slice(0, 10), options);
    throw new Error("No space left on device (os error 28)");
  };
  try {
    await use();
  } finally {
    Deno.writeFile = writeFile;
  }
}

Deno.test("a full disk is reported in one sentence: the last checkpoint is kept, and no incomplete folder", () =>
  withFolder(async (folder) => {
    const { run, train, D, lines } = newRun(folder);
    await train(10);
    const before = contentOf(folder);
    for (const files of [0, 1, 3]) {
      await withFullDisk(files, () =>
        assert.rejects(() => train(30), {
          name: "RangeError",
          message: `Cannot save a checkpoint in ${folder}: expected its files to be written, got ` +
            '"No space left on device (os error 28)"; free some disk space or choose another folder',
        }));
      assert.deepEqual(contentOf(folder), before);
      assert.equal(run.step, D.counter, "what was trained is kept");
    }
    assert.deepEqual(lines, []);
    await train(30);
    assert.equal(D.counter, 30);
  }));
