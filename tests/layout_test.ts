/** The house stays in order: who may import whom, and what stands at the top. */
import assert from "node:assert/strict";

/** The rooms of `lib/` and the rooms that each may import. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  check: [],
  data: ["check"],
  plot: ["check"],
  jit: ["check"],
  nn: ["check", "data", "jit", "plot"],
  train: ["check", "data", "nn", "jit"],
  metrics: ["check", "data", "nn", "train"],
  jupyter: ["check", "plot"],
};

const lib = new URL("../lib/", import.meta.url);

/** All TypeScript files below a folder. */
function* sources(folder: URL): Generator<URL> {
  for (const entry of Deno.readDirSync(folder)) {
    if (entry.isDirectory) yield* sources(new URL(`${entry.name}/`, folder));
    else if (entry.name.endsWith(".ts")) yield new URL(entry.name, folder);
  }
}

/** The rooms of `lib/` that a file imports, its own left out. */
function importedRooms(file: URL, room: string): string[] {
  const specifiers = Deno.readTextFileSync(file).matchAll(
    /^(?:import|export)[^;]*?from "(\.[^"]*)"/gm,
  );
  return [...specifiers]
    .map(([, specifier]) => new URL(specifier!, file).href)
    .map((target) => {
      assert(target.startsWith(lib.href), `${file.pathname} reaches out of lib/: ${target}`);
      const [other, path] = target.slice(lib.href.length).split(/\/(.*)/s);
      if (other !== room) assert.equal(path, "mod.ts", `${file.pathname} passes by a room's face`);
      return other!;
    })
    .filter((other) => other !== room);
}

Deno.test("imports in lib/ point one way, from face to face", () => {
  for (const entry of Deno.readDirSync(lib)) {
    const allowed = MAY_IMPORT[entry.name];
    assert(allowed, `lib/${entry.name} is no room of the house`);
    for (const file of sources(new URL(`${entry.name}/`, lib))) {
      for (const other of importedRooms(file, entry.name)) {
        assert(allowed.includes(other), `${file.pathname} imports lib/${other}`);
      }
    }
  }
});

Deno.test("every file of lib/ opens with a sentence on its purpose", () => {
  for (const file of sources(lib)) {
    assert.match(Deno.readTextFileSync(file), /^\/\*\*(?: |\n \* )[A-Z`a-z]/, file.pathname);
  }
});
