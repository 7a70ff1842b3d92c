/**
 * The texts of notebooks 03 and 04 say what their committed outputs show. Those come from the preset of
 * minutes, which no test has; so the numbers of the texts are compared with the outputs.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import {
  codeCells,
  type Notebook,
  parseNotebook,
  textOf,
} from "../../notebooks/tasks/notebook/nbformat.ts";
import { folder } from "./notebook_cells.ts";
import { areNear } from "./sights.ts";

const notebookOf = (name: string) => parseNotebook(Deno.readTextFileSync(join(folder, name)), name);
const digits = notebookOf("03_gan_mnist.ipynb");
const conditional = notebookOf("04_conditional_gan_mnist.ipynb");

/** What a cell with this text shows: its printed lines, its tables and its figures' sentences. */
function shownBy(notebook: Notebook, text: string): string[] {
  const found = codeCells(notebook).filter(({ source }) => textOf(source).includes(text));
  assert.equal(found.length, 1, `one cell has ${text}`);
  return found[0]!.outputs.flatMap((output) => {
    if (output.output_type === "stream") return [textOf(output.text)];
    if (!("data" in output)) return [];
    const { alt } = Object(output.metadata["image/png"]) as { alt?: string };
    return [alt ?? textOf(output.data["text/plain"] as string | string[])];
  });
}

/** The rows of a table: the numbers of each, by the words that it begins with. */
function rowsOf(table: string): Record<string, number[]> {
  const rows = table.split("\n").slice(1).map((line) => line.split(/ {2,}/));
  return Object.fromEntries(rows.map(([name, ...cells]) => [
    name!,
    cells.filter((cell) => cell !== "" && Number.isFinite(Number(cell))).map(Number),
  ]));
}

/** All Markdown of a notebook in one line. */
const wordsOf = ({ cells }: Notebook) =>
  cells.filter(({ cell_type }) => cell_type === "markdown").map(({ source }) => textOf(source))
    .join(" ").replace(/\s+/g, " ");

function says(notebook: Notebook, ...sentences: string[]): void {
  const words = wordsOf(notebook);
  for (const sentence of sentences) assert(words.includes(sentence), `the text says ${sentence}`);
}

/** The number at the end of one of a figure's lines, such as `G goes from 1 to 2`. */
function endOf(alt: string, line: string, after = ""): number {
  const found = new RegExp(`${line} goes from \\S+ to ([\\d.e+-]*\\d)`).exec(
    alt.slice(alt.indexOf(after)),
  );
  return Number(found?.[1] ?? NaN);
}

Deno.test("03: without R1 D answers 1.000 and 0.000, and the images are blank", () => {
  says(digits, "it answers 1.000 to real and 0.000 to generated digits");
  const [answers] = shownBy(digits, "D's mean answers, without R1");
  areNear([endOf(answers!, "on real"), endOf(answers!, "on generated")], [1, 0], 0.0005);
});

Deno.test("03: the losses of the five games end as the table of failures says", () => {
  const [alt] = shownBy(digits, "lossPanelsFigure");
  const of = (game: string) =>
    ["D on real", "D on generated", "G"].map((line) => endOf(alt!, line, `${game}: D on real`));
  says(digits, "G's climbs above 20", "D's at 0.2, G's at 1.7");
  const [real, generated, G] = of("without R1");
  assert(real! < 0.001 && generated! < 0.001 && G! > 20);
  says(digits, "D's loss on generated is 1, the two others are 0", "D answers 1 to everything");
  areNear(of("without logits"), [0, 1, 0], 0.001);
  areNear(of("without less momentum"), [0.2, 0.2, 1.7], 0.05);
  const ln2 = Array<number>(3).fill(Math.LN2);
  areNear(of("all five"), ln2, 0.08);
  areNear(of("without hidden layer"), ln2, 0.08);
});

Deno.test("03: the whole game ends with all losses at ln 2 and both answers at 1/2", () => {
  const [alt] = shownBy(digits, 'title: "Losses", equilibrium');
  const ln2 = Array<number>(3).fill(Math.LN2);
  areNear(["D on real", "D on generated", "G"].map((line) => endOf(alt!, line)), ln2, 0.03);
  const [answers] = shownBy(digits, 'title: "D\'s mean answers", equilibrium');
  areNear([endOf(answers!, "on real"), endOf(answers!, "on generated")], [0.5, 0.5], 0.02);
});

Deno.test("03: no drawing is a copy", () => {
  const [printed] = shownBy(digits, "findTwins");
  const [drawings, real] = [...printed!.matchAll(/: ([\d.]+)\n/g)].map(([, number]) =>
    Number(number)
  );
  assert(drawings! > real! && real! > 3, printed);
});

Deno.test("03: what the judge says of the games", () => {
  const [table] = shownBy(digits, "compareGenerators");
  const rows = rowsOf(table!);
  for (const game of ["without R1", "without logits", "without less momentum"]) {
    const [distance, precision, recall] = rows[game]!;
    areNear([distance!], [720], 30);
    assert.deepEqual([precision, recall], [1, 0]);
  }
  const [five, hidden, bare] = ["all five", "without hidden layer", "without average"]
    .map((game) => rows[game]!);
  says(
    digits,
    `(${hidden![0]!.toFixed(0)} and ${five![0]!.toFixed(0)})`,
    `precision is ${hidden![1]!.toFixed(2)} instead of ${five![1]!.toFixed(2)}`,
    `(${five![0]!.toFixed(0)} with it, ${bare![0]!.toFixed(0)} without)`,
  );
  const [averaged, own] = ["the whole game", "the whole game, without average"]
    .map((game) => rows[game]![0]!);
  assert(averaged! < own!);
  says(digits, `${averaged!.toFixed(1)} with it, ${own!.toFixed(1)} without`);
  const [noise] = shownBy(digits, "verdict.rows").map((rows) => rowsOf(rows)["Fréchet distance"]!);
  assert(rows["without R1"]![0]! > noise![2]!, "more than noise");
  assert(rows["real digits"]![0]! > noise![1]!, "of fewer real digits it is larger");
});

Deno.test("04: the mean losses and answers of the last 500 iterations are those of the text", () => {
  const [table] = shownBy(conditional, "D's loss on real digits");
  const [real, generated, G, toReal, toGenerated] = Object.values(rowsOf(table!)).map(([v]) => v!);
  says(conditional, `answers ${toReal!.toFixed(2)} and ${toGenerated!.toFixed(2)} instead of 1/2`);
  says(conditional, "at about 0.64", "at about 0.82");
  areNear([real!, generated!, G!], [0.64, 0.64, 0.82], 0.01);
});

Deno.test("04: the labels make the digits better than those of 03", () => {
  const distance = (notebook: Notebook) => rowsOf(shownBy(notebook, "verdict.rows")[0]!);
  const [any, asked] = [digits, conditional].map((notebook) =>
    distance(notebook)["Fréchet distance"]![0]!
  );
  says(
    conditional,
    `the Fréchet distance was ${any!.toFixed(0)} in the third notebook and is about ` +
      `${asked!.toFixed(0)} here`,
  );
  assert(asked! < any! / 1.5);
  const [, figure] = [0, ...shownBy(conditional, "accuracyFigure")];
  assert.match(String(figure), /^How often the asked digit was drawn: 0 \d+\.\d %/);
});
