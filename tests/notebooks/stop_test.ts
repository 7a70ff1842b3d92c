/** A run that is stopped, or whose processes are killed, ends with one sentence and leaves no kernel behind. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { printNotebook } from "../../notebooks/tasks/notebook/nbformat.ts";
import { follow } from "../../notebooks/tasks/run/runner.ts";
import { notebookOf } from "./notebook_of.ts";
import { jupyterTest } from "./with_jupyter.ts";

const script = fileURLToPath(new URL("../../notebooks/tasks/run.ts", import.meta.url));
const config = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** A run of a notebook whose only cell never ends. */
interface EndlessRun {
  readonly pid: number;
  /** The kernel's process. */
  readonly kernel: number;
  /** What it wrote, once it has ended. */
  readonly ended: Promise<{ readonly code: number; readonly said: string }>;
}

async function startEndless(
  folder: string,
  { before = "" }: { readonly before?: string } = {},
): Promise<EndlessRun> {
  const name = crypto.randomUUID();
  const pidFile = join(folder, `${name}.pid`);
  const code = `Deno.writeTextFileSync(${JSON.stringify(pidFile)}, String(Deno.pid));\n` +
    "await new Promise((resolve) => setTimeout(resolve, 600_000));";
  const path = join(folder, `${name}.ipynb`);
  await Deno.writeTextFile(path, printNotebook(notebookOf(before + code)));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--config", config, script, path],
    stdout: "null",
    stderr: "piped",
    detached: true, // a group of its own
  }).spawn();
  const said = new Response(child.stderr).text();
  const ended = child.status.then(async ({ code }) => ({ code, said: await said }));
  return { pid: child.pid, kernel: await untilWritten(pidFile), ended };
}

/** Reads a number from a file once it is there. */
async function untilWritten(path: string): Promise<number> {
  for (;;) {
    const text = await Deno.readTextFile(path).catch(() => "");
    if (text !== "") return Number(text);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "gan-notebooks-test-" });
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What `ps` says of a process; nothing if there is none. */
async function ps(pid: number, field: string): Promise<string> {
  const { stdout } = await new Deno.Command("ps", { args: ["-o", `${field}=`, "-p", `${pid}`] })
    .output();
  return new TextDecoder().decode(stdout).trim();
}

/** Waits until a process has ended; one that nobody has asked for its status yet (Z) has. */
async function untilGone(pid: number): Promise<void> {
  while (/^[^Z]/.test(await ps(pid, "stat"))) await new Promise((r) => setTimeout(r, 50));
}

/** The lines that a run wrote after its cell began. */
function lastWords(said: string): string[] {
  return said.trim().split("\n").filter((line) => !line.startsWith("  cell 1 of 1")).slice(1);
}

const signals = [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const;

for (const toGroup of [false, true]) {
  const target = toGroup ? "its process group" : "the process";
  jupyterTest(
    `SIGINT, SIGTERM and SIGHUP to ${target} end a run and its kernel`,
    () =>
      inFolder(async (folder) => {
        await Promise.all(signals.map(async ([signal, status]) => {
          const run = await startEndless(folder);
          Deno.kill(toGroup ? -run.pid : run.pid, signal);
          const { code, said } = await run.ended;
          assert.equal(code, status, said);
          assert.deepEqual(lastWords(said), ["Stopped; no kernel is left."]);
          await untilGone(run.kernel);
        }));
      }),
  );
}

jupyterTest(
  "a killed bridge and a killed kernel end a run with one sentence",
  () =>
    inFolder(async (folder) => {
      const killBridge = async () => {
        const run = await startEndless(folder);
        Deno.kill(Number(await ps(run.kernel, "ppid")), "SIGKILL");
        const { code, said } = await run.ended;
        assert.equal(code, 1);
        const [words, ...more] = lastWords(said);
        assert.match(words ?? "", /^Cannot go on with the notebook: .*python.* ended by SIGKILL, /);
        assert.deepEqual(more, []);
        await untilGone(run.kernel);
      };
      const killKernel = async () => {
        const run = await startEndless(folder);
        Deno.kill(run.kernel, "SIGKILL");
        const { code, said } = await run.ended;
        assert.equal(code, 1);
        assert.match(
          said,
          /cell 1 failed\n {2}KernelError: .* killed, most likely because the mem/,
        );
        assert.doesNotMatch(said, /Traceback|^\s+at /m);
        await Deno.remove(/Saved (\S+\.ipynb)/.exec(said)![1]!);
        await Deno.remove(/and (\S+\.html)/.exec(said)![1]!);
      };
      await Promise.all([killBridge(), killKernel()]);
    }),
);

jupyterTest(
  "a run whose progress nobody reads ends, and its kernel",
  () =>
    inFolder(async (folder) => {
      // The reader ends when the cell has begun, however long the kernel took to start.
      const reader = 'until [ -s "$5" ]; do sleep 0.1; done';
      const run = `"$0" run -A --quiet --config "$1" "$2" "$3" 2>&1 >"$4" | ${reader}`;
      const pidFile = join(folder, "pid");
      const code = `Deno.writeTextFileSync(${JSON.stringify(pidFile)}, String(Deno.pid));\n` +
        "for (let i = 0; ; i++) { console.log(i); await new Promise((r) => setTimeout(r, 100)); }";
      const path = join(folder, "talks.ipynb");
      await Deno.writeTextFile(path, printNotebook(notebookOf(code, "2")));
      const words = join(folder, "words");
      const shell = new Deno.Command("sh", {
        args: ["-c", run, Deno.execPath(), config, script, path, words, pidFile],
      });
      await shell.output();
      assert.match(await Deno.readTextFile(words), /^Cannot go on: .*\(a broken pipe\)\.\n$/);
      await untilGone(await untilWritten(pidFile));
    }),
);

const posixOnly = { ignore: Deno.build.os === "windows" };

/** A process that writes lines and then does something. */
const shell = (script: string) => ({ command: ["sh", "-c", script] as const });

Deno.test("follow() says that a process hangs, and ends it", posixOnly, async () => {
  const runner = { ...shell("trap '' TERM; exec sleep 600"), silenceSeconds: 1 };
  await assert.rejects(follow(runner, { onEvent: () => {} }), {
    name: "TaskError",
    message: "Cannot go on: sh has not answered for 1 s.",
  });
});

Deno.test("follow() kills the kernel of a process that is killed", posixOnly, async () => {
  const kernel = new Deno.Command("sleep", { args: ["600"] }).spawn();
  const runner = shell(`echo '{"event":"kernel","pid":${kernel.pid}}'; kill -9 $$`);
  await assert.rejects(follow(runner, { onEvent: () => {} }), /was ended by SIGKILL, perhaps/);
  assert.equal((await kernel.status).signal, "SIGKILL");
});

Deno.test("follow() leaves a kernel alone after the end of a run", posixOnly, async () => {
  const kernel = new Deno.Command("sleep", { args: ["600"] }).spawn();
  const events = [`{"event":"kernel","pid":${kernel.pid}}`, '{"event":"end"}'];
  await follow(shell(events.map((event) => `echo '${event}'`).join("; ")), { onEvent: () => {} });
  kernel.kill("SIGTERM");
  assert.equal((await kernel.status).signal, "SIGTERM");
});

Deno.test(
  "follow() writes the files that a process hands over, whole",
  posixOnly,
  () =>
    inFolder(async (folder) => {
      const event = JSON.stringify({ event: "file", path: join(folder, "new", "a"), text: "ü\n" });
      await follow(shell(`printf '%s\\n' '${event}'; echo '{"event":"end"}'`), {
        onEvent: () => {},
      });
      assert.deepEqual([...Deno.readDirSync(join(folder, "new"))].map(({ name }) => name), ["a"]);
      assert.equal(await Deno.readTextFile(join(folder, "new", "a")), "ü\n");
    }),
);

Deno.test("follow() tells the last words of a process that fails", posixOnly, async () => {
  const runner = shell("echo Traceback >&2; echo 'ModuleNotFoundError: No module.' >&2; exit 3");
  await assert.rejects(follow(runner, { onEvent: () => {} }), {
    message: "Cannot go on with the notebook: sh ended with status 3: ModuleNotFoundError: " +
      "No module.",
  });
});

Deno.test(
  "follow() passes over what is no event, and a later silence of its input",
  posixOnly,
  async () => {
    const events: string[] = [];
    const script = `exec 0<&-; printf 'cell text'; echo; echo '{"event":"cell","cell":1}'; ` +
      `echo '{"event":"end"}'`;
    await follow({ ...shell(script), request: { a: "b".repeat(1e6) } }, {
      onEvent: ({ event }) => event !== "alive" && events.push(event),
    });
    assert.deepEqual(events, ["cell", "end"]);
  },
);

Deno.test(
  "follow() gives a process its request, and ends it when it is aborted",
  posixOnly,
  async () => {
    const controller = new AbortController();
    const reason = new Error("stopped");
    const script =
      `read line; echo "{\\"event\\":\\"live\\",\\"text\\":$line}"; cat; exec sleep 600`;
    const heard: unknown[] = [];
    const running = follow({ ...shell(script), request: { a: 1 } }, {
      onEvent: (event) => {
        if (event.event !== "live") return;
        heard.push(event.text);
        controller.abort(reason);
      },
      signal: controller.signal,
    });
    await assert.rejects(running, reason);
    assert.deepEqual(heard, [{ a: 1 }]);
    await assert.rejects(
      follow(shell("exit"), { onEvent: () => {}, signal: controller.signal }),
      reason,
    );
  },
);

Deno.test("follow() ends the process when its listener throws", posixOnly, async () => {
  const runner = shell("exec sleep 600");
  const onEvent = () => {
    throw new Error("broken");
  };
  await assert.rejects(follow(runner, { onEvent }), /broken/);
});
