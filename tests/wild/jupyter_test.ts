/** Calls lib/jupyter with wild arguments. */
import * as jupyter from "../../lib/jupyter/mod.ts";
import { Discriminator, Generator } from "../../lib/nn/mod.ts";
import { SampleTimeline } from "../../lib/train/mod.ts";
import { planePrograms } from "../jupyter/playground_parts.ts";
import { testWildCalls } from "./wild_calls.ts";

const figure = () => new jupyter.Figure([{ y: [1, 2] }]);

/** Makes a run of a few steps that saves nothing. */
const run = (): jupyter.WatchableRun => ({
  step: 0,
  async *steps(total) {
    for (let step = 0; step < total; step++) yield await Promise.resolve(step);
  },
});

const looks = () => ({
  samples: () => new Float32Array(8),
  timeline: new SampleTimeline(2, { frames: 2 }),
  columns: 2,
  title: "title",
});

const isCell = (value: unknown) =>
  value === null || ["string", "number", "boolean"].includes(typeof value);

const plane = await planePrograms();

testWildCalls("jupyter", jupyter, {
  Figure: {
    unread: ["0.0.y", "1.title"],
    good: () => [[{ y: [1, 2] }], { title: { text: "title" } }, { alt: "alt", aspect: 1 }],
  },
  choosePreset: {
    unread: ["0.seconds", "0.wild"],
    good: () => [{ seconds: { steps: 20 }, wild: { steps: 1 } }, "seconds", {
      env: () => undefined,
    }],
  },
  figureBundle: { good: () => [figure(), { height: 100, id: "id" }] },
  liveFigure: {
    anyResult: true,
    good: () => [figure, { height: 100, intervalMs: 1, share: 0.5, now: () => 1 }],
    use: async (live: jupyter.LiveFigure) => {
      await live.update();
      await live.finish();
    },
  },
  liveMovie: {
    anyResult: true,
    good: () => [figure, { perSecond: 100, wait: () => Promise.resolve(), now: () => 1 }],
    use: (movie: jupyter.LiveMovie<number>) => movie.add(1),
  },
  playground: {
    good: () => ["plane", { ...plane, reach: 3, seed: 1, title: "title" }],
  },
  show: {
    good: () => [figure(), { height: 100 }],
    use: (shown: jupyter.ShownFigure) => shown.update(figure()),
  },
  showTable: {
    anyResult: true,
    accepts: { "0.0.a": isCell, "0.0.b": isCell, "0.0.c": isCell },
    good: () => [[{ a: 1, b: "text", c: true }]],
  },
  startNotebook: {
    good: () => [{ backend: "cpu", figures: false }],
    use: (notebook: jupyter.Notebook) => notebook.close(),
  },
  watch: {
    anyResult: true,
    good: () => [run(), 2, { D: new Discriminator(), G: new Generator(), ...looks() }],
    use: async (loop: jupyter.WatchedLoop) => {
      for await (const _ of loop) break;
    },
  },
});
