/** Slider and play button below a figure with frames. */
import type { FigureFrame, Layout } from "./figure.ts";

/** Time for which the play button shows each frame, in milliseconds. */
const FRAME_MS = 600;

/** Makes the options of a change to a frame: immediate, and with a redraw, which images need. */
function animation(duration: number): object {
  return { mode: "immediate", transition: { duration: 0 }, frame: { duration, redraw: true } };
}

/** Colours of slider and button on light and dark pages. Plotly highlights buttons with nearly white. */
const CONTROL = { bgcolor: "#e8eaed", bordercolor: "#9aa0a6", borderwidth: 1 };

/** Height of slider and button below the plot, in pixels. */
const ROOM = 100;

/** Maximum number of frames that a slider can show. */
const MOST_FRAMES = 40;

/** Keeps at most 40 frames, evenly spread, including the first and the last. */
export function keptFrames<T>(frames: readonly T[]): readonly T[] {
  if (frames.length <= MOST_FRAMES) return frames;
  const stride = (frames.length - 1) / (MOST_FRAMES - 1);
  return Array.from({ length: MOST_FRAMES }, (_, i) => frames[Math.round(i * stride)]!);
}

/**
 * Adds a slider over the frames and a play button below the plot. The last frame is selected at
 * first. All names of frames begin with the same word, such as `iteration 100`.
 */
export function withSlider(
  layout: Partial<Layout>,
  frames: readonly FigureFrame[],
): Partial<Layout> {
  const margin = { ...layout.margin, b: ROOM };
  const height = Number(layout.height) + ROOM - Number(layout.margin?.b ?? 0);
  const [prefix = ""] = frames[0]?.name.match(/^\D*/) ?? [];
  const top = { y: 0, yanchor: "top" } as const;
  return {
    ...layout,
    height,
    margin,
    sliders: [{
      ...CONTROL,
      ...top,
      active: frames.length - 1,
      x: 0,
      len: 1,
      pad: { t: 6, b: 0, l: 84, r: 0 }, // space for the button
      currentvalue: { visible: true, xanchor: "left", prefix, font: { size: 14 } },
      tickcolor: "#9aa0a6",
      steps: frames.map(({ name }) => ({
        label: name.slice(prefix.length),
        method: "animate",
        args: [[name], animation(0)],
      })),
    }],
    updatemenus: [{
      ...CONTROL,
      ...top,
      type: "buttons",
      direction: "left",
      showactive: false,
      x: 0,
      xanchor: "left",
      pad: { t: 30, b: 0, l: 0, r: 0 },
      font: { color: "#202124", size: 13 },
      buttons: [{
        label: "▶ Play",
        method: "animate",
        args: [null, { ...animation(FRAME_MS), fromcurrent: true }],
      }],
    }],
  };
}
