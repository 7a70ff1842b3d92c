/** Pages with playgrounds, and the pixels that are drawn there. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { BrowserContext, Locator, Page } from "playwright-core";

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
