/** MNIST and digits in a folder are read as bytes and as numbers, or refused. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import {
  firstOfEach,
  labelsOf,
  loadMnist,
  MNIST_PIXELS,
  type MnistSet,
  oneHot,
  pixelsOf,
} from "../../lib/data/mod.ts";
import { readMnistSet } from "../../lib/data/read_mnist_set.ts";
import { checkOriginal } from "../../lib/data/mnist.ts";
import { idxFile, idxSet } from "./idx_files.ts";

function setOf(count: number): MnistSet {
  const { images, labels } = idxSet(count);
  return readMnistSet({
    images: { file: "images", bytes: images },
    labels: { file: "labels", bytes: labels },
  });
}

/** Makes a folder with the files while `use` runs. */
async function withFolder(
  files: Record<string, Uint8Array>,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, bytes] of Object.entries(files)) {
      await Deno.writeFile(`${folder}/${name}`, bytes);
    }
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Makes the four files of a small train and test set. */
function fourFiles(rename: (name: string) => string = (name) => name): Record<string, Uint8Array> {
  const [train, test] = [idxSet(12), idxSet(5)];
  return {
    [rename("train-images-idx3-ubyte")]: train.images,
    [rename("train-labels-idx1-ubyte")]: train.labels,
    [rename("t10k-images-idx3-ubyte")]: test.images,
    [rename("t10k-labels-idx1-ubyte")]: test.labels,
  };
}

Deno.test("loadMnist() gives MNIST's 60,000 and 10,000 digits", async () => {
  const { train, test } = await loadMnist();
  assert.deepEqual([train.count, test.count], [60_000, 10_000]);
  assert.deepEqual([train.images.length, test.images.length], [47_040_000, 7_840_000]);
  assert.deepEqual([...train.labels.subarray(0, 10)], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
  const counts = new Array<number>(10).fill(0);
  for (const label of test.labels) counts[label]!++;
  assert.deepEqual(counts, [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
  // Computes the mean of every 29th image's pixels; that of all images is known as .1307.
  const every29th = Array.from({ length: 2000 }, (_, i) => i * 29);
  const pixels = pixelsOf(train, every29th);
  const mean = pixels.reduce((sum, pixel) => sum + pixel, 0) / pixels.length;
  assert(Math.abs(mean - 0.1307) < 0.003, `the mean is ${mean}`);
});

Deno.test("checkOriginal() refuses a file of MNIST with a single bit flipped", async () => {
  const name = "t10k-labels-idx1-ubyte";
  const { test } = await loadMnist();
  const bytes = Uint8Array.from(idxFile([10_000], test.labels));
  await checkOriginal(name, bytes);
  bytes[5000]! ^= 1;
  await assert.rejects(() => checkOriginal(name, bytes), {
    name: "RangeError",
    message:
      /^Cannot read t10k-labels-idx1-ubyte: expected MNIST's file with the SHA-256 ff7b.*, got /,
  });
});

Deno.test("loadMnist() reads a folder of either spelling, gzipped or not", async (t) => {
  const spellings: Record<string, (name: string) => string> = {
    "with a hyphen": (name) => name,
    "with a dot": (name) => name.replace("-idx", ".idx"),
  };
  for (const [what, rename] of Object.entries(spellings)) {
    const plain = fourFiles(rename);
    const zipped = Object.fromEntries(
      Object.entries(plain).map((
        [name, bytes],
      ) => [`${name}.gz`, Uint8Array.from(gzipSync(bytes))]),
    );
    for (const [how, files] of Object.entries({ plain, zipped })) {
      await t.step(`${what}, ${how}`, () =>
        withFolder(files, async (folder) => {
          const { train, test } = await loadMnist({ folder });
          assert.deepEqual(train, setOf(12));
          assert.deepEqual(test, setOf(5));
          assert.deepEqual((await loadMnist({ folder: new URL(`file://${folder}`) })).test, test);
        }));
    }
  }
});

Deno.test("loadMnist() names a missing folder or file, and lists the present ones", async () => {
  await withFolder({ "notes.txt": new Uint8Array(1) }, async (folder) => {
    const names = "train-images-idx3-ubyte, train-images.idx3-ubyte, train-images-idx3-ubyte.gz, " +
      "train-images.idx3-ubyte.gz";
    const cases = [
      [folder, `expected one of ${names}, got notes.txt`],
      [`${folder}/none`, "expected a folder, got nothing there"],
      [`${folder}/notes.txt`, "expected a folder, got a file"],
    ] as const;
    for (const [place, message] of cases) {
      await assert.rejects(() => loadMnist({ folder: place }), {
        name: "NotFound",
        message: `Cannot load digits from ${place}: ${message}`,
      });
    }
  });
});

Deno.test("loadMnist() refuses values that are not folders, and options without effect", async () => {
  const cases: readonly [options: unknown, name: string, message: RegExp][] = [
    ["digits", "TypeError", /expected an object of options, got the string "digits"$/],
    [{ dir: "digits" }, "TypeError", /expected options folder, .*, got "dir"$/],
    [
      { folder: "" },
      "RangeError",
      /expected folder to be the path or the file URL of a folder, got/,
    ],
    [{ folder: "https://example.com/digits" }, "RangeError", /expected folder to be the path/],
    [{ folder: new URL("https://example.com/digits") }, "RangeError", /expected folder to be/],
    [{ folder: new URL("file://host/digits") }, "RangeError", /expected folder to be/],
    [{ folder: 5 }, "TypeError", /expected folder to be .*, got 5$/],
    [{ folder: "x".repeat(5000) }, "Error", /expected a folder that can be read, got /],
    [{ dataset: "emnist-letters" }, "TypeError", /expected dataset with a folder, got no folder$/],
    [{ transposed: false }, "TypeError", /expected transposed with a folder, got no folder$/],
  ];
  for (const [options, name, message] of cases) {
    await assert.rejects(() => loadMnist(options as never), (error: Error) => {
      assert.equal(error.name, name);
      assert.match(error.message, message);
      assert.match(error.message, /^Cannot load digits/);
      return true;
    });
  }
});

Deno.test("loadMnist() names the damaged file", async (t) => {
  const good = fourFiles();
  const cases: readonly [what: string, name: string, bytes: Uint8Array, message: RegExp][] = [
    [
      "cut",
      "t10k-images-idx3-ubyte",
      idxSet(5).images.subarray(0, -1),
      /expected 3936 .* got 3935/,
    ],
    [
      "labels for images",
      "train-images-idx3-ubyte",
      idxSet(12).labels,
      /shape \[count,28,28\], got \[12\]/,
    ],
    [
      "images for labels",
      "train-labels-idx1-ubyte",
      idxSet(12).images,
      /shape \[count\], got \[12,28,28\]/,
    ],
    [
      "other labels",
      "train-labels-idx1-ubyte",
      idxSet(13).labels,
      /expected 12 labels, as many as there are images in .*, got 13/,
    ],
    ["other sides", "train-images-idx3-ubyte", idxSet(12, 27).images, /got \[12,27,27\]/],
    ["no images", "t10k-images-idx3-ubyte", idxFile([0, 28, 28], []), /got \[0,28,28\]/],
    [
      "a label of 10",
      "t10k-labels-idx1-ubyte",
      idxFile([5], [0, 9, 10, 1, 2]),
      /from 0 to 9, got 10 at position 2/,
    ],
    [
      "wide labels",
      "t10k-labels-idx1-ubyte",
      idxFile([5], [0, 1, 2, 3, 4], "int32"),
      /expected bytes, got Int32Array/,
    ],
  ];
  for (const [what, name, bytes, message] of cases) {
    await t.step(what, () =>
      withFolder({ ...good, [name]: bytes }, async (folder) => {
        await assert.rejects(() => loadMnist({ folder }), (error: Error) => {
          assert(error instanceof RangeError || error instanceof TypeError);
          assert(error.message.startsWith(`Cannot read ${folder}/${name}: expected `));
          assert.match(error.message, message);
          return true;
        });
      }));
  }
});

Deno.test("pixelsOf() divides bytes by 255, at any positions in any order", () => {
  const set = setOf(9);
  const positions = fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 12 });
  fc.assert(fc.property(positions, (at) => {
    const pixels = pixelsOf(set, at);
    const bytes = at.flatMap((
      i,
    ) => [...set.images.subarray(i * MNIST_PIXELS, (i + 1) * MNIST_PIXELS)]);
    assert.deepEqual(pixels, Float32Array.from(bytes, (byte) => byte / 255));
    assert(pixels.every((pixel) => pixel >= 0 && pixel <= 1));
    assert.deepEqual([...labelsOf(set, at)], at.map((i) => set.labels[i]));
  }));
});

Deno.test("pixelsOf() and oneHot() write into a given array", () => {
  const pixels = new Float32Array(2 * MNIST_PIXELS);
  assert.equal(pixelsOf(setOf(3), [2, 0], { into: pixels }), pixels);
  assert.deepEqual(pixels, pixelsOf(setOf(3), [2, 0]));
  const rows = new Float32Array(20).fill(7);
  assert.equal(oneHot([9, 0], { into: rows }), rows);
  assert.deepEqual(rows, oneHot([9, 0]));
});

Deno.test("oneHot() has a single 1 per row, at the label", () => {
  const labels = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 20 });
  fc.assert(fc.property(labels, (all) => {
    const rows = oneHot(all);
    assert.equal(rows.length, all.length * 10);
    all.forEach((label, i) => {
      const row = [...rows.subarray(i * 10, i * 10 + 10)];
      assert.deepEqual([row.indexOf(1), row.filter((value) => value === 0).length], [label, 9]);
    });
  }));
});

Deno.test("pixelsOf(), labelsOf() and oneHot() refuse positions and labels out of range", () => {
  const set = setOf(3);
  for (const position of [-1, 3, 0.5, NaN]) {
    const message = `expected positions from 0 to 2, got ${position}`;
    assert.throws(() => pixelsOf(set, [0, position]), {
      name: "RangeError",
      message: `Cannot read pixels: ${message}`,
    });
    assert.throws(() => labelsOf(set, [position]), { message: `Cannot read labels: ${message}` });
  }
  assert.throws(() => pixelsOf(set, [0], { into: new Float32Array(783) }), {
    name: "RangeError",
    message: "Cannot read pixels: expected into to have 784 numbers, got 783",
  });
  for (const label of [-1, 10, 2.5, NaN]) {
    assert.throws(() => oneHot([0, label]), {
      name: "RangeError",
      message:
        `Cannot write labels as rows: expected labels from 0 to 9, got ${label} at position 1`,
    });
  }
});

Deno.test("firstOfEach() finds the first images of each label, in the order of the labels", () => {
  const set = { ...setOf(6), labels: Uint8Array.of(3, 1, 3, 1, 0, 3), classes: 4 };
  assert.deepEqual(firstOfEach(set, [3, 1], { count: 2 }), [0, 2, 1, 3]);
  assert.deepEqual(firstOfEach(set, [0, 0], { count: 1 }), [4, 4]);
  assert.deepEqual(firstOfEach(set, [], { count: 1 }), []);
  const cases: [number[], number, RegExp][] = [
    [[1], 3, /^Cannot find images of labels: expected 3 images of label 1, got 2$/],
    [[4], 1, /labels from 0 to 3, got 4/],
    [[1], 0, /expected count to be a whole number from 1/],
  ];
  for (const [labels, count, message] of cases) {
    assert.throws(() => firstOfEach(set, labels, { count }), { name: "RangeError", message });
  }
});
