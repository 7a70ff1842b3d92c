/** The layout of the repository: which folders may import which, and the top level. */
import assert from "node:assert/strict";

/** Folders of `lib/` and the folders that each may import; `type train` means types of train. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  check: [],
  data: ["check"],
  plot: ["check"],
  jit: ["check"],
  nn: ["check", "data", "jit", "plot"],
  train: ["check", "data", "nn", "jit"],
  metrics: ["check", "data", "nn", "train"],
  jupyter: ["check", "plot", "type train"],
};

/** Stages of the compiler and the stages that each may import; `type trace` means types of trace. */
const JIT_MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  program: [],
  wasm: [],
  trace: ["program"],
  rules: ["program", "type trace"],
  passes: ["program"],
  emit: ["wasm", "program", "type passes"],
  run: ["program", "wasm", "trace", "rules", "passes", "emit"],
};

const lib = new URL("../lib/", import.meta.url);
const jit = new URL("jit/", lib);

/** Lists all TypeScript files below a folder. */
function* sources(folder: URL): Generator<URL> {
  for (const entry of Deno.readDirSync(folder)) {
    if (entry.isDirectory) yield* sources(new URL(`${entry.name}/`, folder));
    else if (entry.name.endsWith(".ts")) yield new URL(entry.name, folder);
  }
}

/** Import of a file. */
interface Import {
  readonly target: string;
  readonly isType: boolean;
}

/** Lists the files that a file imports or exports from, except packages. */
function importsOf(file: URL): Import[] {
  const text = Deno.readTextFileSync(file);
  const listed = text.matchAll(/^(?:import|export)(?:([^;"]*?)from)? ?"(\.[^"]*)"/gm);
  const inline = text.matchAll(/\bimport\(\s*()"(\.[^"]*)"/g);
  return [...listed, ...inline].map(([, names, specifier]) => ({
    target: new URL(specifier!, file).href,
    isType: isTypeList(names ?? ""),
  }));
}

/** Tells whether a list of imported names, such as ` { type A, type B } `, contains only types. */
function isTypeList(names: string): boolean {
  const list = names.trim();
  if (list.startsWith("type ")) return true;
  const items = list.replace(/[{}]/g, "").split(",").map((item) => item.trim()).filter(Boolean);
  return items.length > 0 && items.every((item) => item.startsWith("type "));
}

/** Lists the other folders of `lib/` that a file imports. */
function importedRooms(file: URL, room: string): (Import & { readonly other: string })[] {
  return importsOf(file)
    .map(({ target, isType }) => {
      assert(target.startsWith(lib.href), `${file.pathname} reaches out of lib/: ${target}`);
      const [other, path] = target.slice(lib.href.length).split(/\/(.*)/s);
      if (other !== room) assert.equal(path, "mod.ts", `${file.pathname} passes by a room's face`);
      return { target, isType, other: other! };
    })
    .filter(({ other }) => other !== room);
}

Deno.test("imports in lib/ point one way, from face to face", () => {
  for (const entry of Deno.readDirSync(lib)) {
    const allowed = MAY_IMPORT[entry.name];
    assert(allowed, `lib/${entry.name} is no room of the house`);
    for (const file of sources(new URL(`${entry.name}/`, lib))) {
      for (const { other, isType } of importedRooms(file, entry.name)) {
        const isAllowed = allowed.includes(other) || (isType && allowed.includes(`type ${other}`));
        assert(isAllowed, `${file.pathname} imports lib/${other}`);
      }
    }
  }
});

Deno.test("imports in lib/jit/ point one way, from stage to stage", () => {
  for (const entry of Deno.readDirSync(jit)) {
    if (entry.isFile) {
      assert.equal(entry.name, "mod.ts", `lib/jit/${entry.name} stands in no stage`);
      continue;
    }
    const allowed = JIT_MAY_IMPORT[entry.name];
    assert(allowed, `lib/jit/${entry.name} is no stage of the compiler`);
    for (const file of sources(new URL(`${entry.name}/`, jit))) {
      for (const { target, isType } of importsOf(file)) {
        if (!target.startsWith(jit.href)) continue;
        const [stage] = target.slice(jit.href.length).split("/");
        const isAllowed = stage === entry.name || allowed.includes(stage!) ||
          (isType && allowed.includes(`type ${stage}`));
        assert(isAllowed, `${file.pathname} imports ${target}`);
      }
    }
  }
});

/** Finds a circle in a graph, if there is one. */
function circleIn(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const done = new Set<string>();
  const visit = (node: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return undefined;
    for (const next of graph.get(node) ?? []) {
      const circle = visit(next, [...path, node]);
      if (circle) return circle;
    }
    done.add(node);
    return undefined;
  };
  return [...graph.keys()].map((node) => visit(node, [])).find((circle) => circle !== undefined);
}

/** Makes the graph of imports in `lib/`, including types; `nameOf` names the node of a file. */
function graphOf(nameOf: (file: string) => string): Map<string, Set<string>> {
  const graph = new Map<string, Set<string>>();
  for (const file of sources(lib)) {
    const from = nameOf(file.href);
    const targets = graph.get(from) ?? new Set();
    graph.set(from, targets);
    for (const { target } of importsOf(file)) {
      if (nameOf(target) !== from) targets.add(nameOf(target));
    }
  }
  return graph;
}

Deno.test("no file of lib/ imports itself through others, types included", () => {
  assert.deepEqual(circleIn(graphOf((file) => file)), undefined);
});

Deno.test("no folder of lib/ imports itself through others, types included", () => {
  assert.deepEqual(circleIn(graphOf((file) => file.slice(0, file.lastIndexOf("/")))), undefined);
});

/** Folders of tests/jit/ whose files test the whole compiler. */
const OF_THE_WHOLE = ["", "mixed/"];

Deno.test("tests/jit/ has the folders of lib/jit/; what stands above them knows only the face", () => {
  const above = new URL("jit/", import.meta.url);
  for (const file of sources(above)) {
    const path = file.href.slice(above.href.length);
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    if (!OF_THE_WHOLE.includes(folder)) {
      assert(isFolder(new URL(folder, jit)), `lib/jit/${folder} is not there: tests/jit/${path}`);
      continue;
    }
    for (const { target } of importsOf(file)) {
      assert(
        !target.startsWith(jit.href) || target === `${jit.href}mod.ts`,
        `tests/jit/${path} tests the whole compiler, and imports ${target}`,
      );
    }
  }
});

function isFolder(url: URL): boolean {
  try {
    return Deno.statSync(url).isDirectory;
  } catch {
    return false;
  }
}

Deno.test("every file of lib/ opens with a sentence on its purpose", () => {
  for (const file of sources(lib)) {
    assert.match(Deno.readTextFileSync(file), /^\/\*\*(?: |\n \* )[A-Z`a-z]/, file.pathname);
  }
});
