/** Finds a Chromium on this machine. */

import { delimiter, join } from "node:path";
import { TaskError } from "../errors.ts";

/** Finds the executable that the variable CHROMIUM names, or the first known name on the PATH. */
export async function findChromium(): Promise<string> {
  for (const path of candidates()) {
    if ((await Deno.stat(path).catch(() => undefined))?.isFile) return path;
  }
  throw new TaskError(
    "Cannot draw figures as pictures: expected Chromium or Chrome; install it, or name its " +
      "executable in the variable CHROMIUM.",
  );
}

function candidates(): string[] {
  const named = Deno.env.get("CHROMIUM");
  if (named) return [named];
  const folders = (Deno.env.get("PATH") ?? "").split(delimiter);
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const onPath = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [
    ...onPath,
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
    "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
  ];
}
