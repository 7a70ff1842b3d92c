/**
 * The numbers of WebAssembly's binary format: value types, structure and instructions, as data.
 *
 * Sources: the WebAssembly core specification 3.0, which includes SIMD and relaxed SIMD, and the threads
 * proposal for atomic instructions and shared memory.
 * @module
 */

/** A type of a value on WebAssembly's stack. */
export type ValType = "i32" | "i64" | "f32" | "f64" | "v128";

/** The byte that stands for each value type. */
export const VAL_TYPE: Readonly<Record<ValType, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
};

/** The prefix byte of every atomic instruction. */
export const ATOMIC_PREFIX = 0xfe;

/** Atomic instructions: the number and the logarithm of the alignment, which must be the natural one. */
export const ATOMIC = {
  notify: [0x00, 2],
  wait64: [0x02, 3],
  load32: [0x10, 2],
  load64: [0x11, 3],
  add32: [0x1e, 2],
  exchange32: [0x41, 2],
  exchange64: [0x42, 3],
  compareExchange64: [0x49, 3],
} as const;

/** The prefix byte of every SIMD instruction. */
export const SIMD_PREFIX = 0xfd;

/** Opcodes of control instructions, of locals, and of other instructions without a type. */
export const CONTROL = {
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  return: 0x0f,
  call: 0x10,
  drop: 0x1a,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  emptyBlock: 0x40,
} as const;

/** Opcodes of instructions with two operands and a result of the same type. */
export const BINARY = {
  i32: {
    add: 0x6a,
    sub: 0x6b,
    mul: 0x6c,
    divU: 0x6e,

    and: 0x71,
    or: 0x72,
    xor: 0x73,
    shl: 0x74,
    shrS: 0x75,
    shrU: 0x76,
  },
  i64: {
    add: 0x7c,
    sub: 0x7d,
    mul: 0x7e,

    and: 0x83,
    or: 0x84,
    xor: 0x85,
    shl: 0x86,
    shrS: 0x87,
    shrU: 0x88,
  },
  f32: { add: 0x92, sub: 0x93, mul: 0x94, div: 0x95, min: 0x96, max: 0x97, copysign: 0x98 },
  f64: { add: 0xa0, sub: 0xa1, mul: 0xa2, div: 0xa3, min: 0xa4, max: 0xa5, copysign: 0xa6 },
  v128: { and: 78, andnot: 79, or: 80, xor: 81 },
  i64x2: { extmulLowI32x4U: 222, extmulHighI32x4U: 223 },
  i32x4: { add: 174, sub: 177, mul: 181, minS: 182, minU: 183, maxS: 184, maxU: 185 },
  f32x4: {
    add: 228,
    sub: 229,
    mul: 230,
    div: 231,
    min: 232,
    max: 233,
    pmin: 234,
    pmax: 235,
  },
  f64x2: { add: 240, sub: 241, mul: 242, div: 243, min: 244, max: 245, pmin: 246, pmax: 247 },
} as const;

/**
 * Opcodes of comparisons of two operands. The result is an i32, 1 or 0, or a vector with lanes of
 * all ones or all zeros.
 */
export const COMPARE = {
  i32: {
    eq: 0x46,
    ne: 0x47,
    ltS: 0x48,
    ltU: 0x49,
    gtS: 0x4a,
    leS: 0x4c,
    geS: 0x4e,
    geU: 0x4f,
  },
  i64: { eq: 0x51, ne: 0x52, ltS: 0x53, gtS: 0x55, leS: 0x57, geS: 0x59 },
  f32: { eq: 0x5b, ne: 0x5c, lt: 0x5d, gt: 0x5e, le: 0x5f, ge: 0x60 },
  f64: { eq: 0x61, ne: 0x62, lt: 0x63, gt: 0x64, le: 0x65, ge: 0x66 },
  i32x4: { eq: 55, ne: 56, ltS: 57, ltU: 58, gtS: 59, leS: 61, geS: 63, geU: 64 },
  f32x4: { eq: 65, ne: 66, lt: 67, gt: 68, le: 69, ge: 70 },
  f64x2: { eq: 71, ne: 72, lt: 73, gt: 74, le: 75, ge: 76 },
} as const;

/** Opcodes of instructions with one operand, and a result of the same type. */
export const UNARY = {
  i32: { clz: 0x67, ctz: 0x68, popcnt: 0x69 },
  f32: { abs: 0x8b, neg: 0x8c, ceil: 0x8d, floor: 0x8e, trunc: 0x8f, nearest: 0x90, sqrt: 0x91 },
  f64: { abs: 0x99, neg: 0x9a, ceil: 0x9b, floor: 0x9c, trunc: 0x9d, nearest: 0x9e, sqrt: 0x9f },
  v128: { not: 77 },
  i32x4: { abs: 160, neg: 161 },
  f32x4: { ceil: 103, floor: 104, trunc: 105, nearest: 106, abs: 224, neg: 225, sqrt: 227 },
  f64x2: { abs: 236, neg: 237, sqrt: 239, ceil: 116, floor: 117, trunc: 122, nearest: 148 },
} as const;

/** Opcodes of conversions of scalars. `reinterpret` keeps the bits, and `wrap` the lower ones. */
export const CONVERT = {
  i32: { eqz: 0x45, wrapI64: 0xa7, reinterpretF32: 0xbc },
  i64: { extendI32U: 0xad },
  f32: { convertI32S: 0xb2, convertI32U: 0xb3, demoteF64: 0xb6, reinterpretI32: 0xbe },
  f64: { convertI64S: 0xb9, convertI32S: 0xb7, convertI32U: 0xb8, promoteF32: 0xbb },
} as const;

/**
 * Opcode of the truncation of a float to i32. It does not trap: a number out of range becomes the
 * nearest one in range.
 */
export const TRUNC_SAT_F32 = [0xfc, 0] as const;

/** Opcodes of instructions from a vector to a vector of another lane type. */
export const VECTOR_CONVERT = {
  i32x4: {
    truncSatF32x4S: 248,
    truncSatF64x2SZero: 252,

    extendLowI16x8S: 167,
    extendLowI16x8U: 169,
  },
  i16x8: {
    extendLowI8x16U: 137,
  },
  f32x4: { convertI32x4S: 250, convertI32x4U: 251, demoteF64x2Zero: 94 },
  f64x2: { convertLowI32x4S: 254, convertLowI32x4U: 255, promoteLowF32x4: 95 },
} as const;

/** Opcodes of loads, each with the logarithm of its natural alignment. */
export const LOAD = {
  i32: { load: [0x28, 2], load8S: [0x2c, 0], load8U: [0x2d, 0], load16S: [0x2e, 1] },
  i64: { load: [0x29, 3] },
  f32: { load: [0x2a, 2] },
  f64: { load: [0x2b, 3] },
  v128: {
    load: [0, 4],

    load32Splat: [9, 2],
    load32Zero: [92, 2],
    load64Zero: [93, 3],
  },
} as const;

/** Opcodes of stores, each with the logarithm of its natural alignment. */
export const STORE = {
  i32: { store: [0x36, 2], store8: [0x3a, 0], store16: [0x3b, 1] },
  i64: { store: [0x37, 3] },
  f32: { store: [0x38, 2] },
  f64: { store: [0x39, 3] },
  v128: { store: [11, 4] },
} as const;

/** Opcodes of the other SIMD instructions, which have immediates or operands of several types. */
export const SIMD = {
  const: 12,
  shuffle: 13,
  bitselect: 82,
  anyTrue: 83,
  load32Lane: 86,
  store32Lane: 90,
  store64Lane: 91,
  splat: { i8x16: 15, i32x4: 17, i64x2: 18, f32x4: 19, f64x2: 20 },
  extractLane: { i32x4: 27, f32x4: 31, f64x2: 33 },
  replaceLane: { i32x4: 28, f32x4: 32, f64x2: 34 },
  i32x4: { allTrue: 163, bitmask: 164, shl: 171, shrS: 172, shrU: 173 },
  i8x16: { narrowI16x8S: 101, narrowI16x8U: 102 },
  i16x8: { narrowI32x4S: 133, narrowI32x4U: 134 },
  f32x4: { relaxedMadd: 0x105, relaxedNmadd: 0x106 },
  relaxedLaneselectI32x4: 0x10b,
} as const;
