/**
 * `deno task test:fast [args…]`: runs the tests that answer within a minute, side by side on all cores.
 * The arguments go on to `deno test`.
 */

/** The files and folders that are left out, by the reason: those whose tests were measured to take more than a second. */
const slow: Readonly<Record<string, readonly string[]>> = {
  "start browsers": ["browser"],
  "start kernels or other processes": [
    "bench/check_test.ts",
    "jit/portable_test.ts",
    "jit/run/collect_test.ts",
    "jit/run/export_test.ts",
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
    "bench/notebook_test.ts",
    "bench/quality/draws_test.ts",
    "bench/quality/stacked_test.ts",
    "jit/gan_test.ts",
    "jit/seeds_test.ts",
    "jupyter/playground_test.ts",
    "metrics/classifier_test.ts",
    "metrics/compare_generators_test.ts",
    "metrics/inspector_test.ts",
    "metrics/judge_test.ts",
    "metrics/letters_test.ts",
    "metrics/load_classifier_test.ts",
    "nn/dcgan_test.ts",
    "nn/freezing_test.ts",
    "nn/golden_test.ts",
    "nn/learning_test.ts",
    "train/leave_test.ts",
    "train/optimizer_test.ts",
    "train/run_test.ts",
  ],
  "compare thousands of programs, files or numbers": [
    "data/idx_fuzz_test.ts",
    "data/mnist_test.ts",
    "data/plane_density_test.ts",
    "data/points_test.ts",
    "data/random_test.ts",
    "jit/edges_test.ts",
    "jit/emit/conv/conv_test.ts",
    "jit/emit/conv/parts_test.ts",
    "jit/emit/draw/draw_test.ts",
    "jit/emit/draw/parts_test.ts",
    "jit/emit/loop/parts_test.ts",
    "jit/emit/matmul/matmul_test.ts",
    "jit/fuzz_mixed_test.ts",
    "jit/fuzz_spatial_test.ts",
    "jit/fuzz_test.ts",
    "jit/layers_test.ts",
    "jit/noise_test.ts",
    "jit/optimizers_test.ts",
    "jit/passes/fold_test.ts",
    "jit/passes/invariants_test.ts",
    "jit/program/print_test.ts",
    "jit/rules/gather_batches_test.ts",
    "jit/rules/outer_product_test.ts",
    "jit/rules/rules_test.ts",
    "jit/run/pool_test.ts",
    "jit/run/rehearsal_test.ts",
    "jit/run/threads_equal_test.ts",
    "jit/trace/slots_test.ts",
    "metrics/fine_energy_test.ts",
    "metrics/frechet_test.ts",
    "metrics/precision_recall_test.ts",
    "metrics/strokes_test.ts",
    "nn/wild_test.ts",
    "plot/training_test.ts",
    "train/content_test.ts",
    "train/folder_test.ts",
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
