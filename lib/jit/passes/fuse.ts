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
import { cutsOf, refine } from "./factor.ts";
import { type Cluster, loopOf } from "./loop.ts";

/** The largest number of equations of a loop, so that its values fit into registers and caches. */
const MOST_MEMBERS = 120;

/** The largest number of clusters that are tried because they read the same value; large programs have thousands. */
const MOST_SIBLINGS = 8;

/** The longest search for a path between two clusters, in links. */
const MOST_STEPS = 1000;

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
  const done = new Set<Cluster>();
  const order: Cluster[] = [];
  const visit = (cluster: Cluster) => {
    if (done.has(cluster)) return;
    done.add(cluster);
    [...cluster.needs].sort(byPlace).forEach(visit);
    order.push(cluster);
  };
  [...clusters].sort(byPlace).forEach(visit);
  return order;
}

class Fusion {
  readonly clusters = new Set<Cluster>();
  /** The equation that makes each value, and its cluster. */
  readonly #makers = new Map<number, { readonly equation: SimpleEquation; cluster: Cluster }>();
  /** The last clusters that read each value of more than one element. */
  readonly #readers = new Map<number, Cluster[]>();

  add(equation: SimpleEquation, at: number): void {
    let own = this.#alone(equation, at);
    for (const partner of this.#partners(own, equation)) own = this.#tryMerge(partner, own);
    readsOf(equation).forEach((id) => this.#noteReader(id, own));
  }

  /** Makes a cluster that contains only one equation. */
  #alone(equation: SimpleEquation, at: number): Cluster {
    const shape = spaceOf(equation);
    const cluster: Cluster = {
      members: [{ at, equation }],
      space: shape && { size: sizeOf(shape), cuts: cutsOf(shape) },
      needs: new Set(),
      neededBy: new Set(),
      reduced: equation.op === "reduce" ? reducedKey(equation) : undefined,
    };
    for (const { source } of equation.inputs) {
      const maker = this.#makers.get(source.id)?.cluster;
      if (maker) link(cluster, maker);
    }
    resultsOf(equation).forEach(({ id }) => this.#makers.set(id, { equation, cluster }));
    this.clusters.add(cluster);
    return cluster;
  }

  /** Lists the clusters to try to join: those that it reads from, then those that read the same values. */
  #partners(own: Cluster, equation: SimpleEquation): Cluster[] {
    if (!own.space) return [];
    const readers = equation.inputs.flatMap(({ source }) => this.#readers.get(source.id) ?? []);
    const siblings = [...new Set(readers)].filter((cluster) => !own.needs.has(cluster));
    return [...[...own.needs].toReversed(), ...siblings.sort(byPlace)];
  }

  /** Joins two clusters if the result is one legal loop. Returns the cluster that has the members of `own`. */
  #tryMerge(partner: Cluster, own: Cluster): Cluster {
    const { space } = own;
    if (!this.clusters.has(partner) || !space || partner.space?.size !== space.size) return own;
    if (partner.members.length + own.members.length > MOST_MEMBERS) return own;
    const cuts = refine(partner.space.cuts, space.cuts);
    const fits = cuts && sameReductions(partner, own) && this.#linkable(partner, own) &&
      !needsThroughOthers(own, partner) && !needsThroughOthers(partner, own);
    if (!fits) return own;
    const [from, into] = weightOf(partner) > weightOf(own) ? [own, partner] : [partner, own];
    into.space = { size: space.size, cuts };
    this.#merge(from, into);
    return into;
  }

  #merge(from: Cluster, into: Cluster): void {
    into.members.push(...from.members);
    into.members.sort((a, b) => a.at - b.at);
    into.reduced ??= from.reduced;
    unlink(from, into);
    unlink(into, from);
    for (const need of from.needs) {
      unlink(from, need);
      link(into, need);
    }
    for (const user of from.neededBy) {
      unlink(user, from);
      link(user, into);
    }
    this.clusters.delete(from);
    for (const { equation } of from.members) {
      resultsOf(equation).forEach(({ id }) => this.#makers.get(id)!.cluster = into);
      for (const id of readsOf(equation)) {
        const readers = this.#readers.get(id) ?? [];
        if (readers.includes(from)) readers.splice(readers.indexOf(from), 1);
        this.#noteReader(id, into);
      }
    }
  }

  #noteReader(id: number, cluster: Cluster): void {
    const readers = this.#readers.get(id) ?? [];
    this.#readers.set(id, readers);
    if (!readers.includes(cluster)) readers.push(cluster);
    if (readers.length > MOST_SIBLINGS) readers.shift();
  }

  /** Tells whether each cluster reads the other's values index by index, and no result of a reduction. */
  #linkable(a: Cluster, b: Cluster): boolean {
    return [[a, b], [b, a]].every(([maker, reader]) =>
      reader!.members.every(({ equation }) =>
        equation.inputs.every((operand) => {
          const made = this.#makers.get(operand.source.id);
          return made?.cluster !== maker || readsIndexByIndex(operand, made!.equation);
        })
      )
    );
  }
}

function link(reader: Cluster, maker: Cluster): void {
  reader.needs.add(maker);
  maker.neededBy.add(reader);
}

function unlink(reader: Cluster, maker: Cluster): void {
  reader.needs.delete(maker);
  maker.neededBy.delete(reader);
}

/** Compares clusters by the places of their last equations in the program. */
function byPlace(a: Cluster, b: Cluster): number {
  return a.members.at(-1)!.at - b.members.at(-1)!.at;
}

/** Estimates the work of joining a cluster to another one. */
function weightOf({ members, needs, neededBy }: Cluster): number {
  return members.length + needs.size + neededBy.size;
}

/**
 * Tells whether `from` needs `to` through some third cluster. Searches from both ends at once,
 * since one side is often small. If a search takes too long, the answer is yes.
 */
function needsThroughOthers(from: Cluster, to: Cluster): boolean {
  const searches = [
    search(from.needs, { goal: to, next: ({ needs }) => needs }),
    search(to.neededBy, { goal: from, next: ({ neededBy }) => neededBy }),
  ];
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    for (const step of searches) {
      const { done, value } = step.next();
      if (done) return value;
    }
  }
  return true;
}

/** Tells whether a path of links leads from any of `start` but the goal to the goal; yields after each link. */
function* search(
  start: Iterable<Cluster>,
  { goal, next }: { readonly goal: Cluster; readonly next: (at: Cluster) => Iterable<Cluster> },
): Generator<void, boolean> {
  const seen = new Set<Cluster>();
  for (const cluster of start) {
    if (cluster !== goal) seen.add(cluster);
    yield;
  }
  for (const cluster of seen) { // those that are added meanwhile too
    for (const neighbour of next(cluster)) {
      if (neighbour === goal) return true;
      seen.add(neighbour);
      yield;
    }
  }
  return false;
}

/** Lists the values of more than one element that an equation reads in a loop. */
function readsOf(equation: SimpleEquation): number[] {
  if (!spaceOf(equation)) return [];
  return equation.inputs.flatMap(({ source, shape }) =>
    sizeOf(source.shape) > 1 && sizeOf(shape) > 1 ? [source.id] : []
  );
}

function readsIndexByIndex(operand: Operand, maker: SimpleEquation): boolean {
  return maker.op === "map" && isDense(operand) &&
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
