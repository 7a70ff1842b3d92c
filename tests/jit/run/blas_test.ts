import assert from "node:assert/strict";
import { type Blas, loadBlas, openBlas, wheelLibraries } from "../../../lib/jit/run/blas.ts";

/** The library of this machine, opened for one test. */
function opened(): Blas | undefined {
  const path = loadBlas()?.path;
  return path === undefined ? undefined : openBlas({ path });
}

/** Whether the tests of a real library can run; the others never need one. */
const hasBlas = loadBlas() !== undefined;

function memoryWith(values: readonly (readonly [at: number, floats: readonly number[]])[]) {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 4 });
  const floats = new Float32Array(memory.buffer);
  for (const [at, list] of values) floats.set(list, at / 4);
  return memory;
}

Deno.test({
  name: "Blas.bind() multiplies row-major matrices, transposed or added where it is told",
  ignore: !hasBlas,
  fn: () => {
    const blas = opened();
    const memory = memoryWith([[0, [1, 2, 3, 4, 5, 6]], [64, [1, 0, 2, 1, 0, 3]]]);
    const sgemm = blas?.bind(memory);
    const out = new Float32Array(memory.buffer, 128, 4);
    sgemm?.(0, 0, 2, 2, 3, 0, 3, 64, 2, 128, 2, 0);
    assert.deepEqual([...out], [5, 11, 14, 23]);
    sgemm?.(0, 0, 2, 2, 3, 0, 3, 64, 2, 128, 2, 1);
    assert.deepEqual([...out], [10, 22, 28, 46]);
    sgemm?.(1, 0, 2, 2, 3, 0, 2, 64, 2, 128, 2, 0); // [[1,3,5],[2,4,6]]
    assert.deepEqual([...out], [7, 18, 10, 22]);
    sgemm?.(0, 1, 2, 2, 3, 0, 3, 64, 3, 128, 2, 0); // [[1,1],[0,0],[2,3]]
    assert.deepEqual([...out], [7, 10, 16, 22]);
    sgemm?.(1, 1, 2, 2, 3, 0, 2, 64, 3, 128, 2, 0);
    assert.deepEqual([...out], [11, 16, 14, 20]);
    blas?.close();
  },
});

Deno.test({
  name: "Blas.bind() follows a memory that grows",
  ignore: !hasBlas,
  fn: () => {
    const blas = opened();
    const memory = memoryWith([[0, [2]], [64, [3]]]);
    const sgemm = blas?.bind(memory);
    sgemm?.(0, 0, 1, 1, 1, 0, 1, 64, 1, 128, 1, 0);
    memory.grow(2);
    const floats = new Float32Array(memory.buffer);
    assert.equal(floats[32], 6);
    floats[0] = 5;
    sgemm?.(0, 0, 1, 1, 1, 0, 1, 64, 1, 128, 1, 0);
    assert.equal(floats[32], 15);
    blas?.close();
  },
});

Deno.test({
  name: "openBlas() says what it found",
  ignore: !hasBlas,
  fn: () => {
    const path = loadBlas()?.path ?? "";
    const blas = openBlas({ path });
    assert.match(blas?.name ?? "", /\w/);
    assert.equal(blas?.path, path);
    blas?.close();
  },
});

Deno.test("openBlas() refuses a named library that is not there, in words", () => {
  assert.throws(
    () => openBlas({ path: "/no/such/libblas.so" }),
    /Cannot load the BLAS that GAN_BLAS names: expected .* at \/no\/such\/libblas.so, got/,
  );
});

Deno.test("openBlas() refuses a named file that is no library, or a library of something else", () => {
  const file = Deno.makeTempFileSync({ suffix: ".so" });
  Deno.writeTextFileSync(file, "this is no library");
  assert.throws(() => openBlas({ path: file }), /Cannot load the BLAS/);
  Deno.removeSync(file);
  if (Deno.build.os === "linux") {
    assert.throws(() => openBlas({ path: "libm.so.6" }), /got a library without it/);
  }
});

Deno.test("openBlas() passes over candidates that are not there, and finds none without an error", () => {
  assert.equal(openBlas({ path: "", candidates: ["/no/such/a.so", "/no/such/b.so"] }), undefined);
  assert.equal(openBlas({ path: "none" }), undefined);
});

Deno.test("wheelLibraries() lists where the wheel is in a Python environment", () => {
  if (Deno.build.os === "windows") return;
  const environment = Deno.makeTempDirSync();
  Deno.mkdirSync(`${environment}/lib/python3.12/site-packages`, { recursive: true });
  Deno.mkdirSync(`${environment}/lib/other`);
  const [path, ...rest] = wheelLibraries(environment);
  assert.match(path ?? "", /python3.12\/site-packages\/scipy_openblas32\/lib\/libscipy_openblas/);
  assert.deepEqual(rest, []);
  assert.deepEqual(wheelLibraries(`${environment}/missing`), []);
  Deno.removeSync(environment, { recursive: true });
});

Deno.test("loadBlas() obeys GAN_BLAS and gives undefined without permission", async () => {
  const url = new URL("../../../lib/jit/run/blas.ts", import.meta.url).href;
  const code = `const { loadBlas } = await import(${JSON.stringify(url)});
    try { console.log(loadBlas()?.name ?? "no library"); } catch (error) { console.log(error.message); }`;
  const run = async (flags: readonly string[], env: Record<string, string>) => {
    const args = ["run", ...flags, "--no-prompt", "--quiet", "--no-check", "-"];
    const command = new Deno.Command(Deno.execPath(), {
      args,
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    });
    const child = command.spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(code));
    await writer.close();
    return new TextDecoder().decode((await child.output()).stdout).trim();
  };
  assert.equal(await run(["-A"], { GAN_BLAS: "none" }), "no library");
  assert.match(await run(["-A"], { GAN_BLAS: "/no/such.so" }), /GAN_BLAS names: .*such.so/);
  assert.equal(await run([`--allow-read`, "--allow-env"], { GAN_BLAS: "" }), "no library");
  assert.equal(await run([], {}), "no library");
});
