/** Reads environment variables without asking for a permission. */

/** Reads an environment variable. Returns undefined if it is not set, or must not be read. */
export function readVariable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}
