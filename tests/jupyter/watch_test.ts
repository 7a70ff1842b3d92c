/** A watched training draws figures, stores samples that are due, and keeps the order of the run. */
import assert from "node:assert/strict";
import { watch, type WatchOptions } from "../../lib/jupyter/mod.ts";
import { inStandIn } from "./stand_in.ts";

const series = () => ({ real: [0.5], fake: [0.5] });
const D = {
  history: series(),
  answers: series(),
  loss: { equilibrium: Math.LN2, answers: "logit" },
  progress: [0.6912],
};
const G = { progress: [1.234] };
const samples = () => new Float32Array(784);

/** Makes a run that records what is done with it. */
function notedRun(from = 0) {
  const notes: string[] = [];
  const run = {
    step: from,
    async *steps(total: number, options: { note?: () => string }) {
      notes.push(`said ${options.note?.()}`);
      try {
        for (; run.step < total;) {
          yield run.step;
          run.step++;
        }
      } finally {
        notes.push("left");
      }
    },
  };
  return { run, notes };
}

Deno.test("watch() counts the run's steps, keeps samples that are due before them, and at the end", async () => {
  const { run, notes } = notedRun(2);
  const kept: number[] = [];
  const timeline = {
    isDue: (step: number) => step !== 3,
    add: (step: number, images: ArrayLike<number>) => {
      assert.equal(images.length, 784);
      kept.push(step);
    },
  };
  const done: number[] = [];
  for await (const step of watch(run, 5, { D, G, samples, timeline })) {
    assert.equal(kept.at(-1), step === 3 ? 2 : step);
    done.push(step);
  }
  assert.deepEqual(done, [2, 3, 4]);
  assert.deepEqual(kept, [2, 4, 5]);
  assert.deepEqual(notes, ["said D 0.69 · G 1.23", "left"]);
});

Deno.test("watch() draws before the first step and after the last, in a notebook", async () => {
  const { run } = notedRun();
  let share = -1;
  const displayed = await inStandIn(async () => {
    const loop = watch(run, 3, { D, G, samples, title: "My <game>", columns: 1 });
    for await (const _ of loop);
    share = loop.drawingShare;
  });
  assert(displayed.length >= 2);
  assert.equal(new Set(displayed.map(({ options }) => options.display_id)).size, 1);
  const { layout } = displayed[0]!.bundle["application/vnd.plotly.v1+json"] as {
    layout: { title: { text: string } };
  };
  assert.equal(layout.title.text, "My &lt;game&gt;");
  assert(share >= 0 && share <= 1);
});

Deno.test("watch() a loop that is left or fails leaves the run too, and draws once more", async () => {
  const { run, notes } = notedRun();
  const displayed = await inStandIn(async () => {
    for await (const step of watch(run, 10, { D, G, samples })) if (step === 2) break;
    await assert.rejects(async () => {
      for await (const _ of watch(run, 10, { D, G, samples })) throw new RangeError("mine");
    }, { message: "mine" });
  });
  assert.deepEqual(notes.filter((note) => note === "left"), ["left", "left"]);
  assert(displayed.length >= 4);
  assert.equal(run.step, 2);
});

Deno.test("watch() of a critic draws no line at one half", async () => {
  const critic = { ...D, loss: { equilibrium: 0, answers: "score" } };
  const names = async (D: WatchOptions["D"]) => {
    const { run } = notedRun();
    const [first] = await inStandIn(async () => {
      for await (const _ of watch(run, 1, { D, G, samples }));
    });
    const { data } = first!.bundle["application/vnd.plotly.v1+json"] as {
      data: { name: string }[];
    };
    return data.filter(({ name }) => name === "D cannot tell").length;
  };
  assert.deepEqual([await names(D), await names(critic)], [2, 1]);
});

Deno.test("watch() refuses wrong arguments before the first step", () => {
  const { run } = notedRun();
  const refused: [() => unknown, RegExp][] = [
    [() => watch({} as never, 1, { D, G, samples }), /expected run to be a run, such as a Train/],
    [() => watch(run, 1.5, { D, G, samples }), /expected total to be a whole number from 0 on/],
    [() => watch(run, 1, { D, G } as never), /expected samples to be a function, got undefined/],
    [() => watch(run, 1, { D: 1, G, samples } as never), /expected D to be a network, got 1/],
    [() => watch(run, 1, { D, G, samples, colums: 2 } as never), /did you mean columns\?/],
    [
      () => watch(run, 1, { D, G, samples, timeline: [] } as never),
      /expected timeline to be a time/,
    ],
  ];
  for (const [run, message] of refused) assert.throws(run, { message });
});

Deno.test("watch() has drawn for no time before its loop begins", () => {
  assert.equal(watch(notedRun().run, 3, { D, G, samples }).drawingShare, 0);
});
