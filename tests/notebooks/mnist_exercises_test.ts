/** The exercises of notebooks 03 and 04 with small networks and few steps: each change that they ask for runs. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { parseNotebook, textOf } from "../../notebooks/tasks/notebook/nbformat.ts";
import { writeClothes } from "./clothes.ts";
import { type Change, folder, GALLERY } from "./notebook_cells.ts";
import { sees, type Sight, testSights } from "./sights.ts";

const [digits, conditional] = ["03_gan_mnist.ipynb", "04_conditional_gan_mnist.ipynb"];

const written = await Deno.makeTempDir({ prefix: "gan-notebooks-exercises-" });
globalThis.addEventListener("unload", () => Deno.removeSync(written, { recursive: true }));

/** Few steps of small networks; nothing is written to the project. */
const short = (name: string, seconds: Change): Change[] => [
  ['}, "minutes");', '}, "seconds");'],
  seconds,
  ["= [64, 16, 32", "= [64, 16, 4"],
  [
    `const folder = \`out/${name.replace(".ipynb", "")}_\${preset.name}\`;`,
    `const folder = ${JSON.stringify(`${written}/${name}`)};`,
  ],
  ['folder: "out/classifier"', `folder: ${JSON.stringify(`${written}/classifier`)}`],
];

const clothes: Change = [
  "loadMnist()",
  `loadMnist({ folder: ${JSON.stringify(await writeClothes(written))} })`,
];

/** The code block of a notebook's text that has this text in it. */
function blockWith(name: string, text: string): string {
  const { cells } = parseNotebook(Deno.readTextFileSync(join(folder, name)), name);
  const all = cells.filter(({ cell_type }) => cell_type === "markdown").map(({ source }) =>
    textOf(source)
  );
  const blocks = all.flatMap((words) =>
    [...words.matchAll(/```ts\n([^]*?)```/g)].map(([, code]) => code!)
  );
  const found = blocks.filter((block) => block.includes(text));
  assert.equal(found.length, 1, `${name} has one block with ${text}`);
  return found[0]!;
}

/** A game is over, and its losses are numbers. */
const isPlayed = (steps: number) =>
  sees<[number, boolean]>(
    "[run.step, [...D.progress, ...G.progress].every(Number.isFinite)]",
    (played) => assert.deepEqual(played, [steps, true]),
  );

/** One game of notebook 03 with another recipe, and with few images, which are grouped faster. */
const game = (what: string, changes: readonly Change[], check = isPlayed(6)): Sight => ({
  what,
  changes: [clothes, ...changes],
  without: GALLERY,
  last: "watch(run",
  check,
});

testSights(digits!, [{
  what: "447,841 and 400,225 parameters, as the table says",
  without: ["groupImages"],
  last: "const players",
  check: sees<number[]>(
    `Object.values(players("nothing")).map(({ model }) => model.countParams())`,
    (counts) => assert.deepEqual(counts, [447_841, 400_225]),
  ),
}]);

testSights(digits!, [
  game("1. more R1", [["gamma: 0.1,", "gamma: 5,"]]),
  game("1. less R1", [["gamma: 0.1,", "gamma: 0.01,"]]),
  game(
    "2. hinge: balance is at 1 for D",
    [['"non-saturating"', '"hinge"']],
    sees<number[]>(
      "[run.step, D.loss.equilibrium]",
      (seen) => assert.deepEqual(seen, [6, 1]),
    ),
  ),
  game("2. Wasserstein", [
    ['"non-saturating"', '"wasserstein"'],
    [
      "nn.r1({ gamma: 0.1, every: 4, inputs: pixels })",
      'nn.gradientPenalty({ rng: random.split("p"), inputs: pixels })',
    ],
  ]),
  {
    what: "3. other data, to the last cell",
    changes: [clothes],
    last: "Missing digits",
    check: sees<number>("verdict.samples", (samples) => assert.equal(samples, 100)),
  },
], {
  always: short(digits!, [
    "attempt: 20, steps: 24, judged: 1_000,",
    "attempt: 2, steps: 6, judged: 100,",
  ]),
});

/** What D answers to one image when it claims to be a 3 and when it claims to be a 7. */
const CLAIMS = `((row) => [3, 7].map((digit) => {
  row.fill(0, pixels).fill(1, pixels + digit, pixels + digit + 1);
  return D.forward(row)[0];
}))(realDigits.next().slice(0, sampleSize))`;

testSights(conditional!, [
  {
    what: "as it is, D looks at the digit",
    last: "watch(run",
    check: sees<number[]>(CLAIMS, ([three, seven]) => assert.notEqual(three, seven)),
  },
  {
    what: "1. half a digit",
    last: "const drawMe",
    check: async (kernel) => {
      const { status, error, outputs } = await kernel.execute(blockWith(conditional!, "half"));
      assert.equal(status, "ok", error?.evalue);
      assert(outputs.some((output) => "data" in output && "text/html" in output.data));
    },
  },
  {
    what: "2. without the projection D does not see the digit",
    changes: [
      ["const shape = {", `${blockWith(conditional!, "blind")}\nconst shape = {`],
      ['nn.mnistDiscriminator({ ...shape, rng: random.split("D") })', "seeing"],
    ],
    last: "watch(run",
    check: sees<number[]>(CLAIMS, ([three, seven]) => assert.equal(three, seven)),
  },
  {
    what: "3. fashion, to the last cell",
    changes: [clothes, ["drawMe(7)", "drawMe(9)"]],
    last: "were named as asked",
    check: sees<number>("verdict.samples", (samples) => assert.equal(samples, 100)),
  },
], { always: short(conditional!, ["steps: 24, judged: 500,", "steps: 6, judged: 100,"]) });
