/** Stand-in for the kernel's `Deno.jupyter`, and recorder of the console. */

/** Displayed output. */
export interface Displayed {
  readonly bundle: Record<string, unknown>;
  readonly options: { readonly display_id?: string; readonly update?: boolean };
}

/** Runs a function with a stand-in for the kernel's `Deno.jupyter`; returns the displayed outputs. */
export async function inStandIn(run: () => Promise<void>): Promise<Displayed[]> {
  const displayed: Displayed[] = [];
  const kernelless = Deno;
  const display = (bundle: Displayed["bundle"], options: Displayed["options"] = {}) => {
    displayed.push({ bundle, options });
    return Promise.resolve();
  };
  // `Deno.jupyter` itself cannot be redefined.
  const withKernel = Object.create(Deno, { jupyter: { value: { display } } });
  Object.defineProperty(globalThis, "Deno", { value: withKernel, configurable: true });
  try {
    await run();
  } finally {
    Object.defineProperty(globalThis, "Deno", { value: kernelless, configurable: true });
  }
  return displayed;
}

/** Returns what a function prints on the console. */
export async function saidBy(run: () => Promise<void>): Promise<string[]> {
  const said: string[] = [];
  const { log, warn, error } = console;
  console.log = console.warn = console.error = (text: unknown) => said.push(String(text));
  try {
    await run();
  } finally {
    Object.assign(console, { log, warn, error });
  }
  return said;
}
