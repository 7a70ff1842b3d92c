/**
 * The one WebAssembly memory of all compiled steps, and the variables in it.
 *
 * Steps that share a variable share its place, so none of them copies it. The cpu backend sees the
 * place as the variable's data: eager code reads every update at once.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { sizeOf } from "../program/access.ts";
import { alignedBytes, Gaps } from "../program/gaps.ts";
import { asType, bytesPerElement, type DType, type Values, viewOf } from "../program/dtype.ts";
import { MOST_PAGES } from "../wasm/mod.ts";
import { mostThreads } from "./threads.ts";
import {
  type CpuBackend,
  cpuBackend,
  type DataId,
  dataOf,
  replace,
  type TensorData,
  unshare,
} from "../trace/backend.ts";

/** The bytes of a page of WebAssembly's memory. */
export const PAGE = 65536;
/** 256 MiB of addresses: pages that are not touched take no room, and growing is rare. */
const FIRST_PAGES = 4096;
/**
 * Allocation starts here, because a padded window may begin before its image; without this gap such an
 * address could be negative. The pages are never touched, so they take no room.
 */
export const FIRST_ADDRESS = 2 ** 24;

/**
 * The number of bytes after which the engine is asked to collect garbage, if it offers that
 * (`--expose-gc`, as in the notebooks' kernel). The engine does not see that this memory fills up,
 * so it would not collect in time.
 */
const COLLECT_BYTES = 2 ** 24;

const collect: unknown = Reflect.get(globalThis, "gc");

/**
 * The number of garbage collections in a row. One is not enough: a network refers to its programs,
 * and a program to its variables, so they are freed one after the other.
 */
const COLLECTIONS = 3;

function collectSoon(collect: () => void, times: number = COLLECTIONS): void {
  setTimeout(() => {
    collect();
    if (times > 1) collectSoon(collect, times - 1);
  });
}

/** A memory with an allocator; addresses are multiples of 64. */
export class Arena {
  /** The memory that every module imports. */
  readonly memory: WebAssembly.Memory;
  /** True if threads share the memory. */
  readonly isShared: boolean;
  readonly #sizes = new Map<number, number>();
  readonly #slots = new Map<tf.Variable, Slot>();
  readonly #gaps = new Gaps();
  #generation = 0;
  #sinceCollection = 0;

  /** Starts with all memory free. */
  constructor({ isShared = false }: { readonly isShared?: boolean } = {}) {
    this.isShared = isShared;
    this.memory = new WebAssembly.Memory({
      initial: FIRST_PAGES,
      ...(isShared && { shared: true, maximum: MOST_PAGES }),
    });
    this.#gaps.add(FIRST_ADDRESS, FIRST_PAGES * PAGE - FIRST_ADDRESS);
  }

  /** A number that changes when the memory moves. Then views of it have to be made again. */
  get generation(): number {
    return this.#generation;
  }

  /** The present size in pages of 64 kB. */
  get pages(): number {
    return this.memory.buffer.byteLength / PAGE;
  }

  /** Reserves memory; its contents are undefined. */
  allocate(bytes: number): number {
    const needed = alignedBytes(bytes);
    this.#collectAfter(needed);
    const at = this.#gaps.take(needed);
    if (at === undefined) {
      this.#grow(needed);
      return this.allocate(bytes);
    }
    this.#sizes.set(at, needed);
    return at;
  }

  /** Gives memory back. */
  free(at: number): void {
    const bytes = this.#sizes.get(at);
    if (bytes === undefined) throw new Error(`internal: nothing was reserved at ${at}`);
    this.#sizes.delete(at);
    this.#gaps.add(at, bytes);
  }

  /** The number of bytes that are reserved now. */
  get reserved(): number {
    return [...this.#sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Makes a view of elements in memory, good until `generation` changes. */
  view(dtype: DType, at: number, shape: readonly number[]): Values {
    return viewOf(this.memory.buffer as ArrayBuffer, { dtype, at, size: sizeOf(shape) });
  }

  /** Finds or makes the place of a variable; the caller gives it back with `release`. */
  slotOf(variable: tf.Variable): Slot {
    const known = this.#slots.get(variable);
    const slot = known ?? new Slot(this, variable);
    this.#slots.set(variable, slot);
    slot.users++;
    return slot;
  }

  /** Notes that one user of a variable's place is gone; after the last one the variable moves out. */
  release(slot: Slot): void {
    if (--slot.users > 0) return;
    this.#slots.delete(slot.variable);
    slot.moveOut();
    this.free(slot.address);
  }

  #collectAfter(bytes: number): void {
    this.#sinceCollection += bytes;
    if (this.#sinceCollection < COLLECT_BYTES) return;
    this.#sinceCollection = 0;
    if (typeof collect === "function") collectSoon(collect as () => void);
  }

  #grow(bytes: number): void {
    const before = this.memory.buffer.byteLength;
    this.memory.grow(Math.ceil(Math.max(bytes, before / 2) / PAGE));
    this.#gaps.add(before, this.memory.buffer.byteLength - before);
    // Shared memory stays where it is, and so do the views of it.
    if (this.isShared) return;
    this.#generation++;
    for (const slot of this.#slots.values()) slot.refresh();
  }
}

/** A variable's place in memory, and the data id under which the backend has it. */
export class Slot {
  /** The address of its elements. */
  readonly address: number;
  /** The number of compiled steps that have its address in their code. */
  users = 0;
  readonly #dtype: DType;
  #dataId: DataId | undefined;
  #data: TensorData | undefined;

  /** Reserves memory for the variable in an arena, which owns the slot. */
  constructor(readonly arena: Arena, readonly variable: tf.Variable) {
    this.#dtype = variable.dtype as DType;
    this.address = arena.allocate(sizeOf(variable.shape) * bytesPerElement(this.#dtype));
  }

  /** True if the variable's data is here and no other tensor shares it, so that code may update it in place. */
  get isHere(): boolean {
    return this.variable.dataId === this.#dataId && this.#data!.refCount === 1;
  }

  /** Brings the variable's present value here; tensors that shared its data keep theirs. */
  moveIn(): void {
    if (this.isHere) return;
    if (this.variable.isDisposed) {
      throw new Error(
        `Cannot run a compiled function: expected its variable ${this.variable.name}, got one that ` +
          "is disposed",
      );
    }
    const backend = cpuBackend();
    this.#leaveOldData(backend);
    unshare(backend, this.variable);
    const data = dataOf(backend, this.variable.dataId);
    const view = this.#view();
    view.set(asType(data.values, this.#dtype));
    data.values = view;
    this.#dataId = this.variable.dataId;
    this.#data = data;
  }

  /** Gives the variable an array of its own again. */
  moveOut(): void {
    this.#leaveOldData(cpuBackend());
    this.#dataId = undefined;
    this.#data = undefined;
  }

  /** Makes the view again after the memory has moved. */
  refresh(): void {
    if (this.#data) this.#data.values = this.#view();
  }

  #view(): Values {
    return this.arena.view(this.#dtype, this.address, this.variable.shape);
  }

  /**
   * Gives the old data an array of its own: a clone of the variable may still have it, and must not see later
   * updates.
   */
  #leaveOldData(backend: CpuBackend): void {
    if (!this.#dataId || !backend.data.has(this.#dataId)) return;
    this.#data!.values = this.#view().slice();
  }
}

let shared: Arena | undefined;

/** Returns the arena of this process, made when it is first needed. */
export function sharedArena(): Arena {
  if (!shared) {
    shared = new Arena({ isShared: mostThreads() > 1 });
    protect(cpuBackend(), shared);
  }
  return shared;
}

/**
 * Copies elements of the arena when eager code reads them or makes tensors of them: eager code expects arrays
 * that never change.
 */
function protect(backend: CpuBackend, arena: Arena): void {
  // Shared memory that grows has a new buffer, and the old one still shows it.
  const isIn = (buffer: unknown) =>
    arena.isShared ? buffer instanceof SharedArrayBuffer : buffer === arena.memory.buffer;
  const own = (values: unknown) =>
    ArrayBuffer.isView(values) && isIn(values.buffer) ? (values as Values).slice() : values;
  replace(backend, "write", (write) => (values, shape, dtype) => {
    return write.call(backend, own(values), shape, dtype);
  });
  replace(backend, "readSync", (readSync) => (id) => own(readSync.call(backend, id)));
}
