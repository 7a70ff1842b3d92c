/**
 * The imports of a module: functions and its memory.
 * @module
 */
import type { ValType } from "./opcodes.ts";

/** The name of an import: `imports[module][name]` when the module is instantiated. */
export interface ImportName {
  /** The outer name, such as `env`. */
  readonly module: string;
  /** The inner name. */
  readonly name: string;
}

/** The name, parameters and result of an imported function. */
export interface ImportedFunction<R extends ValType | void> extends ImportName {
  /** The types of its parameters in order. */
  readonly params?: readonly ValType[];
  /** The type of its result; left out for none. */
  readonly result?: R extends ValType ? R : undefined;
}

/** The largest number of pages of a memory: 4 GiB. */
export const MOST_PAGES = 65536;

/** An import of memory, in pages of 64 kB. */
export interface MemoryImport extends ImportName {
  readonly minPages: number;
  /** True for memory that threads share; its largest size is then `MOST_PAGES`. */
  readonly shared?: boolean;
}
