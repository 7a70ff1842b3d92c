/** All small changes of a program: every one of them makes it compute something else. */
import type { Access } from "../../../lib/jit/program/access.ts";
import { type ConstantVar, resultsOf, type Var } from "../../../lib/jit/program/equation.ts";
import type { Program } from "../../../lib/jit/program/program.ts";

/** A changed program and the field that was changed. */
export interface Change {
  readonly field: string;
  readonly program: Program;
}

/** What a name is changed into, by its field; other names get a letter more. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  dtype: ["float32", "int32", "bool"],
  kind: ["conv2d", "conv2dInput", "conv2dFilter", "max", "avg"],
  fn: ["add", "sub", "sum", "max"],
};

/** Fields that only together with others make a program. */
const KEPT_FIELDS: readonly string[] = ["id", "op"];
const KEPT_LENGTHS: readonly string[] = ["shape", "strides", "reduced", "begins", "values"];

type Values = Float32Array | Int32Array | Uint8Array;
type Changed = readonly [field: string, value: unknown];

/** Finds the values that can be read for another one, so that something else is computed. */
type OthersOf = (source: Var) => readonly Var[];

/** The program with one field changed, once for each of its fields. */
export function* changesOf(program: Program): Generator<Change> {
  const sources = [
    ...program.inputs,
    ...program.variables,
    ...program.constants.map(({ out }) => out),
    ...program.equations.flatMap(resultsOf),
  ];
  const contents = new Map(
    program.constants.map((constant) => [constant.out.id, contentOf(constant)]),
  );
  const isSame = (a: Var, b: Var) =>
    a.id === b.id || contents.has(a.id) && contents.get(a.id) === contents.get(b.id);
  const othersOf: OthersOf = (source) => sources.filter((other) => !isSame(source, other));
  for (const [field, changed] of ofFields(program, "program", othersOf)) {
    yield { field, program: changed as Program };
  }
}

/** Writes what a constant holds: two with the same content can be read for each other. */
function contentOf({ out: { dtype, shape }, values }: ConstantVar): string {
  const numbers = Array.from(values, (value) => Object.is(value, -0) ? "-0" : String(value));
  return `${dtype} [${values.length === 1 ? "" : shape}] ${numbers}`;
}

function* ofValue(value: unknown, field: string, othersOf: OthersOf): Generator<Changed> {
  const name = field.slice(field.lastIndexOf(".") + 1);
  if (KEPT_FIELDS.includes(name)) return;
  if (name === "source") {
    yield* othersOf(value as Var).map((other) => [field, other] as const);
  } else if (typeof value === "number") yield [field, value + 1];
  else if (typeof value === "boolean") yield [field, !value];
  else if (typeof value === "string") {
    const names = NAMES[name] ?? [`${value}s`];
    yield* names.filter((other) => other !== value).map((other) => [field, other] as const);
  } else if (ArrayBuffer.isView(value)) yield* ofNumbers(value as Values, field);
  else if (Array.isArray(value)) {
    yield* ofFields(value, field, othersOf);
    const mayEnd = value.length > 0 && !KEPT_LENGTHS.includes(name);
    if (mayEnd) yield [`${field}.length`, value.slice(0, -1)];
  } else if (typeof value === "object" && value !== null) yield* ofFields(value, field, othersOf);
}

function* ofFields(value: object, field: string, othersOf: OthersOf): Generator<Changed> {
  for (const [name, item] of Object.entries(value)) {
    if (name === "strides") {
      yield* ofStrides(value as Access, field);
      continue;
    }
    for (const [where, changed] of ofValue(item, `${field}.${name}`, othersOf)) {
      const copy = Array.isArray(value) ? [...value] : { ...value };
      yield [where, Object.assign(copy, { [name]: changed })];
    }
  }
}

/** A stride along a dimension of length 1 is never used. */
function* ofStrides(access: Access, field: string): Generator<Changed> {
  for (const [d, stride] of access.strides.entries()) {
    if (access.shape[d]! <= 1) continue;
    yield [`${field}.strides.${d}`, { ...access, strides: access.strides.with(d, stride + 1) }];
  }
}

/** Zeros get the other sign. */
function* ofNumbers(values: Values, field: string): Generator<Changed> {
  for (const [i, value] of values.entries()) {
    const copy = values.slice();
    copy[i] = !Number.isFinite(value)
      ? 0
      : value === 0 && copy instanceof Float32Array
      ? -value
      : value + 1;
    yield [`${field}.${i}`, copy];
  }
}
