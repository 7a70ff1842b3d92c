/** The learning rate of a classifier's training. */
import assert from "node:assert/strict";
import { rateAt } from "../../lib/metrics/classifier_training.ts";

Deno.test("rateAt() rises in the first twentieth of the steps, then falls to 0", () => {
  const rates = Array.from({ length: 101 }, (_, i) => rateAt(i / 100));
  assert.equal(rates[0], 0);
  assert.equal(Math.max(...rates), 3e-3);
  assert.equal(rates.indexOf(3e-3), 5);
  rates.slice(1, 6).forEach((rate, i) => assert(rate > rates[i]!));
  rates.slice(6).forEach((rate, i) => assert(rate < rates[i + 5]!));
  assert.equal(rates[100], 0);
  assert(Math.abs(rateAt(0.525) - 1.5e-3) < 1e-12, "half way down");
});
