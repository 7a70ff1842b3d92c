import assert from "node:assert/strict";
import { pageScript } from "../../lib/jupyter/plotly_page.ts";

/** Element with the properties that the page's script uses. */
class TestElement {
  isConnected = true;
  clientWidth = 600;
  parentElement: TestElement | null = null;
  style: Record<string, string> = {};
  textContent: string | null = "";
  children: TestElement[] = [];
  attributes: Record<string, string> = {};
  value = "";
  oninput: (() => void) | null = null;
  readonly listeners = new Map<string, (event: { name?: string }) => void>();

  constructor(readonly tag = "div") {}

  get child(): TestElement | undefined {
    return this.children[0];
  }

  append(...children: TestElement[]): void {
    this.children.push(...children);
    for (const child of children) Object.assign(child, { parentElement: this, isConnected: true });
  }

  replaceChildren(...children: TestElement[]): void {
    this.children = [];
    this.append(...children);
  }

  setAttribute(name: string, value: string): void {
    this.attributes[name] = value;
  }

  on(event: string, listener: (event: { name?: string }) => void): void {
    this.listeners.set(event, listener);
  }

  removeAllListeners(event: string): void {
    this.listeners.delete(event);
  }
}

interface Drawn {
  readonly plot: TestElement;
  readonly data: unknown;
  readonly layout: {
    readonly template: { readonly layout: Record<string, unknown> };
    readonly height: number;
    readonly margin?: { readonly t: number };
    readonly title?: { readonly text: string; readonly subtitle?: { readonly text: string } };
  };
  readonly frames: unknown;
}

/** Makes a page that records the calls of plotly.js. */
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
    animate: (plot: TestElement, names: string[]) => animated.push([plot, ...names]),
    Plots: { resize: (plot: TestElement) => resized.push(plot) },
    react: (plot: TestElement, { data, layout, frames }: Omit<Drawn, "plot">) => {
      drawn.push({ plot, data, layout, frames });
    },
  };
  const resized: TestElement[] = [];
  const animated: unknown[][] = [];
  const page = {
    ...version ? { Plotly } : {},
    ganNotebooks: { waiting: [] as unknown[], draw: undefined as unknown },
    document: {
      currentScript: { previousElementSibling: new TestElement() },
      head: new TestElement(),
      body: new TestElement(),
      createElement: (tag: string) => new TestElement(tag),
      querySelectorAll: () => [],
    },
    getComputedStyle: () => ({ color: "rgb(1, 2, 3)", backgroundColor: "rgb(9, 9, 9)" }),
    ResizeObserver: Observer,
    MutationObserver: Observer,
  };
  return { page, drawn, observers, resized, animated };
}

type Draw = (box: TestElement, spec: unknown) => void;

const spec = (id: string, points: number) => ({
  id,
  data: [{ y: Array(points).fill(0) }],
  layout: { height: 300, meta: { alt: `Figure ${id}.` } },
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

/** Makes a figure with three frames. */
const moving = {
  ...spec("moving", 1),
  layout: { ...spec("moving", 1).layout, sliders: [{ active: 2 }] },
  frames: [1, 2, 3].map((step) => ({ name: `iteration ${step}`, data: [] })),
};

Deno.test("pageScript() a plot is an image with its sentence; a figure that stands still has no range", async () => {
  const { page, drawn } = testPage("4.1.2");
  await start(page);
  const box = new TestElement();
  (page.ganNotebooks.draw as Draw)(box, spec("still", 1));
  assert.deepEqual(drawn[0]!.plot.attributes, { role: "img", "aria-label": "Figure still." });
  assert.equal(box.children.length, 1);
});

Deno.test("pageScript() a range input beside a slider moves the figure, and follows it", async () => {
  const { page, drawn, animated } = testPage("4.1.2");
  await start(page);
  const box = new TestElement();
  (page.ganNotebooks.draw as Draw)(box, moving);
  const [plot, label] = box.children as [TestElement, TestElement];
  const [words, input] = label.children as [TestElement, TestElement];
  assert.deepEqual([label.tag, input.tag, input.attributes.type], ["label", "input", "range"]);
  assert.deepEqual([input.attributes.min, input.attributes.max, input.value], ["0", "2", "2"]);
  assert.equal(label.attributes["data-lm-suppress-shortcuts"], "true");
  assert.equal(words.textContent, "iteration 3");
  input.value = "0";
  input.oninput!();
  assert.deepEqual(animated, [[plot, "iteration 1"]]);
  assert.deepEqual(
    [words.textContent, input.attributes["aria-valuetext"]],
    ["iteration 1", "iteration 1"],
  );
  await new Promise((resolve) => setTimeout(resolve, 0));
  drawn[0]!.plot.listeners.get("plotly_animatingframe")!({ name: "iteration 2" });
  assert.deepEqual([words.textContent, input.value], ["iteration 2", "1"]);
  assert.equal(box.style.height, "330px");
});

Deno.test("pageScript() a layout fits its width: fewer columns, titles in lines, no empty room", async () => {
  const { page, drawn, observers } = testPage("4.1.2");
  await start(page);
  const title = { text: "a title of quite a few words", subtitle: { text: "below" } };
  const layout = {
    height: 400,
    title,
    margin: { l: 60, r: 20, t: 60, b: 40 },
    meta: { alt: "", narrow: { height: 800 } },
  };
  (page.ganNotebooks.draw as Draw)(new TestElement(), { ...spec("figure", 1), layout });
  assert.deepEqual([drawn[0]!.layout.height, drawn[0]!.layout.title!.text], [400, title.text]);
  assert.equal("meta" in drawn[0]!.layout, false);
  drawn[0]!.plot.clientWidth = 200;
  observers.at(-1)!();
  const narrow = drawn[1]!.layout;
  assert.equal(narrow.title!.text, "a title of<br>quite a few<br>words");
  assert.equal(narrow.title!.subtitle!.text, "below");
  assert.equal(narrow.margin!.t - 60, narrow.height - 800);
  assert(narrow.margin!.t > 60);
  drawn[0]!.plot.clientWidth = 201;
  observers.at(-1)!();
  assert.equal(drawn.length, 2, "the same layout is not drawn again");
  const shaped = { height: 400, margin: layout.margin, meta: { alt: "", aspect: 0.5 } };
  const box = new TestElement();
  (page.ganNotebooks.draw as Draw)(box, { ...spec("shaped", 1), layout: shaped });
  assert.equal(drawn[2]!.layout.height, (600 - 80) * 0.5 + 100);
});
