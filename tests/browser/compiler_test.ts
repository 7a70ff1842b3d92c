/** The compiler in a page: a training gives the bits that it gives in Deno. */
import assert from "node:assert/strict";
import { bundle } from "../jit/portable_bundle.ts";
import { runPortable, type TrainedBoth } from "../jit/portable_run.ts";
import { browserTest } from "./browser_test_case.ts";
import { openBrowser } from "./chromium.ts";
import { undrivenTest } from "./undriven.ts";

const CODE = `
  import { trainBoth } from "./portable_step.ts";
  globalThis.trained = trainBoth();
`;

let inDeno: Promise<TrainedBoth> | undefined;
let script: Promise<string> | undefined;

const pageScript = () => script ??= bundle(CODE, "browser");

/** Checks a training against that of Deno, each with the same instructions. */
async function checkTrained(result: unknown): Promise<void> {
  const [trained, deno] = [result as TrainedBoth, await (inDeno ??= runPortable("deno"))];
  assert.deepEqual(trained.strict, deno.strict);
  assert.deepEqual(trained.fastest, trained.fastest.relaxedSimd ? deno.fastest : deno.strict);
}

browserTest("jit() gives the same bits as in Deno in Chromium", async ({ chromium }) => {
  await using browser = await openBrowser(chromium, { offline: true });
  const page = await browser.newPage();
  await page.addScriptTag({ content: await pageScript() });
  await checkTrained(await page.evaluate("trained"));
  assert.deepEqual(browser.complaints, []);
});

undrivenTest("jit() gives the same bits as in Deno", async (runInPage) => {
  await checkTrained(await runInPage("return trained;", { script: await pageScript() }));
});
