/** Figures of a GAN in the plane as data: their surface, points, arrows and texts. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  answerPanel,
  coverageFigure,
  type Figure,
  pathsFigure,
  planeFigure,
  planesFigure,
  planesOverTimeFigure,
  spreadFigure,
  stepFigure,
} from "../../lib/plot/mod.ts";
import { state } from "./plane_state.ts";

interface Trace {
  readonly type: string;
  readonly name: string;
  readonly x: readonly (number | null)[];
  readonly y: readonly (number | null)[];
  readonly z: readonly (readonly (number | null)[])[];
  readonly zmin: number;
  readonly zmax: number;
  readonly x0: number;
  readonly dx: number;
  readonly xaxis?: string;
  readonly showlegend?: boolean;
  readonly marker: { readonly size: readonly number[]; readonly symbol: readonly string[] };
}

const tracesOf = ({ data }: Figure) => data as unknown as Trace[];
const named = (figure: Figure, name: string) =>
  tracesOf(figure).filter((trace) => trace.name === name);
const wordsOf = ({ layout }: Figure) => layout.annotations!.map(({ text }) => text);

Deno.test("planeFigure() draws D's answers row by row from below, at the middles of the cells", () => {
  const [surface] = named(planeFigure(state), "D's answer");
  assert.equal(surface!.type, "contour");
  assert.deepEqual(surface!.z, [[0.1, 0.9], [0.5, 0.123]]);
  assert.deepEqual([surface!.x0, surface!.dx, surface!.zmin, surface!.zmax], [-1.5, 3, 0, 1]);
});

Deno.test("planeFigure() draws points, and arrows of which the longest is 0.8 long", () => {
  const figure = planeFigure(state);
  const [real, again] = named(figure, "real points");
  assert.deepEqual([real!.x, real!.y], [[1, -1], [2, -2]]);
  assert.deepEqual(again!.x, real!.x);
  assert.deepEqual([real!.showlegend, again!.showlegend], [true, false]);
  const [fake] = named(figure, "generated points");
  assert.deepEqual([fake!.x, fake!.y], [[0, 1], [0, 1]]);
  const [arrows] = named(figure, "gradient from D");
  assert.deepEqual(arrows!.x, [0, 0.48, null, 1, 1, null]); // (3, 4) / 5 * 0.8
  assert.deepEqual(arrows!.y, [0, 0.64, null, 1, 0.84, null]);
  assert.deepEqual(arrows!.marker.size, [0, 8, 0, 0, 8, 0]);
  assert.equal(wordsOf(figure)[1], "longest gradient: 5");
  assert.equal(figure.layout.title!.text, "Iteration 1,200");
});

Deno.test("planeFigure() draws every second line of the lattice in both directions", () => {
  const figure = planeFigure(state);
  const [across] = named(figure, "lines of the noise, left to right");
  assert.deepEqual(across!.x, [0, 1, 2, null, 0, 1, 2, null]);
  assert.deepEqual(across!.y, [0, 0, 0, null, 2, 2, 2, null]);
  const [up] = named(figure, "lines of the noise, up and down");
  assert.deepEqual(up!.x, [0, 0, 0, null, 2, 2, 2, null]);
  assert.deepEqual(up!.y, [0, 1, 2, null, 0, 1, 2, null]);
  assert.equal(up!.xaxis, "x2");
});

Deno.test("planeFigure() says in a sentence what it draws, and stacks its panels on narrow pages", () => {
  const figure = planeFigure(state, { title: "Now" });
  assert.equal(
    figure.alt,
    "Now: D and its arrows (longest gradient: 5) with D's answers as colours, " +
      "2 real points, 2 generated points, arrows (gradient from D); " +
      "G's map (a square of noise, bent) with 2 real points, a bent lattice of noise.",
  );
  const widths = (layout: Figure["layout"]) => layout.xaxis2!.domain![0];
  assert(widths(figure.layout) > 0.5, "side by side");
  assert.equal(widths(figure.narrow!), 0, "one below the other");
  assert(Number(figure.narrow!.height) > Number(figure.layout.height));
});

Deno.test("stepFigure() shows what moved, and says what stayed", () => {
  const afterD = { ...state, surface: [0.2, 0.9, 0.5, 0.123456] };
  const stepOfD = stepFigure(state, afterD);
  const words = ["D's answer, all points", "D: up to 0.10, G stays"];
  assert.deepEqual(
    wordsOf(stepOfD),
    ["before", words[0], "after", words[0], "change", words[1]],
  );
  const [change] = named(stepOfD, "change of D's answer");
  assert.deepEqual(change!.z, [[0.1, 0], [0, 0]]);
  assert.deepEqual([change!.zmin, change!.zmax].map((v) => v.toFixed(3)), ["-0.100", "0.100"]);
  assert.deepEqual(named(stepOfD, "move"), []);

  const stepOfG = stepFigure(state, { ...state, fake: [0.003, 0.004, 1, 1] });
  assert.match(wordsOf(stepOfG)[5]!, /D stays, G's moves × 100/);
  const [moves] = named(stepOfG, "move");
  assert.deepEqual([moves!.x.slice(0, 2), moves!.y.slice(0, 2)], [[0, 0.3], [0, 0.4]]);
});

Deno.test("planesFigure() leaves places without an answer blank, and counts no arrow twice", () => {
  const figure = planesFigure([
    { title: "<a>", surface: [0.5, NaN, 1, 0] },
    answerPanel({ ...state, fake: new Array(400).fill(0), pushes: new Array(400).fill(1) }, "b"),
  ]);
  assert.deepEqual(named(figure, "D's answer")[0]!.z, [[0.5, null], [1, 0]]);
  assert.equal(wordsOf(figure)[0], "&lt;a&gt;");
  assert.equal(named(figure, "gradient from D")[0]!.x.length, 3 * 64);
});

Deno.test("planesOverTimeFigure() has a frame for each state, with traces in one order", () => {
  const states = [0, 100, 200].map((iteration) => ({ ...state, iteration, fake: [iteration, 0] }));
  const pushes = { pushes: [0, 0] };
  const figure = planesOverTimeFigure(states.map((one) => ({ ...one, ...pushes })));
  assert.deepEqual(figure.frames.map(({ name }) => name), [
    "iteration 0",
    "iteration 100",
    "iteration 200",
  ]);
  const names = tracesOf(figure).map(({ name }) => name);
  for (const [at, { data }] of figure.frames.entries()) {
    const traces = data as unknown as Trace[];
    assert.deepEqual(traces.map(({ name }) => name), names.slice(0, traces.length));
    const fake = traces.find(({ name }) => name === "generated points");
    assert.deepEqual(fake!.x, [100 * at]);
  }
  assert.equal(figure.layout.sliders![0]!.steps!.length, 3);
  assert.equal(figure.narrow!.sliders![0]!.steps!.length, 3);
  assert.match(figure.alt!, /slider of 3 states from iteration 0 to iteration 200\.$/);
});

Deno.test("planesOverTimeFigure() draws the arrows of all states in one scale", () => {
  const states = [[10, 0], [0, 5]].map((pushes, iteration) => ({
    ...state,
    iteration,
    fake: [0, 0],
    pushes,
  }));
  const figure = planesOverTimeFigure(states);
  const ends = figure.frames.map(({ data }) => {
    const arrows = (data as unknown as Trace[]).find(({ name }) => name === "gradient from D");
    return [arrows!.x[1], arrows!.y[1]];
  });
  assert.deepEqual(ends, [[0.8, 0], [0, 0.4]]);
  assert.equal(wordsOf(figure)[1], "longest of all: 10");
});

Deno.test("planesOverTimeFigure() keeps at most 40 states, the first and the last among them", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), (count) => {
      const states = Array.from({ length: count }, (_, iteration) => ({ ...state, iteration }));
      const names = planesOverTimeFigure(states).frames.map(({ name }) => name);
      assert.equal(names.length, Math.min(count, 40));
      assert.equal(names[0], "iteration 0");
      assert.equal(names.at(-1), `iteration ${count - 1}`);
    }),
    { numRuns: 20 },
  );
});

Deno.test("coverageFigure() draws modes as stairs above the share of good points", () => {
  const at = (iteration: number, found: number, good: number) => ({
    iteration,
    coverage: { found, good },
  });
  const figure = coverageFigure([at(100, 2, 0.1), at(200, 8, 0.75)]);
  const [found, good] = tracesOf(figure);
  assert.deepEqual([found!.x, found!.y, good!.y], [[100, 200], [2, 8], [0.1, 0.75]]);
  assert.equal(
    figure.alt,
    "Modes found and good points: from 2 to 8 of 8 modes and from 10 % to 75 % good points, " +
      "over 200 iterations.",
  );
});

Deno.test("pathsFigure() marks where a path begins and ends", () => {
  const figure = pathsFigure([{ name: "round", points: [1, 0, 0, 1, -1, 0] }]);
  const [, path] = tracesOf(figure);
  assert.deepEqual([path!.x, path!.y], [[1, 0, -1], [0, 1, 0]]);
  assert.deepEqual(path!.marker.size, [10, 0, 10]);
  assert.equal(path!.marker.symbol[0], "circle-open");
  assert.equal(figure.alt, "Paths: round goes from 1 to 1 away from the balance.");
});

Deno.test("spreadFigure() puts real samples left and generated ones right of each position", () => {
  const figure = spreadFigure({ real: [[1, 0], [0.9, 0.1]], fake: [[0.98, 0.02]] });
  const [real, fake] = tracesOf(figure);
  assert.deepEqual(real!.y, [1, 0, 0.9, 0.1]);
  assert.deepEqual(fake!.y, [0.98, 0.02]);
  assert(real!.x.every((x, i) => x! < 1 + i % 2 && x! > 0.5 + i % 2), String(real!.x));
  assert(fake!.x.every((x, i) => x! > 1 + i % 2 && x! < 1.5 + i % 2), String(fake!.x));
  assert.match(figure.alt!, /real values from 0\.90 to 1\.00, 0\.00 to 0\.10; generated/);
});

const refused: readonly (readonly [draw: () => unknown, message: RegExp])[] = [
  [() => planesFigure([]), /^RangeError: .*number of panels to be a whole number from 1 on, got 0/],
  [() => planesFigure([{ title: "a", surface: [1, 2, 3] }]), /^RangeError: .* square .* got 3/],
  [() => planesFigure([{ title: "a", real: [1, 2, 3] }]), /^RangeError: .*length of real/],
  [() => planesFigure([{ title: "a", lattice: [1, 2, 3, 4] }]), /^RangeError: .*lattice .* got 2/],
  [() => planesFigure([{ titel: "a" } as never]), /^TypeError: .*did you mean title\?/],
  [
    () => planesFigure([{ title: "a", arrows: { name: "b", from: [0, 0], along: [] } }]),
    /^RangeError: .*length of along/,
  ],
  [() => planeFigure({} as never), /^TypeError: .* a state of a GAN in the plane/],
  [() => planeFigure(state, { columns: 3 } as never), /^TypeError: .*"columns"/],
  [
    () => stepFigure(state, { ...state, fake: [0, 0] }),
    /^RangeError: .*the length of fake after the step/,
  ],
  [() => planesOverTimeFigure([]), /^RangeError: .*number of pictures/],
  [() => coverageFigure([{ iteration: 1 }] as never), /^TypeError: .*iteration and a coverage/],
  [() => pathsFigure([{ name: "a", points: [1] }]), /^RangeError: .*a path with a name and points/],
  [() => spreadFigure({ real: [[1, 2]], fake: [[1]] }), /^RangeError: .*samples of 2 positions/],
];

Deno.test("figures of the plane refuse wrong arguments", () => {
  for (const [draw, message] of refused) {
    assert.throws(draw, (error) => {
      assert.match(String(error), message);
      return true;
    });
  }
});

Deno.test("planesFigure() names the part whose cells make no square", () => {
  for (const part of ["surface", "change"]) {
    assert.throws(() => planesFigure([{ title: "T", [part]: [0, 1, 0] }]), {
      name: "RangeError",
      message: `Cannot draw the plane: expected ${part} to have a square number of values, got 3`,
    });
  }
});
