/** Checks of arguments and options: a wrong one throws an error before anything changes. */
export { check, checkOptions, isOfKind, type Kinds } from "./check.ts";
export { describeValue } from "./describe_value.ts";
export { readVariable } from "./environment.ts";
export {
  anything,
  arrayOf,
  type Bounds,
  callable,
  finiteNumber,
  flag,
  folderPath,
  instanceOf,
  isPlainObject,
  type Kind,
  list,
  listOf,
  number,
  objectWith,
  oneOf,
  optional,
  recordOf,
  text,
  union,
  wholeNumber,
} from "./kinds.ts";
