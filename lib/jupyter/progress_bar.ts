/** Shows the progress of a loop as text and as an HTML bar, without side effects. */
import type { StepReport } from "../train/mod.ts";
import { escapeHtml } from "./escape.ts";

/** State of a progress bar. */
export interface ProgressState extends StepReport {
  /** Recent number of steps per second; 0 if unknown. */
  readonly rate: number;
}

/**
 * Length of the time that counts for the recent rate, in milliseconds. The first steps are slow
 * because they compile.
 */
const windowMs = 3000;

/** Meter of the recent rate of one loop, computed from its reports. */
export class RateMeter {
  #seen: StepReport[] = [];

  /** Returns the state after a report. */
  next(report: StepReport): ProgressState {
    const seen = this.#seen;
    while (seen.length > 1 && seen[1]!.elapsedMs <= report.elapsedMs - windowMs) seen.shift();
    const start = { step: report.from ?? 0, elapsedMs: 0 };
    const first = seen[0] ?? start;
    seen.push(report);
    const from = report.done ? start : first;
    const ms = report.elapsedMs - from.elapsedMs;
    const rate = ms > 0 ? (report.step - from.step) / ms * 1000 : 0;
    return { ...report, rate };
  }
}

/**
 * Describes the progress, such as "6,750 of 15,000 steps · 45 % · 1,220 steps/s · 5.5 s gone · 6.8
 * s left", or how the loop ended.
 */
export function progressText(state: ProgressState): string {
  const { step, steps, elapsedMs, done, rate, from = 0, note } = state;
  const said = note ? ` · ${note}` : "";
  if (done && step >= steps) {
    const times = `in ${duration(elapsedMs)}${rate > 0 ? ` (${speed(rate)})` : ""}`;
    return `${count(steps - from)} ${times}${said}`;
  }
  if (done) {
    return `stopped at step ${number(step)} of ${number(steps)} after ${
      duration(elapsedMs)
    }${said}`;
  }
  const parts = [`${number(step)} of ${count(steps)}`, `${percent(state)} %`];
  if (rate > 0) parts.push(speed(rate));
  parts.push(`${duration(elapsedMs)} gone`);
  if (rate > 0) parts.push(`${duration((steps - step) / rate * 1000)} left`);
  return parts.join(" · ") + said;
}

/** Makes a bar of characters with the description, for terminals. */
export function progressPlain(state: ProgressState): string {
  const filled = Math.round(fraction(state) * 20);
  return `[${"#".repeat(filled)}${"-".repeat(20 - filled)}] ${progressText(state)}`;
}

/** Makes an HTML bar with the description below it, in the colours of the page. */
export function progressHtml(state: ProgressState): string {
  const { step, steps, done } = state;
  const color = !done
    ? "var(--jp-brand-color1, #1976d2)"
    : step >= steps
    ? "var(--jp-success-color1, #388e3c)"
    : "var(--jp-warn-color1, #f57c00)";
  const words = escapeHtml(progressText(state));
  return `<div class="gan-progress" style="margin:4px 0;padding:0 6px">` +
    `<div role="progressbar" aria-label="Training" aria-valuemin="0" aria-valuemax="${steps}" ` +
    `aria-valuenow="${step}" aria-valuetext="${words}" ` +
    `style="max-width:40em;height:8px;border-radius:4px;background:rgba(128,128,128,0.25);overflow:hidden">` +
    `<div style="height:100%;width:${(fraction(state) * 100).toFixed(1)}%;background:${color}">` +
    `</div></div>` +
    `<div style="font-variant-numeric:tabular-nums;margin-top:2px">${words}</div></div>`;
}

/** Formats a duration, such as "0.42 s", "5.5 s", "43 s", "2 min 05 s", "1 h 03 min". */
export function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 1) return `${seconds.toFixed(2)} s`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${two(whole % 60)} s`;
  return `${number(Math.floor(minutes / 60))} h ${two(minutes % 60)} min`;
}

function fraction(state: ProgressState): number {
  return state.steps > 0 ? Math.min(1, state.step / state.steps) : 1;
}

/** Computes the percentage, rounded down so that it is 100 only at the end. */
function percent(state: ProgressState): number {
  return Math.floor(fraction(state) * 100);
}

/** Formats a rate as steps per second, or as seconds per step if the steps are slow. */
function speed(rate: number): string {
  if (rate < 1) return `${duration(1000 / rate)} a step`;
  return `${rate < 10 ? rate.toFixed(1) : number(Math.round(rate))} steps/s`;
}

function count(steps: number): string {
  return `${number(steps)} ${steps === 1 ? "step" : "steps"}`;
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
