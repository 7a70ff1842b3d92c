/** Finds the four files of a data set in a folder, by the file names of MNIST and similar data sets. */

/** Part of a data set that a file belongs to. */
export type Part = "train" | "test";

/** Content of a file. */
type Content = "images" | "labels";

/** Paths of the four files of a data set. */
interface DigitFiles {
  /** Beginning of the file names, such as `emnist-letters`; empty for the file names of MNIST. */
  readonly dataset: string;
  /** Returns the path of the file with the given part and content. */
  path(part: Part, content: Content): string;
}

/**
 * Pattern of file names such as `train-images-idx3-ubyte`, `t10k-labels.idx1-ubyte.gz`,
 * `qmnist-test-labels-idx2-int`.
 */
const NAME =
  /^(?:(?<dataset>.+)[-_.])?(?<part>train|t10k|test)[-_.](?<content>images|labels)[-_.]idx\d[-_.](?:ubyte|int)(?<gz>\.gz)?$/i;

/** File, with the information that its name gives. */
interface NamedFile {
  readonly name: string;
  readonly dataset: string;
  readonly part: Part;
  readonly content: Content;
  readonly isGzip: boolean;
}

function readName(name: string): NamedFile | undefined {
  const { dataset = "", part, content, gz } = NAME.exec(name)?.groups ?? {};
  if (part === undefined || content === undefined) return undefined;
  return {
    name,
    dataset: dataset.toLowerCase(),
    part: part.toLowerCase() === "train" ? "train" : "test",
    content: content.toLowerCase() as Content,
    isGzip: gz !== undefined,
  };
}

/** Lists the usual file names of a part and content, for errors. */
function spellings(dataset: string, part: Part, content: Content): string {
  const first = dataset === "" ? (part === "train" ? "train" : "t10k") : `${dataset}-${part}`;
  const [stem, ending] = [
    `${first}-${content}`,
    content === "images" ? "idx3-ubyte" : "idx1-ubyte",
  ];
  return ["", ".gz"].flatMap((gz) => [`${stem}-${ending}${gz}`, `${stem}.${ending}${gz}`])
    .join(", ");
}

/**
 * Finds the files of a data set. Folders with the name of a file are ignored. If a file is there
 * both gzipped and not gzipped, the latter is used.
 *
 * @throws {Deno.errors.NotFound} if the folder or one of the four files is missing.
 * @throws {RangeError} if there are several data sets and `dataset` is not given.
 */
export async function findDigitFiles(
  folder: string,
  { dataset }: { readonly dataset: string | undefined },
): Promise<DigitFiles> {
  const names = await entriesOf(folder);
  const files = names.filter((name) => !name.endsWith("/")).flatMap((name) => readName(name) ?? [])
    .sort((a, b) => Number(a.isGzip) - Number(b.isGzip));
  const chosen = dataset?.toLowerCase() ?? chooseDataset(folder, files);
  const nameOf = (part: Part, content: Content) => {
    const found = files.find((file) =>
      file.dataset === chosen && file.part === part && file.content === content
    );
    if (found) return found.name;
    throw new Deno.errors.NotFound(
      `Cannot load digits from ${folder}: expected one of ${spellings(chosen, part, content)}, ` +
        `got ${names.length === 0 ? "an empty folder" : shorten(names)}`,
    );
  };
  for (const part of ["train", "test"] as const) {
    for (const content of ["images", "labels"] as const) nameOf(part, content);
  }
  return { dataset: chosen, path: (part, content) => `${folder}/${nameOf(part, content)}` };
}

/** Chooses the only data set of a folder, or the one with the file names of MNIST. */
function chooseDataset(folder: string, files: readonly NamedFile[]): string {
  const datasets = [...new Set(files.map(({ dataset }) => dataset))].sort();
  if (datasets.length <= 1 || datasets.includes("")) return datasets[0] ?? "";
  throw new RangeError(
    `Cannot load digits from ${folder}: expected the option dataset to name one of the data sets ` +
      `there, ${datasets.join(", ")}, got none`,
  );
}

/** Lists the names in a folder, sorted. Names of folders end with a slash. */
async function entriesOf(folder: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    const names = await Promise.all(entries.map(async (entry) => {
      const { isDirectory } = entry.isSymlink ? await statLink(`${folder}/${entry.name}`) : entry;
      return isDirectory ? `${entry.name}/` : entry.name;
    }));
    return names.sort();
  } catch (error) {
    throw refusal(folder, error);
  }
}

/** Follows a link. A broken link counts as a folder, so that it is ignored. */
async function statLink(path: string): Promise<{ readonly isDirectory: boolean }> {
  return await Deno.stat(path).catch(() => ({ isDirectory: true }));
}

function refusal(folder: string, error: unknown): Error {
  const task = `Cannot load digits from ${folder}: expected a folder`;
  if (error instanceof Deno.errors.NotFound) {
    return new Deno.errors.NotFound(`${task}, got nothing there`);
  }
  if (error instanceof Deno.errors.NotADirectory) {
    return new Deno.errors.NotFound(`${task}, got a file`);
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new Error(`${task} that can be read, got ${reason}`, { cause: error });
}

function shorten(names: readonly string[]): string {
  return names.length > 8 ? `${names.slice(0, 8).join(", ")} and others` : names.join(", ");
}
