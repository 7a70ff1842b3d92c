/** Checks of the numbers that figures draw. */
import { arrayOf, check, type Kind, list, listOf, number, recordOf } from "../check/mod.ts";

/** The kind of lists of numbers, also typed ones; numbers that are not finite leave gaps. */
export const numbers: Kind = {
  expected: "an array of numbers",
  fault: (value) => {
    if (!Array.isArray(value)) return list.fault(value);
    return listOf(number).fault(value); // `every` would skip holes
  },
};

/** The kind of lists of lists of numbers. */
export const rowsOfNumbers: Kind = arrayOf(numbers);

/**
 * Checks that an object has a series of numbers under each of these names, and returns it.
 *
 * @throws {TypeError} if it has not.
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
