/** The set-up: what it makes, when it makes it again, and what it says where it cannot. */

import assert from "node:assert/strict";
import { delimiter, join } from "node:path";
import { requireDeno } from "../../notebooks/tasks/errors.ts";
import {
  jupyterIn,
  openJupyter,
  setUpVenv,
  writeKernelspec,
} from "../../notebooks/tasks/jupyter/mod.ts";
import {
  installRequirements,
  makeVenv,
  pipFailure,
  pythonCommands,
} from "../../notebooks/tasks/jupyter/python.ts";
import { labArguments } from "../../notebooks/tasks/lab.ts";
import { projectRoot, shortPath } from "../../notebooks/tasks/paths.ts";
import { ask } from "../../notebooks/tasks/processes.ts";
import { startKernel } from "./kernel.ts";
import { jupyterTest } from "./with_jupyter.ts";

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "gan-notebooks-test-" });
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A Python that runs a shell script with its own arguments. */
async function fakePython(folder: string, script: string): Promise<string[]> {
  const path = await Deno.makeTempFile({ dir: folder, prefix: "python" });
  await Deno.writeTextFile(path, `#!/bin/sh\n${script}\n`);
  await Deno.chmod(path, 0o755);
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
  assert.throws(() => requireDeno("2.7.0"), /2\.7\.1 or newer/);
});

Deno.test(
  "makeVenv() takes the first Python that can, and says why the others cannot",
  posixOnly,
  () =>
    inFolder(async (folder) => {
      const [venv, seconds] = [join(folder, "venv"), 300];
      const make = (...commands: string[][]) => makeVenv(venv, { commands, seconds });
      const old = await fakePython(folder, "echo it is Python 3.9 >&2; exit 1");
      const bare = await fakePython(folder, "echo Traceback >&2; echo No module >&2; exit 1");
      const good = await fakePython(folder, 'mkdir "$3"');
      await make(MISSING, old, bare, good);
      assert.ok((await Deno.stat(venv)).isDirectory);
      await assert.rejects(
        make(MISSING),
        /^JupyterUnavailableError: .*expected Python 3\.10 or newer with its `venv` module, got none on the PATH; install it .*python3-venv/,
      );
      await assert.rejects(make(["false"]), /, got false \(\); install/);
      await assert.rejects(make(old, bare), (error: Error) => {
        const got = `, got ${old} (it is Python 3.9), ${bare} (No module); install it`;
        assert.ok(error.message.includes(got), error.message);
        return true;
      });
      const hangs = ["sh", "-c", "exec sleep 600"];
      await assert.rejects(
        makeVenv(venv, { commands: [hangs], seconds: 0.3 }),
        /, got sh -c exec sleep 600 \(sh does not answer\); install/,
      );
    }),
);

jupyterTest(
  "makeVenv() makes an environment with pip, of a real Python",
  ({ python }) =>
    inFolder(async (folder) => {
      await makeVenv(join(folder, "venv"), { commands: [[python]], seconds: 600 });
      const pip = [jupyterIn(join(folder, "venv")).python, "-m", "pip", "--version"];
      assert.match((await ask(pip))?.stdout ?? "", /^pip /);
    }),
);

Deno.test("pythonCommands() begins with the usual names, and ends with those of versions", () => {
  const versions = ["python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];
  const names = ["python3", "python", ...versions];
  assert.deepEqual(pythonCommands("linux"), names.map((name) => [name]));
  assert.deepEqual(pythonCommands("windows")[0], ["py", "-3"]);
});

Deno.test(
  "ask() returns what a program answers, says that it does not, and undefined where there is none",
  posixOnly,
  async () => {
    const answer = await ask(["sh", "-c", "echo $A; echo no >&2; exit 3"], { env: { A: "ü" } });
    assert.deepEqual(answer, { success: false, stdout: "ü\n", stderr: "no\n" });
    assert.equal((await ask(["true"]))?.success, true);
    const late = await ask(["sh", "-c", "echo no; exec sleep 600"], { seconds: 0.3 });
    assert.deepEqual(late, { success: false, stdout: "", stderr: "sh does not answer" });
    assert.equal(await ask(MISSING), undefined);
  },
);

Deno.test("shortPath() starts at the project's folder", () => {
  assert.equal(shortPath(join(projectRoot, "notebooks", "a")), join("notebooks", "a"));
  assert.equal(shortPath(projectRoot), ".");
  assert.equal(shortPath(join(projectRoot, "..", "a")), join(projectRoot, "..", "a"));
});

Deno.test(
  "setUpVenv() does not clear the folder behind a link",
  posixOnly,
  () =>
    inFolder(async (root) => {
      await Deno.symlink("/", join(root, ".venv"));
      await assert.rejects(
        setUpVenv({ root, commands: [["true"]], log: () => {} }),
        /^JupyterUnavailableError: .*project's own, got a link; remove it\.$/,
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

Deno.test(
  "installRequirements() tells what pip tells, and says why it failed",
  posixOnly,
  () =>
    inFolder(async (folder) => {
      const requirements = join(folder, "r.txt");
      await Deno.writeTextFile(requirements, "a==1\nb==2\n");
      const lines: string[] = [];
      const log = (line: string, replaces = false) => {
        lines.push(`${replaces ? "~" : ""}${line.replace(/\d+ s/, "N s")}`);
      };
      const said = "echo Collecting a==1; echo ' Installing collected packages: a'";
      const [good] = await fakePython(folder, said);
      await installRequirements(good!, { requirements, log });
      assert.deepEqual(lines, [
        "~Installing JupyterLab, N s of about 60 s: Collecting a==1",
        "~Installing JupyterLab, N s of about 60 s: Installing collected packages: a",
        "~Installed JupyterLab in N s",
      ]);
      const says = 'echo "ERROR: no $PIP_RETRIES in $*" >&2; exit 1';
      const [failing] = await fakePython(folder, says);
      const retries = Deno.env.get("PIP_RETRIES");
      const argumentsAre = (pattern: RegExp) =>
        assert.rejects(installRequirements(failing!, { requirements, log }), pattern);
      try {
        Deno.env.delete("PIP_RETRIES");
        await argumentsAre(/\(ERROR: no 1 in -m pip install --no-deps .* -r .*r\.txt\)/);
        Deno.env.set("PIP_RETRIES", "3");
        await argumentsAre(/\(ERROR: no 3 in (?:(?!--retries).)*$/);
      } finally {
        if (retries === undefined) Deno.env.delete("PIP_RETRIES");
        else Deno.env.set("PIP_RETRIES", retries);
      }
    }),
);

Deno.test("requirements.txt pins every package exactly", async () => {
  const requirements = join(projectRoot, "notebooks", "requirements.txt");
  const lines = (await Deno.readTextFile(requirements)).split("\n");
  const packages = lines.filter((line) => line !== "" && !line.startsWith("#"));
  assert.deepEqual(packages.filter((line) => !/^[a-z0-9-]+==[\w.]+( ; .+)?$/.test(line)), []);
});

Deno.test("writeKernelspec() names this Deno, behind a shell where there is one", () =>
  inFolder(async (folder) => {
    const argvOf = async (deno: string, os: string) => {
      await writeKernelspec(folder, { deno, os });
      const path = join(folder, "kernels", "deno", "kernel.json");
      return JSON.parse(await Deno.readTextFile(path)).argv;
    };
    await argvOf("/old/deno", "linux");
    const argv = await argvOf("/new/deno", "linux");
    const deno = ["/new/deno", "jupyter", "--kernel", "--conn", "{connection_file}"];
    assert.deepEqual(argv.slice(3), deno);
    assert.deepEqual(argv.slice(0, 2), ["/bin/sh", "-c"]);
    assert.deepEqual(await argvOf("/new/deno", "windows"), deno);
  }));

Deno.test("jupyterIn() leads into .venv on each system", () => {
  const { python, env } = jupyterIn("v", "linux");
  assert.equal(python, join("v", "bin", "python"));
  assert.equal(env.JUPYTER_PATH, join("v", "share", "jupyter"));
  assert.equal(jupyterIn("v", "windows").python, join("v", "Scripts", "python.exe"));
});

Deno.test("labArguments() puts ours first, and opens the notebooks unless a path is given", () => {
  const args = labArguments(["--port", "9000", "--no-browser"]);
  assert.deepEqual(args.slice(-3), ["--port", "9000", "--no-browser"]);
  const opens = (...args: string[]) =>
    labArguments(args).includes("--LabApp.default_url=/lab/tree/notebooks");
  assert.ok(opens("--port", "9000"));
  assert.ok(!opens("notebooks/01.ipynb"));
  assert.ok(args.includes("--MultiKernelManager.default_kernel_name=deno"));
});

Deno.test(
  "openJupyter() throws the reason where neither .venv nor a jupyter can be had",
  posixOnly,
  () =>
    inFolder(async (root) => {
      const [nothing] = await fakePython(root, "echo nothing");
      const [gone] = await fakePython(root, "printf 'sys.executable:\\n\\t%s\\n' /no/such/python");
      for (const command of [MISSING.join(), nothing!, gone!]) {
        await assert.rejects(
          openJupyter({ root, commands: [], log: () => {}, command }),
          /^JupyterUnavailableError: Cannot set up Jupyter: expected Python .*, got none on the PATH;/,
        );
      }
    }),
);

Deno.test(
  "openJupyter() leads a jupyter on the PATH to a kernelspec that is there",
  posixOnly,
  () =>
    inFolder(async (root) => {
      await Deno.mkdir(join(root, "my py"));
      const python = await fakePython(join(root, "my py"), "exit 0");
      const report = `printf '$PATH:\\n\\t/bin\\n\\nsys.executable:\\n\\t%s\\n\\n' "${python}"`;
      const [command] = await fakePython(root, report);
      const external = await openJupyter({ root, commands: [], log: () => {}, command: command! });
      const [folder] = external.env.JUPYTER_PATH!.split(delimiter);
      Deno.statSync(join(folder!, "kernels", "deno", "kernel.json"));
      assert.deepEqual([external.python], python);
    }),
);

jupyterTest(
  "openJupyter() falls back to a jupyter on the PATH, and keeps its files below the results",
  async (jupyter) => {
    const command = join(jupyter.python, "..", "jupyter");
    await inFolder(async (root) => {
      const lines: string[] = [];
      const log = (line: string) => void lines.push(line);
      const external = await openJupyter({ root, commands: [], log, command });
      assert.match(
        lines.at(-1) ?? "",
        /, got none on the PATH;.* Using the jupyter on the PATH\.$/,
      );
      await using kernel = await startKernel(external, { cwd: root });
      assert.equal((await kernel.execute("1 + 1")).status, "ok");
      const [folder] = external.env.JUPYTER_PATH!.split(delimiter);
      assert.equal(folder, join(root, "notebooks", "out", "jupyter"));
    });
  },
);

/** Makes a folder with a Python that says yes to everything, and notes that it did. */
const AGREE = `mkdir -p "$3/bin"
printf '#!/bin/sh\\nexit 0\\n' > "$3/bin/python"
chmod +x "$3/bin/python"
echo made >> "$0.log"`;

Deno.test(
  "setUpVenv() repairs a .venv that is broken, was interrupted, or is of other pins",
  posixOnly,
  () =>
    inFolder(async (root) => {
      const requirements = join(root, "requirements.txt");
      await Deno.writeTextFile(requirements, "anyio==4.16.0\n");
      const commands = [await fakePython(root, AGREE)];
      const made = () => Deno.readTextFileSync(`${commands[0]}.log`).trim().split("\n").length;
      const lines: string[] = [];
      const setUp = () =>
        setUpVenv({ root, requirements, commands, log: (line) => lines.push(line) });
      await setUp();
      const words = lines.map((line) => line.replace(/\d+ s$/, "… s"));
      assert.deepEqual(words, ["Making .venv", "Installed JupyterLab in … s"]);
      const settings = join(root, ".venv", "share", "jupyter", "lab", "settings", "overrides.json");
      assert.deepEqual(JSON.parse(await Deno.readTextFile(settings)), {
        "@jupyterlab/apputils-extension:notification": {
          fetchNews: "false",
          checkForUpdates: false,
          doNotDisturbMode: false,
        },
      });
      await setUp();
      assert.equal(made(), 1, "whole");
      await Deno.remove(join(root, ".venv", "bin", "python"));
      await setUp();
      assert.equal(made(), 2, "broken");
      await Deno.remove(join(root, ".venv", "gan-notebooks.stamp"));
      await setUp();
      assert.equal(made(), 3, "interrupted");
      await Deno.writeTextFile(requirements, "anyio==4.16.1\n");
      await Promise.all([setUp(), setUp(), setUp()]);
      assert.equal(made(), 4, "other pins, set up once for all");
      const stuck = join(root, ".venv", "bin", "python");
      await Deno.writeTextFile(stuck, "#!/bin/sh\nexec sleep 600\n", { mode: 0o755 });
      // The new one must be made within four times as many seconds.
      await setUpVenv({ root, requirements, commands, log: () => {}, seconds: 8 });
      assert.equal(made(), 5, "a Python that hangs");
    }),
);

jupyterTest("setUpVenv() makes nothing again when nothing changed", async () => {
  const log = () => assert.fail("it makes something");
  await setUpVenv({ commands: [], log });
});
