/** EMNIST, QMNIST, KMNIST and Fashion-MNIST load under their usual file names. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import {
  DigitBatches,
  loadMnist,
  type LoadMnistOptions,
  MNIST_PIXELS,
  MNIST_SIDE,
  NoiseBatches,
  oneHot,
  pixelsOf,
  Random,
  withoutLabels,
} from "../../lib/data/mod.ts";
import { idxFile } from "./idx_files.ts";

type Files = Readonly<Record<string, Uint8Array>>;

/** Makes images whose rows begin with their number and whose first byte is their position. */
function imagesFile(count: number): Uint8Array {
  const pixels = Uint8Array.from(
    { length: count * MNIST_PIXELS },
    (_, i) => (i * 31 + Math.floor(i / MNIST_PIXELS)) % 251,
  );
  return idxFile([count, MNIST_SIDE, MNIST_SIDE], pixels);
}

/** Exchanges rows and columns of the images, as in EMNIST. */
function transposedFile(count: number): Uint8Array {
  const upright = imagesFile(count).subarray(16);
  const pixels = upright.map((_, i) => {
    const [image, p] = [Math.floor(i / MNIST_PIXELS), i % MNIST_PIXELS];
    const [row, column] = [Math.floor(p / MNIST_SIDE), p % MNIST_SIDE];
    return upright[image * MNIST_PIXELS + column * MNIST_SIDE + row]!;
  });
  return idxFile([count, MNIST_SIDE, MNIST_SIDE], pixels);
}

/** Makes labels as in QMNIST: class, series, writer, and five more numbers for each image. */
function qmnistLabels(labels: readonly number[]): Uint8Array {
  const rows = labels.flatMap((label, i) => [label, 4, 2500 + i, 70, 10 * i, 300_000, 0, -1]);
  return idxFile([labels.length, 8], rows, "int32");
}

/** Lists every label of a data set, and some labels again. */
function labelsFrom(first: number, last: number): number[] {
  const all = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  return [...all, first, last];
}

const zipped = (files: Files): Files =>
  Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [`${name}.gz`, Uint8Array.from(gzipSync(bytes))]),
  );

/** Makes a folder with files, and folders beside them, while `use` runs. */
async function withFolder(
  files: Files,
  use: (folder: string) => Promise<void>,
  folders: readonly string[] = [],
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of folders) await Deno.mkdir(`${folder}/${name}`);
    for (const [name, bytes] of Object.entries(files)) {
      await Deno.writeFile(`${folder}/${name}`, bytes);
    }
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface Relative {
  readonly what: string;
  /** Names of the four files: training images and labels, test images and labels. */
  readonly names: readonly [string, string, string, string];
  readonly labels: readonly number[];
  readonly classes: number;
  readonly isTransposed?: boolean;
  readonly isQmnist?: boolean;
}

const MNIST_NAMES = [
  "train-images-idx3-ubyte",
  "train-labels-idx1-ubyte",
  "t10k-images-idx3-ubyte",
  "t10k-labels-idx1-ubyte",
] as const;

const emnist = (name: string, labels: readonly number[], classes: number): Relative => ({
  what: `EMNIST ${name}`,
  names: [
    `emnist-${name}-train-images-idx3-ubyte`,
    `emnist-${name}-train-labels-idx1-ubyte`,
    `emnist-${name}-test-images-idx3-ubyte`,
    `emnist-${name}-test-labels-idx1-ubyte`,
  ],
  labels,
  classes,
  isTransposed: true,
});

const RELATIVES: readonly Relative[] = [
  { what: "Fashion-MNIST", names: MNIST_NAMES, labels: labelsFrom(0, 9), classes: 10 },
  {
    what: "KMNIST with dots",
    names: [
      "train-images.idx3-ubyte",
      "train-labels.idx1-ubyte",
      "t10k-images.idx3-ubyte",
      "t10k-labels.idx1-ubyte",
    ],
    labels: labelsFrom(0, 9),
    classes: 10,
  },
  {
    what: "QMNIST",
    names: [
      "qmnist-train-images-idx3-ubyte",
      "qmnist-train-labels-idx2-int",
      "qmnist-test-images-idx3-ubyte",
      "qmnist-test-labels-idx2-int",
    ],
    labels: labelsFrom(0, 9),
    classes: 10,
    isQmnist: true,
  },
  emnist("byclass", labelsFrom(0, 61), 62),
  emnist("bymerge", labelsFrom(0, 46), 47),
  emnist("balanced", labelsFrom(0, 46), 47),
  emnist("letters", labelsFrom(1, 26), 27),
  emnist("digits", labelsFrom(0, 9), 10),
  emnist("mnist", labelsFrom(0, 9), 10),
  {
    what: "49 classes under MNIST's names",
    names: MNIST_NAMES,
    labels: labelsFrom(0, 48),
    classes: 49,
  },
];

/** Makes the files of a data set; the test set has half as many images as the training set. */
function filesOf({ names, labels, isTransposed, isQmnist }: Relative): Files {
  const half = labels.slice(0, labels.length / 2);
  const images = isTransposed ? transposedFile : imagesFile;
  const labelFile = (all: readonly number[]) =>
    isQmnist ? qmnistLabels(all) : idxFile([all.length], all);
  return {
    [names[0]]: images(labels.length),
    [names[1]]: labelFile(labels),
    [names[2]]: images(half.length),
    [names[3]]: labelFile(half),
  };
}

/** Asserts that the loaded images are upright and that the labels are those of the files. */
async function assertLoads(relative: Relative, options: LoadMnistOptions): Promise<void> {
  const { train, test, classes } = await loadMnist(options);
  const { labels } = relative;
  assert.deepEqual([classes, train.classes, test.classes], Array(3).fill(relative.classes));
  assert.deepEqual([...train.labels], labels);
  assert.deepEqual([...test.labels], labels.slice(0, labels.length / 2));
  for (const { count, images } of [train, test]) {
    const upright = imagesFile(count).subarray(16);
    assert.equal(images.length, upright.length);
    assert(images.every((pixel, i) => pixel === upright[i]), "the images are not upright");
  }
}

for (const relative of RELATIVES) {
  Deno.test(`loadMnist() reads ${relative.what}, gzipped or not, with folders of the same names`, async () => {
    const files = filesOf(relative);
    for (const present of [files, zipped(files), { ...zipped(files), ...files }]) {
      const folders = relative.names.flatMap((name) =>
        [name, `${name}.gz`, name.replace("-idx", ".idx")].filter((other) => !present[other])
      );
      await withFolder(present, (folder) => assertLoads(relative, { folder }), [
        ...new Set(folders),
      ]);
    }
  });
}

Deno.test("loadMnist() reads the requested data set if a folder contains several", async () => {
  const [letters, balanced] = [RELATIVES[6]!, RELATIVES[5]!];
  const files = { ...filesOf(letters), ...zipped(filesOf(balanced)) };
  await withFolder(files, async (folder) => {
    await assertLoads(letters, { folder, dataset: "emnist-letters" });
    await assertLoads(balanced, { folder, dataset: "EMNIST-balanced" });
    await assert.rejects(() => loadMnist({ folder }), {
      name: "RangeError",
      message:
        `Cannot load digits from ${folder}: expected the option dataset to name one of the ` +
        "data sets there, emnist-balanced, emnist-letters, got none",
    });
    await assert.rejects(() => loadMnist({ folder, dataset: "kmnist" }), {
      name: "NotFound",
      message: /expected one of kmnist-train-images-idx3-ubyte, .*, got emnist-balanced-/,
    });
  });
});

Deno.test("loadMnist() transposes images as the option says, whatever the files' names", async () => {
  const [fashion, digits] = [RELATIVES[0]!, RELATIVES[7]!];
  await withFolder(
    filesOf({ ...fashion, isTransposed: true }),
    (folder) => assertLoads(fashion, { folder, transposed: true }),
  );
  await withFolder(
    filesOf({ ...digits, isTransposed: false }),
    (folder) => assertLoads(digits, { folder, transposed: false }),
  );
});

Deno.test("loadMnist() follows links to files and passes over links that lead nowhere", async () => {
  const fashion = RELATIVES[0]!;
  await withFolder(filesOf(fashion), (elsewhere) =>
    withFolder({}, async (folder) => {
      for (const name of fashion.names) {
        await Deno.symlink(`${elsewhere}/${name}`, `${folder}/${name.replace("-idx", ".idx")}`);
        await Deno.symlink(`${elsewhere}/none`, `${folder}/${name}`);
      }
      await assertLoads(fashion, { folder });
    }));
});

Deno.test("loadMnist() refuses labels that a data set does not have", async () => {
  const cases: readonly [relative: Relative, file: string, bytes: Uint8Array, message: RegExp][] = [
    [
      RELATIVES[6]!,
      "emnist-letters-train-labels-idx1-ubyte",
      idxFile([28], labelsFrom(2, 27)),
      /labels from 0 to 26, got 27 at position 25/,
    ],
    [
      RELATIVES[2]!,
      "qmnist-test-labels-idx2-int",
      qmnistLabels([0, 1, 2, -1, 4, 5]),
      /labels from 0 to 9, got -1 at position 3/,
    ],
    [
      RELATIVES[2]!,
      "qmnist-test-labels-idx2-int",
      idxFile([6, 7], new Int32Array(42), "int32"),
      /shape \[count\], got \[6,7\]/,
    ],
    [
      RELATIVES[0]!,
      "train-labels-idx1-ubyte",
      idxFile([12], [0, 1, 2, 3, 4, 5, 62, 7, 8, 9, 0, 9]),
      /labels from 0 to 61, got 62 at position 6/,
    ],
    [
      RELATIVES[0]!,
      "t10k-labels-idx1-ubyte",
      idxFile([6], [0, 1, 2, 10, 4, 5]),
      /labels from 0 to 9, got 10 at position 3/,
    ],
  ];
  for (const [relative, file, bytes, message] of cases) {
    await withFolder(
      { ...filesOf(relative), [file]: bytes },
      (folder) => assert.rejects(() => loadMnist({ folder }), { name: "RangeError", message }),
    );
  }
});

Deno.test("batches of letters end with as many numbers as there are labels", async () => {
  const letters = RELATIVES[6]!;
  await withFolder(filesOf(letters), async (folder) => {
    const { train, classes } = await loadMnist({ folder });
    const batches = new DigitBatches(train, { batchSize: 4, rng: new Random(1), labelled: true });
    const width = MNIST_PIXELS + classes;
    for (let i = 0; i < 2 * batches.perEpoch; i++) {
      const samples = batches.next();
      assert.equal(samples.length, 4 * width);
      const images = withoutLabels(samples, { classes });
      for (let row = 0; row < 4; row++) {
        const label = samples.subarray(row * width + MNIST_PIXELS, (row + 1) * width).indexOf(1);
        const image = images.subarray(row * MNIST_PIXELS, (row + 1) * MNIST_PIXELS);
        const positions = letters.labels.flatMap((other, i) => other === label ? [i] : []);
        const isOneOfThem = positions.some((i) =>
          image.every((p, j) => p === pixelsOf(train, [i])[j])
        );
        assert(isOneOfThem, `row ${row} is no image of label ${label}`);
      }
    }
  });
});

Deno.test("NoiseBatches draws only labels of a given list, as often as they occur there", () => {
  const labels = Uint8Array.of(1, 26, 26, 26);
  const classes = 27;
  const noise = new NoiseBatches({
    batchSize: 4000,
    latentSize: 1,
    rng: new Random(3),
    labelled: true,
    classes,
    labels,
  });
  const rows = noise.next();
  const counts = new Array<number>(classes).fill(0);
  for (let row = 0; row < 4000; row++) {
    counts[rows.subarray(row * 28 + 1, (row + 1) * 28).indexOf(1)]!++;
  }
  assert.equal(counts[1]! + counts[26]!, 4000);
  assert(Math.abs(counts[1]! - 1000) < 150, `${counts[1]} of 4000 are the first`);
  assert.deepEqual([...noise.for([26]).subarray(1)], [...oneHot([26], { classes })]);
  assert.throws(() => noise.for([27]), { message: /labels from 0 to 26, got 27 at position 0/ });
  const wrong = () => new NoiseBatches({ batchSize: 1, latentSize: 1, labels: [10] });
  assert.throws(wrong, {
    message: "Cannot make noise: expected labels from 0 to 9, got 10 at position 0",
  });
});
