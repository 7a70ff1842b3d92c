/**
 * Whole modules: imports and functions put together in binary form, with their names.
 * @module
 */
import { ByteWriter } from "./bytes.ts";
import { type Callee, Local } from "./expression.ts";
import {
  type FunctionBody,
  FunctionBuilder,
  type FunctionSpec,
  type ParameterLocals,
  type Parameters,
  type SharedFunctions,
} from "./function.ts";
import { type ImportedFunction, type ImportName, type MemoryImport, MOST_PAGES } from "./import.ts";
import { CONTROL, VAL_TYPE, type ValType } from "./opcodes.ts";

interface Body {
  readonly callee: Callee;
  readonly builder: FunctionBuilder;
  readonly exported: boolean;
}

const SECTION = { custom: 0, type: 1, import: 2, function: 3, export: 7, code: 10 };
const KIND = { function: 0, memory: 2 };
const FUNCTION_TYPE = 0x60;

/**
 * A WebAssembly module in the making.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { f32 } from "./scalar.ts";
 * import { ModuleBuilder } from "./module.ts";
 * const builder = new ModuleBuilder();
 * builder.func(
 *   { name: "hypot2", params: { x: "f32", y: "f32" }, result: "f32", export: true },
 *   (f, { x, y }) => f.return(f32.add(f32.mul(x, x), f32.mul(y, y))),
 * );
 * const { exports } = new WebAssembly.Instance(new WebAssembly.Module(builder.finish()));
 * assert.equal((exports["hypot2"] as CallableFunction)(3, 4), 25);
 * ```
 */
export class ModuleBuilder implements SharedFunctions {
  readonly #imports: { readonly callee: Callee; readonly from: ImportName }[] = [];
  readonly #bodies: Body[] = [];
  readonly #shared = new Map<string, Callee>();
  #memory: MemoryImport | undefined;

  /** True if instructions of relaxed SIMD are written; without them a multiply-add is rounded twice. */
  readonly relaxed: boolean;

  /** Starts an empty module. */
  constructor({ relaxed = true }: { readonly relaxed?: boolean } = {}) {
    this.relaxed = relaxed;
  }

  /** Imports the one memory of the module. */
  importMemory(spec: MemoryImport): void {
    this.#memory = spec;
  }

  /** Imports a function; it can be called from functions that were made before or after. */
  importFunction<R extends ValType | void = void>(
    { module, name, params = [], result }: ImportedFunction<R>,
  ): Callee<R> {
    const callee = { name, parameters: params, result } as Callee<R>;
    this.#imports.push({ callee, from: { module, name } });
    return callee;
  }

  /** Adds a function; `body` writes its statements. */
  func<P extends Parameters = Record<never, never>, R extends ValType | void = void>(
    spec: FunctionSpec<P, R>,
    body: FunctionBody<P>,
  ): Callee<R> {
    const parameters = Object.entries(spec.params ?? {});
    const types = parameters.map(([, type]) => type);
    const callee = { name: spec.name, parameters: types, result: spec.result } as Callee<R>;
    const builder = new FunctionBuilder(types, this);
    const locals = parameters.map(([name, type], index) => [name, new Local(type, index, name)]);
    this.#bodies.push({ callee, builder, exported: spec.export ?? false });
    body(builder, Object.fromEntries(locals) as ParameterLocals<P>);
    return callee;
  }

  /** Returns the function of this name, which `body` writes at the first request. */
  shared<P extends Parameters = Record<never, never>, R extends ValType | void = void>(
    spec: FunctionSpec<P, R>,
    body: FunctionBody<P>,
  ): Callee<R> {
    const known = this.#shared.get(spec.name) ?? this.func(spec, body);
    this.#shared.set(spec.name, known);
    return known as Callee<R>;
  }

  /** Returns the module in binary form. */
  finish(): Uint8Array<ArrayBuffer> {
    const types = new TypeSection();
    const functions = [...this.#imports, ...this.#bodies].map(({ callee }) => callee);
    const numbers = new Map(functions.map((callee, number) => [callee, number]));
    const typeNumbers = functions.map((callee) => types.number(callee));
    const out = new ByteWriter();
    out.bytes([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    section(out, SECTION.type, types.content());
    section(out, SECTION.import, this.#importSection(typeNumbers));
    section(
      out,
      SECTION.function,
      vector(typeNumbers.slice(this.#imports.length), (to, type) => {
        to.u32(type);
      }),
    );
    section(out, SECTION.export, this.#exportSection());
    section(
      out,
      SECTION.code,
      vector(this.#bodies, (to, { builder }) => {
        writeBody(to, builder, numbers);
      }),
    );
    section(out, SECTION.custom, nameSection(functions));
    return out.view().slice();
  }

  #importSection(typeNumbers: readonly number[]): ByteWriter {
    const memory = this.#memory ? [this.#memory] : [];
    const functions = this.#imports.map(({ from }, index) => ({ from, type: typeNumbers[index] }));
    return vector([...functions, ...memory], (to, item) => {
      const from = "from" in item ? item.from : item;
      to.name(from.module);
      to.name(from.name);
      to.byte("from" in item ? KIND.function : KIND.memory);
      if ("from" in item) to.u32(item.type ?? 0);
      else writeLimits(to, item);
    });
  }

  #exportSection(): ByteWriter {
    const functions = this.#bodies.flatMap(({ callee, exported }, index) =>
      exported
        ? [{ name: callee.name, kind: KIND.function, index: this.#imports.length + index }]
        : []
    );
    return vector(functions, (to, { name, kind, index }) => {
      to.name(name);
      to.byte(kind);
      to.u32(index);
    });
  }
}

/** The number of the part of the name section that holds functions. */
const FUNCTION_NAMES = 1;

/** Encodes the functions' names, which profilers and stack traces show. */
function nameSection(functions: readonly Callee[]): ByteWriter {
  const out = new ByteWriter();
  out.name("name");
  const names = vector(functions.map((callee, number) => ({ callee, number })), (to, item) => {
    to.u32(item.number);
    to.name(item.callee.name);
  });
  section(out, FUNCTION_NAMES, names);
  return out;
}

/** The distinct signatures of a module, numbered in order of appearance. */
class TypeSection {
  readonly #numbers = new Map<string, number>();
  readonly #callees: Callee[] = [];

  number(callee: Callee): number {
    const key = `${callee.parameters.join(" ")} -> ${callee.result ?? ""}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#callees.length);
    return this.#callees.push(callee) - 1;
  }

  content(): ByteWriter {
    return vector(this.#callees, (to, { parameters, result }) => {
      to.byte(FUNCTION_TYPE);
      writeTypes(to, parameters);
      writeTypes(to, result === undefined ? [] : [result]);
    });
  }
}

function writeTypes(to: ByteWriter, types: readonly ValType[]): void {
  to.u32(types.length);
  for (const type of types) to.byte(VAL_TYPE[type]);
}

/** Writes the limits of a memory; shared memory must have a largest size. */
function writeLimits(to: ByteWriter, { minPages, shared = false }: MemoryImport): void {
  to.byte(shared ? 3 : 0);
  to.u32(minPages);
  if (shared) to.u32(MOST_PAGES);
}

/** Writes a function body: its size, its locals, and its code with the function numbers filled in. */
function writeBody(
  to: ByteWriter,
  builder: FunctionBuilder,
  numbers: ReadonlyMap<Callee, number>,
): void {
  const locals = builder.declarations();
  const code = builder.out;
  for (const { at, callee } of builder.relocations) {
    const number = numbers.get(callee);
    if (number === undefined) {
      throw new Error(`internal: ${callee.name} is called but belongs to another module`);
    }
    const patch = new ByteWriter();
    patch.u32Padded(number);
    code.view().set(patch.view(), at);
  }
  to.u32(locals.length + code.length + 1);
  to.bytes(locals.view());
  to.bytes(code.view());
  to.byte(CONTROL.end);
}

/** Encodes a vector in the sense of the binary format: the number of items, then each item. */
function vector<T>(items: readonly T[], write: (to: ByteWriter, item: T) => void): ByteWriter {
  const out = new ByteWriter();
  if (items.length === 0) return out;
  out.u32(items.length);
  for (const item of items) write(out, item);
  return out;
}

/** Writes a section; one without content is left out. */
function section(out: ByteWriter, id: number, content: ByteWriter): void {
  if (content.length === 0) return;
  out.byte(id);
  out.sized(content);
}
