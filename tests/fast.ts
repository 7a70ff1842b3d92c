/**
 * `deno task test:fast [args…]`: runs the tests that answer within a minute, side by side on all cores.
 * The arguments go on to `deno test`.
 */

/** The files and folders that are left out, by the reason. */
const slow: Readonly<Record<string, readonly string[]>> = {
  "start browsers": ["browser"],
  "start kernels or other processes": [
    "bench/check_test.ts",
    "jit/portable_test.ts",
    "jit/run/collect_test.ts",
    "jupyter/kernel_test.ts",
    "train/kill_test.ts",
  ],
  "measure memory, which files that run side by side share": [
    "jit/run/forgotten_test.ts",
    "jit/run/memory_test.ts",
    "nn/memory_test.ts",
  ],
  "change the working folder, which files that run side by side share": ["wild"],
  "train networks": [
    "jit/gan_test.ts",
    "jupyter/playground_test.ts",
    "jit/seeds_test.ts",
    "metrics/classifier_test.ts",
    "metrics/inspector_test.ts",
    "metrics/judge_test.ts",
    "metrics/load_classifier_test.ts",
    "nn/dcgan_test.ts",
    "nn/freezing_test.ts",
    "nn/golden_test.ts",
    "nn/learning_test.ts",
    "train/leave_test.ts",
  ],
  "compare thousands of programs or files": [
    "data/idx_fuzz_test.ts",
    "jit/fuzz_mixed_test.ts",
    "jit/fuzz_spatial_test.ts",
    "jit/fuzz_test.ts",
    "jit/layers_test.ts",
    "jit/optimizers_test.ts",
    "jit/program/print_test.ts",
    "jit/rules/gather_batches_test.ts",
    "jit/rules/rules_test.ts",
    "jit/run/rehearsal_test.ts",
    "jit/trace/slots_test.ts",
    "metrics/frechet_test.ts",
  ],
};

/** Files in the folder of tests with kernels that start none. */
const quick = ["in_process", "module", "normalise", "small_png", "terminal"];

const tests = new URL("./", import.meta.url);
const kernels = [...Deno.readDirSync(new URL("notebooks/", tests))].map(({ name }) => name)
  .filter((name) => name.endsWith("_test.ts") && !quick.includes(name.replace("_test.ts", "")));
const left = [...Object.values(slow).flat(), ...kernels.map((name) => `notebooks/${name}`)]
  .map((path) => new URL(path, tests));
for (const url of left) Deno.statSync(url); // throws where a file has got another name

const ignore = left.map((url) => url.pathname).join();
const args = ["test", "-A", "--no-check", "--parallel", `--ignore=${ignore}`, ...Deno.args];
const { code } = await new Deno.Command(Deno.execPath(), { args: [...args, tests.pathname] })
  .spawn().status;
Deno.exit(code);
