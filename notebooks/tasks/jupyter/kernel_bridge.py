"""Bridges one Jupyter kernel to lines of JSON: commands on standard input, events on standard output.

Python, because jupyter_client is the well-kept implementation of the kernel protocol (ZeroMQ, signing,
ports, interrupt on each system); a client of our own, or a server with tokens in between, would be more code.
It is below nbclient, which drops every output that comes after the kernel's "idle".

Commands: {"op": "execute", "id": 1, "code": "..."}, {"op": "interrupt", "id": 2}, {"op": "alive", "id": 3},
{"op": "shutdown", "id": 4}. Events: {"event": "ready"}, {"event": "iopub", "id", "type", "content"},
{"event": "reply", "id", "content"}, {"event": "dead"}. The end of standard input is a shutdown, so that
no kernel outlives the process that asked for it.
"""

import asyncio
import json
import signal
import sys
import threading

from jupyter_client.manager import AsyncKernelManager


def emit(**event):
    sys.stdout.write(json.dumps(event, default=str) + "\n")
    sys.stdout.flush()


def read_commands(loop, queue):
    """Runs in a thread: pipes cannot be awaited on every system."""
    for line in sys.stdin:
        loop.call_soon_threadsafe(queue.put_nowait, json.loads(line))
    loop.call_soon_threadsafe(queue.put_nowait, {"op": "shutdown", "id": None})


class Bridge:
    def __init__(self, manager, client):
        self.manager = manager
        self.client = client
        self.ids = {}
        self.closing = False

    async def forward_iopub(self):
        while True:
            message = await self.client.get_iopub_msg(timeout=None)
            parent = self.ids.get(message["parent_header"].get("msg_id"))
            emit(event="iopub", id=parent, type=message["msg_type"], content=message["content"])

    async def forward_replies(self):
        while True:
            message = await self.client.get_shell_msg(timeout=None)
            known = self.ids.get(message["parent_header"].get("msg_id"))
            if known is not None:
                emit(event="reply", id=known, content=message["content"])

    async def watch(self):
        while await self.manager.is_alive() or self.closing:
            await asyncio.sleep(0.2)
        emit(event="dead")

    async def obey(self, command):
        number = command["id"]
        if command["op"] == "execute":
            sent = self.client.execute(command["code"], allow_stdin=False, stop_on_error=False)
            self.ids[sent] = number
        elif command["op"] == "interrupt":
            await self.manager.interrupt_kernel()
            emit(event="reply", id=number, content={"status": "ok"})
        elif command["op"] == "alive":
            emit(event="reply", id=number, content={"alive": await self.manager.is_alive()})
        elif command["op"] == "shutdown":
            self.closing = True
            await self.manager.shutdown_kernel(now=True)
            emit(event="reply", id=number, content={"status": "ok"})
        else:
            raise ValueError(f"unknown op {command['op']!r}")


async def main(kernel_name, folder, timeout):
    queue = asyncio.Queue()
    loop = asyncio.get_running_loop()
    manager = AsyncKernelManager(kernel_name=kernel_name)
    await manager.start_kernel(cwd=folder, stdout=sys.stderr, stderr=sys.stderr)
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=timeout)
        bridge = Bridge(manager, client)
        threading.Thread(target=read_commands, args=(loop, queue), daemon=True).start()
        emit(event="ready")
        tasks = [bridge.forward_iopub(), bridge.forward_replies(), bridge.watch()]
        tasks = [asyncio.ensure_future(task) for task in tasks]
        while not bridge.closing:
            await bridge.obey(await queue.get())
        for task in tasks:
            task.cancel()
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


if __name__ == "__main__":
    # Ctrl-C in a terminal reaches the whole group; the process that started the bridge decides what to do.
    # A handler rather than SIG_IGN: what is ignored here would be ignored in the kernel too.
    signal.signal(signal.SIGINT, lambda *_: None)
    if sys.platform == "win32":
        asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3])))
