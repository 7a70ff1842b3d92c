/** Parts of a page that playgrounds use, and functions that make elements. */

/** Parts of the page's global object that playgrounds use. */
export interface Page {
  readonly document: PageDocument;
  readonly devicePixelRatio?: number;
  requestAnimationFrame(callback: (time: number) => void): number;
  setTimeout(callback: () => void, ms: number): number;
  clearTimeout(timer: number): void;
  getComputedStyle(element: PageElement): { readonly color: string };
  matchMedia(query: string): { addEventListener(type: string, listener: () => void): void };
  readonly MutationObserver: new (callback: () => void) => {
    observe(element: PageElement, options: object): void;
  };
}

/** Document of a page. */
export interface PageDocument {
  readonly documentElement: PageElement;
  readonly body: PageElement;
  createElement(tag: string): PageElement;
}

/** Event of a listener. */
export interface PageEvent {
  readonly key: string;
  readonly clientX: number;
  readonly clientY: number;
  readonly pointerId: number;
  readonly buttons: number;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  preventDefault(): void;
  stopPropagation(): void;
}

/** Element of a page. */
export interface PageElement {
  readonly isConnected: boolean;
  readonly shadowRoot: object | null;
  textContent: string | null;
  value: string;
  width: number;
  height: number;
  readonly style: { setProperty(name: string, value: string): void };
  append(...children: (PageElement | string)[]): void;
  replaceChildren(...children: (PageElement | string)[]): void;
  setAttribute(name: string, value: string): void;
  toggleAttribute(name: string, force: boolean): void;
  addEventListener(type: string, listener: (event: PageEvent) => void): void;
  attachShadow(options: { mode: "open" }): PageElement;
  getContext(kind: "2d"): Context;
  getBoundingClientRect(): { readonly left: number; readonly top: number; readonly width: number };
  setPointerCapture(pointer: number): void;
}

/** Pixels of a canvas, as in `ImageData`. */
export interface Pixels {
  readonly data: Uint8ClampedArray;
}

/** Drawing context of a canvas. */
export interface Context {
  fillStyle: string;
  strokeStyle: string;
  lineWidth: number;
  globalAlpha: number;
  imageSmoothingEnabled: boolean;
  createImageData(width: number, height: number): Pixels;
  putImageData(pixels: Pixels, x: number, y: number): void;
  drawImage(image: PageElement, x: number, y: number, width: number, height: number): void;
  setTransform(a: number, b: number, c: number, d: number, e: number, f: number): void;
  clearRect(x: number, y: number, width: number, height: number): void;
  fillRect(x: number, y: number, width: number, height: number): void;
  beginPath(): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  arc(x: number, y: number, radius: number, from: number, to: number): void;
  fill(): void;
  stroke(): void;
}

/** Makes an element with attributes and children. */
export function make(
  page: Page,
  tag: string,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (PageElement | string)[]
): PageElement {
  const element = page.document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Slider: a range input below its name, with a text for its value. */
export interface Slider {
  /** Label that contains all parts of the slider. */
  readonly element: PageElement;
  /** Moves the slider without calling its listener. */
  set(value: number): void;
}

/** Options of a slider: its texts and its range. */
export interface SliderSpec {
  readonly name: string;
  readonly low: string;
  readonly high: string;
  readonly most: number;
}

/** Makes a slider from `-most` to `most`, which reports where a reader moves it. */
export function makeSlider(
  page: Page,
  { name, low, high, most }: SliderSpec,
  onInput: (value: number) => void,
): Slider {
  const range = { min: String(-most), max: String(most), step: "0.05" };
  const input = make(page, "input", { type: "range", ...range, "aria-label": name });
  const say = (value: number) => {
    const size = Math.abs(value) < 0.025 ? "in the middle" : value < 0 ? low : high;
    input.setAttribute("aria-valuetext", `${value.toFixed(2)}, ${size}`);
  };
  input.addEventListener("input", () => {
    say(Number(input.value));
    onInput(Number(input.value));
  });
  return {
    element: make(
      page,
      "label",
      { class: "slider" },
      make(page, "span", { class: "name" }, name),
      input,
      make(
        page,
        "span",
        { class: "ends", "aria-hidden": "true" },
        make(page, "span", {}, low),
        make(page, "span", {}, high),
      ),
    ),
    set: (value) => {
      input.value = String(Math.max(-most, Math.min(most, value)));
      say(value);
    },
  };
}

/** Calls `draw` once for all changes before the next frame. */
export function onFrames(page: Page, draw: () => void): () => void {
  let isWaiting = false;
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    page.requestAnimationFrame(() => {
      isWaiting = false;
      draw();
    });
  };
}

/** Announces the last sentence after a pause without changes, so that screen readers read it completely. */
export function quietly(page: Page, output: PageElement): (sentence: string) => void {
  let timer = 0;
  return (sentence) => {
    page.clearTimeout(timer);
    timer = page.setTimeout(() => output.textContent = sentence, 400);
  };
}
