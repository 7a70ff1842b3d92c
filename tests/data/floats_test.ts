/** Arrays of numbers that are made anew, small and large. */
import assert from "node:assert/strict";
import { copyFloats, makeFloats } from "../../lib/data/mod.ts";

Deno.test("copyFloats() copies every number, and what is changed later is its own", () => {
  for (const size of [0, 1, 64, 65, 300]) {
    const values = Array.from({ length: size }, (_, i) => i / 8);
    const copies = [copyFloats(values), copyFloats(Float32Array.from(values))];
    copies.push(copyFloats(copies[0]!));
    for (const copy of copies) assert.deepEqual([...copy], values);
    copies[0]?.fill(9);
    for (const copy of copies.slice(1)) assert.deepEqual([...copy], values);
  }
});

Deno.test("makeFloats() gives zeros that no other array shares", () => {
  const arrays = [4, 64, 65, 3, 64].map((size) => makeFloats(size));
  arrays.forEach((array, i) => array.fill(i + 1));
  arrays.forEach((array, i) => assert(array.every((value) => value === i + 1)));
  assert(makeFloats(64).every((value) => value === 0));
});
