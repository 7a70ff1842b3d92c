/** Reads environment variables in Deno and Node, without asking for a permission. */

/** Reads an environment variable. Returns undefined if it is not set, if there is no permission, and in a page. */
export function readVariable(name: string): string | undefined {
  if (typeof Deno === "undefined") {
    const { process } = globalThis as { process?: { env?: Readonly<Record<string, string>> } };
    return process?.env?.[name];
  }
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}
