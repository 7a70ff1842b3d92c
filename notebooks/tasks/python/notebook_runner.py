"""Runs a notebook with nbclient and exports it as a page with nbconvert.

Reads a request from standard input, one line of JSON:
  {"notebook": PATH, "executed": PATH, "page": PATH, "note": "…", "script": "…"}
Writes events to standard output, one line of JSON each: kernel, cell, live, ran, alive, file, end. The end of standard
input means that nobody listens any more: the kernel is killed.
"""

import asyncio
import copy
import ctypes
import json
import os
import re
import signal
import sys
import threading
from queue import Empty

sys.modules["rfc3987_syntax"] = None  # Checks addresses, which no notebook has; its grammar takes two seconds to load.

import nbformat
from jupyter_client.utils import ensure_async
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, DeadKernelError
from traitlets.config import Config

QUIET_SECONDS = 0.25  # A cell counts as ended if no output comes for this time after the kernel's "idle".
LOST_SECONDS = 8  # After the reply, outputs count as lost after this time without one.
PLOTLY = "application/vnd.plotly.v1+json"
LOST_TEXT = (
    f"The outputs of this cell did not arrive within {LOST_SECONDS} s of its end. The kernel cannot send "
    "more than about 10 MB at once: show less, for example fewer points in a figure."
)


def emit(event, **fields):
    """Writes an event."""
    print(json.dumps({"event": event, **fields}), flush=True)


class Client(NotebookClient):
    """nbclient, except that it waits for late outputs and notices those that never come."""

    def __init__(self, notebook):
        super().__init__(notebook, allow_errors=True, kernel_name="deno", record_timing=False)
        self.sent = {}
        self.reply = None

    async def _async_poll_for_reply(self, msg_id, cell, timeout, task_poll_output_msg, task_poll_kernel_alive):
        while self.reply is None:
            message = await ensure_async(self.kc.shell_channel.get_msg(timeout=None))
            if message["parent_header"].get("msg_id") == msg_id:
                self.reply = message
        await task_poll_output_msg
        task_poll_kernel_alive.cancel()
        return self.reply

    async def _async_poll_output_msg(self, parent_msg_id, cell, cell_index):
        self.sent[parent_msg_id] = cell, cell_index
        idle, silent = False, 0.0
        while not idle or silent < QUIET_SECONDS:
            try:
                message = await ensure_async(self.kc.iopub_channel.get_msg(timeout=QUIET_SECONDS))
            except Empty:
                silent = silent + QUIET_SECONDS if self.reply else 0.0
                if silent >= LOST_SECONDS:
                    raise TimeoutError() from None
                continue
            # A late output of an earlier cell belongs to that cell, as in JupyterLab.
            sender = message["parent_header"].get("msg_id")
            if sender in self.sent:
                silent = 0.0
                try:
                    self.process_message(message, *self.sent[sender])
                except CellExecutionComplete:
                    idle = idle or sender == parent_msg_id

    def process_message(self, msg, cell, cell_index):
        """Tells text that a cell prints, and the text of a display that is made to be updated."""
        content, text = msg["content"], ""
        if msg["msg_type"] == "stream":
            text = content["text"]
        elif (content.get("transient") or {}).get("display_id"):
            text = str(content["data"].get("text/plain", ""))
        if text:
            emit("live", text=text[-2000:])
        return super().process_message(msg, cell, cell_index)

    def output(self, outs, msg, display_id, cell_index):
        """Joins the outputs of one stream, which arrive line by line."""
        content, last = msg["content"], outs[-1] if outs and not self.clear_before_next_output else {}
        if msg["msg_type"] != "stream" or last.get("name") != content["name"]:
            return super().output(outs, msg, display_id, cell_index)
        last["text"] += content["text"]

    async def start(self, folder):
        """Starts the kernel, which Linux kills when this process ends."""
        self.create_kernel_manager()
        options = {"preexec_fn": lambda: ctypes.CDLL(None).prctl(1, signal.SIGKILL)} if sys.platform == "linux" else {}
        await self.async_start_new_kernel(cwd=folder, stdout=sys.stderr, stderr=sys.stderr, **options)
        emit("kernel", pid=self.km.provisioner.pid)
        await self.async_start_new_kernel_client()

    async def run_cell(self, cell, index):
        """Runs a cell. Returns the output of its error, or None."""
        self.reply = None
        try:
            await self.async_execute_cell(cell, index)
        except DeadKernelError:
            cell.outputs.append(failed_output("KernelError", death_text(await self.km.provisioner.poll())))
        except TimeoutError:
            cell.outputs.append(failed_output("OutputError", LOST_TEXT))
        reply = self.reply["content"] if self.reply else {"status": "ok"}
        error = next((output for output in cell.outputs if output.output_type == "error"), None)
        if not error and reply["status"] != "ok":  # one that newer kernels do not show
            error = failed_output(reply.get("ename") or "Error", reply.get("evalue") or "", reply.get("traceback") or ())
            cell.outputs.append(error)
        return error

    def kill(self):
        """Kills the kernel and the processes that it started."""
        process = getattr(getattr(self.km, "provisioner", None), "process", None)
        if process is None or process.poll() is not None:
            return
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()


def death_text(code):
    """Describes why the kernel has ended, if its exit status shows it."""
    if code != -signal.SIGKILL:
        return f"Cannot go on with the kernel: its process ended with status {code}."
    return (
        "Cannot go on with the kernel: its process was killed, most likely because the memory was full; "
        "close other programs or choose smaller numbers."
    )


def failed_output(name, text, traceback=()):
    """Makes an output of a cell from an error."""
    return nbformat.v4.new_output("error", ename=name, evalue=text, traceback=list(traceback))


async def run(notebook, folder):
    """Runs the code cells in order, up to the first that fails."""
    client = Client(notebook)
    beat = asyncio.ensure_future(heartbeat())
    stop_with(client.kill)
    try:
        await client.start(folder)
        code = [(index, cell) for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
        for _, cell in code:
            cell.outputs, cell.execution_count = [], None
        for number, (index, cell) in enumerate(code, 1):
            emit("cell", cell=number)
            error = await client.run_cell(cell, index)
            emit("ran", failure=error and {"cell": number, "error": error})
            if error:
                break
    finally:
        client.kill()
        await client._async_cleanup_kernel()


async def heartbeat():
    """Writes an event every second, which shows that this process does not hang."""
    while True:
        emit("alive")
        await asyncio.sleep(1)


def stop_with(kill):
    """Kills the kernel and ends, at a signal or when the process that reads the events has ended."""

    def stop(*_):
        kill()
        os._exit(1)

    def watch():
        while os.read(0, 4096):
            pass
        stop()

    threading.Thread(target=watch, daemon=True).start()
    for name in {"SIGINT", "SIGTERM", "SIGHUP"}.intersection(dir(signal)):  # Windows has not all of them
        signal.signal(getattr(signal, name), stop)


def export(notebook, name, note, script):
    """Returns the notebook as one HTML page that loads nothing."""
    from nbconvert import HTMLExporter

    notebook = copy.deepcopy(notebook)
    notebook.metadata["language_info"] = {"name": "typescript"}
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    for output in outputs:
        if output.output_type == "error":
            output.traceback = output.traceback or [f"{output.ename}: {output.evalue}"]
        data, metadata = output.get("data", {}), output.get("metadata", {})
        if data.get("text/html", "").startswith('<div class="gan-ready"'):
            data["text/html"] = data["text/html"].split("<script>")[0]  # the page has its own plotly.js
        for image in ("image/png", "image/jpeg"):
            metadata[image] = {"alt": data.get("text/plain", "A picture"), **metadata.get(image, {})}
    html = "text/html image/svg+xml image/png image/jpeg text/markdown text/plain".split()
    exporter = HTMLExporter(
        config=Config({"NbConvertBase": {"display_data_priority": [PLOTLY, *html]}}),
        template_name="page",
        extra_template_basedirs=[os.path.dirname(os.path.abspath(__file__))],
        exclude_anchor_links=True,
        exclude_output_prompt=True,
    )
    texts = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    headings = (match[1] for text in texts if (match := re.search(r"^#+\s+(.+)$", text, re.M)))
    title = re.sub(r"[`*_]", "", next(headings, name)).strip()
    has_figures = any(PLOTLY in output.get("data", {}) for output in outputs)
    page = {"title": title, "note": note, "script": script if has_figures else ""}
    return exporter.from_notebook_node(notebook, resources={"page": page})[0]


def main():
    """Reads the request, and runs and exports the notebook."""
    request = json.loads(sys.stdin.buffer.readline())
    path = request["notebook"]
    notebook = nbformat.read(path, as_version=4)
    asyncio.run(run(notebook, os.path.dirname(path)))
    emit("file", path=request["executed"], text=nbformat.writes(notebook) + "\n")
    name = os.path.splitext(os.path.basename(path))[0]
    emit("file", path=request["page"], text=export(notebook, name, request["note"], request["script"]))
    emit("end")


if __name__ == "__main__":
    main()
