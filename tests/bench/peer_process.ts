/** Runs a peer as a child process that is kept alive and asked for one round at a time. */

/** Command that starts a peer. */
export interface PeerCommand {
  /** Program and arguments. */
  readonly command: readonly string[];
  /** Environment variables beside this process's own. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Running peer; it takes one request at a time. */
export class PeerProcess {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncIterator<string>;
  readonly #listening: Promise<void>;
  #complaint = "";
  /** Description that the peer gave when it was ready. */
  title = "";

  private constructor({ command: [program, ...args], env = {} }: PeerCommand) {
    this.#child = new Deno.Command(program!, {
      args,
      env: { NO_COLOR: "1", ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#lines = linesOf(this.#child.stdout)[Symbol.asyncIterator]();
    this.#listening = this.#listen();
  }

  /** Starts a peer and waits until it is ready. */
  static async start(command: PeerCommand): Promise<PeerProcess> {
    const peer = new PeerProcess(command);
    peer.title = await peer.#answer("ready");
    return peer;
  }

  /** Opens a workload, as in `w2` or `w3:4`. */
  async open(workload: string): Promise<void> {
    await this.#ask(`open ${workload}`, "ok");
  }

  /** Measures the milliseconds for a number of iterations. */
  async round(iterations: number): Promise<number> {
    return Number(await this.#ask(`round ${iterations}`, "ms"));
  }

  /** Returns the losses of a check file. */
  async check(file: string): Promise<number[]> {
    return (await this.#ask(`check ${file}`, "losses")).split(" ").map(Number);
  }

  /** Returns facts about the peer after a run. */
  async facts(): Promise<Record<string, number | string>> {
    return JSON.parse(await this.#ask("facts x", "facts"));
  }

  /** Ends the peer. */
  async close(): Promise<void> {
    await this.#writer.close().catch(() => {});
    await this.#child.status;
  }

  async #ask(request: string, expected: string): Promise<string> {
    await this.#writer.write(new TextEncoder().encode(`${request}\n`));
    return await this.#answer(expected);
  }

  async #answer(expected: string): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (!done && (value === expected || value.startsWith(`${expected} `))) {
      return value.slice(expected.length + 1);
    }
    if (done) await this.#listening;
    const said = this.#complaint.split("\n").findLast((line) => /^(error|\w*Error): /.test(line));
    const got = done ? `the end of its output (${said ?? "no error message"})` : value;
    throw new Error(`Cannot ask a peer: expected «${expected}», got ${got}`);
  }

  async #listen(): Promise<void> {
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      this.#complaint = (this.#complaint + text).slice(-4000);
    }
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}
