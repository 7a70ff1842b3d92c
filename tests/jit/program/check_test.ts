/** The invariants of programs: each broken one is found. */
import assert from "node:assert/strict";
import { type Access, denseAccess } from "../../../lib/jit/program/access.ts";
import { checkProgram } from "../../../lib/jit/program/check.ts";
import type { DType } from "../../../lib/jit/program/dtype.ts";
import type { Equation, LoopEquation, Var } from "../../../lib/jit/program/equation.ts";
import type { Program, TracedProgram } from "../../../lib/jit/program/program.ts";
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
  assert.throws(() => checkProgram(broken), /neg has another number of operands/);
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

Deno.test("checkProgram() finds a variable that changes its type", () => {
  const variable: Var = { id: 2, dtype: "int32", shape: [2, 3] };
  const broken = program({ variables: [variable], assigns: [{ variable: 0, value: read(y) }] });
  assert.throws(() => checkProgram(broken), /variable 0 changes its type/);
});

Deno.test("checkProgram() finds a constant with too few values", () => {
  const constants = [{ out: { ...y, id: 2 }, values: new Float32Array(5) }];
  assert.throws(() => checkProgram(program({ constants })), /%2:f32\[2, 3\] has 5 values/);
});

/** A program of one equation over `x`, which must make `y`. */
function ofOne(equation: Equation): Program {
  return { ...program({ equations: [] }), equations: [equation] };
}

/** Reads `x` in another way. */
const reading = (access: Partial<Access>) => read(x, { ...denseAccess([2, 3]), ...access });

const BAD_READS: Readonly<Record<string, [Partial<Access>, RegExp]>> = {
  "before it": [{ offset: 2, strides: [-3, 1] }, /leaves it/],
  "after it": [{ strides: [4, 1] }, /leaves it/],
  "with another rank": [{ strides: [3] }, /ranks that differ/],
  "of another size": [{ shape: [2, 2] }, /has 4 elements, not 6/],
};
for (const [name, [access, message]] of Object.entries(BAD_READS)) {
  Deno.test(`checkProgram() finds a read of a value ${name}, by functions, views and loops`, () => {
    const inputs = [reading(access)] as const;
    const loop: LoopEquation = {
      op: "loop",
      shape: [2, 3],
      inputs,
      body: [{ fn: "neg", args: [0], dtype: "float32" }],
      stores: [{ value: 1, out: y }],
      reductions: [],
    };
    for (
      const equation of [
        { op: "map", fn: "neg", inputs, out: y },
        { op: "view", name: "view", inputs, out: y },
        loop,
      ] as const
    ) assert.throws(() => checkProgram(ofOne(equation)), message);
  });
}

Deno.test("checkProgram() reads nothing from anywhere", () => {
  const out: Var = { id: 1, dtype: "float32", shape: [0, 3] };
  const inputs = [reading({ shape: [0, 3], offset: 6 })];
  checkProgram({ ...ofOne({ op: "map", fn: "neg", inputs, out }), outputs: [] });
});

Deno.test("checkProgram() finds loops that read ahead or store another size", () => {
  const loop = (arg: number, shape: number[]): LoopEquation => ({
    op: "loop",
    shape: [2, 3],
    inputs: [read(x)],
    body: [{ fn: "neg", args: [arg], dtype: "float32" }],
    stores: [{ value: 1, out: { ...y, shape } }],
    reductions: [],
  });
  assert.throws(() => checkProgram(ofOne(loop(1, [2, 3]))), /reads ahead/);
  assert.throws(() => checkProgram(ofOne(loop(0, [2, 2]))), /%1:f32\[2, 2\] does not fit/);
});

Deno.test("checkProgram() finds axes that are not there", () => {
  for (const axis of [-1, 2]) {
    const out: Var = { id: 1, dtype: "float32", shape: [] };
    const sum = { op: "reduce", fn: "sum", inputs: [read(x)], axes: [axis], out } as const;
    assert.throws(() => checkProgram(ofOne(sum)), /axes that its operand does not have/);
  }
});

Deno.test("checkProgram() finds draws from another state or of truth values", () => {
  const draw = (state: Var, dtype: DType): Program => ({
    ...program({ inputs: [state] }),
    equations: [{
      op: "draw",
      distribution: "uniform",
      parameters: [0, 1],
      stream: 0,
      inputs: [read(state)],
      out: { ...y, dtype },
    }],
    outputs: [],
  });
  const state: Var = { id: 0, dtype: "int32", shape: [4] };
  checkProgram(draw(state, "float32"));
  assert.throws(() => checkProgram(draw(state, "bool")), /drawn as bool/);
  assert.throws(() => checkProgram(draw({ ...state, shape: [3] }, "float32")), /3 elements, not 4/);
  assert.throws(() => checkProgram(draw({ ...state, dtype: "float32" }, "float32")), /not int32/);
});

/** A gather of `numbers` from `from` that makes `out`, or a sum by those numbers. */
function picking(op: "gather" | "segmentSum", from: Var, numbers: Var, out: Var): Program {
  const inputs = [read(from), read(numbers)] as const;
  return {
    ...program({ inputs: [from, numbers], outputs: [] }),
    equations: [{ op, inputs, out }],
  };
}

Deno.test("checkProgram() finds picks that do not fit", () => {
  const from: Var = { id: 0, dtype: "float32", shape: [2, 5, 3] };
  const numbers: Var = { id: 1, dtype: "int32", shape: [4] };
  const out: Var = { id: 2, dtype: "float32", shape: [2, 4, 3] };
  checkProgram(picking("gather", from, numbers, out));
  checkProgram(picking("gather", from, { ...numbers, shape: [2, 4] }, out));
  checkProgram(picking("segmentSum", out, numbers, { ...from, id: 3 }));
  const broken = [
    picking("gather", from, { ...numbers, dtype: "float32" }, out),
    picking("gather", from, { ...numbers, shape: [5] }, out),
    picking("gather", from, { ...numbers, shape: [3, 4] }, out),
    picking("gather", from, { ...numbers, shape: [1, 2, 4] }, out),
    picking("gather", from, numbers, { ...out, shape: [1, 4, 3] }),
    picking("gather", from, numbers, { ...out, shape: [2, 4, 1] }),
    picking("gather", from, numbers, { ...out, shape: [2, 4] }),
    picking("gather", from, numbers, { ...out, dtype: "int32" }),
    picking("segmentSum", from, numbers, { ...out, id: 3 }),
    picking("segmentSum", out, { ...numbers, shape: [2, 4] }, { ...from, id: 3 }),
  ];
  for (const one of broken) {
    assert.throws(() => checkProgram(one), /does not fit its operands/);
  }
});
