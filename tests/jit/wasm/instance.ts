/** Modules of tests, instantiated with a memory of their own. */
import type { ModuleBuilder } from "../../../lib/jit/wasm/mod.ts";

/** Makes a memory of `pages` pages, which the module imports. */
export function memoryOf(builder: ModuleBuilder, pages: number): WebAssembly.Memory {
  builder.importMemory({ module: "env", name: "memory", minPages: pages });
  return new WebAssembly.Memory({ initial: pages });
}

/** The functions of a module; `env` is what it imports. */
export function instantiate(
  builder: ModuleBuilder,
  env: Readonly<Record<string, WebAssembly.ImportValue>> = {},
): Readonly<Record<string, CallableFunction>> {
  const module = new WebAssembly.Module(builder.finish());
  return new WebAssembly.Instance(module, { env }).exports as ReturnType<typeof instantiate>;
}
