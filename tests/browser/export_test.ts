/** Exported programs in pages: browsers give the bits that the compiled functions give in Deno. */
import assert from "node:assert/strict";
import { checkComputed, COMPUTE, tasks } from "../jit/run/exported_steps.ts";
import { browserTest } from "./browser_test_case.ts";
import { openBrowser } from "./chromium.ts";
import { undrivenTest } from "./undriven.ts";

let made: ReturnType<typeof tasks> | undefined;

const sharedTasks = () => made ??= tasks();

browserTest("export() gives the step's own bits in Chromium", async ({ chromium }) => {
  const { text, loader, expected } = await sharedTasks();
  await using browser = await openBrowser(chromium, { offline: true });
  const page = await browser.newPage();
  checkComputed(await page.evaluate(`(${COMPUTE})(${loader}, ${text})`), expected);
  assert.deepEqual(browser.complaints, []);
});

undrivenTest("export() gives the step's own bits", async (runInPage) => {
  const { text, loader, expected } = await sharedTasks();
  checkComputed(await runInPage(`return (${COMPUTE})(${loader}, ${text});`), expected);
});
