/**
 * Writes a cluster of equations as one loop over a common index space.
 * @module
 */
import type { Access } from "../program/access.ts";
import {
  type FusibleEquation,
  isFusible,
  type LoopEquation,
  type Operand,
  type ReduceEquation,
  type Reduction,
  type ScalarStep,
  type SimpleEquation,
  type Store,
} from "../program/equation.ts";
import { read } from "../program/builder.ts";
import { type Cuts, refineAccess, refineAxes, shapeOf } from "./factor.ts";

/** Equations that run together. An equation that cannot be fused has a cluster of its own. */
export interface Cluster {
  /** The equations with their places in the program. */
  readonly members: { readonly at: number; readonly equation: SimpleEquation }[];
  /** The index space of the loop; undefined if it is no loop. */
  space: { readonly size: number; readonly cuts: Cuts } | undefined;
  /** The clusters whose values it reads. */
  readonly needs: Set<Cluster>;
  /** The clusters that read its values. */
  readonly neededBy: Set<Cluster>;
  /** The axes that all its reductions combine, written as text for comparison; undefined without reductions. */
  reduced: string | undefined;
}

/**
 * A function that tells whether a value is read more often than `inside` times, so that it has to
 * be stored.
 */
type IsReadOutside = (id: number, inside: number) => boolean;

/** Writes the loop of a cluster. */
export function loopOf(cluster: Cluster, isReadOutside: IsReadOutside): LoopEquation {
  const { size, cuts } = cluster.space!;
  const writer = new LoopWriter(shapeOf(cuts, size), cluster);
  return collapse(writer.write(isReadOutside));
}

class LoopWriter {
  readonly #reads: Operand[] = [];
  readonly #readKeys = new Map<string, number>();
  readonly #members: readonly FusibleEquation[];
  /** The number in the body of each value of the program that the loop makes. */
  readonly #values = new Map<number, number>();
  readonly #uses = new Map<number, number>();

  constructor(readonly shape: readonly number[], cluster: Cluster) {
    this.#members = cluster.members.map(({ equation }) => equation).filter(isFusible);
  }

  write(isReadOutside: IsReadOutside): LoopEquation {
    const made = new Set(this.#members.map(({ out }) => out.id));
    for (const member of this.#members) {
      for (const operand of member.inputs) {
        if (!made.has(operand.source.id)) this.#read(operand);
      }
    }
    const body: ScalarStep[] = [];
    const reductions: Reduction[] = [];
    for (const member of this.#members) {
      if (member.op === "reduce") reductions.push(this.#reduction(member));
      else {
        const args = member.inputs.map((input) => this.#valueOf(input));
        const dtype = member.inputs.at(-1)!.source.dtype;
        this.#values.set(member.out.id, this.#reads.length + body.length);
        body.push({ fn: member.fn, args, dtype });
      }
    }
    return {
      op: "loop",
      shape: this.shape,
      inputs: this.#reads,
      body,
      stores: this.#stores(isReadOutside),
      reductions,
    };
  }

  #stores(isReadOutside: IsReadOutside): Store[] {
    return this.#members.flatMap(({ op, out }) => {
      if (op === "reduce" || !isReadOutside(out.id, this.#uses.get(out.id) ?? 0)) return [];
      return [{ value: this.#values.get(out.id)!, out }];
    });
  }

  #reduction({ fn, inputs: [input], axes, out }: ReduceEquation): Reduction {
    const reduced = refineAxes(input.shape, axes, this.shape);
    return { fn, value: this.#valueOf(input), reduced, out };
  }

  #valueOf(operand: Operand): number {
    const { id } = operand.source;
    const value = this.#values.get(id);
    if (value === undefined) return this.#read(operand);
    this.#uses.set(id, (this.#uses.get(id) ?? 0) + 1);
    return value;
  }

  #read(operand: Operand): number {
    const access = refineAccess(operand, this.shape);
    const key = `${operand.source.id} ${access.offset} ${access.strides}`;
    const known = this.#readKeys.get(key);
    if (known !== undefined) return known;
    this.#readKeys.set(key, this.#reads.length);
    return this.#reads.push(read(operand.source, access)) - 1;
  }
}

/** Joins neighbouring dimensions if every read and every reduction can treat them as one. */
function collapse(loop: LoopEquation): LoopEquation {
  for (let d = 0; d + 1 < loop.shape.length; d++) {
    if (!joins(loop, d)) continue;
    return collapse({
      ...loop,
      shape: joinAt(loop.shape, d, loop.shape[d]! * loop.shape[d + 1]!),
      inputs: loop.inputs.map((operand) => read(operand.source, joinAccess(operand, d))),
      reductions: loop.reductions.map((reduction) => ({
        ...reduction,
        reduced: joinAt(reduction.reduced, d, reduction.reduced[d]!),
      })),
    });
  }
  return loop;
}

function joins({ inputs, reductions }: LoopEquation, d: number): boolean {
  return inputs.every(({ shape, strides }) => strides[d] === strides[d + 1]! * shape[d + 1]!) &&
    reductions.every(({ reduced }) => reduced[d] === reduced[d + 1]);
}

function joinAccess({ shape, offset, strides }: Access, d: number): Access {
  return {
    shape: joinAt(shape, d, shape[d]! * shape[d + 1]!),
    offset,
    strides: joinAt(strides, d, strides[d + 1]!),
  };
}

/** Replaces the items `d` and `d + 1` of a list by one value. */
function joinAt<T>(list: readonly T[], d: number, value: T): T[] {
  return [...list.slice(0, d), value, ...list.slice(d + 2)];
}
