/** Makes checkpoints with changed content and right checksums. */

// deno-lint-ignore no-explicit-any -- tests break files in ways that no type describes
export type Json = any;

/** Changes a file of a checkpoint, or removes it from the list, and writes new checksums. */
export async function change(
  path: string,
  file: string,
  edit: (bytes: Uint8Array) => Uint8Array,
): Promise<void> {
  await Deno.writeFile(`${path}/${file}`, edit(await Deno.readFile(`${path}/${file}`)));
  const list = await Deno.readTextFile(`${path}/SHA256SUMS`);
  const names = list.trimEnd().split("\n").map((line) => line.slice(66));
  const lines = await Promise.all(names.map(async (name) => {
    const sum = await crypto.subtle.digest("SHA-256", await Deno.readFile(`${path}/${name}`));
    return `${new Uint8Array(sum).toHex()}  ${name}\n`;
  }));
  await Deno.writeTextFile(`${path}/SHA256SUMS`, lines.join(""));
}

/** Makes a change of a JSON file. */
export function json(edit: (saved: Json) => void): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => {
    const saved = JSON.parse(new TextDecoder().decode(bytes));
    edit(saved);
    return new TextEncoder().encode(JSON.stringify(saved));
  };
}
