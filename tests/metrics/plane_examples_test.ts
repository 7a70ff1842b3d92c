/** The examples of precision, recall and Fréchet distance show what their names promise. */
import assert from "node:assert/strict";
import { Random } from "../../lib/data/mod.ts";
import { frechetDistance, planeExamples, precisionAndRecall } from "../../lib/metrics/mod.ts";

Deno.test("planeExamples() a missing mode costs recall, broken points cost precision, for any seed", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const examples = await planeExamples(new Random(seed));
    const [good, missing, broken] = ["good", "a mode is missing", "half are broken"].map((name) =>
      examples[name]!
    );
    for (const { real, generated } of [good!, missing!, broken!]) {
      assert.deepEqual([real.length, generated.length], [24, 24]);
    }
    assert(missing!.recall <= 0.5 && missing!.recall < good!.recall, `seed ${seed}`);
    assert(broken!.precision <= 0.5 && broken!.precision < good!.precision, `seed ${seed}`);
    assert(good!.frechet < missing!.frechet && good!.frechet < broken!.frechet, `seed ${seed}`);
  }
});

Deno.test("planeExamples() gives the measures of the points beside them", async () => {
  for (const example of Object.values(await planeExamples(new Random(1)))) {
    const [real, generated] = [example.real, example.generated].map((points) => ({
      values: Float64Array.from(points.flat()),
      width: 2,
    })) as [{ values: Float64Array; width: number }, { values: Float64Array; width: number }];
    const { precision, recall } = await precisionAndRecall(real, generated);
    assert.deepEqual([example.precision, example.recall], [precision, recall]);
    assert.equal(example.frechet, await frechetDistance(real, generated));
  }
});
