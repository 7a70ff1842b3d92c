/**
 * Names the operation that makes a tensor, from the call stack.
 * @module
 */

/** Says which operation made a tensor. */
export interface Origin {
  /** Whether an optimizer made it while it updated variables. */
  readonly isOptimizers: boolean;
  /** The name of the operation, such as `randomNormal`. */
  readonly operation: string;
}

interface StackFrame {
  getFunctionName(): string | null;
}

/** V8's ways to make a stack shallow or deep, and to write it; others have a text of their own. */
interface ErrorHost {
  stackTraceLimit?: number;
  prepareStackTrace?: ((error: unknown, frames: readonly StackFrame[]) => string) | undefined;
}

/** TensorFlow.js's operations are functions such as `mul_`, called through `mul__op`. */
const OPERATION = /(?:^|[ .])([a-zA-Z]\w*?)_(?:_op)?(?=$|[ @])/;

/**
 * Finds the outermost TensorFlow.js operation on the call stack.
 *
 * No Error is kept: its frames would hold the functions on the stack, and through them whole networks.
 */
export function operationOnStack(): string {
  const host = Error as unknown as ErrorHost;
  const { stackTraceLimit, prepareStackTrace } = host;
  host.stackTraceLimit = 40;
  host.prepareStackTrace = (_, frames) =>
    frames.map((frame) => frame.getFunctionName() ?? "").join("\n");
  const stack = new Error().stack ?? "";
  if (stackTraceLimit !== undefined) host.stackTraceLimit = stackTraceLimit;
  if (prepareStackTrace) host.prepareStackTrace = prepareStackTrace;
  else delete host.prepareStackTrace;
  const names = stack.split("\n").flatMap((line) => OPERATION.exec(line)?.[1] ?? []);
  return names.at(-1) ?? "tensor";
}
