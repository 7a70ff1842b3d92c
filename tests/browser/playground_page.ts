/** Pages with playgrounds: how they are played, and the pixels that are drawn there. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { BrowserContext, Locator, Page } from "playwright-core";
import { until } from "./until.ts";

/** Writes a page and opens it from the disk. */
export async function open(context: BrowserContext, html: string, page?: Page): Promise<Page> {
  const folder = await Deno.makeTempDir({ prefix: "gan-notebooks-playground-" });
  const path = join(folder, "page.html");
  await Deno.writeTextFile(path, html);
  const opened = page ?? await context.newPage();
  await opened.goto(pathToFileURL(path).href);
  await Deno.remove(folder, { recursive: true });
  return opened;
}

/** The opaqueness of every pixel of a canvas: how much ink is there. */
export function inkOf(canvas: Locator): Promise<number[]> {
  return canvas.evaluate((element) => {
    const { width, height, getContext } = element as unknown as Canvas;
    const { data } = getContext.call(element, "2d").getImageData(0, 0, width, height);
    return Array.from({ length: width * height }, (_, i) => data[4 * i + 3]!);
  });
}

/** The colour of the pixel of a canvas at a place from 0 to 1. */
export function colorAt(canvas: Locator, [x, y]: readonly [number, number]): Promise<number[]> {
  return canvas.evaluate((element, [x, y]) => {
    const { width, height, getContext } = element as unknown as Canvas;
    const at = [Math.round(x! * width), Math.round(y! * height)] as const;
    return [...getContext.call(element, "2d").getImageData(...at, 1, 1).data];
  }, [x, y]);
}

interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly getContext: (kind: string) => {
    getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray };
  };
}

/** Presses a button and types a digit, and looks whether the large drawing is that of the digit's button. */
export async function play(page: Page, root: Page | Locator): Promise<void> {
  const tile = (digit: number) => root.getByRole("button", { name: `Draw a ${digit}` });
  const inkOf = (canvas: Locator) =>
    canvas.evaluate((element) => (element as unknown as { toDataURL(): string }).toDataURL());
  const untilDrawn = async (digit: number) => {
    const large = root.locator(".sheet canvas");
    const small = tile(digit).locator("canvas");
    await until(`a large ${digit}`, async () => await inkOf(large) === await inkOf(small));
    assert.equal(await tile(digit).getAttribute("aria-pressed"), "true");
  };
  await tile(3).click();
  await untilDrawn(3);
  await page.keyboard.press("1");
  await untilDrawn(1);
  const large = root.locator(".sheet canvas");
  const before = await inkOf(large);
  const slider = root.getByRole("slider").first();
  await slider.focus();
  for (let time = 0; time < 12; time++) await page.keyboard.press("ArrowRight");
  await until("another drawing", async () => await inkOf(large) !== before);
  await root.getByRole("button", { name: "Another hand", exact: true }).click();
  await untilDrawn(1);
}
