/** The compiler in a page of Firefox: a training gives the bits that it gives in Deno. No driver: the page posts its result. */
import assert from "node:assert/strict";
import { bundle } from "../jit/portable_bundle.ts";
import { runPortable, type TrainedBoth } from "../jit/portable_run.ts";

const CODE = `
  import { trainBoth } from "./portable_step.ts";
  const post = (body) => fetch("/result", { method: "POST", body });
  trainBoth().then((trained) => post(JSON.stringify(trained)), (error) => post("failed: " + error));
`;

const CANDIDATES = [
  "/usr/bin/firefox",
  "/usr/bin/firefox-esr",
  "/Applications/Firefox.app/Contents/MacOS/firefox",
  "C:\\Program Files\\Mozilla Firefox\\firefox.exe",
];

const firefox = CANDIDATES.find((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});

/** Opens a page with this script in Firefox; returns the text that the page posts. */
async function postedBy(script: string, executable: string): Promise<string> {
  const posted = Promise.withResolvers<string>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      if (request.method === "POST") {
        posted.resolve(await request.text());
        return new Response();
      }
      if (request.url.endsWith("/script.js")) {
        return new Response(script, { headers: { "content-type": "text/javascript" } });
      }
      const page = '<!doctype html><meta charset="utf-8"><script src="script.js"></script>';
      return new Response(page, { headers: { "content-type": "text/html" } });
    },
  );
  const profile = await Deno.makeTempDir({ prefix: "gan-notebooks-firefox-" });
  const url = `http://127.0.0.1:${server.addr.port}/`;
  const process = new Deno.Command(executable, {
    args: ["--headless", "--no-remote", "--profile", profile, url],
    stdout: "null",
    stderr: "null",
  }).spawn();
  const late = () => posted.reject(new Error("Firefox posted nothing in five minutes"));
  const timer = setTimeout(late, 300_000);
  process.status.then(({ code }) => posted.reject(new Error(`Firefox ended with code ${code}`)));
  try {
    return await posted.promise;
  } finally {
    clearTimeout(timer);
    posted.promise.catch(() => {});
    process.kill();
    await process.status;
    await server.shutdown();
    await Deno.remove(profile, { recursive: true }).catch(() => {}); // Firefox may still write
  }
}

Deno.test({
  name: firefox
    ? "jit() gives the same bits in Firefox as in Deno"
    : "jit() gives the same bits in Firefox as in Deno (skipped: no Firefox found)",
  ignore: !firefox,
  async fn() {
    const deno = await runPortable("deno");
    const text = await postedBy(await bundle(CODE, "browser"), firefox!);
    assert(!text.startsWith("failed"), text);
    const trained = JSON.parse(text) as TrainedBoth;
    assert.deepEqual(trained.strict, deno.strict);
    assert.deepEqual(trained.fastest, trained.fastest.relaxedSimd ? deno.fastest : deno.strict);
  },
});
