/** lib/plot with wild arguments. */
import * as plot from "../../lib/plot/mod.ts";
import { testWildCalls } from "./wild_calls.ts";

const losses = () => ({ real: [0.5, 0.25], fake: [0.5, 0.25], generator: [0.5, 0.25] });
const scores = () => ({ real: [0.5, 0.75], fake: [0.5, 0.25] });
const shares = [0.25, 0.75];
const title = "title";

testWildCalls("plot", plot, {
  Figure: {
    unread: ["0.0.y", "1.title"],
    good: () => [[{ y: [1, 2] }], { title: { text: title } }, []],
  },
  accuracyFigure: { good: () => [[0.5, 1], { title, labels: ["a", "b"], overall: 0.75 }] },
  histogramFigure: {
    good: () => [{ generated: shares, real: shares }, { title, labels: ["a", "b"] }],
  },
  imagesFigure: {
    good: () => [new Float32Array(8), { title, columns: 2, side: 2 }],
  },
  imagesOverTimeFigure: {
    good: () => [
      [{ step: 1, images: new Float32Array(8) }, { step: 2, images: new Float32Array(8) }],
      { title, columns: 2, side: 2 },
    ],
  },
  lossFigure: { good: () => [losses(), { title, every: 10, equilibrium: 0.25, smoothing: 2 }] },
  movingMean: { good: () => [[1, 2, 3], 2] },
  outputFigure: {
    good: () => [
      [[1, 0], [0.5, 0.5]],
      { title, every: 10, at: [0, 1], axis: "axis", bands: [[0, 1], [0, 1]] },
    ],
  },
  progressFigure: { good: () => [[0.5, 0.25], { title, every: 10 }] },
  scoreFigure: { good: () => [scores(), { title, every: 10, equilibrium: 0.5, smoothing: 2 }] },
  trainingFigure: {
    good: () => [
      { losses: losses(), scores: scores(), samples: new Float32Array(8) },
      {
        title,
        every: 10,
        equilibrium: { loss: 0.25, score: 0.5 },
        smoothing: 2,
        columns: 2,
        side: 2,
      },
    ],
  },
});
