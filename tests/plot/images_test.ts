/** Grids of images: the PNG contains every pixel, the axes keep them square, and frames follow the steps. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { decode } from "fast-png";
import {
  type Figure,
  imageColumnsFigure,
  imagesFigure,
  imagesOverTimeFigure,
} from "../../lib/plot/mod.ts";

/** Number of pixels of paper between images. */
const gap = 2;

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}

/** Decodes the PNG in a data URI. */
function decoded(source: string): Picture {
  const prefix = "data:image/png;base64,";
  assert(source.startsWith(prefix));
  const png = decode(Uint8Array.fromBase64(source.slice(prefix.length)));
  assert.deepEqual([png.channels, png.depth], [1, 8]);
  return png;
}

function sourceOf(trace: unknown): string {
  return (trace as { source: string }).source;
}

function pictureOf({ data }: Figure): Picture {
  return decoded(sourceOf(data[0]));
}

/** Returns the greys of the image in a row and column of the grid. */
function imageIn({ width, data }: Picture, row: number, column: number, side: number): number[] {
  const [x, y] = [gap + column * (side + gap), gap + row * (side + gap)];
  return Array.from(
    { length: side * side },
    (_, i) => data[(y + Math.floor(i / side)) * width + x + i % side]!,
  );
}

Deno.test("imagesFigure() is a PNG with dark ink on white paper, in a thin frame", () => {
  const picture = pictureOf(imagesFigure([0, 1, 0.5, 0.2], { side: 2 }));
  assert.deepEqual([picture.width, picture.height], [6, 6]);
  const [paper, frame] = [Array(6).fill(255), [255, 224, 224, 224, 224, 255]];
  assert.deepEqual(Array.from(picture.data), [
    ...[...paper, ...frame],
    ...[255, 224, 255, 0, 224, 255],
    ...[255, 224, 128, 204, 224, 255],
    ...[...frame, ...paper],
  ]);
});

Deno.test("imagesFigure() the grid holds every image at its place, and paper elsewhere", () => {
  const count = fc.integer({ min: 0, max: 30 });
  const columns = fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined });
  const side = fc.integer({ min: 1, max: 5 });
  fc.assert(fc.property(count, columns, side, (count, columns, side) => {
    const ink = (at: number) => 1 + at * 7 % 255;
    const length = count * side * side;
    const images = Float32Array.from({ length }, (_, at) => ink(at) / 255);
    const figure = imagesFigure(images, { side, ...columns === undefined ? {} : { columns } });
    const picture = pictureOf(figure);
    const across = (picture.width - gap) / (side + gap);
    assert.equal(across, columns ?? Math.max(1, Math.ceil(Math.sqrt(count))));
    for (let image = 0; image < count; image++) {
      assert.deepEqual(
        imageIn(picture, Math.floor(image / across), image % across, side),
        Array.from({ length: side * side }, (_, i) => 255 - ink(image * side * side + i)),
      );
    }
    const frame = (side + 2) ** 2 - side ** 2;
    const drawn = length + count * frame;
    assert.equal(Array.from(picture.data).filter((grey) => grey < 255).length, drawn);
    assert.deepEqual(figure.layout.xaxis!.range, [-0.5, picture.width - 0.5]);
    assert.deepEqual(figure.layout.yaxis!.range, [picture.height - 0.5, -0.5]);
  }));
});

Deno.test("imagesFigure() pixels are squares without ticks, and rows have their labels", () => {
  const labels = ["0", "<1>"];
  const figure = imagesFigure(new Float32Array(4 * 784), { columns: 2, rowLabels: labels });
  const { xaxis, yaxis, height } = figure.layout;
  assert.equal(yaxis!.scaleanchor, "x");
  assert.equal(yaxis!.constrain, "domain");
  assert.equal(xaxis!.showticklabels, false);
  // Rows of 28 pixels begin at 2 and 32: their middles are between pixels 15 and 16, 45 and 46.
  assert.deepEqual(yaxis!.tickvals, [15.5, 45.5]);
  assert.deepEqual(yaxis!.ticktext, ["0", "&lt;1&gt;"]);
  assert.equal(imagesFigure(new Float32Array(784)).layout.yaxis!.showticklabels, false);
  assert.equal(height, 62 * 3 + 44 + 16);
});

Deno.test("imagesFigure() no grid is higher than a page or wider than a column of text", () => {
  const sizes = [[1, 1], [10, 10], [64, 8], [100, 10], [20, 20], [100, 1], [400, 20]] as const;
  for (const [count, columns] of sizes) {
    const figure = imagesFigure(new Float32Array(count * 784), { columns });
    const { width, height } = pictureOf(figure);
    const scale = (figure.layout.height! - 60) / height;
    assert(scale >= 0.5 && scale <= 3, `${count} in ${columns}: ${scale}`);
    assert(width * scale <= 610, `${count} in ${columns}: ${width * scale} wide`);
    if (scale > 0.5) assert(figure.layout.height! <= 604, `${figure.layout.height} high`);
  }
});

Deno.test("imagesFigure() numbers within rounding are paper or ink, others are refused", () => {
  const { data } = pictureOf(imagesFigure([-1e-5, 1 + 1e-5, 1, 0], { side: 2, columns: 1 }));
  assert.deepEqual([data[14], data[15], data[20], data[21]], [255, 0, 0, 255]);
  for (const wrong of [NaN, -0.01, 1.01, Infinity]) {
    assert.throws(() => imagesFigure([0, 0, wrong, 0], { side: 2 }), {
      name: "RangeError",
      message: `Cannot draw images: expected numbers from 0 to 1, got ${wrong} at position 2`,
    });
  }
});

Deno.test("imageColumnsFigure() has a column for each name, the first images above", () => {
  const ink = (value: number) => new Array<number>(4).fill(value);
  const figure = imageColumnsFigure({
    one: [...ink(0), ...ink(1), ...ink(0.2)],
    "two words": [...ink(0.4), ...ink(0.6), ...ink(0)],
  }, { side: 2, rows: 2 });
  const rows = [...ink(0), ...ink(0.4), ...ink(1), ...ink(0.6)];
  assert.deepEqual(pictureOf(figure), pictureOf(imagesFigure(rows, { side: 2, columns: 2 })));
  assert.deepEqual(figure.layout.xaxis!.ticktext, ["one", "two<br>words"]);
  assert.match(
    figure.alt!,
    /^A column for each generator: 4 images in 2 rows of 2; columns one, two/,
  );
});

Deno.test("imageColumnsFigure() refuses no column, and one with too few images", () => {
  assert.throws(() => imageColumnsFigure({}), {
    name: "RangeError",
    message: /expected the number of columns to be a whole number from 1 on, got 0/,
  });
  assert.throws(() => imageColumnsFigure({ a: [0, 1], b: [0] }, { side: 1, rows: 2 }), {
    name: "RangeError",
    message: "Cannot draw columns of images: expected 2 images in every column, got 1",
  });
});

Deno.test("imagesFigure() refuses parts of images, columns, sides and labels that do not fit", () => {
  const blank = new Float32Array(2 * 784);
  const refused: [() => unknown, string][] = [
    [() => imagesFigure(blank.subarray(1)), "a multiple of 784 pixels, got 1567"],
    [
      () => imagesFigure(blank, { columns: 0 }),
      "columns to be a whole number from 1 to 1000, got 0",
    ],
    [() => imagesFigure(blank, { side: 2.5 }), "side to be a whole number from 1 on, got 2.5"],
    [() => imagesFigure(blank, { columns: 1, rowLabels: ["0"] }), "each of 2 rows, got 1"],
  ];
  for (const [run, words] of refused) {
    assert.throws(run, (error: Error) => {
      assert.equal(error.name, "RangeError");
      assert(error.message.startsWith("Cannot draw images: expected "), error.message);
      assert(error.message.endsWith(words), error.message);
      return true;
    });
  }
});

/** Makes two images of one pixel at a step. */
const grid = (step: number, ...images: number[]) => ({ step, images });

Deno.test("imagesOverTimeFigure() has a frame for each step and begins with the last", () => {
  const figure = imagesOverTimeFigure([grid(1, 0, 1), grid(1000, 1, 0)], { side: 1, columns: 2 });
  assert.deepEqual(figure.frames.map(({ name }) => name), ["iteration 1", "iteration 1,000"]);
  const sources = figure.frames.map(({ data }) => sourceOf(data[0]));
  assert.equal(sourceOf(figure.data[0]), sources[1]);
  const inks = sources.map((source) => {
    const picture = decoded(source);
    return [imageIn(picture, 0, 0, 1), imageIn(picture, 0, 1, 1)].flat();
  });
  assert.deepEqual(inks, [[255, 0], [0, 255]]);
});

Deno.test("imagesOverTimeFigure() its slider and its button name frames that there are", () => {
  const figure = imagesOverTimeFigure([grid(1, 0), grid(20, 1), grid(300, 1)], { side: 1 });
  const [slider] = figure.layout.sliders!;
  assert.equal(slider!.active, 2);
  assert.equal(slider!.currentvalue!.prefix, "iteration ");
  assert.deepEqual(slider!.steps!.map(({ label }) => label), ["1", "20", "300"]);
  assert.deepEqual(slider!.steps!.map(({ args }) => args![0]), [["iteration 1"], ["iteration 20"], [
    "iteration 300",
  ]]);
  const [play] = figure.layout.updatemenus![0]!.buttons!;
  assert.equal(play!.args![0], null); // all frames
  for (const [, options] of [play!.args!, ...slider!.steps!.map(({ args }) => args!)]) {
    assert.equal((options as { frame: { redraw: boolean } }).frame.redraw, true);
  }
});

Deno.test("imagesOverTimeFigure() 32 shades stand for all, none further off than half a step", () => {
  const images = Float32Array.from({ length: 256 }, (_, i) => i / 255);
  const figure = imagesOverTimeFigure([{ step: 1, images }], { side: 16 });
  const shown = imageIn(decoded(sourceOf(figure.data[0])), 0, 0, 16);
  assert.equal(new Set(shown).size, 32);
  for (const [i, grey] of shown.entries()) assert(Math.abs(255 - i - grey) <= 255 / 62 + 0.5);
});

Deno.test("imagesOverTimeFigure() refuses no grids, other counts and a step that comes twice", () => {
  const refused: [Parameters<typeof imagesOverTimeFigure>[0], string][] = [
    [[], "at least one grid, got none"],
    [[grid(1, 0), grid(2, 0, 1)], "1 images at every step, got 2"],
    [[grid(5, 0), grid(5, 1)], "each step once, got 5 twice"],
  ];
  for (const [grids, words] of refused) {
    assert.throws(() => imagesOverTimeFigure(grids, { side: 1 }), {
      name: "RangeError",
      message: `Cannot draw images over time: expected ${words}`,
    });
  }
});

interface Cells {
  readonly type: string;
  readonly opacity: number;
  readonly x0: number;
  readonly dx: number;
  readonly y0: number;
  readonly dy: number;
  readonly z: readonly (readonly (number | null)[])[];
  readonly text: readonly (readonly (string | null)[])[];
  readonly hovertemplate: string;
  readonly hoverongaps: boolean;
}

Deno.test("imagesFigure() has an invisible cell for each image, whose hover box says what it is", () => {
  const figure = imagesFigure(new Float32Array(3 * 784), { columns: 2, rowLabels: ["7", "<9>"] });
  const cells = figure.data[1] as unknown as Cells;
  assert.deepEqual([cells.type, cells.opacity], ["heatmap", 0]);
  // Columns and rows of 28 pixels begin at 2 and 32: their middles are 15.5 and 45.5.
  assert.deepEqual([cells.x0, cells.dx, cells.y0, cells.dy], [15.5, 30, 15.5, 30]);
  assert.deepEqual(cells.z, [[0, 0], [0, null]]);
  assert.deepEqual(cells.text, [
    ["image 1: 7, column 1", "image 2: 7, column 2"],
    ["image 3: &lt;9&gt;, column 1", null],
  ]);
  assert.equal(cells.hovertemplate, "%{text}<extra></extra>");
  assert.equal(cells.hoverongaps, false); // no hover box where there is no image
  assert.equal(figure.layout.hovermode, "closest");
});

Deno.test("imagesFigure() captions stand below their images, dark on paper, and in the hover box", () => {
  const captions = ["7 → 9", "4 & 9", "1"];
  const figure = imagesFigure(new Float32Array(3 * 784), { columns: 2, captions });
  const texts = figure.data[2] as unknown as { x: number[]; y: number[]; text: string[] };
  assert.deepEqual(texts.text, ["7 → 9", "4 &amp; 9", "1"]);
  assert.deepEqual(texts.x, [15.5, 45.5, 15.5]);
  // A row is 28 pixels of image, 14 for the caption and 2 of paper: captions are between two images.
  assert.deepEqual(texts.y, [37, 37, 81]);
  const { text } = figure.data[1] as unknown as Cells;
  assert.equal(text[0]![1], "4 &amp; 9, image 2: row 1, column 2");
  assert.equal(pictureOf(figure).height, 2 + 2 * 44);
});

Deno.test("imagesFigure() column labels stand above the columns, a word a line", () => {
  const columnLabels = ["all of it", "no <R1>"];
  const { xaxis } = imagesFigure(new Float32Array(2 * 784), { columns: 2, columnLabels }).layout;
  assert.deepEqual(xaxis!.ticktext, ["all<br>of<br>it", "no<br>&lt;R1&gt;"]);
  assert.deepEqual(xaxis!.tickvals, [15.5, 45.5]);
  assert.equal(xaxis!.side, "top");
});

Deno.test("imagesFigure() says in a sentence what it shows, and keeps its shape on narrow pages", () => {
  const figure = imagesFigure(new Float32Array(3 * 784), { columns: 3, captions: ["a", "b", "c"] });
  assert.equal(figure.alt, "Samples: 3 images in 1 row of 3; captions a, b, c.");
  const { width, height } = pictureOf(figure);
  assert.equal(figure.aspect, height / width);
  const moving = imagesOverTimeFigure([grid(1, 0), grid(20, 1)], { side: 1 });
  assert.equal(
    moving.alt,
    "Samples over training: 1 image in 1 row of 1, with a slider of 2 states from iteration 1 to iteration 20.",
  );
});

Deno.test("imagesOverTimeFigure() keeps 40 of many grids, the first and the last among them", () => {
  const grids = Array.from({ length: 1001 }, (_, i) => grid(i, 0.5));
  const { frames } = imagesOverTimeFigure(grids, { side: 1 });
  assert.equal(frames.length, 40);
  assert.equal(frames[0]!.name, "iteration 0");
  assert.equal(frames.at(-1)!.name, "iteration 1,000");
});

Deno.test("imagesFigure() and imagesOverTimeFigure() refuse labels, options and grids that are wrong", () => {
  const blank = new Float32Array(2 * 784);
  const refused: [() => unknown, RegExp][] = [
    [() => imagesFigure(blank, { columnLabels: ["a"] }), /each of 2 columns, got 1$/],
    [() => imagesFigure(blank, { captions: ["a"] }), /each of 2 images, got 1$/],
    [() => imagesFigure(blank, { caption: ["a"] } as never), /did you mean captions\?$/],
    [
      () => imagesFigure(blank, { rowLabels: [1, 2] as never }),
      /expected rowLabels to be an array/,
    ],
    [() => imagesFigure("images" as never), /expected images to be an array of numbers/],
    [() => imagesOverTimeFigure([{ step: 1 }] as never), /expected grids to be an array of grids/],
  ];
  for (const [run, words] of refused) assert.throws(run, { message: words });
});

Deno.test("imagesFigure() refuses ink below 0 and above 1, and takes what rounding leaves", () => {
  const draw = (ink: number) => imagesFigure([ink, 0, 0, 0], { side: 2 });
  for (const ink of [1.01, -0.01, NaN]) {
    assert.throws(() => draw(ink), {
      name: "RangeError",
      message: `Cannot draw images: expected numbers from 0 to 1, got ${ink} at position 0`,
    });
  }
  for (const ink of [1 + 1e-7, -1e-7]) draw(ink);
});
