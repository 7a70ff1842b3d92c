/**
 * A small WebAssembly assembler: typed expressions in, a binary module out.
 *
 * The parts: bytes (`bytes.ts`), expressions (`expression.ts`), instructions
 * (`scalar.ts`, `vector.ts`, `atomic.ts`), function bodies (`function.ts`), modules
 * (`module.ts`).
 * @module
 */
export { call, Expr, type Int, Local, select } from "./expression.ts";
export type { Callee, ExprOrNumber } from "./expression.ts";
export { FunctionBuilder } from "./function.ts";
export type {
  FunctionBody,
  FunctionSpec,
  Label,
  LoopBounds,
  ParameterLocals,
  Parameters,
  SharedFunctions,
  VectorLane,
} from "./function.ts";
export { atomic } from "./atomic.ts";
export { liftI32 } from "./tables.ts";
export { f32, f64, i32, i64 } from "./scalar.ts";
export { f32x4, f64x2, i16x8, i32x4, i64x2, i8x16, v128 } from "./vector.ts";
export type { Vector } from "./vector.ts";
export { MOST_PAGES } from "./import.ts";
export type { ImportedFunction, ImportName, MemoryImport } from "./import.ts";
export type { ValType } from "./opcodes.ts";
export { ModuleBuilder } from "./module.ts";
