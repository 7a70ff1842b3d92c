/** Programs that a playground runs, as `export()` of a compiled function returns them. */

/** Type and shape of an argument or a result. */
export interface PlayedPort {
  /** Type of the elements. */
  readonly dtype: string;
  /** Length of each dimension. */
  readonly shape: readonly number[];
}

/** Program that is ready to run. */
export interface PlayedProgram {
  /** Arguments, in order. */
  readonly inputs: readonly PlayedPort[];
  /** Results, in order. */
  readonly outputs: readonly PlayedPort[];
  /** Computes the results. */
  run(...inputs: readonly ArrayLike<number>[]): ArrayLike<number>[];
}

/** Program as data, with its bytes in these three properties. */
export interface PlayedData {
  /** WebAssembly module for engines with relaxed SIMD. */
  readonly relaxedSimd: Uint8Array<ArrayBuffer> | string;
  /** WebAssembly module for engines without relaxed SIMD. */
  readonly simd: Uint8Array<ArrayBuffer> | string;
  /** Weights of the program. */
  readonly weights: Uint8Array<ArrayBuffer> | string;
}

/** Exported program. */
export interface ExportedModel {
  /** Program as data. */
  readonly data: PlayedData;
  /** JavaScript expression whose value is the function that makes a program from its data. */
  readonly loader: string;
  /** Prepares the program for running here. */
  load(): Promise<PlayedProgram>;
}
