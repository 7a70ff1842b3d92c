/** Shows a playground in a page: unpacks its programs, and follows the page's colours. */
import type { PlayedProgram } from "./program.ts";
import { make, type Page, type PageElement } from "./dom.ts";

/** Data of a program, with the length of its bytes in place of them. */
export type PackedHeader = Readonly<Record<"relaxedSimd" | "simd" | "weights", number>>;

/** Function that makes a program from its data. */
export type LoadProgram = (data: object) => Promise<PlayedProgram>;

/** Content of a playground in a page, except its code. */
export interface PlaygroundSpec {
  /** Programs without their bytes. */
  readonly headers: Readonly<Record<string, PackedHeader>>;
  /** Bytes of the programs, gzipped, in base 85. */
  readonly packed: string;
  /** Number of bytes before compression. */
  readonly packedBytes: number;
  /** Styles of the playground. */
  readonly css: string;
  /** Settings of the board. */
  readonly board: unknown;
}

/** Function that builds a board below `root` with the programs. */
export type Board = (
  page: Page,
  root: PageElement,
  given: { readonly programs: Readonly<Record<string, PlayedProgram>>; readonly spec: never },
) => void;

/** Shows a playground in place of the picture in `host`. If that fails, shows the error there. */
export async function mountPlayground(
  page: Page,
  host: PageElement,
  { spec, loadProgram, board }: {
    readonly spec: PlaygroundSpec;
    readonly loadProgram: LoadProgram;
    readonly board: Board;
  },
): Promise<void> {
  if (host.shadowRoot) return;
  try {
    const programs = await unpackPrograms(spec, loadProgram);
    const root = make(page, "div", { class: "playground" });
    board(page, root, { programs, spec: spec.board as never });
    host.attachShadow({ mode: "open" }).append(make(page, "style", {}, spec.css), root);
    // JupyterLab and Jupyter Notebook use single keys as shortcuts.
    host.addEventListener("keydown", (event) => event.stopPropagation());
    followPage(page, { host, root });
  } catch (error) {
    host.append(make(page, "p", { role: "alert" }, `It cannot run in this browser: ${error}`));
  }
}

/** Unpacks the bytes and makes the programs. */
async function unpackPrograms(
  { headers, packed, packedBytes }: PlaygroundSpec,
  loadProgram: LoadProgram,
): Promise<Record<string, PlayedProgram>> {
  const zipped = fromBase85(packed).subarray(0, packedBytes);
  const stream = new Blob([zipped]).stream().pipeThrough(new DecompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const programs: Record<string, PlayedProgram> = {};
  let at = 0;
  for (const [name, header] of Object.entries(headers)) {
    const take = (length: number) => bytes.slice(at, at += length);
    const [relaxedSimd, simd] = [take(header.relaxedSimd), take(header.simd)];
    programs[name] = await loadProgram({
      ...header,
      relaxedSimd,
      simd,
      weights: take(header.weights),
    });
  }
  return programs;
}

/** Digits of base 85: characters that JSON and scripts contain unchanged. */
export function digits85(): string {
  let digits = "";
  for (let code = 39; code < 127; code++) {
    if (![60, 62, 92].includes(code)) digits += String.fromCharCode(code); // <, > and the backslash
  }
  return digits;
}

/** Reads five characters as four bytes. */
function fromBase85(text: string): Uint8Array<ArrayBuffer> {
  const values = new Uint8Array(128);
  [...digits85()].forEach((digit, value) => values[digit.charCodeAt(0)] = value);
  const view = new DataView(new ArrayBuffer(text.length / 5 * 4));
  for (let at = 0; at < text.length; at += 5) {
    let group = 0;
    for (let i = 0; i < 5; i++) group = 85 * group + values[text.charCodeAt(at + i)]!;
    view.setUint32(at / 5 * 4, group);
  }
  return new Uint8Array(view.buffer);
}

/** Follows the page's colours: light text means a dark page. */
function followPage(
  page: Page,
  { host, root }: { readonly host: PageElement; readonly root: PageElement },
): void {
  const follow = () => {
    const [red = 0, green = 0, blue = 0] = page.getComputedStyle(host).color.match(/[\d.]+/g) ?? [];
    const light = 0.3 * Number(red) + 0.6 * Number(green) + 0.1 * Number(blue);
    root.toggleAttribute("data-dark", light > 128);
  };
  follow();
  page.setTimeout(follow, 0); // the element may not be in the page yet
  page.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", follow);
  const observer = new page.MutationObserver(follow);
  const attributeFilter = ["class", "style", "data-jp-theme-name", "data-jp-theme-light"];
  for (const element of [page.document.body, page.document.documentElement]) {
    observer.observe(element, { attributes: true, attributeFilter });
  }
}

/** Lists all functions that mounting needs. */
export const mountTexts: readonly ((...args: never[]) => unknown)[] = [
  mountPlayground,
  unpackPrograms,
  digits85,
  fromBase85,
  followPage,
];
