/** A small data set in the files of MNIST, for tests that run notebooks 03 and 04 with few images. */

import { join } from "node:path";
import { idxFile } from "../data/idx_files.ts";

/**
 * Writes four files of pictures that are no digits into a new folder below `parent`: a dark square of its
 * own size for each label. Returns the folder.
 */
export async function writeClothes(parent: string): Promise<string> {
  const folder = join(parent, "clothes");
  await Deno.mkdir(folder, { recursive: true });
  for (const [part, count] of [["train", 2000], ["t10k", 120]] as const) {
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
    const pixels = Uint8Array.from({ length: count * 784 }, (_, i) => {
      const [image, row, column] = [Math.floor(i / 784), Math.floor(i / 28) % 28, i % 28];
      const edge = 8 + 2 * labels[image]!;
      return row < edge && column < edge ? 100 + (image * 31 + i * 7) % 150 : 0;
    });
    await Deno.writeFile(`${folder}/${part}-images-idx3-ubyte`, idxFile([count, 28, 28], pixels));
    await Deno.writeFile(`${folder}/${part}-labels-idx1-ubyte`, idxFile([count], labels));
  }
  return folder;
}
