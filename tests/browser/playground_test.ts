/** Playgrounds in real pages, offline: pressed, dragged, typed into, and their pixels read. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import type { Locator, Page } from "playwright-core";
import type { LoadedProgram } from "../../lib/jit/mod.ts";
import { playground } from "../../lib/jupyter/mod.ts";
import { findDirections, inputsOf } from "../../lib/jupyter/playground/directions.ts";
import { normalNumbers } from "../../lib/jupyter/playground/page/random.ts";
import { digitPrograms, planePrograms } from "../jupyter/playground_parts.ts";
import { browserTest } from "./browser_test_case.ts";
import { openBrowser } from "./chromium.ts";
import { inkOf, open } from "./playground_page.ts";
import { undrivenTest } from "./undriven.ts";
import { until } from "./until.ts";

const sizes = { classes: 10, latentSize: 5, side: 28 };

/** What the board draws of a hand: the ink of each digit's pixels, from 0 to 255. */
function drawings(generator: LoadedProgram, hand: ArrayLike<number>): number[][] {
  const [samples] = generator.run(inputsOf(hand, sizes)) as [Float32Array];
  return Array.from({ length: 10 }, (_, digit) => {
    return Array.from(
      samples.subarray(794 * digit, 794 * digit + 784),
      (ink) => Math.round(255 * ink),
    );
  });
}

/** A board of digits in a page, and the numbers that it must show. */
async function digitBoard(seed: number) {
  const { draw, ...programs } = await digitPrograms();
  const board = await playground("digits", { ...programs, seed, sliders: 3, title: "Digits" });
  const loaded = {
    generator: await programs.generator.load(),
    discriminator: await programs.discriminator.load(),
    classifier: await programs.classifier.load(),
  };
  const directions = await findDirections(loaded.generator, { sizes, count: 3, seed });
  const next = normalNumbers(seed);
  const newHand = () => Float32Array.from({ length: 5 }, next);
  return { board, draw, loaded, directions, newHand };
}

const tile = (root: Page | Locator, digit: number) =>
  root.getByRole("button", { name: `Draw a ${digit}` });
const sheet = (root: Page | Locator) => root.locator(".sheet canvas");

/** Waits until the large drawing is this one. */
async function untilDrawn(root: Page | Locator, ink: readonly number[]): Promise<void> {
  await until("a drawing", async () => String(await inkOf(sheet(root))) === String(ink));
}

browserTest(
  "the board of digits: press, type, drag, another hand, walk",
  async ({ chromium }, test) => {
    const { board, draw, loaded, directions, newHand } = await digitBoard(11);
    await using browser = await openBrowser(chromium, { offline: true });
    const page = await open(browser.context, board.page, await browser.newPage());
    let hand = newHand();
    let drawn = drawings(loaded.generator, hand);

    await test.step("the drawings are the program's, and the notebook's own within a shade", async () => {
      await untilDrawn(page, drawn[7]!);
      for (let digit = 0; digit < 10; digit++) {
        assert.deepEqual(await inkOf(tile(page, digit).locator("canvas")), drawn[digit]);
      }
      const own = tf.tidy(() => draw(tf.tensor(inputsOf(hand, sizes), [10, 15])).dataSync());
      drawn.flat().forEach((ink, i) => {
        const exact = 255 * own[794 * Math.floor(i / 784) + i % 784]!;
        assert(Math.abs(ink - exact) <= 1, `${ink} is not ${exact}`);
      });
    });

    await test.step("a pressed button and a typed digit choose what is drawn", async () => {
      await tile(page, 3).click();
      await untilDrawn(page, drawn[3]!);
      assert.equal(await tile(page, 3).getAttribute("aria-pressed"), "true");
      assert.equal(await tile(page, 7).getAttribute("aria-pressed"), "false");
      await page.keyboard.press("5");
      await untilDrawn(page, drawn[5]!);
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter"); // the next button is the 4's
      await untilDrawn(page, drawn[4]!);
    });

    await test.step("D and the classifier say what their programs say", async () => {
      const [samples] = loaded.generator.run(inputsOf(hand, sizes)) as [Float32Array];
      const sample = samples.subarray(4 * 794, 5 * 794);
      const [answer] = loaded.discriminator.run(sample)[0]!;
      const [shares] = loaded.classifier.run(sample.subarray(0, 784)) as [Float32Array];
      const best = shares.indexOf(Math.max(...shares));
      assert.equal(await page.locator(".answer b").textContent(), answer!.toFixed(2));
      assert.equal(await page.locator(".reading b").textContent(), String(best));
      const sentence =
        `A 4 is drawn; D answers ${answer!.toFixed(2)}; a classifier reads ${best}, ` +
        `${Math.round(100 * shares[best]!)} % sure.`;
      await page.getByText(sentence).waitFor();
    });

    await test.step("a slider moves the hand along its direction, by the keyboard and by the mouse", async () => {
      const { name, vector } = directions[1]!;
      const slider = page.getByRole("slider", { name });
      const along = () => vector.reduce((sum, part, k) => sum + part * hand[k]!, 0);
      const before = Number(await slider.inputValue());
      assert(Math.abs(before - along()) < 0.03);
      await slider.focus();
      await page.keyboard.press("ArrowRight");
      const { x, y, width, height } = (await slider.boundingBox())!;
      const moveTo = async () => {
        const value = Number(await slider.inputValue());
        const step = value - along();
        const exact = vector.map((part) => Number(part.toPrecision(6)));
        hand = hand.map((number, k) => number + step * exact[k]!);
        drawn = drawings(loaded.generator, hand);
        await untilDrawn(page, drawn[4]!);
        return value;
      };
      assert(Math.abs(await moveTo() - before - 0.05) < 0.026);
      const knob = x + 8 + (width - 16) * (Number(await slider.inputValue()) + 3) / 6;
      await page.mouse.move(knob, y + height / 2);
      await page.mouse.down();
      await page.mouse.move(x + 0.85 * width, y + height / 2, { steps: 4 });
      await page.mouse.up();
      assert(await moveTo() > 1.5);
      assert.match(String(await slider.getAttribute("aria-valuetext")), /^\d\.\d\d, /);
    });

    await test.step("another hand draws the same digit otherwise, and moves the sliders", async () => {
      await page.getByRole("button", { name: "Another hand", exact: true }).click();
      hand = newHand();
      drawn = drawings(loaded.generator, hand);
      await untilDrawn(page, drawn[4]!);
      for (const { name, vector } of directions) {
        const along = vector.reduce((sum, part, k) => sum + part * hand[k]!, 0);
        const value = Number(await page.getByRole("slider", { name }).inputValue());
        assert(Math.abs(value - along) < 0.03, `${name} ${value} ${along}`);
      }
    });

    await test.step("a walk leads to another hand, and can be stopped", async () => {
      const walk = page.getByRole("button", { name: "Walk to another hand" });
      const stop = page.getByRole("button", { name: "Stop" });
      await page.clock.install(); // from here on only the test moves the page's time
      await page.clock.pauseAt(Date.now() + 3_600_000);
      await walk.click();
      await stop.waitFor();
      await page.clock.runFor(3_000);
      await walk.waitFor();
      hand = newHand();
      const last = drawings(loaded.generator, hand)[4]!;
      const found = await inkOf(sheet(page));
      found.forEach((ink, i) => assert(Math.abs(ink - last[i]!) <= 1));
      await walk.click();
      await page.clock.runFor(800);
      assert.notDeepEqual(await inkOf(sheet(page)), found, "it walks");
      await stop.click();
      await page.clock.runFor(100); // the frame that was due
      const stopped = await inkOf(sheet(page));
      await page.clock.runFor(3_000);
      assert.deepEqual(await inkOf(sheet(page)), stopped);
    });

    assert.deepEqual(browser.complaints, []);
  },
);

browserTest(
  "the board of digits fits from 360 to 1,400 px, light and dark",
  async ({ chromium }) => {
    const { board, loaded, newHand } = await digitBoard(12);
    await using browser = await openBrowser(chromium, { offline: true });
    const drawn = drawings(loaded.generator, newHand());
    const page = await open(browser.context, board.page, await browser.newPage());
    for (const width of [360, 900, 1400]) {
      await page.setViewportSize({ width, height: 800 });
      await untilDrawn(page, drawn[7]!);
      assert.equal(await page.evaluate("document.documentElement.scrollWidth"), width);
      for (const button of await page.getByRole("button").all()) {
        const box = (await button.boundingBox())!;
        assert(box.x >= 0 && box.x + box.width <= width && box.height >= 40, JSON.stringify(box));
      }
    }
    const root = page.locator(".playground");
    assert.equal(await root.getAttribute("data-dark"), null);
    await page.emulateMedia({ colorScheme: "dark" });
    await page.locator(".playground[data-dark]").waitFor();
    const filter =
      `getComputedStyle(document.querySelector(".gan-playground").shadowRoot.querySelector(".sheet canvas")).filter`;
    assert.equal(await page.evaluate(filter), "invert(1)");
    await page.emulateMedia({ colorScheme: "light" });
    await page.locator(".playground:not([data-dark])").waitFor();
    assert.equal(await page.evaluate(filter), "none");
  },
);

browserTest("a finger chooses a digit", async ({ chromium }) => {
  const { board, loaded, newHand } = await digitBoard(13);
  await using browser = await openBrowser(chromium, { offline: true, hasTouch: true });
  const page = await open(browser.context, board.page, await browser.newPage());
  const drawn = drawings(loaded.generator, newHand());
  await untilDrawn(page, drawn[7]!);
  await tile(page, 2).tap();
  await untilDrawn(page, drawn[2]!);
  assert.deepEqual(browser.complaints, []);
});

browserTest("without scripts a playground is a picture and a sentence", async ({ chromium }) => {
  const { board } = await digitBoard(14);
  await using browser = await openBrowser(chromium, { offline: true, javaScriptEnabled: false });
  const page = await open(browser.context, board.page, await browser.newPage());
  const picture = page.getByRole("img", { name: /drawn by four hands/ });
  assert.equal((await picture.boundingBox())!.width, 640);
  await page.getByText("This is a picture. To play, open the exported page").waitFor();
});

browserTest(
  "several playgrounds in one page do not disturb each other, nor the page",
  async ({ chromium }) => {
    const [first, second] = [await digitBoard(15), await digitBoard(16)];
    const plane = await playground("plane", await planePrograms());
    await using browser = await openBrowser(chromium, { offline: true });
    const style =
      "<style>canvas, button, .tile { display: none !important; } .sheet { width: 1px; }</style>";
    const html =
      `<!doctype html>${style}<main>${first.board.html}${second.board.html}${plane.html}</main>`;
    const page = await open(browser.context, html, await browser.newPage());
    const globals = await page.evaluate("Object.keys(globalThis).length");
    const [one, two] = [0, 1].map((at) => page.locator(".gan-playground").nth(at));
    const drawn = [first, second].map(({ loaded, newHand }) =>
      drawings(loaded.generator, newHand())
    );
    await untilDrawn(one!, drawn[0]![7]!);
    await untilDrawn(two!, drawn[1]![7]!);
    await tile(two!, 1).click();
    await untilDrawn(two!, drawn[1]![1]!);
    await untilDrawn(one!, drawn[0]![7]!);
    await tile(one!, 9).click();
    await page.keyboard.press("0");
    await untilDrawn(one!, drawn[0]![0]!);
    await untilDrawn(two!, drawn[1]![1]!);
    assert.equal(await page.evaluate("Object.keys(globalThis).length"), globals);
    const blank = await open(browser.context, "<!doctype html>");
    assert.equal(await blank.evaluate("Object.keys(globalThis).length"), globals);
    assert.deepEqual(browser.complaints, []);
  },
);

browserTest("damaged programs are said, and the picture stays", async ({ chromium }) => {
  const { board } = await digitBoard(17);
  await using browser = await openBrowser(chromium, { offline: true });
  const damaged = board.page.replace(/"checksum":\d+/, '"checksum":1');
  const page = await open(browser.context, damaged, await browser.newPage());
  const words =
    /It cannot run in this browser: .*Cannot load a program: expected data as they were exported/;
  await page.getByRole("alert").filter({ hasText: words }).waitFor();
  await page.getByRole("img", { name: /drawn by four hands/ }).waitFor();
});

/** Runs in the page: presses a button, types a digit, and reads the large drawing before and after each. */
const PLAY = `
const host = document.querySelector(".gan-playground");
const wait = () => new Promise((resolve) => setTimeout(resolve, 200));
while (!host.shadowRoot) await wait();
const root = host.shadowRoot;
const read = () => {
  const { data } = root.querySelector(".sheet canvas").getContext("2d").getImageData(0, 0, 28, 28);
  return Array.from({ length: 784 }, (_, i) => data[4 * i + 3]);
};
const readNext = async (before) => {
  for (let last = before;;) {
    await wait();
    const now = read();
    if (String(now) !== String(before) && String(now) === String(last)) return now;
    last = now;
  }
};
const first = await readNext(Array(784).fill(0));
root.querySelectorAll(".tile")[3].click();
const second = await readNext(first);
root.querySelector(".playground").dispatchEvent(new KeyboardEvent("keydown", { key: "5", bubbles: true }));
return [first, second, await readNext(second)];
`;

undrivenTest("the board of digits plays", async (runInPage) => {
  const { board, loaded, newHand } = await digitBoard(18);
  const drawn = drawings(loaded.generator, newHand());
  const found = await runInPage(PLAY, { html: board.html }) as number[][];
  [7, 3, 5].forEach((digit, at) => {
    // A browser may have no relaxed SIMD: then a shade may be the next one.
    drawn[digit]!.forEach((ink, i) => assert(Math.abs(ink - found[at]![i]!) <= 1, `${digit}`));
  });
});
