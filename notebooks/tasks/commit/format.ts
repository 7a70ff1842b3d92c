/** Formats the code and the text of notebooks with `deno fmt`. */

import { join } from "node:path";
import { projectRoot } from "../paths.ts";

/**
 * A notebook's JSON text with its cells formatted. Through a pipe, because `deno fmt --check` of 2.8.1 says
 * of any notebook with Markdown that it is not formatted, also right after it was.
 */
export async function formatNotebook(text: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", "--ext", "ipynb", "--config", join(projectRoot, "deno.json"), "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const written = writer.write(new TextEncoder().encode(text)).then(() => writer.close());
  const [{ success, stdout, stderr }] = await Promise.all([child.output(), written]);
  if (success) return new TextDecoder().decode(stdout);
  throw new SyntaxError(
    `Cannot format the notebook: ${new TextDecoder().decode(stderr).trim()}`,
  );
}
