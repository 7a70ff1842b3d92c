/**
 * `deno run -A tests/at_once.ts TASK…`: runs tasks of `deno.json` at the same time, because most of
 * them wait for other processes or use one core. The first one writes as it goes. The output of each
 * other one follows whole, so that the lines do not mix. It fails if one of them fails.
 */

const [first, ...others] = Deno.args;
if (first === undefined) throw new TypeError("Cannot run tasks: expected their names, got none");

const run = (task: string, output: "inherit" | "piped") =>
  new Deno.Command(Deno.execPath(), {
    args: ["task", task],
    stdin: "null",
    stdout: output,
    stderr: output,
  }).spawn();

const running = run(first, "inherit").status;
const waiting = others.map((task) => run(task, "piped").output());
let failed = !(await running).success;
for (const { success, stdout, stderr } of await Promise.all(waiting)) {
  await Deno.stdout.write(stdout);
  await Deno.stderr.write(stderr);
  failed ||= !success;
}
Deno.exit(failed ? 1 : 0);
