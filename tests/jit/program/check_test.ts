/** The invariants of programs: each broken one is found. */
import assert from "node:assert/strict";
import { denseAccess } from "../../../lib/jit/program/access.ts";
import { checkProgram } from "../../../lib/jit/program/check.ts";
import type { Var } from "../../../lib/jit/program/equation.ts";
import type { TracedProgram } from "../../../lib/jit/program/program.ts";
import { read } from "../../../lib/jit/program/builder.ts";

const x: Var = { id: 0, dtype: "float32", shape: [2, 3] };
const y: Var = { id: 1, dtype: "float32", shape: [2, 3] };

/** `y = neg x`, with some parts replaced. */
function program(parts: Partial<TracedProgram> = {}): TracedProgram {
  return {
    inputs: [x],
    variables: [],
    constants: [],
    equations: [{ op: "map", fn: "neg", inputs: [read(x)], out: y }],
    outputs: [read(y)],
    assigns: [],
    ...parts,
  };
}

Deno.test("checkProgram() returns a good program", () => {
  const good = program();
  assert.equal(checkProgram(good), good);
});

Deno.test("checkProgram() finds a value that is read before it is made", () => {
  assert.throws(() => checkProgram(program({ equations: [] })), /%1:f32\[2, 3\] is read before/);
});

Deno.test("checkProgram() finds a value that is made twice", () => {
  const { equations } = program();
  const twice = program({ equations: [...equations, ...equations] });
  assert.throws(() => checkProgram(twice), /defined twice/);
});

Deno.test("checkProgram() finds a read outside of its value", () => {
  const beyond = read(x, { ...denseAccess([2, 3]), offset: 1 });
  const broken = program({ equations: [{ op: "map", fn: "neg", inputs: [beyond], out: y }] });
  assert.throws(() => checkProgram(broken), /leaves it/);
});

Deno.test("checkProgram() finds a function with too many operands", () => {
  const inputs = [read(x), read(x)];
  const broken = program({ equations: [{ op: "map", fn: "neg", inputs, out: y }] });
  assert.throws(() => checkProgram(broken), /neg has arity/);
});

Deno.test("checkProgram() finds a result that is not dense", () => {
  const outputs = [read(y, { shape: [3, 2], offset: 0, strides: [1, 3] })];
  assert.throws(() => checkProgram(program({ outputs })), /not dense/);
});

Deno.test("checkProgram() finds a part that leaves the array that it is put into", () => {
  const broken = (begin: number[]) =>
    program({
      equations: [{ op: "assemble", inputs: [read(x)], begins: [begin], fill: 0, out: y }],
    });
  assert.doesNotThrow(() => checkProgram(broken([0, 0])));
  for (const begin of [[1, 0], [0, 1], [0, -1], [0]]) {
    assert.throws(() => checkProgram(broken(begin)), /part 0 of %1:f32\[2, 3\] leaves it/);
  }
});

Deno.test("checkProgram() finds a variable that is assigned twice, or is not there", () => {
  const variable: Var = { id: 2, dtype: "float32", shape: [2, 3] };
  const assign = { variable: 0, value: read(y) };
  const twice = program({ variables: [variable], assigns: [assign, assign] });
  assert.throws(() => checkProgram(twice), /assigned twice/);
  assert.throws(() => checkProgram(program({ assigns: [assign] })), /no variable 0/);
});
