/** Runs a script in a headless Firefox, if the machine has one; it is not driven, so it sends its result. */

/** Finds Firefox; undefined where there is none. */
export async function findFirefox(): Promise<string | undefined> {
  for (const name of ["firefox-esr", "firefox"]) {
    const { success } = await new Deno.Command("which", { args: [name], stdout: "null" }).output();
    if (success) return name;
  }
  return undefined;
}

/** Longest wait for a result, in milliseconds. */
const LIMIT_MS = 180_000;

/**
 * Opens a page of `html` and a script in an empty profile; the script's `send(value)` is the result.
 *
 * @throws {Error} if Firefox ends before it has sent anything, or sends nothing for three minutes.
 */
export async function runInFirefox(
  firefox: string,
  script: string,
  { html = "" }: { readonly html?: string } = {},
): Promise<unknown> {
  const sent = Promise.withResolvers<unknown>();
  const onListen = () => {};
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen }, async (request) => {
    if (request.method === "POST") {
      sent.resolve(await request.json());
      return new Response("thanks");
    }
    const send =
      `const send = (value) => fetch("/", { method: "POST", body: JSON.stringify(value) });`;
    const page = `<!doctype html>${html}<script type="module">${send}\n${script}</script>`;
    return new Response(page, {
      headers: { "content-type": "text/html; charset=utf-8" },
    });
  });
  const profile = await Deno.makeTempDir({ prefix: "gan-notebooks-firefox-" });
  const address = `http://127.0.0.1:${server.addr.port}/`;
  const args = ["--headless", "--no-remote", "--profile", profile, address];
  const browser = new Deno.Command(firefox, { args, stdout: "null", stderr: "null" }).spawn();
  const late = setTimeout(() => {
    sent.reject(new Error(`Cannot use ${firefox}: expected a result within three minutes`));
  }, LIMIT_MS);
  try {
    const ended = browser.status.then(({ code }) => {
      throw new Error(`Cannot use ${firefox}: expected a result, got its end with status ${code}`);
    });
    return await Promise.race([sent.promise, ended]);
  } finally {
    clearTimeout(late);
    sent.promise.catch(() => {});
    browser.kill("SIGTERM");
    await browser.status;
    await Deno.remove(profile, { recursive: true }).catch(() => {});
  }
}
