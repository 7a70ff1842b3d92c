/** Board of a conditional generator: choose a digit, and change the handwriting. */
import type { PlayedProgram } from "./program.ts";
import { normalNumbers } from "./random.ts";
import { make, makeSlider, onFrames, type Page, type PageElement, quietly } from "./dom.ts";

/** Settings of the board of digits. */
export interface DigitSpec {
  /** Names of the classes, shown on the buttons. */
  readonly names: readonly string[];
  /** Side of an image in pixels. */
  readonly side: number;
  /** Number of noise values of an image. */
  readonly latentSize: number;
  /** Directions of the sliders. */
  readonly directions: readonly {
    readonly name: string;
    readonly low: string;
    readonly high: string;
    readonly vector: readonly number[];
  }[];
  /** Seed of all handwritings. */
  readonly seed: number;
  /** Class that is chosen at first. */
  readonly chosen: number;
}

/** Programs of the board. */
type Programs = Readonly<Partial<Record<"discriminator" | "classifier", PlayedProgram>>> & {
  readonly generator: PlayedProgram;
};

/** Largest value of a slider, in standard deviations. */
const REACH = 3;

/** Duration of the change from one handwriting to another, in milliseconds. */
const WALK_MS = 2400;

/** Builds the board of digits below `root`. */
export function digitBoard(
  page: Page,
  root: PageElement,
  { programs, spec }: { readonly programs: Programs; readonly spec: DigitSpec },
): void {
  const { names, directions, side } = spec;
  const hand = makeHand(spec);
  let chosen = spec.chosen;
  const large = makePaper(page, { side, label: "" });
  const readings = makeReadings(page, names, programs);
  const choose = (at: number) => {
    chosen = at;
    tiles.forEach(({ button }, i) => button.setAttribute("aria-pressed", String(i === at)));
    redraw();
  };
  const tiles = names.map((name, at) => makeTile(page, { name, side }, () => choose(at)));
  const redraw = onFrames(page, () => {
    const [samples] = programs.generator.run(rowsOf(hand.noise(), names.length)) as [Float32Array];
    const width = samples.length / names.length;
    tiles.forEach(({ paper }, i) => paper.paint(samples.subarray(i * width, (i + 1) * width)));
    const sample = samples.subarray(chosen * width, (chosen + 1) * width);
    large.paint(sample);
    large.canvas.setAttribute("aria-label", `The drawing of a ${names[chosen]}`);
    readings.show(sample, { pixels: side ** 2, chosen });
  });
  const sliders = directions.map((direction, i) =>
    makeSlider(page, { ...direction, most: REACH }, (value) => {
      walk.stop();
      hand.move(i, value);
      redraw();
    })
  );
  const show = (noise: Float32Array) => {
    hand.take(noise);
    sliders.forEach((slider, i) => slider.set(hand.along(i)));
    redraw();
  };
  const walk = makeWalk(page, { root, hand, show });
  const another = make(page, "button", { type: "button" }, "Another hand");
  another.addEventListener("click", () => {
    walk.stop();
    show(hand.another());
  });
  root.addEventListener("keydown", (event) => {
    const at = names.indexOf(event.key);
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    choose(at);
  });
  const group = (label: string, name: string, ...children: PageElement[]) =>
    make(page, "div", { class: name, role: "group", "aria-label": label }, ...children);
  const buttons = make(page, "div", { class: "buttons" }, another, walk.button);
  const controls = group("The hand", "hand", ...sliders.map(({ element }) => element), buttons);
  const sheet = make(page, "div", { class: "sheet" }, large.canvas);
  root.append(
    group("What to draw", "tiles", ...tiles.map(({ button }) => button)),
    make(page, "div", { class: "desk" }, sheet, readings.element, controls),
    readings.sentence,
  );
  choose(chosen);
  show(hand.noise());
}

/** Noise from which the digits are drawn. */
interface Hand {
  /** Present noise. */
  noise(): Float32Array;
  /** Replaces the noise. */
  take(noise: Float32Array): void;
  /** Returns the position of the noise along a direction. */
  along(direction: number): number;
  /** Moves the noise to a position along a direction. */
  move(direction: number, value: number): void;
  /** Draws new noise. */
  another(): Float32Array;
}

function makeHand({ seed, latentSize, directions }: DigitSpec): Hand {
  const next = normalNumbers(seed);
  const another = () => Float32Array.from({ length: latentSize }, next);
  let noise: Float32Array = another();
  const along = (direction: number) =>
    directions[direction]!.vector.reduce((sum, part, k) => sum + part * noise[k]!, 0);
  return {
    noise: () => noise,
    take: (taken) => void (noise = taken),
    along,
    move(direction, value) {
      const step = value - along(direction);
      noise = noise.map((number, k) => number + step * directions[direction]!.vector[k]!);
    },
    another,
  };
}

/** Makes the button that changes from the present handwriting to another one, or stops the change. */
function makeWalk(
  page: Page,
  { root, hand, show }: {
    readonly root: PageElement;
    readonly hand: Hand;
    readonly show: (noise: Float32Array) => void;
  },
) {
  const words = "Walk to another hand";
  const button = make(page, "button", { type: "button" }, words);
  let walks = 0; // a new number stops the walk
  const stop = () => {
    walks++;
    button.textContent = words;
  };
  const start = () => {
    const [from, to, number] = [hand.noise(), hand.another(), ++walks];
    button.textContent = "Stop";
    let begin: number | undefined;
    const step = (time: number) => {
      if (walks !== number || !root.isConnected) return;
      const part = Math.min(1, (time - (begin ??= time)) / WALK_MS);
      const angle = (1 - Math.cos(Math.PI * part)) * Math.PI / 4; // slow at both ends
      // With these weights, all handwritings stay equally likely.
      show(from.map((value, k) => Math.cos(angle) * value + Math.sin(angle) * to[k]!));
      if (part < 1) page.requestAnimationFrame(step);
      else stop();
    };
    page.requestAnimationFrame(step);
  };
  button.addEventListener("click", () => button.textContent === "Stop" ? stop() : start());
  return { button, stop };
}

/** Makes the input of the generator: the same noise for every class. */
function rowsOf(hand: Float32Array, classes: number): Float32Array {
  const width = hand.length + classes;
  const rows = new Float32Array(classes * width);
  for (let row = 0; row < classes; row++) {
    rows.set(hand, row * width);
    rows[row * width + hand.length + row] = 1;
  }
  return rows;
}

/** Canvas that shows ink. */
interface Paper {
  readonly canvas: PageElement;
  /** Draws pixels in [0, 1], 1 is ink. */
  paint(ink: ArrayLike<number>): void;
}

/** Makes a canvas whose pixels are black and as opaque as the ink; the style colours them. */
function makePaper(
  page: Page,
  { side, label }: { readonly side: number; readonly label: string },
): Paper {
  const canvas = make(page, "canvas", { role: "img", "aria-label": label });
  [canvas.width, canvas.height] = [side, side];
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(side, side);
  return {
    canvas,
    paint(ink) {
      for (let i = 0; i < side * side; i++) pixels.data[4 * i + 3] = Math.round(255 * ink[i]!);
      context.putImageData(pixels, 0, 0);
    },
  };
}

/** Makes the button of a class, which shows the class in the present handwriting. */
function makeTile(
  page: Page,
  { name, side }: { readonly name: string; readonly side: number },
  onClick: () => void,
) {
  const paper = makePaper(page, { side, label: "" });
  paper.canvas.setAttribute("aria-hidden", "true");
  const button = make(
    page,
    "button",
    { type: "button", class: "tile", "aria-label": `Draw a ${name}` },
    paper.canvas,
    make(page, "span", { "aria-hidden": "true" }, name),
  );
  button.addEventListener("click", onClick);
  return { button, paper };
}

/** Makes the part beside the drawing: D's answer, and the classifier's probabilities. */
function makeReadings(page: Page, names: readonly string[], programs: Programs) {
  const { discriminator, classifier } = programs;
  const element = make(page, "div", { class: "readings" });
  const sentence = make(page, "output", { class: "sentence", "aria-live": "polite" });
  const say = quietly(page, sentence);
  const needle = make(page, "span", { class: "needle" });
  const answer = make(page, "b", {});
  if (discriminator) {
    element.append(make(
      page,
      "div",
      { class: "answer" },
      make(page, "div", { class: "heading" }, "D answers ", answer),
      make(page, "div", { class: "scale", "aria-hidden": "true" }, needle),
      make(
        page,
        "div",
        { class: "ends", "aria-hidden": "true" },
        make(page, "span", {}, "generated"),
        make(page, "span", {}, "real"),
      ),
    ));
  }
  const read = make(page, "b", {});
  const bars = names.map(() => make(page, "i", {}));
  if (classifier) {
    const columns = names.map((name, i) =>
      make(page, "span", {}, make(page, "span", { class: "bar" }, bars[i]!), name)
    );
    element.append(make(
      page,
      "div",
      { class: "reading" },
      make(page, "div", { class: "heading" }, "A classifier reads ", read),
      make(page, "div", { class: "bars", "aria-hidden": "true" }, ...columns),
    ));
  }
  const show = (
    sample: Float32Array,
    { pixels, chosen }: { readonly pixels: number; readonly chosen: number },
  ) => {
    const said = [`A ${names[chosen]} is drawn`];
    if (discriminator) {
      const [[value]] = discriminator.run(sample) as [Float32Array];
      answer.textContent = value!.toFixed(2);
      needle.style.setProperty("left", `${100 * value!}%`);
      said.push(`D answers ${value!.toFixed(2)}`);
    }
    if (classifier) {
      const [shares] = classifier.run(sample.subarray(0, pixels)) as [Float32Array];
      const best = shares.indexOf(Math.max(...shares));
      read.textContent = `${names[best]}`;
      bars.forEach((bar, i) => bar.style.setProperty("height", `${100 * shares[i]!}%`));
      said.push(`a classifier reads ${names[best]}, ${Math.round(100 * shares[best]!)} % sure`);
    }
    say(`${said.join("; ")}.`);
  };
  return { element, sentence, show };
}

/** Lists all functions of the board and its constants as JavaScript. */
export function digitBoardText(): string {
  const functions = [digitBoard, makeHand, makeWalk, rowsOf, makePaper, makeTile, makeReadings];
  return [`const REACH = ${REACH}, WALK_MS = ${WALK_MS};`, ...functions].join("\n");
}
