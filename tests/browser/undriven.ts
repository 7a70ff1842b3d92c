/**
 * Tests in Firefox and in WebKitGTK, which has Safari's engine; skipped by name where they are not installed.
 * Nothing drives these browsers: they open a page, and the page posts its result.
 */

/** HTML and JavaScript that stand in a page before a function runs there. */
interface PageParts {
  readonly html?: string;
  readonly script?: string;
}

/** Runs the body of an async function in a page; gives what it returns. */
export type RunInPage = (body: string, before?: PageParts) => Promise<unknown>;

/** Registers a test for each browser. */
export function undrivenTest(name: string, run: (runInPage: RunInPage) => Promise<void>): void {
  for (const browser of BROWSERS) {
    const { program } = browser;
    Deno.test({
      name: `${name} in ${browser.name}${program ? "" : " (skipped: it is not installed)"}`,
      ignore: !program,
      fn: () =>
        run((body, before = {}) => runInPage({ ...browser, program: program! }, body, before)),
    });
  }
}

interface Browser {
  readonly name: string;
  /** The browser's file. */
  readonly program: string;
  /** The arguments before the address, with a folder for the browser's files. */
  args(folder: string): string[];
  /** The file of an X server, if the browser needs one. */
  readonly screen?: string | undefined;
}

const screen = firstFile(["/usr/bin/Xvfb"]);
const libraries = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"];
const miniBrowser = firstFile(libraries.map((folder) => `${folder}/webkit2gtk-4.1/MiniBrowser`));

const BROWSERS: readonly (Omit<Browser, "program"> & { readonly program: string | undefined })[] = [
  {
    name: "Firefox",
    program: firstFile(["/usr/bin/firefox", "/usr/bin/firefox-esr"]),
    args: (folder) => ["--headless", "--no-remote", "--profile", folder],
  },
  { name: "WebKit", program: screen && miniBrowser, args: () => ["--private"], screen },
];

function firstFile(paths: readonly string[]): string | undefined {
  return paths.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

/** Longest wait for a result, in milliseconds. */
const LIMIT_MS = 180_000;

async function runInPage(
  { name, program, args, screen }: Browser,
  body: string,
  { html = "", script = "" }: PageParts,
): Promise<unknown> {
  const posted = Promise.withResolvers<unknown>();
  posted.promise.catch(() => {}); // a browser may end after it was heard
  await using stack = new AsyncDisposableStack();
  const page = `<!doctype html><meta charset="utf-8">${html}<script src="script.js"></script>`;
  const code = `${script}\n${POST.replace("BODY", () => body)}`;
  const onListen = () => {};
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen }, async (request) => {
    if (request.method === "POST") {
      const { result, error } = await request.json();
      if (error === undefined) posted.resolve(result);
      else posted.reject(new Error(`${name}: ${error}`));
      return new Response();
    }
    return request.url.endsWith("/script.js")
      ? new Response(code, { headers: { "content-type": "text/javascript" } })
      : new Response(page, { headers: { "content-type": "text/html" } });
  });
  stack.use(server);
  const folder = await Deno.makeTempDir({ prefix: "gan-notebooks-browser-" });
  stack.defer(() => Deno.remove(folder, { recursive: true }).catch(() => {})); // it may still write
  const env = { HOME: folder, ...screen && { DISPLAY: await openScreen(screen, stack) } };
  const browser = stack.use(
    new Deno.Command(program, {
      args: [...args(folder), `http://127.0.0.1:${server.addr.port}/`],
      env,
      stdout: "null",
      stderr: "null",
    }).spawn(),
  );
  browser.status.then(({ code }) => posted.reject(new Error(`${name} ended with code ${code}`)));
  const late = () => posted.reject(new Error(`${name} posted nothing in three minutes`));
  const timer = setTimeout(late, LIMIT_MS);
  stack.defer(() => clearTimeout(timer));
  return await posted.promise;
}

/** Runs in the page: posts what the function returns or throws. */
const POST = `
(async () => { BODY })().then(
  (result) => ({ result }),
  (error) => ({ error: error + "\\n" + error.stack }),
).then((answer) => fetch("/", { method: "POST", body: JSON.stringify(answer) }));
`;

/** Starts an X server that shows nothing; returns its name. */
async function openScreen(program: string, stack: AsyncDisposableStack): Promise<string> {
  const args = ["-displayfd", "1", "-nolisten", "tcp"];
  const server = new Deno.Command(program, { args, stdout: "piped", stderr: "null" }).spawn();
  stack.use(server);
  const reader = server.stdout.getReader();
  stack.defer(() => reader.cancel());
  return `:${new TextDecoder().decode((await reader.read()).value).trim()}`;
}
