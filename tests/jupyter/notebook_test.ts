import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { interruptMessage, Interrupts } from "../../lib/jupyter/guards.ts";
import { Figure, show, showTable, startNotebook } from "../../lib/jupyter/mod.ts";
import { steps } from "../../lib/train/mod.ts";
import { inStandIn, saidBy } from "./stand_in.ts";

Deno.test("startNotebook() outside a notebook nothing is shown, and nothing throws", async () => {
  const said = await saidBy(async () => {
    const notebook = await startNotebook();
    await notebook.onProgress({ step: 0, steps: 1, elapsedMs: 0, done: false });
    assert.equal(notebook.signal.aborted, false);
    assert.equal(await startNotebook(), notebook);
    const shown = await show(new Figure([{ type: "scatter", y: [1, 2] }]));
    await shown.update(new Figure([]));
    await showTable([{ a: 1 }]);
    notebook.close();
  });
  assert.deepEqual(said, ["Figure (scatter, 2 points)", "a\n1"]);
});

Deno.test("startNotebook() what it gives serves as the options of a loop, alone and with others", async () => {
  await saidBy(async () => {
    const notebook = await startNotebook();
    const note = () => "a note";
    for (const options of [notebook, { ...notebook, note }]) {
      let count = 0;
      for await (const _ of steps(3, options)) count++;
      assert.equal(count, 3);
    }
    notebook.close();
  });
});

Deno.test("startNotebook() TensorFlow.js computes on the cpu without its banner", async () => {
  const said = await saidBy(async () => {
    const notebook = await startNotebook();
    tf.tidy(() => assert.deepEqual([...tf.add(1, 2).dataSync()], [3]));
    notebook.close();
  });
  assert.equal(tf.getBackend(), "cpu");
  assert.deepEqual(said, []);
});

Deno.test("startNotebook() an unknown backend: the error names those that are known", async () => {
  await assert.rejects(startNotebook({ backend: "abacus" }), {
    name: "RangeError",
    message: /expected backend to be one of .*"cpu".*, got the string "abacus"/,
  });
});

Deno.test("startNotebook() every run of the start-up cell brings plotly.js again", async () => {
  const displayed = await inStandIn(async () => {
    const first = await startNotebook();
    assert.equal(await startNotebook(), first);
    first.close();
  });
  assert.equal(displayed.length, 2);
  for (const { bundle } of displayed) {
    assert.equal(bundle["text/plain"], "Ready: TensorFlow.js 4.22.0, backend cpu.");
    assert.ok(String(bundle["text/html"]).length > 1_500_000);
    assert.equal(String(bundle["text/html"]).match(/<\/script/g)?.length, 1);
  }
});

Deno.test("startNotebook() an interrupt while it starts ends the cell, and not the next one", async () => {
  await inStandIn(async () => {
    let press = () => {};
    const listening = {
      addSignalListener: { value: (_: string, listener: () => void) => press = listener },
      removeSignalListener: { value: () => {} },
    };
    Object.defineProperties(Deno, listening);
    const starting = startNotebook({ figures: false });
    press();
    await assert.rejects(starting, { name: "AbortError", message: interruptMessage });
    const notebook = await startNotebook({ figures: false });
    assert.equal(notebook.signal.aborted, false);
    notebook.close();
  });
});

Deno.test("show() the update goes to the same output", async () => {
  const displayed = await inStandIn(async () => {
    const shown = await show(new Figure([{ type: "scatter", y: [1] }]), { height: 200 });
    await shown.update(new Figure([{ type: "scatter", y: [1, 2] }]));
  });
  const [first, second] = displayed;
  assert.deepEqual(displayed.map(({ options }) => options.update), [false, true]);
  assert.equal(first?.options.display_id, second?.options.display_id);
  const figures = displayed.map(({ bundle }) =>
    bundle["application/vnd.plotly.v1+json"] as { layout: { height: number } }
  );
  assert.deepEqual(figures.map(({ layout }) => layout.height), [200, 200]);
});

Deno.test("Interrupts ten interrupts abort ten signals, each the one that was handed out", () => {
  const interrupts = new Interrupts();
  for (let time = 1; time <= 10; time++) {
    const { signal } = interrupts;
    assert.equal(signal.aborted, false);
    interrupts.interrupt();
    assert.equal(signal.aborted, true);
    assert.equal(signal.reason.message, interruptMessage);
    assert.throws(() => signal.throwIfAborted(), { name: "AbortError" });
    assert.notEqual(interrupts.signal, signal);
  }
});

/** Returns the representation that the kernel requests from a value. */
async function displayOf(value: unknown): Promise<Record<string, unknown>> {
  const method = (value as Record<symbol, () => unknown>)[Symbol.for("Jupyter.display")];
  return await method!.call(value) as Record<string, unknown>;
}

Deno.test("startNotebook() tensors, arrays and figures know how they are shown", async () => {
  (await startNotebook()).close();
  const before = tf.memory().numTensors;
  const tensor = tf.tensor2d([[0.5, 1], [2, 3]]);
  const flags = tf.tensor1d([true, false], "bool");
  const pairs = tf.complex([1, 2], [3, -4]);
  assert.deepEqual(await displayOf(tensor), {
    "text/plain": "tensor float32 [2, 2]\n[[0.5000,      1],\n [     2,      3]]",
  });
  assert.deepEqual(await displayOf(flags), { "text/plain": "tensor bool [2]\n[ true, false]" });
  assert.deepEqual(await displayOf(pairs), {
    "text/plain": "tensor complex64 [2]\n[1 + 3i, 2 - 4i]",
  });
  assert.equal(Deno.inspect({ tensor }), "{ tensor: tensor float32 [2, 2] [[0.5000, 1], [2, 3]] }");
  tf.dispose([tensor, flags, pairs]);
  assert.deepEqual(await displayOf(tensor), { "text/plain": "tensor float32 [2, 2], disposed" });
  assert.equal(tf.memory().numTensors, before);
  assert.deepEqual(await displayOf(new BigInt64Array(1)), {
    "text/plain": "BigInt64Array(1) [0n]",
  });
  const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  assert.deepEqual(await displayOf(png), { "image/png": "iVBORw0KGgo=" });
  class Named extends Float32Array {}
  const text = Deno.inspect(new Named(2), { colors: true }); // as the kernel shows it without us
  assert.deepEqual(await displayOf(new Named(2)), { "text/plain": text });
  assert.ok(text.includes("\x1b"), text);
  assert.ok("text/html" in await displayOf(new Figure([])));
});
