/**
 * A test for relaxed SIMD: Deno and Chromium have it, Node 20 and Safari do not.
 * @module
 */
import { f32x4, ModuleBuilder } from "../wasm/mod.ts";

let found: boolean | undefined;

/** Tells whether the engine accepts a module with an instruction of relaxed SIMD. The answer is kept. */
export function hasRelaxedSimd(): boolean {
  return found ??= WebAssembly.validate(probe());
}

function probe(): Uint8Array<ArrayBuffer> {
  const builder = new ModuleBuilder({ relaxed: true });
  builder.func({ name: "probe", result: "f32" }, (f) => {
    f.return(f32x4.extract(f32x4.relaxedMadd(1, 2, 3), 0));
  });
  return builder.finish();
}
