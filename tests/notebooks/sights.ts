/** Sentences of notebooks as tests: cells run as a reader changes them, and what comes of it is what the text says. */

import assert from "node:assert/strict";
import { type Output, textOf } from "../../notebooks/tasks/notebook/nbformat.ts";
import { type Kernel, startKernel } from "./kernel.ts";
import { cellsOf, type Change, downTo, folder, runCells, valueOf } from "./notebook_cells.ts";
import { jupyterTest } from "./with_jupyter.ts";

/** What some cells of a notebook show, as they are or changed by an exercise. */
export interface Sight {
  /** The sentence or the exercise. */
  readonly what: string;
  /** What a reader changes. */
  readonly changes?: readonly Change[];
  /** Cells that are not needed have one of these texts. */
  readonly without?: readonly string[];
  /** The last cell that is needed has this text. */
  readonly last: string;
  /** Compares what came of it with the text; `printed` is what the last cell printed. */
  readonly check?: (kernel: Kernel, printed: string) => Promise<void> | void;
  /** The last cell must end with this error. */
  readonly throws?: RegExp;
}

/** Options of {@linkcode testSights}. */
export interface SightsOptions {
  /** Changes that make every run shorter. */
  readonly always?: readonly Change[];
}

/** Cells that have run in a kernel, from the first one on, and what the last of them printed. */
interface Ran {
  readonly cells: readonly string[];
  readonly printed: string;
}

const NOTHING: Ran = { cells: [], printed: "" };

/**
 * Registers a test with a step for each sight, all in one kernel. A sight that begins with the very cells
 * that have just run goes on after them, as a reader does.
 */
export function testSights(
  name: string,
  sights: readonly Sight[],
  { always = [] }: SightsOptions = {},
): void {
  jupyterTest(`${name}: texts and exercises say what happens`, async (jupyter, test) => {
    await using kernel = await startKernel(jupyter, { cwd: folder });
    let ran = NOTHING;
    for (const { what, changes = [], without = [], last, check, throws } of sights) {
      await test.step(what, async () => {
        const cells = downTo(cellsOf(name, [...always, ...changes]), last)
          .filter((cell) => !without.some((text) => cell.includes(text)));
        const before = ran;
        ran = NOTHING; // until all has gone well
        if (throws) return await runThrowing(kernel, cells, throws);
        ran = await goOn(kernel, cells, before);
        await check?.(kernel, ran.printed);
      });
    }
  });
}

async function goOn(kernel: Kernel, cells: readonly string[], before: Ran): Promise<Ran> {
  const isPart = before.cells.every((cell, i) => cell === cells[i]);
  const rest = isPart ? cells.slice(before.cells.length) : cells;
  if (rest.length === 0) return before;
  assert.equal(await runCells(kernel, rest.slice(0, -1)), undefined);
  const { status, error, outputs } = await kernel.execute(rest.at(-1)!);
  assert.equal(status, "ok", error?.evalue);
  return { cells, printed: printedBy(outputs) };
}

async function runThrowing(
  kernel: Kernel,
  cells: readonly string[],
  expected: RegExp,
): Promise<void> {
  assert.match(await runCells(kernel, cells) ?? "no error", expected);
}

function printedBy(outputs: readonly Output[]): string {
  const texts = outputs.map((output) => output.output_type === "stream" ? textOf(output.text) : "");
  return texts.join("");
}

/** Makes a check of the value that an expression has in the kernel. */
export function sees<Value>(
  expression: string,
  check: (value: Value) => void,
): (kernel: Kernel) => Promise<void> {
  return async (kernel) => check(await valueOf<Value>(kernel, expression));
}

/** Registers a test that a notebook runs from top to bottom, again, and in reverse, with loops made shorter. */
export function testOrders(name: string, changes: readonly Change[]): void {
  jupyterTest(`${name} runs top to bottom, again, and in reverse`, async (jupyter) => {
    await using kernel = await startKernel(jupyter, { cwd: folder });
    const cells = cellsOf(name, changes);
    for (const order of [cells, cells, cells.toReversed()]) {
      assert.equal(await runCells(kernel, order), undefined);
    }
  });
}

/** Asserts that numbers are near those of a text. */
export function areNear(
  values: readonly number[],
  expected: readonly number[],
  apart: number,
): void {
  assert.equal(values.length, expected.length);
  const near = values.every((value, i) => Math.abs(value - expected[i]!) <= apart);
  assert(near, `${values} for ${expected}`);
}
