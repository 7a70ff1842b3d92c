/** The board of the plane in a real page, offline: dragged, typed into, and its pixels read. */
import assert from "node:assert/strict";
import { playground } from "../../lib/jupyter/mod.ts";
import { normalNumbers } from "../../lib/jupyter/playground/page/random.ts";
import { answerColor, placesOf, runRows } from "../../lib/jupyter/playground/page/surface.ts";
import { planePrograms } from "../jupyter/playground_parts.ts";
import { browserTest } from "./browser_test_case.ts";
import { openBrowser } from "./chromium.ts";
import { colorAt, open } from "./playground_page.ts";
import { until } from "./until.ts";

/** The green of the reader's own point. */
const GREEN = [0, 158, 115, 255];

browserTest(
  "the board of the plane: drag and type noise, and G's point follows",
  async ({ chromium }, test) => {
    const programs = await planePrograms();
    const board = await playground("plane", { ...programs, seed: 9 });
    const [generator, discriminator] = [
      await programs.generator.load(),
      await programs.discriminator.load(),
    ];
    await using browser = await openBrowser(chromium, { offline: true });
    const page = await open(browser.context, board.page, await browser.newPage());
    const [left, right] = [
      page.getByRole("img", { name: /^The plane of noise/ }),
      page.getByRole("img", { name: /^D's surface/ }),
    ];
    const check = async (z: readonly number[]) => {
      const [point] = runRows(generator, Float32Array.from(z)) as [Float32Array];
      const [[answer]] = runRows(discriminator, point) as [Float32Array];
      const place = ([x, y]: ArrayLike<number> & Iterable<number>) =>
        [(x! / 3 + 1) / 2, (1 - y! / 3) / 2] as const;
      await page.getByText(`D answers ${answer!.toFixed(2)}. Its arrow`).waitFor();
      assert.deepEqual(await colorAt(left, place(z)), GREEN);
      assert.deepEqual(await colorAt(right, place(point)), GREEN);
    };
    const sliders = page.getByRole("slider");
    const values = async () => [
      Number(await sliders.nth(0).inputValue()),
      Number(await sliders.nth(1).inputValue()),
    ];

    await test.step("dragging", async () => {
      const { x, y, width, height } = (await left.boundingBox())!;
      await page.mouse.move(x + width / 2, y + height / 2);
      await page.mouse.down();
      await page.mouse.move(x + 0.7 * width, y + 0.4 * height, { steps: 5 });
      await page.mouse.up();
      const [first, second] = await values();
      assert(Math.abs(first! - 1.2) < 0.06 && Math.abs(second! - 0.6) < 0.06, `${first} ${second}`);
      await check([first!, second!]);
      await page.mouse.move(x + 0.2 * width, y + 0.2 * height);
      assert.deepEqual(await values(), [first, second]);
    });

    await test.step("the keyboard", async () => {
      const [first, second] = await values();
      await sliders.nth(1).focus();
      for (let time = 0; time < 8; time++) await page.keyboard.press("ArrowDown");
      const [, lower] = await values();
      assert(Math.abs(lower! - second! + 0.4) < 0.051);
      await check([first!, lower!]);
    });

    await test.step("the arrow goes where D says, as long as its gradient", async () => {
      const next = normalNumbers(9);
      const noise = Float32Array.from({ length: 2 * 192 }, next);
      const [points] = runRows(generator, noise) as [Float32Array];
      const [, pushes] = runRows(discriminator, points) as [Float32Array, Float32Array];
      const lengths = Array.from(
        { length: 192 },
        (_, i) => Math.hypot(pushes[2 * i]!, pushes[2 * i + 1]!),
      );
      const scale = 0.8 / Math.max(...lengths);
      const at = lengths.findIndex((length, i) =>
        length * scale > 0.6 && Math.max(Math.abs(noise[2 * i]!), Math.abs(noise[2 * i + 1]!)) < 2
      );
      const z = [noise[2 * at]!, noise[2 * at + 1]!].map((value) => Math.round(20 * value) / 20);
      for (const [i, value] of z.entries()) await sliders.nth(i).fill(String(value));
      await check(z);
      const [point] = runRows(generator, Float32Array.from(z)) as [Float32Array];
      const [, push] = runRows(discriminator, point) as [Float32Array, Float32Array];
      const along = (part: number) =>
        [0, 1].map((k) => (1 + (k ? -1 : 1) * (point[k]! + part * scale * push[k]!) / 3) / 2) as [
          number,
          number,
        ];
      assert(Math.hypot(push[0]!, push[1]!) * scale > 0.5);
      const tip = await colorAt(right, along(0.9));
      assert(Math.max(...tip.slice(0, 3)) < 60, String(tip));
      const behind = await colorAt(right, along(-0.6));
      assert(Math.max(...behind.slice(0, 3)) > 100, String(behind));
    });

    await test.step("the surface has the colours of D's answers", async () => {
      const [answers] = runRows(discriminator, placesOf(120, 3)) as [Float32Array];
      const colorOf = (i: number) => String(answerColor(answers[i]!));
      let matching = 0;
      for (let k = 0; k < 60; k++) {
        const [x, y] = [37 * k % 118 + 1, 2 * k % 118 + 1];
        const found = await colorAt(right, [(x + 0.5) / 120, (y + 0.5) / 120]);
        if (String(found.slice(0, 3)) === colorOf(120 * y + x)) matching++;
      }
      assert(matching > 30, `${matching} of 60`); // others are below points, lines, or on a border
      assert(new Set(Array.from(answers, (_, i) => colorOf(i))).size > 1);
    });

    await test.step("another point", async () => {
      const before = await values();
      await page.getByRole("button", { name: "Another point" }).click();
      await until("other values", async () => String(await values()) !== String(before));
    });

    assert.deepEqual(browser.complaints, []);
  },
);
