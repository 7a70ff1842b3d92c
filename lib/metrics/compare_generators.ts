/** Judges several generators with the same noise and returns the rows of a table. */
import {
  check,
  checkOptions,
  instanceOf,
  type Kinds,
  list,
  recordOf,
  wholeNumber,
} from "../check/mod.ts";
import { checkLabels, MNIST_PIXELS, Random } from "../data/mod.ts";
import { Generator } from "../nn/mod.ts";
import { drawDigits } from "./draw_digits.ts";
import { Judge, type Judgement, type JudgementRow } from "./judge.ts";
import { LOOP_KINDS, type LoopOptions } from "../train/mod.ts";

/** Options of {@linkcode compareGenerators}. */
export interface CompareGeneratorsOptions extends LoopOptions {
  /** Number of digits that each generator draws; as many as there are labels in `asked` by default. */
  readonly count?: number;
  /** Label of each digit, `[count]`, for generators that take labels. */
  readonly asked?: ArrayLike<number>;
  /** Random generator of the noise, which is the same for all networks. */
  readonly rng: Random;
}

const TASK = "compare generators";

const KINDS: Kinds<CompareGeneratorsOptions> = {
  ...LOOP_KINDS,
  count: wholeNumber({ from: 1 }),
  asked: list,
  rng: instanceOf(Random),
};

/**
 * Draws the same number of digits with each generator, with the labels `asked` if it takes labels, and
 * judges them. Returns a row for each generator and one for the same number of real digits, with arrows that
 * show the better direction. The Fréchet distance of fewer digits is larger, so compare it only
 * within the table.
 *
 * @throws {TypeError | RangeError} if a generator does not make digits, or takes labels and none were
 * asked for, the judge cannot measure that many digits, or an option is missing, unknown or wrong.
 */
export async function compareGenerators(
  judge: Judge,
  generators: Readonly<Record<string, Generator>>,
  options: CompareGeneratorsOptions,
): Promise<JudgementRow[]> {
  check(TASK, { judge }, instanceOf(Judge));
  check(TASK, { generators }, recordOf(instanceOf(Generator)));
  checkOptions(TASK, options, { kinds: KINDS, required: ["rng"] });
  const { rng, asked, count = asked?.length, ...watch } = options;
  if (count === undefined) {
    throw new TypeError(`Cannot ${TASK}: expected count or asked, got neither`);
  }
  if (asked) checkLabels(TASK, asked, 256);
  if (asked && asked.length !== count) {
    throw new RangeError(`Cannot ${TASK}: expected ${count} labels, got ${asked.length}`);
  }
  const rows: JudgementRow[] = [];
  let real: JudgementRow | undefined;
  for (const [generator, artist] of Object.entries(generators)) {
    const wanted = asked && artist.outputSize > MNIST_PIXELS ? { asked } : { count };
    const images = await drawDigits(artist, { ...wanted, rng: Random.from(rng.state()), ...watch });
    const judgement = await judge.measure(images, watch);
    rows.push(rowOf(generator, judgement, "generated"));
    real = rowOf("real digits", judgement, "real");
  }
  return real ? [...rows, real] : rows;
}

function rowOf(
  digits: string,
  { frechet, coverage }: Judgement,
  kind: "generated" | "real",
): JudgementRow {
  const { precision, recall } = coverage[kind];
  return {
    digits,
    "Fréchet distance ↓": frechet[kind],
    "precision ↑": precision,
    "recall ↑": recall,
  };
}
