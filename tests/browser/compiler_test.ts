/** The compiler in a page: a training in Chromium gives the bits that it gives in Deno. */
import assert from "node:assert/strict";
import { bundle } from "../jit/portable_bundle.ts";
import { runPortable, type TrainedBoth } from "../jit/portable_run.ts";
import { browserTest } from "./browser_test_case.ts";
import { openBrowser } from "./chromium.ts";

const CODE = `
  import { trainBoth } from "./portable_step.ts";
  globalThis.trained = trainBoth();
`;

browserTest("jit() gives the same bits in Chromium as in Deno", async ({ chromium }) => {
  const deno = await runPortable("deno");
  await using browser = await openBrowser(chromium, { offline: true });
  const page = await browser.newPage();
  await page.addScriptTag({ content: await bundle(CODE, "browser") });
  const trained = await page.evaluate("trained") as TrainedBoth;
  assert.deepEqual(trained.strict, deno.strict);
  assert.deepEqual(trained.fastest, trained.fastest.relaxedSimd ? deno.fastest : deno.strict);
  assert.deepEqual(browser.complaints, []);
});
