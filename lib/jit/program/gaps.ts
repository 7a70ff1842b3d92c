/**
 * Free stretches of an address space. Program plans and the memory of all programs allocate from them.
 * @module
 */

/** A free stretch. */
interface Gap {
  readonly at: number;
  readonly bytes: number;
}

/** Addresses are multiples of this: a cache line. */
const ALIGNMENT = 64;

/** Counts the bytes that an allocation takes: whole cache lines, at least one. */
export function alignedBytes(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / ALIGNMENT)) * ALIGNMENT;
}

/** Free stretches in the order of their addresses; neighbours are joined. */
export class Gaps {
  #gaps: Gap[] = [];

  /** Takes `bytes`, a multiple of the alignment, from the smallest gap that has them, if there is one. */
  take(bytes: number): number | undefined {
    const fitting = this.#gaps.filter((gap) => gap.bytes >= bytes);
    const best = fitting.sort((a, b) => a.bytes - b.bytes)[0];
    if (!best) return undefined;
    const { at } = best;
    const rest = { at: at + bytes, bytes: best.bytes - bytes };
    this.#gaps.splice(this.#gaps.indexOf(best), 1, ...(rest.bytes > 0 ? [rest] : []));
    return at;
  }

  /** Frees a stretch and joins it with its free neighbours. */
  add(at: number, bytes: number): void {
    const sorted = [...this.#gaps, { at, bytes }].sort((a, b) => a.at - b.at);
    this.#gaps = [];
    for (const gap of sorted) {
      const last = this.#gaps.at(-1);
      if (last && last.at + last.bytes === gap.at) {
        this.#gaps[this.#gaps.length - 1] = { at: last.at, bytes: last.bytes + gap.bytes };
      } else this.#gaps.push(gap);
    }
  }
}
