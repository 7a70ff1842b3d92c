/** Where things stand in the project's folder. */

import { fileURLToPath } from "node:url";
import { relative } from "node:path";

/** The project's folder: absolute, without a slash at the end. */
export const projectRoot: string = fileURLToPath(new URL("../..", import.meta.url)).replace(
  /[\\/]$/,
  "",
);

/** A path as a reader of the project's folder would write it. */
export function shortPath(path: string, root: string = projectRoot): string {
  const short = relative(root, path);
  return short.startsWith("..") ? path : short || ".";
}
