import assert from "node:assert/strict";
import { arrayText, tensorInline, tensorText, valueText } from "../../lib/jupyter/values.ts";

Deno.test("valueText() four decimals, whole numbers exact, tiny and huge ones scientific", () => {
  const cases: [Parameters<typeof valueText>[0], string][] = [
    [0.97899997, "0.9790"],
    [1, "1"],
    [-0, "0"],
    [123456789, "123456789"],
    [1234.5678, "1234.6"],
    [0.00012349, "1.235e-4"],
    [1234567.5, "1.235e+6"],
    [NaN, "NaN"],
    [-Infinity, "-Infinity"],
    [5n, "5n"],
    [true, "true"],
    ['say "no"', '"say \\"no\\""'],
    [[1, -0.5], "1 - 0.5000i"],
  ];
  for (const [value, expected] of cases) assert.equal(valueText(value), expected);
});

Deno.test("arrayText() a short one stands in one line", () => {
  assert.equal(
    arrayText(Float32Array.of(0.979, 0.016), "Float32Array"),
    "Float32Array(2) [0.9790, 0.0160]",
  );
  assert.equal(arrayText([], "Int8Array"), "Int8Array(0) []");
});

Deno.test("arrayText() lines of ten, the middle of a long one counted", () => {
  assert.equal(
    arrayText(Int32Array.from({ length: 23 }, (_, i) => i * i), "Int32Array"),
    `Int32Array(23) [
    0,   1,   4,   9,  16,  25,  36,  49,  64,  81,
  100, 121, 144, 169, 196, 225, 256, 289, 324, 361,
  400, 441, 484
]`,
  );
  const long = arrayText(new Uint8Array(10_000), "Uint8Array").split("\n");
  assert.equal(long.length, 13);
  assert.equal(long[0], "Uint8Array(10,000) [");
  assert.equal(long[6], "  … 9,900 more …,");
});

Deno.test("tensorText() rows in brackets, columns aligned", () => {
  assert.equal(
    tensorText({ dtype: "float32", shape: [2, 2], values: [0.5, 10, -1.25, 3] }),
    "tensor float32 [2, 2]\n[[ 0.5000,      10],\n [-1.2500,       3]]",
  );
  assert.equal(tensorText({ dtype: "int32", shape: [], values: [7] }), "tensor int32 []: 7");
  assert.equal(
    tensorText({ dtype: "float32", shape: [2, 0], values: [] }),
    "tensor float32 [2, 0]\n[[],\n []]",
  );
});

Deno.test("tensorText() long axes are shortened at their middle, the values are the right ones", () => {
  const values = Int32Array.from({ length: 30 * 40 }, (_, i) => i);
  const lines = tensorText({ dtype: "int32", shape: [30, 40], values }).split("\n");
  assert.equal(lines.length, 1 + 5 + 1 + 5);
  assert.equal(lines[6], " … 20 more …,");
  assert.match(lines[11]!, /^ \[1160, .* … 20 more …, .* 1199\]\]$/);
});

Deno.test("tensorText() a batch of images takes few lines", () => {
  const shape = [64, 28, 28, 1];
  const text = tensorText({ dtype: "float32", shape, values: new Float32Array(64 * 28 * 28) });
  assert.ok(text.split("\n").length < 20);
});

Deno.test("tensorInline() one line where it is short", () => {
  const tensor = { dtype: "float32", shape: [2, 2], values: [0.5, 10, -1.25, 3] };
  assert.equal(tensorInline(tensor), "tensor float32 [2, 2] [[0.5000, 10], [-1.2500, 3]]");
});
