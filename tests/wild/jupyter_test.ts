/** lib/jupyter with wild arguments. */
import * as jupyter from "../../lib/jupyter/mod.ts";
import { testWildCalls } from "./wild_calls.ts";

const figure = () => new jupyter.Figure([{ y: [1, 2] }]);

const isCell = (value: unknown) =>
  value === null || ["string", "number", "boolean"].includes(typeof value);

testWildCalls("jupyter", jupyter, {
  Figure: {
    unread: ["0.0.y", "1.title"],
    good: () => [[{ y: [1, 2] }], { title: { text: "title" } }, []],
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
});
