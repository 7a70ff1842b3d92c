/** A classifier is trained once, saved completely, and loaded bit-equal. */
import assert from "node:assert/strict";
import {
  type Classifier,
  loadClassifier,
  type LoadClassifierOptions,
  type Readings,
} from "../../lib/metrics/mod.ts";
import { change, json } from "../train/changed_files.ts";
import { digits } from "./sets.ts";
import { joined, smallMnist } from "./small_mnist.ts";

const mnist = await smallMnist(300, 60);
const images = joined((await digits())[0].images.slice(0, 70));

/** Returns the weights and the accuracy of a classifier. */
async function everything(classifier: Classifier): Promise<Readings & { accuracy: number }> {
  return { ...await classifier.read(images), accuracy: classifier.accuracy };
}

function weightsOf({ model }: Classifier): number[][] {
  return model.getWeights().map((weight) => [...weight.dataSync()]);
}

/** Runs a test in its own folder, with a `load` that records its reports. */
async function inFolder(
  test: (use: {
    readonly folder: string;
    readonly lines: string[];
    readonly reports: number[];
    readonly load: (options?: Partial<LoadClassifierOptions>) => Promise<Classifier>;
  }) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const lines: string[] = [];
  const reports: number[] = [];
  const watch = {
    warn: (line: string) => lines.push(line),
    onProgress: ({ step, steps }: { step: number; steps: number }) => reports.push(step / steps),
  };
  const load = (options: Partial<LoadClassifierOptions> = {}) =>
    loadClassifier(mnist, { folder, epochs: 2, ...watch, ...options } as LoadClassifierOptions);
  try {
    await test({ folder, lines, reports, load });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Lists all files below a folder. */
function filesIn(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder)).flatMap(({ name, isDirectory }) =>
    isDirectory ? filesIn(`${folder}/${name}`) : [`${folder}/${name}`]
  );
}

Deno.test("a saved classifier gives bit-equal answers, and is not trained again", async () => {
  await inFolder(async ({ load, reports, lines }) => {
    const trained = await load();
    assert(reports.at(-1) === 1 && reports.length > 2);
    reports.length = 0;
    const again = await load();
    assert.deepEqual(reports, []);
    assert.deepEqual(weightsOf(again), weightsOf(trained));
    assert.deepEqual(await everything(again), await everything(trained));
    assert.deepEqual(lines, []);
  });
});

Deno.test("the same seed gives the same weights to the last bit, another seed others", async () => {
  const weights: number[][][] = [];
  for (const seed of [5, 5, 6]) {
    await inFolder(async ({ load }) => void weights.push(weightsOf(await load({ seed }))));
  }
  assert.deepEqual(weights[0], weights[1]);
  assert.notDeepEqual(weights[0], weights[2]);
});

Deno.test("each combination of seed, epochs, network and data has its own classifier", async () => {
  await inFolder(async ({ folder, load, reports }) => {
    const trains = async (options: Partial<LoadClassifierOptions>, data = mnist) => {
      reports.length = 0;
      const onProgress = () => reports.push(0);
      await loadClassifier(data, { folder, epochs: 1, onProgress, ...options });
      return reports.length > 0;
    };
    const other = await smallMnist(200, 60);
    await load({ epochs: 1 });
    assert.equal(await trains({}), false);
    assert.equal(await trains({ seed: 2 }), true);
    assert.equal(await trains({ epochs: 2 }), true);
    assert.equal(await trains({ network: "pooled" }), true);
    assert.equal(await trains({ network: "pooled" }), false);
    assert.equal(await trains({ network: "strided" }), false, "it is the default");
    assert.equal(await trains({}, other), true);
    assert.equal(await trains({}), false, "the first one is still there");
  });
});

Deno.test("a damaged classifier is named in one line and trained anew", async () => {
  await inFolder(async ({ folder, load, reports, lines }) => {
    const trained = await everything(await load());
    const damages: readonly ((bytes: Uint8Array) => Uint8Array)[] = [
      (bytes) => bytes.slice(0, -1),
      (bytes) => bytes.map((byte, i) => i === bytes.length >> 1 ? byte ^ 1 : byte),
    ];
    const names = ["checkpoint.json", "model.json", "weights.bin", "SHA256SUMS"];
    for (const [i, name] of names.entries()) {
      const path = filesIn(folder).sort().findLast((file) => file.endsWith(name))!;
      Deno.writeFileSync(path, damages[i % 2]!(Deno.readFileSync(path)) as Uint8Array<ArrayBuffer>);
      reports.length = lines.length = 0;
      assert.deepEqual(await everything(await load()), trained);
      assert.equal(reports.at(-1), 1, `${name} is not noticed`);
      assert.equal(lines.length, 1);
      assert.match(
        lines[0]!,
        /^Cannot restore the checkpoint .*: expected [^]*; a new classifier is trained$/,
      );
      reports.length = lines.length = 0;
      await load();
      assert.deepEqual([reports, lines], [[], []], "what was trained anew is not kept");
    }
  });
});

/** Changes the content of a classifier's checkpoint, with right checksums. */
const SENSELESS: readonly [file: string, edit: (bytes: Uint8Array) => Uint8Array][] = [
  ["checkpoint.json", json((saved) => saved.states.made.accuracy = 2)],
  ["checkpoint.json", json((saved) => saved.states.made.data = "other")],
  ["classifier/weights.bin", (bytes) => new Uint8Array(bytes.length).fill(255)], // NaN
];

Deno.test("a classifier of senseless content is named in one line and trained anew", async () => {
  await inFolder(async ({ folder, load, lines }) => {
    const trained = await everything(await load({ epochs: 1 }));
    for (const [file, edit] of SENSELESS) {
      const last = filesIn(folder).sort().findLast((file) => file.endsWith("SHA256SUMS"))!;
      await change(last.replace("/SHA256SUMS", ""), file, edit);
      lines.length = 0;
      assert.deepEqual(await everything(await load({ epochs: 1 })), trained);
      assert.equal(lines.length, 1, file);
      assert.match(lines[0]!, /: expected [^]*; a new classifier is trained$/);
    }
  });
});

/** Wrong calls, each with a part of the error. */
const WILD: readonly [mnist: unknown, options: unknown, message: RegExp][] = [
  [undefined, { folder: "x" }, /expected mnist to be a data set .*, got undefined/],
  [
    { train: {}, test: {} },
    { folder: "x" },
    /expected count to be a whole number .*, got undefined/,
  ],
  [mnist, undefined, /expected an object of options, got undefined/],
  [mnist, {}, /expected folder to be the path of a folder, got undefined/],
  [mnist, { folder: "" }, /expected folder to be the path of a folder, got the string ""/],
  [mnist, { folder: "https://example.com" }, /expected folder to be the path of a folder/],
  [mnist, { folder: "x", epoch: 1 }, /got "epoch"; did you mean epochs\?$/],
  [mnist, { folder: "x", epochs: "1" }, /expected epochs to be a whole number/],
  [mnist, { folder: "x", signal: 1 }, /expected signal to be an AbortSignal, got 1/],
  [mnist, { folder: "x", warn: "no" }, /expected warn to be a function/],
];

Deno.test("loadClassifier() refuses what it cannot use in one sentence", async () => {
  for (const [data, options, message] of WILD) {
    await assert.rejects(() => loadClassifier(data as never, options as never), (error: Error) => {
      assert.match(error.name, /^(TypeError|RangeError)$/);
      assert.match(error.message, /^Cannot load the classifier: /);
      assert.match(error.message, message);
      return true;
    });
  }
});

Deno.test("a training that is stopped leaves no classifier, and says why it stopped", async () => {
  await inFolder(async ({ folder, load, reports }) => {
    const controller = new AbortController();
    const onProgress = ({ step }: { step: number }) => {
      if (step > 0) controller.abort(new Error("enough"));
    };
    const { signal } = controller;
    const epochs = 1000; // would take minutes
    await assert.rejects(() => load({ signal, onProgress, epochs }), { message: "enough" });
    assert.deepEqual(filesIn(folder), []);
    await load();
    assert.equal(reports.at(-1), 1);
  });
});

Deno.test("a classifier that cannot be saved causes a warning, and is returned", async () => {
  await inFolder(async ({ folder, load, lines }) => {
    await load();
    const kept = `${folder}/${[...Deno.readDirSync(folder)][0]!.name}`;
    await Deno.remove(kept, { recursive: true });
    const onProgress = ({ done }: { done: boolean }) => {
      if (done) Deno.writeTextFileSync(kept, "a file in the way");
    };
    const classifier = await load({ onProgress });
    assert(classifier.accuracy > 0);
    assert.equal(lines.length, 1);
    assert.match(
      lines[0]!,
      /^Cannot write to .*; the next call trains the classifier again$/,
    );
  });
});

Deno.test("loadClassifier() refuses wrong epochs and seeds", async () => {
  const cases = [
    [{ epochs: 0 }, "expected epochs to be a whole number from 1 on, got 0"],
    [{ epochs: 1.5 }, "expected epochs to be a whole number from 1 on, got 1.5"],
    [{ seed: -1 }, "expected seed to be a whole number from 0 on, got -1"],
    [{ seed: NaN }, "expected seed to be a whole number from 0 on, got NaN"],
  ] as const;
  for (const [options, message] of cases) {
    await inFolder(({ load }) =>
      assert.rejects(() => load(options), {
        name: "RangeError",
        message: `Cannot load the classifier: ${message}`,
      })
    );
  }
});
