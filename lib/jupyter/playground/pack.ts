/** Packs programs into one text for a page: their bytes gzipped, in base 64. */
import type { PackedHeader } from "./page/mount.ts";
import type { ExportedModel, PlayedData } from "./page/program.ts";

/** The names of a program's bytes, in the order in which they are packed. */
const PARTS = ["relaxedSimd", "simd", "weights"] as const;

/** Packed programs. */
export interface PackedPrograms {
  /** By the program's name: its data, with the length of its bytes in place of them. */
  readonly headers: Readonly<Record<string, PackedHeader>>;
  /** All bytes, gzipped, in base 64. */
  readonly packed: string;
}

/** Packs programs by their names. */
export async function packPrograms(
  programs: Readonly<Record<string, ExportedModel>>,
): Promise<PackedPrograms> {
  const headers: Record<string, PackedHeader> = {};
  const all: Uint8Array<ArrayBuffer>[] = [];
  for (const [name, { data }] of Object.entries(programs)) {
    const bytes = PARTS.map((part) => bytesOf(data[part]));
    const lengths = PARTS.map((part, i) => [part, bytes[i]!.length]);
    headers[name] = { ...data, ...Object.fromEntries(lengths) } as PackedHeader;
    all.push(...bytes);
  }
  const stream = new Blob(all).stream().pipeThrough(new CompressionStream("gzip"));
  const packed = new Uint8Array(await new Response(stream).arrayBuffer()).toBase64();
  return { headers, packed };
}

function bytesOf(stored: PlayedData["weights"]): Uint8Array<ArrayBuffer> {
  return typeof stored === "string" ? Uint8Array.fromBase64(stored) : stored;
}
