/**
 * Answers the requests to a TypeScript peer: lines on stdin, and one line back for each. `open w2`
 * or `open w3:4` (batches of 4), `round 20` (iterations), `check FILE`, `facts x`.
 */

import { batchSize, inputShapes, reader, type WorkloadName, workloads } from "../workloads.ts";

/** Workload that a peer has opened. */
export interface Session {
  /** Runs some iterations. */
  run(iterations: number): void | Promise<void>;
  /** Sets all parameters, in the workload's order. */
  setParameters(values: Float32Array[]): void | Promise<void>;
  /** Runs one iteration on given inputs; returns its losses. */
  losses(inputs: Float32Array[]): number[] | Promise<number[]>;
  /** Returns facts after a run, such as compile time and module size. */
  facts?(): Record<string, number | string>;
}

/** Session with the shapes of what its check file has. */
export interface Served {
  /** Session. */
  readonly session: Session;
  /** Shapes of the parameters. */
  readonly parameters: readonly (readonly number[])[];
  /** Shapes of the inputs of one iteration. */
  readonly inputs: readonly (readonly number[])[];
}

/** Opens a workload with batches of a given size. */
export type Open = (name: WorkloadName, batch: number) => Session | Promise<Session>;

/** Makes a function that opens what a request names, such as `w2` or `w3:4`. */
export function workloadOf(open: Open): (argument: string) => Promise<Served> {
  return async (argument) => {
    const [name, batch] = argument.split(":") as [WorkloadName, string?];
    return serveWorkload(name, await open(name, batch ? Number(batch) : batchSize));
  };
}

function serveWorkload(name: WorkloadName, session: Session): Served {
  const { parameters, checkBatch } = workloads[name];
  return { session, parameters, inputs: inputShapes(name, checkBatch) };
}

/** Computes the losses of a check's iterations, three for each. */
export function checkedLosses(
  name: WorkloadName,
  session: Session,
  values: Float32Array,
): Promise<number[]> {
  return lossesOf(serveWorkload(name, session), values);
}

/** Computes the losses of all iterations for which a check has inputs. */
export async function lossesOf(
  { session, parameters, inputs }: Served,
  values: Float32Array,
): Promise<number[]> {
  const take = reader(values), losses: number[] = [];
  await session.setParameters(parameters.map(take));
  const sizeOf = (shapes: Served["inputs"]) =>
    shapes.reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const steps = (values.length - sizeOf(parameters)) / sizeOf(inputs);
  for (let step = 0; step < steps; step++) losses.push(...await session.losses(inputs.map(take)));
  return losses;
}

async function answer(request: string, argument: string, opened: Served): Promise<string> {
  const { session } = opened;
  if (request === "round") {
    const start = performance.now();
    await session.run(Number(argument));
    return `ms ${performance.now() - start}`;
  }
  if (request === "facts") return `facts ${JSON.stringify(session.facts?.() ?? {})}`;
  const bytes = await Deno.readFile(argument);
  return `losses ${(await lossesOf(opened, new Float32Array(bytes.buffer))).join(" ")}`;
}

/** Answers requests until stdin ends. */
export async function serve(
  title: string,
  open: (argument: string) => Served | Promise<Served>,
): Promise<void> {
  console.log(`ready ${title}`);
  let opened: Served | undefined, rest = "";
  for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const [request = "", argument = ""] = line.split(" ");
      if (request === "open") {
        opened = await open(argument);
        console.log("ok");
      } else if (opened) console.log(await answer(request, argument, opened));
    }
  }
}
