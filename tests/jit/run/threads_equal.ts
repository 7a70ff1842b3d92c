/** What the two processes of the test of equal results say to each other. */

/** The numbers of threads that are compared. */
export const THREADS = [1, 2, 3, 4, 8] as const;

/** The calls of each function. */
export const CALLS = 3;

/** What came out of a function with one of {@linkcode THREADS}. */
export interface Outcome {
  /** Made of all bits of all results and variables after each call. */
  readonly digest: string;
  /** True if the program was made for several threads. */
  readonly isShared: boolean;
  /** The threads that helped. */
  readonly helpers: number;
}

/** The outcomes of each function, one for each number of threads. */
export type Outcomes = Record<string, Outcome[]>;
