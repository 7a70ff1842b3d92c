/** Exported programs in pages: Chromium and Firefox give the bits that the compiled functions give in Deno. */
import assert from "node:assert/strict";
import { checkComputed, COMPUTE, tasks } from "../jit/run/exported_steps.ts";
import { browserTest } from "./browser_test_case.ts";
import { openBrowser } from "./chromium.ts";
import { findFirefox, runInFirefox } from "./firefox.ts";

browserTest("export() gives the step's own bits in Chromium", async ({ chromium }) => {
  const { text, loader, expected } = await tasks();
  await using browser = await openBrowser(chromium, { offline: true });
  const page = await browser.newPage();
  checkComputed(await page.evaluate(`(${COMPUTE})(${loader}, ${text})`), expected);
  assert.deepEqual(browser.complaints, []);
});

const firefox = await findFirefox();

Deno.test({
  name: `export() gives the step's own bits in Firefox${
    firefox ? "" : " (skipped: there is none)"
  }`,
  ignore: !firefox,
  fn: async () => {
    const { text, loader, expected } = await tasks();
    const script = `send(await (${COMPUTE})(${loader}, ${text}));`;
    checkComputed(await runInFirefox(firefox!, script), expected);
  },
});
