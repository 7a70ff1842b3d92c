/** Judges several generators by the same noise, as rows of a table. */
import {
  check,
  checkOptions,
  instanceOf,
  type Kinds,
  recordOf,
  wholeNumber,
} from "../check/mod.ts";
import { Random } from "../data/mod.ts";
import { Generator } from "../nn/mod.ts";
import { drawDigits } from "./draw_digits.ts";
import { Judge, type Judgement, type JudgementRow } from "./judge.ts";
import { LOOP_KINDS, type LoopOptions } from "../train/mod.ts";

/** Options of {@linkcode compareGenerators}. */
export interface CompareGeneratorsOptions extends LoopOptions {
  /** How many digits each of them draws. */
  readonly count: number;
  /** Where the noise comes from, the same for all of them. */
  readonly rng: Random;
}

const TASK = "compare generators";

const KINDS: Kinds<CompareGeneratorsOptions> = {
  ...LOOP_KINDS,
  count: wholeNumber({ from: 1 }),
  rng: instanceOf(Random),
};

/**
 * Draws `count` digits of each generator without labels, by its name, and judges them: a row for each, and
 * one for as many real digits, with arrows that say which direction is better. The distance of fewer digits is
 * larger, so it compares only within the table.
 *
 * @throws {TypeError | RangeError} if one is no generator of digits, the judge cannot judge so many, or an option is
 * missing, unknown or wrong.
 */
export async function compareGenerators(
  judge: Judge,
  generators: Readonly<Record<string, Generator>>,
  options: CompareGeneratorsOptions,
): Promise<JudgementRow[]> {
  check(TASK, { judge }, instanceOf(Judge));
  check(TASK, { generators }, recordOf(instanceOf(Generator)));
  checkOptions(TASK, options, { kinds: KINDS, required: ["count", "rng"] });
  const { count, rng, ...watch } = options;
  const rows: JudgementRow[] = [];
  let real: JudgementRow | undefined;
  for (const [generator, artist] of Object.entries(generators)) {
    const images = await drawDigits(artist, { count, rng: Random.from(rng.state()), ...watch });
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
