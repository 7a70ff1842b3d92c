/**
 * A compiled function as one object that runs without TensorFlow.js and without this compiler.
 * @module
 */
import { checksumOf, type LoadedProgram, loaderText, loadProgram } from "./load_program.ts";
import type { ProgramData, StoredBytes } from "./load_program.ts";

/** Everything of a program but its checksum. */
type Content =
  & Omit<ProgramData, "checksum">
  & {
    readonly [name in "relaxedSimd" | "simd" | "weights"]: Uint8Array<ArrayBuffer>;
  };

/** A compiled function with its weights, for a page. */
export class ExportedProgram {
  /** The program; {@linkcode ExportedProgram.toJSON} gives the same with its bytes in base 64. */
  readonly data: ProgramData;
  /**
   * The largest difference between a weight and what is stored for it: 0 for float32, at most a 2,048th
   * of the weight for float16 (or 3e-8, if that is more), a 254th of the largest weight of its column for int8.
   */
  readonly weightError: number;

  /** Takes a program's data, as `export()` of a compiled function makes it. */
  constructor(content: Content, weightError: number) {
    const { relaxedSimd, simd, weights, ...rest } = content;
    const checksum = checksumOf(rest, { relaxedSimd, simd, weights });
    this.data = { ...rest, checksum, relaxedSimd, simd, weights };
    this.weightError = weightError;
  }

  /** The number of bytes of the two modules and the weights. */
  get bytes(): number {
    const { relaxedSimd, simd, weights } = this.data;
    return [relaxedSimd, simd, weights].reduce((sum, { length }) => sum + length, 0);
  }

  /** Plain JavaScript: an expression whose value is the function `loadProgram`, for a script in a page. */
  get loader(): string {
    return loaderText();
  }

  /** The same as the text of a module without imports, which exports `loadProgram`. */
  get script(): string {
    return `/** Runs programs that were exported as data. */\nexport const loadProgram = ${this.loader};\n`;
  }

  /** Returns the data for a file: `JSON.stringify(exported)` is its text. */
  toJSON(): ProgramData {
    const { relaxedSimd, simd, weights, ...rest } = this.data;
    return {
      ...rest,
      relaxedSimd: base64(relaxedSimd),
      simd: base64(simd),
      weights: base64(weights),
    };
  }

  /** Makes the program ready to run here, as a page does. */
  load(): Promise<LoadedProgram> {
    return loadProgram(this.data);
  }
}

/** Encodes bytes in base 64, in pieces, because a call has a limited number of arguments. */
function base64(bytes: StoredBytes): string {
  if (typeof bytes === "string") return bytes;
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(text);
}
