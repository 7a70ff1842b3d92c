/** Kinds and checks of series of numbers. */
import { arrayOf, check, type Kind, list, listOf, number, recordOf } from "../check/mod.ts";

/** Kind of arrays and typed arrays of numbers. Numbers that are not finite leave gaps in a line. */
export const numbers: Kind = {
  expected: "an array of numbers",
  fault: (value) => {
    if (!Array.isArray(value)) return list.fault(value);
    return listOf(number).fault(value); // `every` would skip missing entries
  },
};

/** Kind of arrays of series. */
export const rowsOfNumbers: Kind = arrayOf(numbers);

/**
 * Checks that an object has a series of numbers with each of the given names, and returns the
 * object.
 *
 * @throws {TypeError} if a series is missing or not numbers.
 */
export function seriesOf<T extends object>(
  task: string,
  series: T,
  names: readonly (keyof T & string)[],
): T {
  check(task, { "the series": series }, recordOf({ ...numbers, fault: () => undefined }));
  for (const name of names) check(task, { [name]: series[name] }, numbers);
  return series;
}
