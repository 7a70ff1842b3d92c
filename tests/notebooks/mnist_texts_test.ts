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

Deno.test("03: without R1 D ends far ahead, with the answers that the text names", () => {
  const [answers] = shownBy(digits, "D without R1");
  const [real, generated] = [endOf(answers!, "on real"), endOf(answers!, "on generated")];
  says(
    digits,
    `D answers ${real.toFixed(2)} to real and ${generated.toFixed(2)} to generated digits`,
  );
  assert(real > 0.8 && generated < 0.25);
});

Deno.test("03: the losses of the six games end as the table of failures says", () => {
  const [alt] = shownBy(digits, "lossPanelsFigure");
  const of = (game: string) =>
    ["D on real", "D on generated", "G"].map((line) => endOf(alt!, line, `${game}: D on real`));
  says(digits, "its losses are at 0.3 and 0.5, G's at 1.5", "between 0.03 and 0.5, G's is above 4");
  areNear(of("all six"), [0.3, 0.5, 1.5], 0.05);
  const [real, generated, G] = of("without R1");
  assert([real!, generated!].every((loss) => loss > 0.03 && loss < 0.5) && G! > 4);
  says(digits, "D's loss on real is 1, on generated 0", "D answers 0 to everything");
  areNear(of("without logits"), [1, 0, 1], 0.001);
  says(digits, "D's losses are at about 0.01 or below, G's is between 5 and 10");
  const momentum = of("without less momentum");
  areNear(momentum.slice(0, 2), [0.005, 0.005], 0.01);
  assert(momentum[2]! > 5 && momentum[2]! < 10);
  const far = (losses: number[]) =>
    losses.reduce((sum, loss) => sum + Math.abs(loss - Math.LN2), 0);
  const hidden = far(of("without hidden layer"));
  assert(["all six", "without groups", "without R1"].every((game) => far(of(game)) > hidden));
});

Deno.test("03: the losses and answers of the whole game end as the text says", () => {
  const [alt] = shownBy(digits, 'title: "Losses", equilibrium');
  const losses = ["D on real", "D on generated", "G"].map((line) => endOf(alt!, line).toFixed(2));
  says(digits, `end at ${losses[0]}, ${losses[1]} and ${losses[2]}`);
  const [answers] = shownBy(digits, 'title: "D\'s mean answers", equilibrium');
  const means = ["on real", "on generated"].map((line) => endOf(answers!, line).toFixed(2));
  says(digits, `They end at ${means.join(" and ")}`);
});

Deno.test("03: drawings are about as far from the nearest training images as new digits are", () => {
  const [printed] = shownBy(digits, "findTwins");
  const [drawings, real] = [...printed!.matchAll(/: ([\d.]+)\n/g)].map(([, number]) =>
    Number(number)
  );
  assert(Math.abs(drawings! - real!) < 0.5 && real! > 3, printed);
});

Deno.test("03: what the judge says of the games", () => {
  const [table] = shownBy(digits, "compareGenerators");
  const rows = rowsOf(table!);
  for (const game of ["without logits", "without less momentum"]) {
    const [distance, precision, recall] = rows[game]!;
    assert(distance! > 500);
    areNear([precision!, recall!], [1, 0], 0.002);
  }
  const [six, groups, r1, hidden, bare] = [
    "all six",
    ...["groups", "R1", "hidden layer", "average"]
      .map((what) => `without ${what}`),
  ].map((game) => rows[game]!);
  const [all, ungrouped, steep, partial, own500] = [six, groups, r1, hidden, bare]
    .map((row) => row![0]!.toFixed(0));
  says(
    digits,
    `Without groups the distance is ${ungrouped}, and without R1 it is ${steep}, where all six have ${all}`,
    `Without the hidden layer it is ${partial}, and without the average ${own500}`,
  );
  const [averaged, own] = ["the whole game", "the whole game, without average"]
    .map((game) => rows[game]![0]!);
  assert(averaged! < own!);
  says(digits, `${averaged!.toFixed(1)} with it, ${own!.toFixed(1)} without`);
  const verdict = rowsOf(shownBy(digits, "verdict.rows")[0]!);
  const { "Fréchet distance": distances, recall: recalls } = verdict;
  says(
    digits,
    `the distance is ${distances![0]!.toFixed(1)}, where real digits have ${
      distances![1]!.toFixed(1)
    }`,
    `recall is lower, ${recalls![0]!.toFixed(2)} instead of ${recalls![1]!.toFixed(2)}`,
  );
  assert(rows["real digits"]![0]! > distances![1]!, "of fewer real digits it is larger");
});

Deno.test("04: the mean losses and answers of the last 500 iterations are those of the text", () => {
  const [table] = shownBy(conditional, "D's loss on real digits");
  const [real, generated, G, toReal, toGenerated] = Object.values(rowsOf(table!)).map(([v]) => v!);
  says(conditional, `answers ${toReal!.toFixed(2)} and ${toGenerated!.toFixed(2)} instead of 1/2`);
  says(conditional, "at about 0.66", "at about 0.79");
  areNear([real!, generated!, G!], [0.66, 0.66, 0.79], 0.01);
});

Deno.test("04: with labels the digits are about as good as with the groups of 03", () => {
  const distance = (notebook: Notebook) => rowsOf(shownBy(notebook, "verdict.rows")[0]!);
  const [any, asked] = [digits, conditional].map((notebook) =>
    distance(notebook)["Fréchet distance"]![0]!
  );
  says(
    conditional,
    `the Fréchet distance was ${any!.toFixed(1)} in the third notebook and is ${
      asked!.toFixed(1)
    } here`,
  );
  assert(Math.abs(asked! - any!) < 0.5);
  const [, figure] = [0, ...shownBy(conditional, "accuracyFigure")];
  assert.match(String(figure), /^How often the asked digit was drawn: 0 \d+\.\d %/);
});
