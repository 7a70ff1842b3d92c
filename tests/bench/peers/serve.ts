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
  /** Runs one iteration on given inputs; returns its three losses. */
  losses(inputs: Float32Array[]): number[] | Promise<number[]>;
  /** Returns facts after a run, such as compile time and module size. */
  facts?(): Record<string, number | string>;
}

/** Opens a workload with batches of a given size. */
export type Open = (name: WorkloadName, batch: number) => Session | Promise<Session>;

/** Computes the losses of a check's iterations, three for each. */
export async function checkedLosses(
  name: WorkloadName,
  session: Session,
  values: Float32Array,
): Promise<number[]> {
  const { parameters, checkBatch, checkSteps } = workloads[name], take = reader(values);
  const inputs = inputShapes(name, checkBatch);
  await session.setParameters(parameters.map(take));
  const losses: number[] = [];
  for (let step = 0; step < checkSteps; step++) {
    losses.push(...await session.losses(inputs.map(take)));
  }
  return losses;
}

async function answer(
  request: string,
  argument: string,
  opened: { name: WorkloadName; session: Session },
): Promise<string> {
  if (request === "round") {
    const start = performance.now();
    await opened.session.run(Number(argument));
    return `ms ${performance.now() - start}`;
  }
  if (request === "facts") return `facts ${JSON.stringify(opened.session.facts?.() ?? {})}`;
  const bytes = await Deno.readFile(argument);
  const losses = await checkedLosses(opened.name, opened.session, new Float32Array(bytes.buffer));
  return `losses ${losses.join(" ")}`;
}

/** Answers requests until stdin ends. */
export async function serve(title: string, open: Open): Promise<void> {
  console.log(`ready ${title}`);
  let opened: { name: WorkloadName; session: Session } | undefined, rest = "";
  for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const [request = "", argument = ""] = line.split(" ");
      if (request === "open") {
        const [name, batch] = argument.split(":") as [WorkloadName, string?];
        opened = { name, session: await open(name, batch ? Number(batch) : batchSize) };
        console.log("ok");
      } else if (opened) console.log(await answer(request, argument, opened));
    }
  }
}
