/** The programs that a playground runs: what `export()` of a compiled function gives. */

/** The type and shape of an argument or a result. */
export interface PlayedPort {
  /** The type of its elements. */
  readonly dtype: string;
  /** Its axes. */
  readonly shape: readonly number[];
}

/** A program that is ready to run. */
export interface PlayedProgram {
  /** The arguments, in order. */
  readonly inputs: readonly PlayedPort[];
  /** The results, in order. */
  readonly outputs: readonly PlayedPort[];
  /** Computes the results. */
  run(...inputs: readonly ArrayLike<number>[]): ArrayLike<number>[];
}

/** A program as data; its bytes are under these three names. */
export interface PlayedData {
  /** A module. */
  readonly relaxedSimd: Uint8Array<ArrayBuffer> | string;
  /** A module for engines with fewer instructions. */
  readonly simd: Uint8Array<ArrayBuffer> | string;
  /** The weights. */
  readonly weights: Uint8Array<ArrayBuffer> | string;
}

/** An exported program. */
export interface ExportedModel {
  /** The program. */
  readonly data: PlayedData;
  /** JavaScript whose value is the function that makes a program of its data. */
  readonly loader: string;
  /** Makes the program ready to run here. */
  load(): Promise<PlayedProgram>;
}
