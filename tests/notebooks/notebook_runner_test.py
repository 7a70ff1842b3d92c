"""Tests of notebook_runner.py without a kernel: outputs as they come, and the page. Its argument is the file's folder."""

import asyncio
import json
import signal
import sys
import time
import unittest
from queue import Empty
from types import SimpleNamespace

sys.path.insert(0, sys.argv.pop())
import nbformat
import notebook_runner as runner

v4 = nbformat.v4
PLOTLY = "application/vnd.plotly.v1+json"


class Channel:
    """A kernel's channel that gives its messages, each so many seconds after the one before."""

    def __init__(self, *messages):
        self.messages = list(messages)

    async def get_msg(self, timeout):
        seconds = self.messages[0][0] if self.messages else 1e9
        if timeout is not None and seconds > timeout:
            await asyncio.sleep(timeout)
            if self.messages:
                self.messages[0] = seconds - timeout, self.messages[0][1]
            raise Empty()
        await asyncio.sleep(seconds)
        return self.messages.pop(0)[1]


def message(kind, content, parent="now"):
    header = {"msg_type": kind}
    return {"msg_type": kind, "header": header, "parent_header": {"msg_id": parent}, "content": content}


def stream(text, name="stdout", parent="now"):
    return message("stream", {"name": name, "text": text}, parent)


def display(text, kind="display_data", display_id=None, parent="now"):
    transient = {"display_id": display_id} if display_id else {}
    return message(kind, {"data": {"text/plain": text}, "metadata": {}, "transient": transient}, parent)


IDLE = message("status", {"execution_state": "idle"})
REPLY = message("execute_reply", {"status": "ok", "execution_count": 1})


class ClientTest(unittest.TestCase):
    def setUp(self):
        self.events = []
        self.emit, runner.emit = runner.emit, lambda event, **fields: self.events.append((event, fields))
        self.lost, runner.LOST_SECONDS = runner.LOST_SECONDS, 0.6
        self.quiet, runner.QUIET_SECONDS = runner.QUIET_SECONDS, 0.1

    def tearDown(self):
        runner.emit, runner.LOST_SECONDS, runner.QUIET_SECONDS = self.emit, self.lost, self.quiet

    def execute(self, *messages, reply=REPLY, reply_after=0.0, cells=1):
        """Runs the last of some cells with these messages; returns the client and the error."""
        notebook = v4.new_notebook(cells=[v4.new_code_cell(f"{i}") for i in range(cells)])
        client = runner.Client(notebook)
        client.sent["before"] = notebook.cells[0], 0

        async def alive():
            return True

        client.kc = SimpleNamespace(
            execute=lambda *_, **__: "now",
            iopub_channel=Channel(*messages),
            shell_channel=Channel((reply_after, reply)),
            is_alive=alive,
        )
        error = asyncio.run(client.run_cell(notebook.cells[-1], cells - 1))
        return client, error

    def outputs(self, client, cell=-1):
        return [(o.get("name", o.output_type), o.get("text") or o.data["text/plain"]) for o in client.nb.cells[cell].outputs]

    def test_keeps_what_comes_after_idle(self):
        late = [(0.05, stream(f"{i}\n")) for i in range(5)]
        client, error = self.execute((0, IDLE), *late, (0.05, display("8")))
        self.assertIsNone(error)
        self.assertEqual(self.outputs(client), [("stdout", "0\n1\n2\n3\n4\n"), ("display_data", "8")])

    def test_keeps_what_comes_before_a_late_idle(self):
        client, error = self.execute((0.3, stream("a")), (0.3, stream("b")), (0.3, IDLE))
        self.assertIsNone(error)
        self.assertEqual(self.outputs(client), [("stdout", "ab")])

    def test_waits_for_the_reply_as_long_as_it_takes(self):
        client, error = self.execute((1.2, stream("done")), (0, IDLE), reply_after=1.1)
        self.assertIsNone(error)
        self.assertEqual(self.outputs(client), [("stdout", "done")])

    def test_says_that_an_output_was_lost(self):
        client, error = self.execute((0, stream("first")))
        self.assertEqual((error.ename, error.evalue), ("OutputError", runner.LOST_TEXT))
        self.assertEqual(client.nb.cells[0].outputs[-1], error)
        self.assertRegex(runner.LOST_TEXT, "did not arrive within 8 s of its end.* 10 MB ")

    def test_gives_an_earlier_cell_its_late_output(self):
        client, error = self.execute((0, stream("late", parent="before")), (0, stream("x", parent="other")), (0, IDLE), cells=2)
        self.assertIsNone(error)
        self.assertEqual(self.outputs(client, 0), [("stdout", "late")])
        self.assertEqual(self.outputs(client, 1), [])

    def test_an_earlier_idle_is_not_this_cells(self):
        earlier = message("status", {"execution_state": "idle"}, "before")
        client, _ = self.execute((0, earlier), (0.4, stream("a")), (0, IDLE), cells=2)
        self.assertEqual(self.outputs(client), [("stdout", "a")])
        self.assertEqual(client.nb.cells[-1].metadata, {})

    def test_joins_each_stream_and_keeps_their_order(self):
        client, _ = self.execute((0, stream("a")), (0, stream("b")), (0, stream("!", "stderr")), (0, stream("c")), (0, IDLE))
        self.assertEqual(self.outputs(client), [("stdout", "ab"), ("stderr", "!"), ("stdout", "c")])

    def test_updates_a_display(self):
        client, _ = self.execute((0, display("0 %", display_id="bar")), (0, display("9 %", "update_display_data", "bar")), (0, IDLE))
        self.assertEqual(self.outputs(client), [("display_data", "9 %")])

    def test_clears_at_once_or_with_the_next_output(self):
        clear = lambda wait: message("clear_output", {"wait": wait})
        client, _ = self.execute((0, stream("a")), (0, clear(True)), (0, stream("b")), (0, IDLE))
        self.assertEqual(self.outputs(client), [("stdout", "b")])
        client, _ = self.execute((0, stream("a")), (0, clear(False)), (0, IDLE))
        self.assertEqual(self.outputs(client), [])

    def test_returns_the_error_that_is_shown_and_one_that_is_only_in_the_reply(self):
        failed = message("execute_reply", {"status": "error", "ename": "E", "evalue": "why", "traceback": ["E: why"]})
        shown = message("error", {"ename": "E", "evalue": "shown", "traceback": []})
        client, error = self.execute((0, shown), (0, IDLE), reply=failed)
        self.assertEqual((error.evalue, len(client.nb.cells[0].outputs)), ("shown", 1))
        client, error = self.execute((0, IDLE), reply=failed)
        self.assertEqual((error.ename, error.evalue, error.traceback), ("E", "why", ["E: why"]))
        self.assertEqual(client.nb.cells[0].outputs, [error])
        _, error = self.execute((0, IDLE), reply=message("execute_reply", {"status": "error"}))
        self.assertEqual((error.ename, error.evalue, error.traceback), ("Error", "", []))

    def test_tells_what_a_running_cell_tells(self):
        messages = [stream("x" * 3000 + "end"), display("no id"), display("45 %", display_id="bar")]
        self.execute(*((0, each) for each in messages), (0, IDLE))
        texts = [fields["text"] for event, fields in self.events if event == "live"]
        self.assertEqual(texts, ["x" * 1997 + "end", "45 %"])

    def test_runs_no_empty_cell(self):
        client = runner.Client(v4.new_notebook(cells=[v4.new_code_cell(" ")]))
        client.kc = SimpleNamespace()
        self.assertIsNone(asyncio.run(client.run_cell(client.nb.cells[0], 0)))


class RunTest(unittest.TestCase):
    def test_runs_cells_in_order_to_the_first_that_fails_and_ends_the_kernel(self):
        cells = [v4.new_code_cell("a", outputs=[display_output()]), v4.new_markdown_cell("-"), v4.new_code_cell("b"), v4.new_code_cell("c")]
        cells[3].execution_count = 9
        events, done, failure = [], [], runner.failed_output("E", "why")

        class FakeClient:
            def __init__(self, notebook):
                self.notebook = notebook

            async def start(self, folder):
                done.append(folder)
                await asyncio.sleep(0)

            async def run_cell(self, cell, index):
                done.append((cell.source, index, list(cell.outputs)))
                return failure if cell.source == "b" else None

            def kill(self):
                done.append("killed")

            async def _async_cleanup_kernel(self):
                done.append("cleaned")

        names = {"Client": FakeClient, "stop_with": lambda kill: done.append(kill.__name__)}
        names["emit"] = lambda event, **fields: events.append((event, fields))
        before = {name: getattr(runner, name) for name in names}
        vars(runner).update(names)
        try:
            asyncio.run(runner.run(v4.new_notebook(cells=cells), "folder"))
        finally:
            vars(runner).update(before)
        self.assertEqual(done, ["kill", "folder", ("a", 0, []), ("b", 2, []), "killed", "cleaned"])
        expected = [
            ("alive", {}),
            ("cell", {"cell": 1}),
            ("ran", {"failure": None}),
            ("cell", {"cell": 2}),
            ("ran", {"failure": {"cell": 2, "error": failure}}),
        ]
        self.assertEqual(events, expected)
        self.assertIsNone(cells[3].execution_count)


def display_output():
    return v4.new_output("display_data", data={"text/plain": "old"})


class TextTest(unittest.TestCase):
    def test_death_text(self):
        self.assertIn("memory", runner.death_text(-signal.SIGKILL))
        self.assertEqual(runner.death_text(3), "Cannot go on with the kernel: its process ended with status 3.")


def page(*outputs, source="1", text="# A *title*", script="SCRIPT"):
    cells = [v4.new_markdown_cell(text), v4.new_code_cell(source, outputs=list(outputs), execution_count=7)]
    return runner.export(v4.new_notebook(cells=cells), "name", "A note & more", script)


def shown(data, kind="display_data", **options):
    return v4.new_output(kind, data=data, **options)


FIGURE = {"data": [{"y": [1, 2], "name": "</script>"}], "layout": {"title": {"text": "T"}}}


class PageTest(unittest.TestCase):
    def test_has_title_note_code_and_count(self):
        html = page(source="const a: number = 1; // <i>")
        self.assertIn("<title>A title</title>", html)
        self.assertIn("<footer>A note &amp; more</footer>", html)
        self.assertIn('<span class="kd">const</span>', html)
        self.assertIn("&lt;i&gt;", html)
        self.assertIn('<div class="prompt input_prompt">In\xa0[7]:</div>', html)
        self.assertIn("<title>name</title>", page(text="no heading"))

    def test_shows_what_was_printed_as_text(self):
        html = page(
            v4.new_output("stream", name="stderr", text="<b>\x1b[33mtwo\x1b[39m"),
            v4.new_output("error", ename="E", evalue="<i>", traceback=["E: <i>", "    at cell"]),
            v4.new_output("error", ename="E2", evalue="why", traceback=[]),
            shown({"text/plain": "a < \x1b[1mb\x1b[22m"}, "execute_result"),
        )
        self.assertIn('output_stderr output_text">\n<pre>&lt;b&gt;<span class="ansi-yellow-fg">two</span></pre>', html)
        self.assertIn('output_error">\n<pre>\nE: &lt;i&gt;\n    at cell</pre>', html)
        self.assertIn('output_error">\n<pre>\nE2: why</pre>', html)
        self.assertIn('<pre>a &lt; <span class="ansi-bold">b</span></pre>', html)
        self.assertNotIn("Out[", html)

    def test_shows_the_richest_form_of_a_value(self):
        html = page(shown({"text/html": "<table><td>7</td></table>", "text/plain": "plain"}))
        self.assertIn("<td>7</td>", html)
        self.assertNotIn(">plain<", html)
        self.assertIn("<strong>bold</strong>", page(shown({"text/markdown": "**bold**", "text/plain": "x"})))

    def test_images_have_words(self):
        html = page(shown({"image/png": "aGk=\n", "text/plain": 'a "7"'}))
        self.assertIn("""<img alt='a "7"' src="data:image/png;base64,aGk=""", html)
        html = page(shown({"image/jpeg": "aGk=", "text/plain": "x"}, metadata={"image/jpeg": {"alt": "told"}}))
        self.assertIn('alt="told" src="data:image/jpeg', html)
        self.assertRegex(page(shown({"image/svg+xml": "<svg/>"})), r'<img alt="[^"]+" src="data:image/svg\+xml;base64,')

    def test_figures_are_drawn_by_one_script_and_have_words(self):
        html = page(*[shown({PLOTLY: FIGURE, "text/html": "OTHER", "text/plain": "Figure: T"})] * 2)
        self.assertEqual(html.count("SCRIPT"), 1)
        self.assertNotIn("OTHER", html)
        self.assertEqual(html.count('aria-label="Figure: T"'), 2)
        self.assertEqual(html.count('role="img"'), 2)
        specs = [json.loads(line[: line.rindex("]")]) for line in html.splitlines() if line.startswith('{"data"')]
        self.assertEqual([spec["data"] for spec in specs], [FIGURE["data"]] * 2)
        self.assertEqual(specs[0]["layout"], {"height": 380, "title": {"text": "T"}, "autosize": True})
        self.assertNotEqual(specs[0]["id"], specs[1]["id"])
        self.assertEqual(html.count("</script>"), 4)
        self.assertNotIn("SCRIPT", page(shown({"text/plain": "no figure"})))

    def test_a_figure_that_moves_is_a_group_of_its_own_height(self):
        html = page(shown({PLOTLY: {"data": [], "layout": {"height": 500}, "frames": [{}]}}))
        self.assertIn('aria-label="Figure" class="figure" role="group"', html)
        self.assertIn("height:500px", html)

    def test_leaves_out_the_plotly_that_the_start_of_a_notebook_shows(self):
        html = page(shown({"text/html": '<div class="gan-ready">Ready</div><script>PACKED</script>'}))
        self.assertIn("Ready", html)
        self.assertNotIn("PACKED", html)
        self.assertIn("KEPT", page(shown({"text/html": "<b>1</b><script>KEPT</script>"})))

    def test_loads_nothing_from_elsewhere(self):
        html = page(shown({PLOTLY: FIGURE}), shown({"text/plain": "1"}))
        self.assertNotRegex(html, r'(?:src|href)="(?!data:)|@import|url\(|https?://')
        self.assertIn("color-scheme: light dark", html)

    def test_leaves_the_notebook_as_it_is(self):
        notebook = v4.new_notebook(cells=[v4.new_code_cell("1", outputs=[shown({"text/html": '<div class="gan-ready"><script>'})])])
        before = nbformat.writes(notebook)
        runner.export(notebook, "n", "", "")
        self.assertEqual(nbformat.writes(notebook), before)


if __name__ == "__main__":
    unittest.main()
