/** Finds a port for a server. */

import { TaskError } from "../errors.ts";

/** How many ports after the wanted one are tried. */
const TRIES = 50;

/** The wanted port, or the next one that is free. */
export function findPort(wanted: number, hostname = "127.0.0.1"): number {
  for (let port = wanted; port < Math.min(wanted + TRIES, 65536); port++) {
    if (isFree(port, hostname)) return port;
  }
  throw new TaskError(
    `Cannot open a port: expected a free one from ${wanted} on, got none in ${TRIES}; name another ` +
      "with --port=N.",
  );
}

function isFree(port: number, hostname: string): boolean {
  try {
    Deno.listen({ port, hostname }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    if (error instanceof Deno.errors.PermissionDenied) return false; // below 1024
    throw error;
  }
}
