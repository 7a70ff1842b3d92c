/** The kernelspec: the file that tells Jupyter how to start Deno as a kernel. */

import { dirname, join } from "node:path";

/** The kernelspec's name in the notebooks' metadata. */
export const KERNEL_NAME = "deno";

/** Where the kernelspec stands below a Jupyter data folder. */
export function kernelspecPath(dataFolder: string): string {
  return join(dataFolder, "kernels", KERNEL_NAME, "kernel.json");
}

/** The kernelspec's text for a Deno executable. */
export function kernelspecText(deno: string = Deno.execPath()): string {
  const argv = [deno, "jupyter", "--kernel", "--conn", "{connection_file}"];
  return JSON.stringify({ argv, display_name: "Deno", language: "typescript" }, null, 2) + "\n";
}

/** Writes the kernelspec below a Jupyter data folder unless it is there already; says whether it wrote. */
export async function writeKernelspec(dataFolder: string, deno?: string): Promise<boolean> {
  const path = kernelspecPath(dataFolder);
  const text = kernelspecText(deno);
  if (await readOrEmpty(path) === text) return false;
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, text);
  return true;
}

async function readOrEmpty(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch {
    return "";
  }
}
