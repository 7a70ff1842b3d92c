/** Packs programs into one text for a page: their bytes gzipped, in base 85. */
import { digits85, type PackedHeader } from "./page/mount.ts";
import type { ExportedModel, PlayedData } from "./page/program.ts";

/** Names of a program's bytes, in the order in which they are packed. */
const PARTS = ["relaxedSimd", "simd", "weights"] as const;

/** Result of {@linkcode packPrograms}. */
export interface PackedPrograms {
  /** Data by the program's name, with the length of its bytes in place of them. */
  readonly headers: Readonly<Record<string, PackedHeader>>;
  /** Bytes of all programs, gzipped, in base 85. */
  readonly packed: string;
  /** Number of bytes before compression. */
  readonly packedBytes: number;
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
  const zipped = new Uint8Array(await new Response(stream).arrayBuffer());
  return { headers, packed: toBase85(zipped), packedBytes: zipped.length };
}

/**
 * Writes four bytes as five characters. The result is a quarter longer than the bytes; with base 64
 * it would be a third.
 */
function toBase85(bytes: Uint8Array): string {
  const digits = digits85();
  const view = new DataView(new ArrayBuffer(Math.ceil(bytes.length / 4) * 4));
  new Uint8Array(view.buffer).set(bytes);
  const groups: string[] = [];
  for (let at = 0; at < view.byteLength; at += 4) {
    let rest = view.getUint32(at);
    let group = "";
    for (let i = 0; i < 5; i++) {
      group = digits[rest % 85] + group;
      rest = Math.floor(rest / 85);
    }
    groups.push(group);
  }
  return groups.join("");
}

function bytesOf(stored: PlayedData["weights"]): Uint8Array<ArrayBuffer> {
  return typeof stored === "string" ? Uint8Array.fromBase64(stored) : stored;
}
