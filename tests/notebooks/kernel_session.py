"""Runs pieces of code in one kernel for tests, as notebook_runner.py runs cells: commands in, answers out, a line each.

Commands: {"op": "execute", "id", "code", "late"}, {"op": "interrupt", "id"}, {"op": "alive", "id"}. The end of standard
input ends the kernel. An answer to "execute" has the outputs of every piece that has changed; it waits for late ones if
"late" is true.
"""

import asyncio
import json
import os
import sys
import threading

sys.path.insert(0, sys.argv[2])
import nbformat
import notebook_runner as runner

QUIET_SECONDS = runner.QUIET_SECONDS


async def obey(client, command):
    if command["op"] == "interrupt":
        await client.km.interrupt_kernel()
        return {}
    if command["op"] == "alive":
        return {"alive": await client.km.is_alive()}
    if not await client.km.is_alive():
        return {"error": runner.failed_output("KernelError", runner.death_text(await client.km.provisioner.poll()))}
    runner.QUIET_SECONDS = QUIET_SECONDS if command["late"] else 0.01
    cell = nbformat.v4.new_code_cell(command["code"])
    client.nb.cells.append(cell)
    error = await client.run_cell(cell, len(client.nb.cells) - 1)
    client.changed.add(len(client.nb.cells) - 1)
    outputs = {index: client.nb.cells[index].outputs for index in sorted(client.changed)}
    client.changed.clear()
    return {"error": error, "count": cell.execution_count, "outputs": outputs}


class Session(runner.Client):
    changed = set()  # the pieces whose outputs the test has not seen

    def process_message(self, msg, cell, cell_index):
        runner.emit("message", type=msg["msg_type"])
        transient = msg["content"].get("transient") or {}  # Deno sends null where there is no display
        shown_in = self._display_id_map.get(transient.get("display_id"), {})
        self.changed.update({cell_index, *shown_in})
        return super().process_message(msg, cell, cell_index)


async def main(folder):
    loop, queue = asyncio.get_running_loop(), asyncio.Queue()

    def read():
        for line in sys.stdin:
            loop.call_soon_threadsafe(queue.put_nowait, json.loads(line))
        loop.call_soon_threadsafe(queue.put_nowait, None)

    async def answer(command):
        runner.emit("answer", id=command["id"], **await obey(client, command))

    client = Session(nbformat.v4.new_notebook())
    await client.start(folder)
    threading.Thread(target=read, daemon=True).start()
    runner.emit("ready")
    pending = set()
    while (command := await queue.get()) is not None:
        pending.add(asyncio.ensure_future(answer(command)))
    client.kill()
    os._exit(0)


asyncio.run(main(sys.argv[1]))
