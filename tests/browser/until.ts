/** Waits, with a limit, for what a page shows. */

/** Longest wait in milliseconds; a busy machine needs a minute where a quiet one needs a second. */
export const LIMIT_MS = 120_000;

/**
 * Asks again and again until the answer is yes.
 *
 * @throws {Error} if the answer is still no after two minutes.
 */
export async function until(expected: string, asked: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + LIMIT_MS;
  while (!await asked()) {
    if (Date.now() > end) throw new Error(`Waited for two minutes in vain: expected ${expected}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Waits for the end of work, but at most `ms` milliseconds. Tells whether it ended. */
export async function endsWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), ms);
  try {
    return await Promise.race([work.then(() => true), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
