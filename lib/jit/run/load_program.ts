/**
 * The loader of exported programs, for pages that have neither TensorFlow.js nor this compiler. The functions here
 * are also written out as text, so they use nothing from outside but each other and what every engine has.
 * @module
 */

/** The type and shape of an argument or a result. */
export interface Port {
  /** `float32`, `int32` or `bool`. */
  readonly dtype: string;
  /** Its axes. */
  readonly shape: readonly number[];
}

/** An argument, a result or weights in the memory of a program. */
export interface PlacedPort extends Port {
  /** Its first byte. */
  readonly address: number;
}

/** A part of the weights: its format and its place in memory. */
export interface WeightPart {
  /** Their format: `float32`, `float16` or `int8`; `int32` and `bool` are stored as they are. */
  readonly type: string;
  /** The number of weights. */
  readonly length: number;
  /** The length of the last axis: `int8` has a scale for each of its places. */
  readonly columns: number;
  /** Their address in the memory of the program. */
  readonly address: number;
}

/** Bytes, or bytes in base 64. */
export type StoredBytes = Uint8Array<ArrayBuffer> | string;

/** An exported program as data; as JSON its bytes are in base 64. */
export interface ProgramData {
  /** The name of the format. */
  readonly format: string;
  /** The version of the format. */
  readonly version: number;
  /** A number made of everything else (CRC-32), so that damage is noticed. */
  readonly checksum: number;
  /** The arguments, in order. */
  readonly inputs: readonly PlacedPort[];
  /** The results, in order. */
  readonly outputs: readonly PlacedPort[];
  /** The memory that it needs, in pages of 64 kB. */
  readonly pages: number;
  /** The weights, one after the other. */
  readonly parts: readonly WeightPart[];
  /** The WebAssembly module with instructions of relaxed SIMD. */
  readonly relaxedSimd: StoredBytes;
  /** The WebAssembly module without them. */
  readonly simd: StoredBytes;
  /** The weights and larger constants. */
  readonly weights: StoredBytes;
}

/** An exported program that is ready to run. */
export interface LoadedProgram {
  /** The arguments, in order. */
  readonly inputs: readonly Port[];
  /** The results, in order. */
  readonly outputs: readonly Port[];
  /** True if the module with relaxed SIMD runs. */
  readonly relaxedSimd: boolean;
  /**
   * Computes the results, one array for each, which are the caller's.
   *
   * @throws {TypeError | RangeError} if there is not one array of the right length for each argument.
   */
  run(...inputs: readonly ArrayLike<number>[]): (Float32Array | Int32Array | Uint8Array)[];
}

/**
 * Makes a program from its data, with relaxed SIMD if the engine has it.
 *
 * @throws {TypeError | RangeError} if it is not the data of a program, is damaged, or has another version.
 */
export async function loadProgram(data: ProgramData): Promise<LoadedProgram> {
  const { relaxedSimd, simd, weights } = readData(data);
  const isRelaxed = WebAssembly.validate(relaxedSimd);
  const module = await WebAssembly.compile(isRelaxed ? relaxedSimd : simd);
  const memory = new WebAssembly.Memory({ initial: data.pages });
  const math = mathImports(module);
  const refuseIndex = (index: number, length: number) => {
    throw new RangeError(`Cannot gather: expected indices from 0 to ${length - 1}, got ${index}`);
  };
  const imports = { env: { memory, refuseIndex }, math };
  const instance = await WebAssembly.instantiate(module, imports as WebAssembly.Imports);
  writeWeights(data.parts, weights, memory.buffer as ArrayBuffer);
  const portOf = ({ dtype, shape }: Port) => ({ dtype, shape });
  return {
    inputs: data.inputs.map(portOf),
    outputs: data.outputs.map(portOf),
    relaxedSimd: isRelaxed,
    run(...inputs) {
      const views = data.inputs.map((port) => viewOf(memory.buffer as ArrayBuffer, port));
      checkInputs(data.inputs, inputs, views);
      views.forEach((view, i) => view.set(inputs[i]!));
      (instance.exports["run"] as () => void)();
      return data.outputs.map((port) => viewOf(memory.buffer as ArrayBuffer, port).slice());
    },
  };
}

/** Makes the scalar functions that a module imports. */
export function mathImports(module: WebAssembly.Module): Record<string, WebAssembly.ImportValue> {
  const others: Record<string, unknown> = {
    mod: (x: number, y: number) => {
      const rest = x % y;
      return (x < 0) === (y < 0) ? rest : (rest + y) % y;
    },
    toInt: (x: number) => Math.trunc(x) | 0,
  };
  const math: Record<string, WebAssembly.ImportValue> = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    if (from === "math") math[name] = (others[name] ?? Reflect.get(Math, name)) as () => number;
  }
  return math;
}

/** Returns the bytes of a program's data, after checks. */
function readData(data: ProgramData) {
  const refuse = (expected: string, got: unknown, Kind = RangeError): never => {
    throw new Kind(`Cannot load a program: expected ${expected}, got ${String(got)}`);
  };
  let format: unknown;
  try {
    format = data.format;
  } catch {
    // Nothing that has properties to read.
  }
  if (format !== "tensor program") {
    return refuse("the data of an exported program", "something else", TypeError);
  }
  const { version } = data;
  if (version !== 1) {
    return refuse("version 1", typeof version === "number" ? version : "no number");
  }
  const { checksum, relaxedSimd, simd, weights, ...rest } = data;
  const bytesOf = (stored: StoredBytes): Uint8Array<ArrayBuffer> => {
    if (typeof stored !== "string") return stored;
    return Uint8Array.from(atob(stored), (character) => character.charCodeAt(0));
  };
  try {
    const stored = {
      relaxedSimd: bytesOf(relaxedSimd),
      simd: bytesOf(simd),
      weights: bytesOf(weights),
    };
    if (checksumOf(rest, stored) === checksum) return stored;
  } catch {
    // Not base 64, or no bytes at all.
  }
  return refuse("data as they were exported", "others (their checksum is wrong)");
}

/** Computes the CRC-32 of everything but the checksum. */
export function checksumOf(
  rest: object,
  bytes: Readonly<Record<"relaxedSimd" | "simd" | "weights", Uint8Array>>,
): number {
  const table = Int32Array.from({ length: 256 }, (_, byte) => {
    for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? byte >>> 1 ^ 0xedb88320 : byte >>> 1;
    return byte;
  });
  const text = new TextEncoder().encode(JSON.stringify(rest));
  let sum = -1;
  for (const part of [text, bytes.relaxedSimd, bytes.simd, bytes.weights]) {
    if (!(part instanceof Uint8Array)) throw new TypeError("expected bytes");
    for (let i = 0; i < part.length; i++) sum = sum >>> 8 ^ table[(sum ^ part[i]!) & 255]!;
  }
  return ~sum >>> 0;
}

/** Puts the weights where the program reads them. */
function writeWeights(
  parts: readonly WeightPart[],
  bytes: Uint8Array<ArrayBuffer>,
  memory: ArrayBuffer,
): void {
  let at = 0;
  const take = (length: number) => bytes.slice(at, at += length);
  for (const { type, length, columns, address } of parts) {
    if (type === "float16") {
      const [low, high] = [take(length), take(length)];
      const floats = new Float32Array(memory, address, length);
      for (let i = 0; i < length; i++) floats[i] = float16(low[i]! | high[i]! << 8);
    } else if (type === "int8") {
      const scales = new Float32Array(take(4 * columns).buffer);
      const floats = new Float32Array(memory, address, length);
      const rounded = new Int8Array(take(length).buffer);
      for (let i = 0; i < length; i++) floats[i] = rounded[i]! * scales[i % columns]!;
    } else {
      const size = type === "bool" ? length : 4 * length;
      new Uint8Array(memory, address, size).set(take(size));
    }
  }
}

/** Returns the finite number with these 16 bits. */
function float16(bits: number): number {
  const [exponent, steps] = [bits >> 10 & 31, bits & 1023];
  const size = exponent ? (1024 + steps) * 2 ** (exponent - 25) : steps * 2 ** -24;
  return bits & 0x8000 ? -size : size;
}

/** Makes a view of an argument or a result in memory. */
function viewOf(
  memory: ArrayBuffer,
  { dtype, shape, address }: PlacedPort,
): Float32Array | Int32Array | Uint8Array {
  const length = shape.reduce((product, axis) => product * axis, 1);
  if (dtype === "float32") return new Float32Array(memory, address, length);
  return dtype === "int32"
    ? new Int32Array(memory, address, length)
    : new Uint8Array(memory, address, length);
}

/** Throws for arrays that do not fit the arguments. */
function checkInputs(
  ports: readonly Port[],
  inputs: readonly ArrayLike<number>[],
  views: readonly ArrayLike<number>[],
): void {
  if (inputs.length !== ports.length) {
    throw new TypeError(
      `Cannot run a program: expected ${ports.length} arrays, got ${inputs.length}`,
    );
  }
  ports.forEach(({ dtype, shape }, i) => {
    const [length, found] = [views[i]!.length, inputs[i]?.length];
    if (found === length) return;
    throw new RangeError(
      `Cannot run a program: expected ${length} numbers for argument ${i + 1}, ` +
        `${dtype}[${shape.join(", ")}], got ${found === undefined ? "no array" : found}`,
    );
  });
}

/** Returns the loader as an expression in plain JavaScript, whose value is `loadProgram`. */
export function loaderText(): string {
  const parts = [
    loadProgram,
    mathImports,
    readData,
    checksumOf,
    writeWeights,
    float16,
    viewOf,
    checkInputs,
  ];
  return `(() => {\n${parts.join("\n")}\nreturn ${loadProgram.name};\n})()`;
}
