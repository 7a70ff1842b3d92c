/** The board of a generator that draws what it is asked for: choose a digit, and change the hand that writes it. */
import type { PlayedProgram } from "./program.ts";
import { normalNumbers } from "./random.ts";
import { make, makeSlider, onFrames, type Page, type PageElement, quietly } from "./dom.ts";

/** What the board of digits is told. */
export interface DigitSpec {
  /** The names of the classes, which the buttons show. */
  readonly names: readonly string[];
  /** The pixels along an image's edge. */
  readonly side: number;
  /** How many numbers of noise an image is made of. */
  readonly latentSize: number;
  /** What the sliders do. */
  readonly directions: readonly {
    readonly name: string;
    readonly low: string;
    readonly high: string;
    readonly vector: readonly number[];
  }[];
  /** The seed of all hands. */
  readonly seed: number;
  /** Which class is chosen at first. */
  readonly chosen: number;
}

/** The programs of the board. */
type Programs = Readonly<Partial<Record<"discriminator" | "classifier", PlayedProgram>>> & {
  readonly generator: PlayedProgram;
};

/** The farthest that a slider goes, in standard deviations. */
const REACH = 3;

/** How long a walk from one hand to another takes. */
const WALK_MS = 2400;

/** Builds the board. */
export function digitBoard(
  page: Page,
  root: PageElement,
  { programs, spec }: { readonly programs: Programs; readonly spec: DigitSpec },
): void {
  const { names, latentSize, directions } = spec;
  const next = normalNumbers(spec.seed);
  const newHand = () => Float32Array.from({ length: latentSize }, next);
  let hand = newHand();
  let chosen = spec.chosen;
  let walk = 0; // every walk has a number; another number ends it

  const along = (vector: readonly number[]) =>
    vector.reduce((sum, part, k) => sum + part * hand[k]!, 0);
  const sliders = directions.map((direction) =>
    makeSlider(page, { ...direction, most: REACH }, (value) => {
      stopWalk();
      const step = value - along(direction.vector);
      hand = hand.map((number, k) => number + step * direction.vector[k]!);
      redraw();
    })
  );
  const showHand = () => {
    sliders.forEach((slider, i) => slider.set(along(directions[i]!.vector)));
    redraw();
  };
  const tiles = names.map((name, at) =>
    makeTile(page, { name, side: spec.side }, () => choose(at))
  );
  const choose = (at: number) => {
    chosen = at;
    tiles.forEach(({ button }, i) => button.setAttribute("aria-pressed", String(i === at)));
    redraw();
  };

  const large = makePaper(page, { side: spec.side, label: "" });
  const readings = makeReadings(page, names, programs);
  const draw = () => {
    const [samples] = programs.generator.run(rowsOf(hand, names.length)) as [Float32Array];
    const width = samples.length / names.length;
    tiles.forEach(({ paper }, i) => paper.paint(samples.subarray(i * width, (i + 1) * width)));
    const sample = samples.subarray(chosen * width, (chosen + 1) * width);
    large.paint(sample);
    large.canvas.setAttribute("aria-label", `The drawing of a ${names[chosen]}`);
    readings.show(sample, { pixels: spec.side ** 2, chosen });
  };
  const redraw = onFrames(page, draw);

  const walkButton = make(page, "button", { type: "button" }, "Walk to another hand");
  const stopWalk = () => {
    walk++;
    walkButton.textContent = "Walk to another hand";
  };
  const startWalk = () => {
    const [from, to, number] = [hand, newHand(), ++walk];
    walkButton.textContent = "Stop";
    let start: number | undefined;
    const step = (time: number) => {
      if (walk !== number || !root.isConnected) return;
      const part = Math.min(1, (time - (start ??= time)) / WALK_MS);
      const angle = (1 - Math.cos(Math.PI * part)) * Math.PI / 4; // slow at both ends
      // On this way all hands are as likely as any other.
      hand = from.map((number, k) => Math.cos(angle) * number + Math.sin(angle) * to[k]!);
      showHand();
      if (part < 1) page.requestAnimationFrame(step);
      else stopWalk();
    };
    page.requestAnimationFrame(step);
  };
  walkButton.addEventListener("click", () => {
    if (walkButton.textContent === "Stop") stopWalk();
    else startWalk();
  });
  const another = make(page, "button", { type: "button" }, "Another hand");
  another.addEventListener("click", () => {
    stopWalk();
    hand = newHand();
    showHand();
  });

  root.addEventListener("keydown", (event) => {
    const at = names.indexOf(event.key);
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    choose(at);
  });
  root.setAttribute("data-board", "digits");
  root.append(
    make(
      page,
      "div",
      { class: "tiles", role: "group", "aria-label": "What to draw" },
      ...tiles.map((tile) => tile.button),
    ),
    make(
      page,
      "div",
      { class: "desk" },
      make(page, "div", { class: "sheet" }, large.canvas),
      readings.element,
      make(
        page,
        "div",
        { class: "hand", role: "group", "aria-label": "The hand" },
        ...sliders.map(({ element }) => element),
        make(page, "div", { class: "buttons" }, another, walkButton),
      ),
    ),
    readings.sentence,
  );
  choose(chosen);
  showHand();
}

/** Makes the generator's input: the same noise for every class. */
function rowsOf(hand: Float32Array, classes: number): Float32Array {
  const width = hand.length + classes;
  const rows = new Float32Array(classes * width);
  for (let row = 0; row < classes; row++) {
    rows.set(hand, row * width);
    rows[row * width + hand.length + row] = 1;
  }
  return rows;
}

/** A canvas that shows ink. */
interface Paper {
  readonly canvas: PageElement;
  /** Draws pixels in [0, 1], 1 is ink. */
  paint(ink: ArrayLike<number>): void;
}

/** Makes a sheet of paper: its pixels are black, as opaque as there is ink; the style colours them. */
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

/** Makes the button of a class, with what the present hand makes of it. */
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

/** Makes what stands beside the drawing: D's answer, and what the classifier reads. */
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

/** Every function that the board is made of, and its numbers, as JavaScript. */
export function digitBoardText(): string {
  const functions = [digitBoard, rowsOf, makePaper, makeTile, makeReadings];
  return [`const REACH = ${REACH}, WALK_MS = ${WALK_MS};`, ...functions].join("\n");
}
