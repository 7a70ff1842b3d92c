/** The set-up: what it makes, when it makes it again, and what it says where it cannot. */

import assert from "node:assert/strict";
import { join } from "node:path";
import {
  compareVersions,
  JupyterUnavailableError,
  requireDeno,
} from "../../notebooks/tasks/errors.ts";
import { executableIn, findExternalJupyter } from "../../notebooks/tasks/jupyter/external.ts";
import { kernelspecPath, writeKernelspec } from "../../notebooks/tasks/jupyter/kernelspec.ts";
import { openJupyter, setUpVenv, startKernel } from "../../notebooks/tasks/jupyter/mod.ts";
import { countRequirements, pipFailure, pipProgress } from "../../notebooks/tasks/jupyter/pip.ts";
import { findPort } from "../../notebooks/tasks/jupyter/port.ts";
import { findPython, type Python } from "../../notebooks/tasks/jupyter/python.ts";
import { requirementsPath } from "../../notebooks/tasks/jupyter/venv.ts";
import { labArguments, wantedPort } from "../../notebooks/tasks/lab.ts";
import { jupyterTest } from "./with_jupyter.ts";

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "gan-notebooks-test-" });
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A program that answers the question about Python's version and modules. */
async function fakePython(folder: string, answer: string): Promise<string[]> {
  const path = join(folder, `python-${answer.replaceAll(/\W/g, "-")}`);
  await Deno.writeTextFile(path, `#!/bin/sh\necho "${answer}"\n`, { mode: 0o755 });
  return [path];
}

const posixOnly = { ignore: Deno.build.os === "windows" };
const MISSING = ["gan-notebooks-no-such-program"];

Deno.test("requireDeno() names versions that are too old or hide errors, and what to do", () => {
  assert.throws(
    () => requireDeno("2.3.0"),
    /^TaskError: .*expected 2\.7\.1 or newer; .*npx -y deno@2\.8\.1/,
  );
  assert.throws(() => requireDeno("2.8.3"), /hides the errors of cells/);
  for (const version of ["2.7.1", "2.8.1", "2.9.6", "2.10.0", "3.0.0"]) requireDeno(version);
});

Deno.test("compareVersions() compares numbers, not text", () => {
  assert.ok(compareVersions("3.9.18", "3.10") < 0);
  assert.ok(compareVersions("3.10.0", "3.10") === 0);
  assert.ok(compareVersions("2.8.1-rc.2", "2.8.0") > 0);
});

Deno.test("findPython() says what is missing", posixOnly, () =>
  inFolder(async (folder) => {
    const old = await fakePython(folder, "3.9.2 True");
    const bare = await fakePython(folder, "3.12.1 False");
    const good = await fakePython(folder, "3.12.4 True");
    assert.equal((await findPython([MISSING, old, bare, good])).version, "3.12.4");
    await assert.rejects(findPython([MISSING]), /expected Python 3\.10 or newer, got no Python/);
    await assert.rejects(findPython([old]), /expected Python 3\.10 or newer, got Python 3\.9\.2/);
    await assert.rejects(
      findPython([old, bare]),
      /Python 3\.12\.1 has no `venv` module.*python3-venv/,
    );
  }));

Deno.test(
  "setUpVenv() says that a Python without ensurepip could not make it",
  posixOnly,
  () =>
    inFolder(async (root) => {
      const command = ["sh", "-c", "echo ensurepip is not available >&2; exit 1", "sh"];
      const python = (): Promise<Python> =>
        Promise.resolve({ command, version: "3.12.0", hasVenv: true });
      await assert.rejects(
        setUpVenv({ root, python, log: () => {} }),
        /^JupyterUnavailableError: .*ensurepip is not available.*python3-venv/,
      );
    }),
);

Deno.test("pipFailure() tells a network that is out of reach from other failures", () => {
  const offline = "WARNING: Retrying … NewConnectionError: Failed to establish a new connection";
  assert.match(pipFailure([offline, "ERROR: No matching distribution"]).message, /cannot reach/);
  assert.match(
    pipFailure(["x", "ERROR: No space left"]).message,
    /pip failed \(ERROR: No space left\)/,
  );
});

Deno.test("pipProgress() counts packages", async () => {
  assert.deepEqual(pipProgress("Collecting anyio==4.16.0 (from -r r.txt (line 5))"), {
    text: "anyio==4.16.0",
    counts: true,
  });
  assert.equal(pipProgress("  Downloading anyio-4.16.0-py3-none-any.whl (114 kB)"), undefined);
  const requirements = await Deno.readTextFile(requirementsPath);
  assert.ok(countRequirements(requirements) > 80);
});

Deno.test("requirements.txt pins every package exactly", async () => {
  const lines = (await Deno.readTextFile(requirementsPath)).split("\n");
  const packages = lines.filter((line) => line !== "" && !line.startsWith("#"));
  assert.deepEqual(packages.filter((line) => !/^[a-z0-9-]+==[\w.]+( ; .+)?$/.test(line)), []);
});

Deno.test("writeKernelspec() writes again when Deno has moved, and only then", () =>
  inFolder(async (folder) => {
    assert.equal(await writeKernelspec(folder, "/old/deno"), true);
    assert.equal(await writeKernelspec(folder, "/old/deno"), false);
    assert.equal(await writeKernelspec(folder, "/new/deno"), true);
    const spec = JSON.parse(await Deno.readTextFile(kernelspecPath(folder)));
    assert.deepEqual(spec.argv, [
      "/new/deno",
      "jupyter",
      "--kernel",
      "--conn",
      "{connection_file}",
    ]);
  }));

Deno.test("findPort() goes past ports that are taken", () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  assert.ok(findPort(port) > port);
});

Deno.test("wantedPort() and labArguments() take --port in each form, and pass the rest on", () => {
  assert.equal(wantedPort([]), 8888);
  assert.equal(wantedPort(["--port=9000"]), 9000);
  assert.equal(wantedPort(["--no-browser", "--ServerApp.port", "9001"]), 9001);
  assert.throws(() => wantedPort(["--port=many"]), /expected a number from 1 to 65535, got "many"/);
  const args = labArguments(["--port", "9000", "--no-browser"], 9002);
  assert.ok(args.includes("--ServerApp.port=9002") && args.includes("--no-browser"));
  assert.equal(args.some((arg) => /9000|^--port/.test(arg)), false);
});

Deno.test("executableIn() finds Python in the report of `jupyter troubleshoot`", () => {
  assert.equal(
    executableIn("$PATH:\n\t/bin\n\nsys.executable:\n\t/opt/my py/bin/python3\n\n"),
    "/opt/my py/bin/python3",
  );
  assert.equal(executableIn("nothing"), undefined);
});

Deno.test("openJupyter() throws the reason where neither .venv nor a jupyter can be had", () =>
  inFolder(async (root) => {
    const python = () => Promise.reject(new JupyterUnavailableError("Cannot set up Jupyter: no."));
    const options = { root, python, log: () => {}, command: MISSING.join() };
    await assert.rejects(
      openJupyter(options),
      /^JupyterUnavailableError: Cannot set up Jupyter: no\.$/,
    );
    assert.equal(await findExternalJupyter(MISSING.join()), undefined);
  }));

jupyterTest(
  "openJupyter() falls back to a jupyter on the PATH and cleans up after it",
  async (jupyter) => {
    const command = join(jupyter.python, "..", "jupyter");
    const python = () => Promise.reject(new JupyterUnavailableError("No Python."));
    await inFolder(async (root) => {
      let folder: string;
      {
        using external = await openJupyter({ root, python, log: () => {}, command });
        assert.equal(external.insteadOfVenv, "No Python.");
        folder = String(external.env.JUPYTER_RUNTIME_DIR);
        await using kernel = await startKernel(external, { cwd: root });
        assert.equal((await kernel.execute("1 + 1")).status, "ok");
      }
      await assert.rejects(Deno.stat(join(folder, "..")), Deno.errors.NotFound);
    });
  },
);

/** A Python whose `-m venv --clear FOLDER` makes a folder with a Python that says yes to everything. */
async function agreeablePython(folder: string): Promise<string[]> {
  const path = join(folder, "agreeable-python");
  const script = `#!/bin/sh
mkdir -p "$4/bin"
printf '#!/bin/sh\\nexit 0\\n' > "$4/bin/python"
chmod +x "$4/bin/python"
`;
  await Deno.writeTextFile(path, script, { mode: 0o755 });
  return [path];
}

Deno.test(
  "setUpVenv() repairs a .venv that is broken, was interrupted, or is of other pins",
  posixOnly,
  () =>
    inFolder(async (root) => {
      const requirements = join(root, "requirements.txt");
      await Deno.writeTextFile(requirements, "anyio==4.16.0\n");
      let made = 0;
      const python = async (): Promise<Python> => {
        made++;
        return { command: await agreeablePython(root), version: "3.12.0", hasVenv: true };
      };
      const setUp = () => setUpVenv({ root, requirements, python, log: () => {} });
      await setUp();
      await setUp();
      assert.equal(made, 1, "whole");
      await Deno.remove(join(root, ".venv", "bin", "python"));
      await setUp();
      assert.equal(made, 2, "broken");
      await Deno.remove(join(root, ".venv", "gan-notebooks.stamp"));
      await setUp();
      assert.equal(made, 3, "interrupted");
      await Deno.writeTextFile(requirements, "anyio==4.16.1\n");
      await setUp();
      assert.equal(made, 4, "other pins");
    }),
);

jupyterTest("setUpVenv() makes nothing again when nothing changed", async () => {
  const python = () => Promise.reject(new Error("looked for Python"));
  await setUpVenv({ python, log: () => {} });
});
