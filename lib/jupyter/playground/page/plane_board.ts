/** Board of a GAN in the plane: drag G's input, and see G's point on D's surface, with D's arrow. */
import type { PlayedProgram } from "./program.ts";
import { type Context, make, makeSlider, onFrames, type Page, quietly } from "./dom.ts";
import type { PageElement, PageEvent } from "./dom.ts";
import { normalNumbers } from "./random.ts";
import { answerColor, placesOf, runRows } from "./surface.ts";

/** Settings of the board of the plane. */
export interface PlaneSpec {
  /** Real points, `[points, 2]`. */
  readonly real: readonly number[];
  /** Half the side of the plane: it is shown from -reach to reach in x and in y. */
  readonly reach: number;
  /** Seed of the noise of the generated points. */
  readonly seed: number;
}

/** Programs of the board. */
interface Programs {
  readonly generator: PlayedProgram;
  readonly discriminator: PlayedProgram;
}

/** Half the side of the plane of noise. 997 of 1,000 normal numbers are in this range. */
const NOISE_REACH = 3;

/** Number of cells of D's surface along each side. */
const CELLS = 120;

/** Number of generated points that do not move. */
const POINTS = 192;

/** Number of lines of the lattice in each direction, and of points along a line. */
const LINES = 9;
const LINE_POINTS = 49;

/** Length of the longest arrow among the generated points, in units of the plane. */
const ARROW = 0.8;

/** Text below the board: the meaning of the colours. */
const LEGEND =
  "Blue rings are real points, orange dots are generated ones, the lines show how G moves the noise. " +
  "The green point is yours; its arrow says where D would find it more real.";

/** Builds the board of the plane below `root`. */
export function planeBoard(
  page: Page,
  root: PageElement,
  { programs, spec }: { readonly programs: Programs; readonly spec: PlaneSpec },
): void {
  const next = normalNumbers(spec.seed);
  const scene = makeScene(page, { programs, spec, next });
  const [left, right] = [makeField(page, NOISE_REACH), makeField(page, spec.reach)];
  const answer = make(page, "b", {});
  const sentence = make(page, "output", { class: "sentence", "aria-live": "polite" });
  const say = quietly(page, sentence);
  let z = [scene.noise[0]!, scene.noise[1]!];
  const redraw = onFrames(page, () => {
    const shown = scene.draw(z, { left, right });
    answer.textContent = shown.answer;
    say(shown.sentence);
  });
  const sliders = ["z₁", "z₂"].map((name, i) =>
    makeSlider(page, { name, low: "-3", high: "3", most: NOISE_REACH }, (value) => {
      z[i] = value;
      redraw();
    })
  );
  const move = (to: readonly number[]) => {
    z = to.map((value) => Math.max(-NOISE_REACH, Math.min(NOISE_REACH, value)));
    sliders.forEach((slider, i) => slider.set(z[i]!));
    redraw();
  };
  const follow = (event: PageEvent) => move(left.placeOf(event));
  left.canvas.addEventListener("pointerdown", (event) => {
    left.canvas.setPointerCapture(event.pointerId);
    follow(event);
  });
  left.canvas.addEventListener("pointermove", (event) => event.buttons > 0 && follow(event));
  left.canvas.setAttribute("class", "drag");
  left.canvas.setAttribute("aria-label", "The plane of noise, with the chosen noise");
  right.canvas.setAttribute("aria-label", "D's surface, with G's point and D's arrow");
  const another = make(page, "button", { type: "button" }, "Another point");
  another.addEventListener("click", () => {
    scene.forget();
    move([next(), next()]);
  });
  const buttons = make(page, "div", { class: "buttons" }, another);
  const hand = { class: "hand", role: "group", "aria-label": "The noise" };
  const panel = (canvas: PageElement, ...words: (string | PageElement)[]) =>
    make(page, "figure", {}, make(page, "figcaption", {}, ...words), canvas);
  root.append(
    make(
      page,
      "div",
      { class: "planes" },
      panel(left.canvas, "Noise: drag the point"),
      panel(right.canvas, "G's point on D's surface. D answers ", answer),
    ),
    make(page, "div", hand, ...sliders.map(({ element }) => element), buttons),
    make(page, "p", { class: "legend" }, LEGEND),
    sentence,
  );
  move(z);
}

/** Makes the parts that do not change while the point moves, and a function that draws them and the point. */
function makeScene(
  page: Page,
  { programs, spec, next }: {
    readonly programs: Programs;
    readonly spec: PlaneSpec;
    readonly next: () => number;
  },
) {
  const { generator, discriminator } = programs;
  const noise = Float32Array.from({ length: 2 * POINTS }, next);
  const lattice = latticeOf();
  const [points] = runRows(generator, noise) as [Float32Array];
  const [moved] = runRows(generator, lattice) as [Float32Array];
  const surface = makeSurface(page, runRows(discriminator, placesOf(CELLS, spec.reach))[0]!);
  const scale = ARROW / longestOf(runRows(discriminator, points)[1]!);
  let trail: number[][] = [];
  const drawLeft = (z: readonly number[]): DrawOn => (context, at, unit) => {
    drawLines(context, { points: lattice, at, width: unit });
    drawDots(context, { points: noise, at, radius: 1.6 * unit, color: "#D55E00" });
    drawHandle(context, { place: at(z[0]!, z[1]!), unit });
  };
  const drawRight = (point: Float32Array, push: Float32Array): DrawOn => (context, at, unit) => {
    const [x, y] = [point[0]!, point[1]!];
    const [corner, opposite] = [at(-spec.reach, spec.reach), at(spec.reach, -spec.reach)];
    context.drawImage(surface, ...corner, ...opposite);
    drawLines(context, { points: moved, at, width: unit });
    drawRings(context, { points: spec.real, at, radius: 2.6 * unit });
    drawDots(context, { points, at, radius: 1.8 * unit, color: "#D55E00" });
    drawTrail(context, { trail, at, unit });
    const to = at(x + scale * push[0]!, y + scale * push[1]!);
    drawArrow(context, { from: at(x, y), to, unit });
    drawHandle(context, { place: at(x, y), unit });
  };
  return {
    noise,
    forget: () => void (trail = []),
    draw(z: readonly number[], { left, right }: Readonly<Record<"left" | "right", Field>>) {
      const [point] = runRows(generator, Float32Array.from(z)) as [Float32Array];
      const [answers, push] = runRows(discriminator, point) as [Float32Array, Float32Array];
      trail = [...trail, [...point]].slice(-40);
      left.draw(drawLeft(z));
      right.draw(drawRight(point, push));
      const answer = answers[0]!.toFixed(2);
      const sentence =
        `The noise ${placeText(z)} becomes the point ${placeText(point)}. D answers ` +
        `${answer}. Its arrow has the length ${Math.hypot(push[0]!, push[1]!).toPrecision(2)}.`;
      return { answer, sentence };
    },
  };
}

/** Computes the length of the longest of the arrows `[arrows, 2]`. */
function longestOf(arrows: Float32Array): number {
  let longest = 1e-9;
  for (let i = 0; i < arrows.length; i += 2) {
    longest = Math.max(longest, Math.hypot(arrows[i]!, arrows[i + 1]!));
  }
  return longest;
}

/** Formats a point, such as `(0.50, -1.20)`. */
function placeText(place: ArrayLike<number>): string {
  return `(${place[0]!.toFixed(2)}, ${place[1]!.toFixed(2)})`;
}

/** Makes the lattice of noise from -2 to 2, line after line: `[2 * LINES * LINE_POINTS, 2]`. */
function latticeOf(): Float32Array {
  const places: number[] = [];
  for (let line = 0; line < 2 * LINES; line++) {
    const fixed = -2 + 4 * (line % LINES) / (LINES - 1);
    for (let i = 0; i < LINE_POINTS; i++) {
      const running = -2 + 4 * i / (LINE_POINTS - 1);
      places.push(...line < LINES ? [running, fixed] : [fixed, running]);
    }
  }
  return Float32Array.from(places);
}

/** Function from a point of the plane to its position on a canvas. */
type At = (x: number, y: number) => [number, number];

/** Function that draws on a canvas; `unit` is the size of a pixel of the page. */
type DrawOn = (context: Context, at: At, unit: number) => void;

/** Square canvas that shows the plane. */
interface Field {
  readonly canvas: PageElement;
  draw(paint: DrawOn): void;
  /** Returns the point of the plane below a pointer. */
  placeOf(event: PageEvent): number[];
}

/** Makes a square canvas that shows the plane from `-reach` to `reach`. */
function makeField(page: Page, reach: number): Field {
  const canvas = make(page, "canvas", { role: "img" });
  [canvas.width, canvas.height] = [720, 720];
  const context = canvas.getContext("2d");
  const at: At = (
    x,
    y,
  ) => [(x / reach + 1) * canvas.width / 2, (1 - y / reach) * canvas.height / 2];
  return {
    canvas,
    draw(paint: DrawOn) {
      context.clearRect(0, 0, canvas.width, canvas.height);
      paint(context, at, canvas.width / Math.max(200, canvas.getBoundingClientRect().width));
    },
    placeOf({ clientX, clientY }: PageEvent) {
      const { left, top, width } = canvas.getBoundingClientRect();
      const part = (value: number) => reach * (2 * value / width - 1);
      return [part(clientX - left), -part(clientY - top)];
    },
  };
}

/** Makes a canvas with a pixel for each answer. */
function makeSurface(page: Page, answers: ArrayLike<number>): PageElement {
  const canvas = make(page, "canvas");
  [canvas.width, canvas.height] = [CELLS, CELLS];
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(CELLS, CELLS);
  for (let i = 0; i < CELLS * CELLS; i++) {
    pixels.data.set([...answerColor(answers[i]!), 255], 4 * i);
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}

/** Points, and the canvas positions and the size with which they are drawn. */
interface Marks {
  readonly points: ArrayLike<number>;
  readonly at: At;
  readonly radius: number;
}

function drawDots(
  context: Context,
  { points, at, radius, color }: Marks & { readonly color: string },
) {
  context.fillStyle = color;
  for (let i = 0; i < points.length; i += 2) {
    context.beginPath();
    context.arc(...at(points[i]!, points[i + 1]!), radius, 0, 2 * Math.PI);
    context.fill();
  }
}

function drawRings(context: Context, { points, at, radius }: Marks): void {
  [context.strokeStyle, context.lineWidth] = ["#0072B2", radius / 2.2];
  for (let i = 0; i < points.length; i += 2) {
    context.beginPath();
    context.arc(...at(points[i]!, points[i + 1]!), radius, 0, 2 * Math.PI);
    context.stroke();
  }
}

function drawLines(
  context: Context,
  { points, at, width }: Omit<Marks, "radius"> & { readonly width: number },
): void {
  [context.strokeStyle, context.lineWidth, context.globalAlpha] = ["#AA4499", width, 0.5];
  for (let line = 0; line < 2 * LINES; line++) {
    context.beginPath();
    for (let i = 0; i < LINE_POINTS; i++) {
      const k = 2 * (line * LINE_POINTS + i);
      const place = at(points[k]!, points[k + 1]!);
      if (i === 0) context.moveTo(...place);
      else context.lineTo(...place);
    }
    context.stroke();
  }
  context.globalAlpha = 1;
}

function drawTrail(
  context: Context,
  { trail, at, unit }: {
    readonly trail: readonly number[][];
    readonly at: At;
    readonly unit: number;
  },
): void {
  [context.strokeStyle, context.lineWidth] = ["#222222", unit];
  context.beginPath();
  trail.forEach(([x, y], i) =>
    i === 0 ? context.moveTo(...at(x!, y!)) : context.lineTo(...at(x!, y!))
  );
  context.stroke();
}

function drawHandle(
  context: Context,
  { place, unit }: { readonly place: [number, number]; readonly unit: number },
): void {
  [context.fillStyle, context.strokeStyle, context.lineWidth] = ["#009E73", "#ffffff", 2 * unit];
  context.beginPath();
  context.arc(...place, 7 * unit, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
}

function drawArrow(
  context: Context,
  { from, to, unit }: {
    readonly from: [number, number];
    readonly to: [number, number];
    readonly unit: number;
  },
): void {
  const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
  const head = (turn: number): [number, number] => [
    to[0] - 8 * unit * Math.cos(angle + turn),
    to[1] - 8 * unit * Math.sin(angle + turn),
  ];
  [context.strokeStyle, context.lineWidth] = ["#111111", 2.5 * unit];
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.moveTo(...head(0.5));
  context.lineTo(...to);
  context.lineTo(...head(-0.5));
  context.stroke();
}

/** Lists all functions of the board and its constants as JavaScript. */
export function planeBoardText(): string {
  const constants = { LEGEND, NOISE_REACH, CELLS, POINTS, LINES, LINE_POINTS, ARROW };
  const lines = Object.entries(constants)
    .map(([name, value]) => `const ${name} = ${JSON.stringify(value)};`);
  const drawing = [drawDots, drawRings, drawLines, drawTrail, drawHandle, drawArrow];
  const making = [planeBoard, makeScene, longestOf, placeText, latticeOf, makeField, makeSurface];
  return [...lines, ...making, ...drawing, answerColor, placesOf, runRows].join("\n");
}
