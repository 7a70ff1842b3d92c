/** Finds the four files of a data set in a folder, under the names that MNIST and its relatives have. */

/** The half of a data set that a file belongs to. */
export type Part = "train" | "test";

/** The content of a file: images, or what each of them shows. */
export type Content = "images" | "labels";

/** The paths of a data set's four files. */
export interface DigitFiles {
  /** The beginning of the files' names: `emnist-letters`; empty for MNIST's own names. */
  readonly dataset: string;
  /** The path of the file with some content of a part. */
  path(part: Part, content: Content): string;
}

/** `train-images-idx3-ubyte`, `t10k-labels.idx1-ubyte.gz`, `qmnist-test-labels-idx2-int`, … */
const NAME =
  /^(?:(?<dataset>.+)[-_.])?(?<part>train|t10k|test)[-_.](?<content>images|labels)[-_.]idx\d[-_.](?:ubyte|int)(?<gz>\.gz)?$/i;

/** A file whose name says what it holds. */
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

/** The usual spellings of a file's name, for errors. */
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
 * Finds a data set's files. Folders are passed over, whatever their names; of two spellings of one file
 * the unzipped one is taken.
 *
 * @throws {Deno.errors.NotFound} if the folder or one of the four files is missing.
 * @throws {RangeError} if there are several data sets and `dataset` does not say which.
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

/** The only data set of a folder, or the one with MNIST's own names. */
function chooseDataset(folder: string, files: readonly NamedFile[]): string {
  const datasets = [...new Set(files.map(({ dataset }) => dataset))].sort();
  if (datasets.length <= 1 || datasets.includes("")) return datasets[0] ?? "";
  throw new RangeError(
    `Cannot load digits from ${folder}: expected the option dataset to name one of the data sets ` +
      `there, ${datasets.join(", ")}, got none`,
  );
}

/** The names in a folder, in order; those of folders end with a slash. */
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

/** A link that leads nowhere is passed over like a folder. */
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
