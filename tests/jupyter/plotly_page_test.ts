import assert from "node:assert/strict";
import { pageScript } from "../../lib/jupyter/plotly_page.ts";

/** An element as far as the page's script touches it. */
class TestElement {
  isConnected = true;
  clientWidth = 600;
  parentElement: TestElement | null = null;
  style: Record<string, string> = {};
  textContent: string | null = "";
  child: TestElement | undefined;

  append(child: TestElement): void {
    this.replaceChildren(child);
  }

  replaceChildren(child: TestElement): void {
    this.child = child;
    child.parentElement = this;
    child.isConnected = true;
  }
}

interface Drawn {
  readonly plot: TestElement;
  readonly data: unknown;
  readonly layout: { template: { layout: Record<string, unknown> } };
  readonly frames: unknown;
}

/** A page in which plotly.js is recorded rather than run. */
function testPage(version?: string) {
  const drawn: Drawn[] = [];
  const observers: (() => void)[] = [];
  class Observer {
    constructor(callback: () => void) {
      observers.push(callback);
    }
    observe(): void {}
  }
  const Plotly = {
    version,
    Plots: { resize: (plot: TestElement) => resized.push(plot) },
    react: (plot: TestElement, { data, layout, frames }: Omit<Drawn, "plot">) => {
      drawn.push({ plot, data, layout, frames });
    },
  };
  const resized: TestElement[] = [];
  const page = {
    ...version ? { Plotly } : {},
    ganNotebooks: { waiting: [] as unknown[], draw: undefined as unknown },
    document: {
      currentScript: { previousElementSibling: new TestElement() },
      head: new TestElement(),
      body: new TestElement(),
      createElement: () => new TestElement(),
      querySelectorAll: () => [],
    },
    getComputedStyle: () => ({ color: "rgb(1, 2, 3)", backgroundColor: "rgb(9, 9, 9)" }),
    ResizeObserver: Observer,
    MutationObserver: Observer,
  };
  return { page, drawn, observers, resized };
}

type Draw = (box: TestElement, spec: unknown) => void;

const spec = (id: string, points: number) => ({
  id,
  data: [{ y: Array(points).fill(0) }],
  layout: { height: 300 },
  config: {},
});

/** Runs the script of the start-up cell in the page. */
async function start(page: ReturnType<typeof testPage>["page"], packed = ""): Promise<void> {
  new Function("globalThis", "document", pageScript(packed))(page, page.document);
  await new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("pageScript() figures that waited are drawn, later ones at once", async () => {
  const { page, drawn } = testPage("4.1.2");
  const [early, late] = [new TestElement(), new TestElement()];
  page.ganNotebooks.waiting.push([early, spec("early", 1)]);
  await start(page);
  (page.ganNotebooks.draw as Draw)(late, spec("late", 2));
  assert.deepEqual(drawn.map(({ plot }) => plot.parentElement), [early, late]);
  assert.equal(early.style.height, "300px");
  assert.deepEqual(page.ganNotebooks.waiting, []);
});

Deno.test("pageScript() an update moves the plot it had into the new box", async () => {
  const { page, drawn } = testPage("4.1.2");
  await start(page);
  const draw = page.ganNotebooks.draw as Draw;
  draw(new TestElement(), spec("figure", 1));
  drawn[0]!.plot.isConnected = false; // the frontend has replaced the output
  const box = new TestElement();
  draw(box, spec("figure", 2));
  assert.equal(drawn[1]!.plot, drawn[0]!.plot);
  assert.equal(box.child, drawn[0]!.plot);
  assert.deepEqual(drawn[1]!.data, [{ y: [0, 0] }]);
});

Deno.test("pageScript() an update brings its own frames, or takes the earlier ones away", async () => {
  const { page, drawn } = testPage("4.1.2");
  await start(page);
  const draw = page.ganNotebooks.draw as Draw;
  const frames = [{ name: "step 1", data: [{ y: [1] }] }];
  draw(new TestElement(), { ...spec("figure", 1), frames });
  drawn[0]!.plot.isConnected = false;
  draw(new TestElement(), spec("figure", 2));
  assert.deepEqual(drawn.map((figure) => figure.frames), [frames, []]);
});

Deno.test("pageScript() a second view of a figure gets a plot of its own", async () => {
  const { page, drawn } = testPage("4.1.2");
  await start(page);
  const draw = page.ganNotebooks.draw as Draw;
  draw(new TestElement(), spec("figure", 1));
  draw(new TestElement(), spec("figure", 1));
  assert.notEqual(drawn[1]!.plot, drawn[0]!.plot);
});

Deno.test("pageScript() plots take the page's colours and follow its width", async () => {
  const { page, drawn, observers, resized } = testPage("4.1.2");
  await start(page);
  (page.ganNotebooks.draw as Draw)(new TestElement(), spec("figure", 1));
  const { font, hoverlabel, paper_bgcolor } = drawn[0]!.layout.template.layout;
  assert.deepEqual(font, { color: "rgb(1, 2, 3)" });
  assert.deepEqual(hoverlabel, { bgcolor: "rgb(9, 9, 9)", font: { color: "rgb(1, 2, 3)" } });
  assert.equal(paper_bgcolor, "rgba(0,0,0,0)");
  observers.at(-1)!();
  assert.deepEqual(resized, []);
  for (const width of [0, 500]) {
    drawn[0]!.plot.clientWidth = width;
    observers.at(-1)!();
  }
  assert.deepEqual(resized, [drawn[0]!.plot]);
});

Deno.test("pageScript() loads the packed plotly.js where there is none or an older one", async () => {
  const stream = new Blob(["the library"]).stream().pipeThrough(new CompressionStream("gzip"));
  const packed = new Uint8Array(await new Response(stream).arrayBuffer()).toBase64();
  for (const version of [undefined, "2.35.2"]) {
    const { page } = testPage(version);
    await start(page, packed);
    while (!page.document.head.child) await new Promise((resolve) => setTimeout(resolve, 1));
    assert.equal(page.document.head.child.textContent, "the library");
  }
});

Deno.test("pageScript() what goes wrong is said in the output of the cell", async () => {
  const { page } = testPage();
  await start(page, "not base 64");
  const words = page.document.currentScript.previousElementSibling.textContent;
  assert.match(words ?? "", /^Plots cannot be drawn in this browser: /);
});
