"""The streams that peers have opened to this node."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from protoactor import PID
from protoactor_remote._caller import Caller
from protoactor_remote._handshake import Greeting, connect_response, read_greeting
from protoactor_remote._inbound import Inbound
from protoactor_remote._node import Node
from protoactor_remote.events import MemberBlocked
from protoactor_remote.transport import Refusal, ServerStream, StreamRefused

__all__ = ["Callers"]


class Callers:
    """Greets peers, serves their streams, and asks them to leave at the end."""

    def __init__(self, node: Node, forget_watch: Callable[[PID, PID], None]) -> None:
        self._node = node
        self._forget_watch = forget_watch
        self._present: dict[Caller, None] = {}
        self._departures: list[tuple[str, Callable[[], None]]] = []
        self._leaving = False
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._present)

    async def accept(self, stream: ServerStream) -> None:
        """Serve one stream to its end. Raises `StreamRefused`."""
        greeting = await self._greet(stream)
        inbound = Inbound(self._node, greeting.address, self._forget_watch)
        caller = Caller(stream, greeting, inbound)
        self._present[caller] = None  # before the answer: the peer may act on it
        try:
            await caller.serve(self._response(blocked=False))
        finally:
            self._gone(caller)

    def has(self, system_id: str) -> bool:
        return any(caller.system_id == system_id for caller in self._present)

    def when_gone(self, system_id: str, callback: Callable[[], None]) -> None:
        """Call back once this peer has no stream open to us."""
        if self.has(system_id):
            self._departures.append((system_id, callback))
        else:
            callback()

    async def dismiss(self, within: float) -> None:
        """Greet nobody any more, ask all to leave, wait until they did."""
        self._leaving = True
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                callers = list(self._present)
                await asyncio.gather(*(caller.ask_to_leave() for caller in callers))
                while self._present:
                    self._changed.clear()
                    await self._changed.wait()

    def drop_all(self, detail: str) -> None:
        """End every stream at once; peers may open others."""
        for caller in self._present:
            caller.refuse(Refusal.LEAVING, detail)

    async def _greet(self, stream: ServerStream) -> Greeting:
        try:
            async with asyncio.timeout(self._node.options.handshake_timeout):
                greeting = read_greeting(await stream.read())
        except TimeoutError:
            raise StreamRefused(Refusal.PROTOCOL, "no ConnectRequest came") from None
        if self._leaving:
            raise StreamRefused(Refusal.LEAVING, "this node is shutting down")
        if blocked := self._blocked(greeting):
            await stream.write(self._response(blocked=True))
            raise StreamRefused(Refusal.BLOCKED, blocked)
        return greeting

    def _response(self, *, blocked: bool) -> bytes:
        node = self._node
        return connect_response(node.system.id, blocked, node.abilities)

    def _blocked(self, greeting: Greeting) -> str:
        if self._node.block_list.is_blocked(greeting.system_id):
            return f"system {greeting.system_id} at {greeting.address} is blocked"
        if self._node.system.id in greeting.blocked:
            return f"{greeting.address} has blocked this system"
        return ""

    def _gone(self, caller: Caller) -> None:
        del self._present[caller]
        self._changed.set()
        if self.has(caller.system_id):
            return
        due = [call for id, call in self._departures if id == caller.system_id]
        self._departures = [d for d in self._departures if d[0] != caller.system_id]
        for callback in due:
            callback()

    def end_blocked(self, event: MemberBlocked) -> None:
        """End the streams of a system that was blocked."""
        for caller in self._present:
            if caller.system_id == event.member_id:
                caller.refuse(Refusal.BLOCKED, event.reason or "blocked")
