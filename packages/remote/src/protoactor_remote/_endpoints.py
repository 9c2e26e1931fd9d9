"""The connections that this node dials, one per address."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import Counter

from protoactor import PID
from protoactor.spi import PendingRequest, Process
from protoactor_remote._callers import Callers
from protoactor_remote._endpoint import Endpoint, EndpointState
from protoactor_remote._node import Node
from protoactor_remote.events import (
    MemberBlocked,
    TerminationReason,
)

__all__ = ["Endpoints"]

ADDRESS = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")
LAST_ANSWERS = 5.0
"""Seconds for a leaving peer that never called us to dial and answer.

It ends requests that would wait for longer, or for ever: those with the default
timeout have begun before, and so end by that.
"""
logger = logging.getLogger("protoactor.remote")


class Endpoints:
    """Finds the process for a remote PID, and dials on first use."""

    def __init__(self, node: Node, callers: Callers) -> None:
        self._node = node
        self._callers = callers
        self._by_address: dict[str, Endpoint] = {}
        self._running: dict[asyncio.Task[None], Endpoint] = {}
        self._generation = 0
        self._cooling: dict[str, float] = {}
        self._closed = False

    def __len__(self) -> int:
        return len(self._by_address)

    def resolve(self, pid: PID) -> Process | None:
        """The connection to the PID's address; None if there can be none."""
        return self._by_address.get(pid.address) or self._open(pid.address)

    def current(self, address: str) -> Endpoint | None:
        """The connection to an address, if there is one."""
        return self._by_address.get(address)

    def all(self) -> list[Endpoint]:
        """Every connection that is not over, also those that are being ended."""
        return list(self._running.values())

    def sent(self) -> Counter[str]:
        """How many messages were ever written, by type."""
        total = Counter(self._node.statistics.sent)
        for endpoint in self.all():
            if endpoint.state is not EndpointState.TERMINATED:
                total.update(dict(endpoint.sent()))
        return total

    def forget_watch(self, watcher: PID, watchee: PID) -> None:
        """The watchee's end was reported; its address may have been an alias."""
        endpoint = self._by_address.get(watchee.address)
        if endpoint is None or not endpoint.forget_watch(watcher, watchee):
            any(known.forget_watch(watcher, watchee) for known in self.all())

    def detach(self, endpoint: Endpoint) -> None:
        if self._by_address.get(endpoint.address) is endpoint:
            del self._by_address[endpoint.address]
        if cool_down := self._node.options.cool_down:
            self._cooling[endpoint.address] = self._node.system.loop.time() + cool_down

    def await_answers(self, endpoint: Endpoint, requests: list[PendingRequest]) -> None:
        def fail() -> None:
            detail = TerminationReason.DISCONNECTED.value
            self._node.undeliverable.fail(requests, endpoint.address, detail)

        def check() -> None:
            self._callers.when_gone(endpoint.system_id, fail)

        if self._callers.has(endpoint.system_id):
            check()
        else:
            self._node.system.loop.call_later(LAST_ANSWERS, check)

    def drop_all(self, detail: str) -> None:
        """End every connection at once; what is queued is dead letters."""
        for endpoint in self.all():
            endpoint.end(TerminationReason.LOST, detail)
            self.detach(endpoint)

    async def close(self) -> None:
        """Write what is queued, then end every connection."""
        self._closed = True
        for endpoint in self.all():
            endpoint.end(TerminationReason.CLOSED)
        if self._running:
            await asyncio.wait(self._running)

    def _open(self, address: str) -> Endpoint | None:
        if self._closed or not ADDRESS.fullmatch(address) or self._is_cooling(address):
            return None
        self._generation += 1
        endpoint = Endpoint(self._node, address, self._generation, self)
        self._by_address[address] = endpoint
        task = asyncio.create_task(endpoint.run(), name=f"endpoint {address}")
        self._running[task] = endpoint
        task.add_done_callback(self._over)
        return endpoint

    def _over(self, task: asyncio.Task[None]) -> None:
        endpoint = self._running.pop(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("the endpoint of %s failed", endpoint.address, exc_info=error)

    def _is_cooling(self, address: str) -> bool:
        until = self._cooling.get(address)
        if until is None:
            return False
        if until > self._node.system.loop.time():
            return True
        del self._cooling[address]
        return False

    def end_blocked(self, event: MemberBlocked) -> None:
        """End the connections to a system that was blocked."""
        for endpoint in self.all():
            if endpoint.system_id == event.member_id:
                endpoint.end(TerminationReason.BLOCKED, event.reason)
