"""A TCP link to a server that can be cut, or fall silent, while a test runs."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from typing import Any, Self

__all__ = ["TcpLink"]

CHUNK = 64 * 1024


class TcpLink:
    """Listens on a port of its own and passes everything on to `target`.

    Runs in a thread, so that a test's event loop may block. Call it from any thread.
    """

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tcp-link")
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._answering: set[asyncio.Event] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._refusing = False
        self.port = 0
        self.accepted = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._run(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def connections(self) -> int:
        """How many are open now."""
        return len(self._tasks)

    def hold(self) -> None:
        """Pass nothing on in either direction; connections stay open."""
        self._loop.call_soon_threadsafe(self._flowing.clear)

    def release(self) -> None:
        """Pass on what was held, and everything after it."""
        self._loop.call_soon_threadsafe(self._flowing.set)

    def silence(self) -> None:
        """Answers on the connections of this moment never arrive; new ones work."""
        self._run(self._silence())

    def refuse(self, refusing: bool) -> None:
        """Close all connections, and every new one at once, until told otherwise."""
        self._run(self._refuse(refusing))

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10.0)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def _close(self) -> None:
        self._server.close()
        await self._cancel()

    async def _silence(self) -> None:
        for answering in self._answering:
            answering.clear()

    async def _refuse(self, refusing: bool) -> None:
        self._refusing = refusing
        if refusing:
            await self._cancel()

    async def _cancel(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.accepted += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # asyncio's own callback chokes on a server's task that ends cancelled.
        cut = (OSError, asyncio.CancelledError)
        with contextlib.closing(writer), contextlib.suppress(*cut):
            if not self._refusing:
                await self._join(reader, writer)

    async def _join(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        answering = asyncio.Event()
        answering.set()
        self._answering.add(answering)
        try:
            there, back = await asyncio.open_connection(*self._target)
            with contextlib.closing(back):
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._pass(reader, back, self._flowing))
                    both.create_task(
                        self._pass(there, writer, self._flowing, answering)
                    )
        except* OSError:
            pass
        finally:
            self._answering.discard(answering)

    async def _pass(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *gates: asyncio.Event,
    ) -> None:
        while data := await reader.read(CHUNK):
            for gate in gates:
                await gate.wait()
            writer.write(data)
            await writer.drain()
        raise ConnectionResetError("one side closed, so must the other")
