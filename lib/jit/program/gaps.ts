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
    let best = -1;
    this.#gaps.forEach((gap, i) => {
      if (gap.bytes >= bytes && gap.bytes < (this.#gaps[best]?.bytes ?? Infinity)) best = i;
    });
    if (best < 0) return undefined;
    const { at, bytes: all } = this.#gaps[best]!;
    const rest = all > bytes ? [{ at: at + bytes, bytes: all - bytes }] : [];
    this.#gaps.splice(best, 1, ...rest);
    return at;
  }

  /** Frees a stretch and joins it with its free neighbours. */
  add(at: number, bytes: number): void {
    const found = this.#gaps.findIndex((gap) => gap.at > at);
    const index = found < 0 ? this.#gaps.length : found;
    const [before, after] = [this.#gaps[index - 1], this.#gaps[index]];
    const joinsBefore = before !== undefined && before.at + before.bytes === at;
    const joinsAfter = after !== undefined && at + bytes === after.at;
    const from = joinsBefore ? before.at : at;
    const to = joinsAfter ? after.at + after.bytes : at + bytes;
    const joined = Number(joinsBefore) + Number(joinsAfter);
    this.#gaps.splice(index - Number(joinsBefore), joined, { at: from, bytes: to - from });
  }
}
