/**
 * Fusion: elementwise work and reductions over one index space become one loop with several stores.
 *
 * Equations are gathered into clusters. One joins a cluster if it reads that cluster's values index
 * by index, and if nothing between the two would then have to run both before and after the loop.
 * @module
 */
import { isDense, sizeOf } from "../program/access.ts";
import {
  type FusedEquation,
  isFusible,
  type Operand,
  type ReduceEquation,
  resultsOf,
  type SimpleEquation,
} from "../program/equation.ts";
import { type FusedProgram, resultOperands, type SimpleProgram } from "../program/program.ts";
import { type Cuts, cutsOf, refine } from "./factor.ts";
import type { Cluster } from "./cluster.ts";
import { loopOf } from "./loop.ts";

/** The largest number of equations of a loop, so that its values fit into registers and caches. */
const MOST_MEMBERS = 120;

/** Turns all elementwise equations and reductions of a program into loops. */
export function fuseLoops(program: SimpleProgram): FusedProgram {
  const fusion = new Fusion();
  program.equations.forEach((equation, at) => fusion.add(equation, at));
  const clusters = inOrder(fusion.clusters);
  const readers = readersOf(program);
  const equations = clusters.flatMap((cluster): FusedEquation[] => {
    if (cluster.space) {
      return [loopOf(cluster, (id, inside) => (readers.get(id) ?? 0) > inside)];
    }
    return cluster.members.flatMap(({ equation }) => isFusible(equation) ? [] : [equation]);
  });
  return { ...program, equations };
}

/** Counts the reads of each value, by equations and as a result. */
function readersOf(program: SimpleProgram): Map<number, number> {
  const readers = new Map<number, number>();
  const count = ({ source }: Operand) => readers.set(source.id, (readers.get(source.id) ?? 0) + 1);
  program.equations.forEach(({ inputs }) => inputs.forEach(count));
  resultOperands(program).forEach(count);
  return readers;
}

/**
 * Sorts clusters: each comes after those it needs, otherwise in the program's order. So updates of variables
 * stay late.
 */
function inOrder(clusters: ReadonlySet<Cluster>): Cluster[] {
  const last = ({ members }: Cluster) => members.at(-1)!.at;
  const sorted = [...clusters].sort((a, b) => last(a) - last(b));
  const done = new Set<Cluster>();
  const order: Cluster[] = [];
  const visit = (cluster: Cluster) => {
    if (done.has(cluster)) return;
    done.add(cluster);
    [...cluster.needs].sort((a, b) => last(a) - last(b)).forEach(visit);
    order.push(cluster);
  };
  sorted.forEach(visit);
  return order;
}

class Fusion {
  readonly clusters = new Set<Cluster>();
  /** The cluster that makes each value. */
  readonly #makers = new Map<number, Cluster>();

  add(equation: SimpleEquation, at: number): void {
    const own = this.#alone(equation, at);
    for (const partner of this.#partners(own, equation)) this.#tryMerge(partner, own);
  }

  /** Makes a cluster of one equation. */
  #alone(equation: SimpleEquation, at: number): Cluster {
    const shape = spaceOf(equation);
    const cluster: Cluster = {
      members: [{ at, equation }],
      space: shape && { size: sizeOf(shape), cuts: cutsOf(shape) },
      needs: new Set(),
      reduced: equation.op === "reduce" ? reducedKey(equation) : undefined,
    };
    for (const { source } of equation.inputs) {
      const maker = this.#makers.get(source.id);
      if (maker) cluster.needs.add(maker);
    }
    resultsOf(equation).forEach(({ id }) => this.#makers.set(id, cluster));
    this.clusters.add(cluster);
    return cluster;
  }

  /** Lists the clusters to try to join: those that it reads from, then those that read the same values. */
  #partners(own: Cluster, equation: SimpleEquation): Cluster[] {
    if (!own.space) return [];
    const made = [...own.needs].toReversed();
    const sources = new Set(equation.inputs.map(({ source }) => source.id));
    const siblings = [...this.clusters].filter((cluster) =>
      cluster.space?.size === own.space!.size && cluster !== own && !own.needs.has(cluster) &&
      cluster.members.some((member) =>
        member.equation.inputs.some(({ source, shape }) =>
          sources.has(source.id) && sizeOf(source.shape) > 1 && sizeOf(shape) > 1
        )
      )
    );
    return [...made, ...siblings];
  }

  /** Moves everything of `partner` into `own` if the result is one legal loop. */
  #tryMerge(partner: Cluster, own: Cluster): void {
    if (
      !this.clusters.has(partner) || !partner.space || !own.space ||
      partner.space.size !== own.space.size
    ) return;
    if (partner.members.length + own.members.length > MOST_MEMBERS) return;
    const cuts = refine(partner.space.cuts, own.space.cuts);
    if (!cuts || !sameReductions(partner, own) || !this.#linkable(partner, own)) return;
    if (this.#pathBetween(own, partner) || this.#pathBetween(partner, own)) return;
    this.#merge(partner, own, cuts);
  }

  #merge(partner: Cluster, own: Cluster, cuts: Cuts): void {
    own.members.push(...partner.members);
    own.members.sort((a, b) => a.at - b.at);
    own.space = { size: own.space!.size, cuts };
    own.reduced ??= partner.reduced;
    own.needs.delete(partner);
    partner.needs.forEach((need) => own.needs.add(need));
    own.needs.delete(own);
    this.clusters.delete(partner);
    for (const { equation } of partner.members) {
      resultsOf(equation).forEach(({ id }) => this.#makers.set(id, own));
    }
    for (const cluster of this.clusters) {
      if (cluster.needs.delete(partner) && cluster !== own) cluster.needs.add(own);
    }
  }

  /** Tells whether each cluster reads the other's values index by index, and no result of a reduction. */
  #linkable(a: Cluster, b: Cluster): boolean {
    return [[a, b], [b, a]].every(([maker, reader]) =>
      reader!.members.every(({ equation }) =>
        equation.inputs.every((operand) =>
          this.#makers.get(operand.source.id) !== maker || readsIndexByIndex(operand, maker!)
        )
      )
    );
  }

  /** Tells whether `from` needs `to` through some third cluster. */
  #pathBetween(from: Cluster, to: Cluster): boolean {
    const seen = new Set<Cluster>();
    const reaches = (cluster: Cluster): boolean => {
      if (cluster === to) return true;
      if (seen.has(cluster)) return false;
      seen.add(cluster);
      return [...cluster.needs].some(reaches);
    };
    return [...from.needs].some((need) => need !== to && reaches(need));
  }
}

function readsIndexByIndex(operand: Operand, maker: Cluster): boolean {
  const made = maker.members.find(({ equation }) =>
    resultsOf(equation).some(({ id }) => id === operand.source.id)
  );
  return made?.equation.op === "map" && isDense(operand) &&
    sizeOf(operand.shape) === sizeOf(operand.source.shape);
}

/** Returns the index space of an equation that can be part of a loop. */
function spaceOf(equation: SimpleEquation): readonly number[] | undefined {
  if (equation.op === "map") return equation.out.shape;
  return equation.op === "reduce" ? equation.inputs[0].shape : undefined;
}

function sameReductions(a: Cluster, b: Cluster): boolean {
  return a.reduced === undefined || b.reduced === undefined || a.reduced === b.reduced;
}

/** Describes the combined axes as spans of elements: equal for `[64, 200]` over 1 and `[8, 8, 200]` over 2. */
function reducedKey({ inputs: [input], axes }: ReduceEquation): string {
  let inner = 1;
  const spans: [from: number, to: number][] = [];
  for (let d = input.shape.length - 1; d >= 0; d--) {
    const outer = inner * input.shape[d]!;
    if (axes.includes(d) && outer !== inner) {
      const last = spans.at(-1);
      if (last?.[1] === inner) last[1] = outer;
      else spans.push([inner, outer]);
    }
    inner = outer;
  }
  return spans.map((span) => span.join("-")).join();
}
