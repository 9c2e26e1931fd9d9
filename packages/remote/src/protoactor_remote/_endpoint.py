"""One connection that this node dialled, from its first message to its end."""

from __future__ import annotations

import asyncio
from enum import Enum
from typing import Any, Protocol

from protoactor import PID, Terminated
from protoactor.errors import ActorError, Overloaded
from protoactor.spi import PendingRequest, SystemMessage, Unwatch, Watch
from protoactor_remote._abilities import NO_ABILITIES
from protoactor_remote._batch_encoder import BatchEncoder, Item
from protoactor_remote._conversation import Conversation, Ending
from protoactor_remote._dialler import Connection, dial
from protoactor_remote._node import Node
from protoactor_remote._outbox import Outbox, is_withdrawn
from protoactor_remote._peer_types import PeerTypes
from protoactor_remote._watches import Watches
from protoactor_remote._writer import Writer
from protoactor_remote.errors import PeerBlocked, PeerUnreachable
from protoactor_remote.events import (
    EndpointConnected,
    EndpointTerminated,
    PeerLeaving,
    TerminationReason,
)

__all__ = ["Endpoint", "EndpointState", "Home"]

PARTING = 1.0
"""Seconds for the last frames to a peer that asked us to leave: it waits for us."""
BLOCKED = (TerminationReason.BLOCKED, TerminationReason.BLOCKED_BY_PEER)


class EndpointState(Enum):
    """A connection only moves forward; the next one is a new endpoint."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    TERMINATING = "terminating"
    TERMINATED = "terminated"


class Home(Protocol):
    """Where an endpoint lives."""

    def detach(self, endpoint: Endpoint) -> None:
        """From now on, messages for the address go through a new endpoint."""
        ...

    def await_answers(self, endpoint: Endpoint, requests: list[PendingRequest]) -> None:
        """Fail the requests when the leaving peer can answer no more."""
        ...


class Endpoint:
    """The process behind every PID of one address, for one generation.

    Messages and watches share one queue: they arrive in the order they were sent.
    """

    def __init__(self, node: Node, address: str, generation: int, home: Home) -> None:
        self._node = node
        self._home = home
        self._outbox = Outbox(node.options.queue_size, self._overflow)
        self._watches = Watches()
        self._wish: asyncio.Future[Ending] = node.system.loop.create_future()
        self._flush_until = 0.0
        self._writer: Writer | None = None
        self._encoder: BatchEncoder | None = None
        self._requests: list[PendingRequest] | None = None
        self.post = self._outbox.put
        """Takes a user message, as every `Process` does."""
        self.address = address
        self.generation = generation
        self.state = EndpointState.CONNECTING
        self.system_id = ""
        self.abilities = NO_ABILITIES

    # -- as a process --------------------------------------------------------

    def post_system(self, target: PID, message: SystemMessage) -> None:
        if isinstance(message, Watch):
            self._watches.add(message.watcher, target)
        elif isinstance(message, Unwatch):
            self._watches.remove(message.watcher, target)
        elif isinstance(message, Terminated):
            self._node.watched.remove(target, message.who)
        self._outbox.put(target, message)

    # -- for this node -------------------------------------------------------

    @property
    def queued(self) -> int:
        """How many messages are not written yet."""
        return len(self._outbox)

    def sent(self) -> list[tuple[str, int]]:
        """How many messages were written, by type."""
        return self._encoder.sent() if self._encoder else []

    async def drained(self) -> bool:
        """Wait until what is queued now is written; false if it never will be."""
        return await self._outbox.drained()

    def forget_watch(self, watcher: PID, watchee: PID) -> bool:
        """The peer reported the watchee's end; says whether it was watched from here."""
        return self._watches.remove(watcher, watchee)

    def end(self, reason: TerminationReason, detail: str = "") -> None:
        """Begin to end the connection; `CLOSED` writes what is queued before."""
        if not self._wish.done():
            self._wish.set_result(Ending(reason, detail))
            self._flush_until = self._now() + self._node.options.flush_timeout
        if reason is not TerminationReason.CLOSED:
            self._detach()

    # -- life ----------------------------------------------------------------

    async def run(self) -> None:
        """Connect, write until the end comes, and clear up."""
        ending = Ending(TerminationReason.CLOSED, "cancelled")
        try:
            ending = await self._live()
        finally:
            self._finish(ending)

    async def _live(self) -> Ending:
        try:
            connection = await self._connect()
        except PeerBlocked as error:
            self.system_id = error.member_id
            return Ending(BLOCKED[error.by_peer], str(error))
        except PeerUnreachable as error:
            return Ending(TerminationReason.UNREACHABLE, error.reason)
        if connection is None:
            return self._wish.result()
        try:
            return await self._converse(connection)
        finally:
            await connection.stream.close()

    async def _connect(self) -> Connection | None:
        """None if the end was wished for meanwhile, and nothing must leave before."""
        dialling = asyncio.create_task(dial(self._node, self.address))
        try:
            both: set[asyncio.Future[Any]] = {dialling, self._wish}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if not dialling.done() and self._has_to_flush():
                await asyncio.wait({dialling}, timeout=self._flush_time())
            return dialling.result() if dialling.done() else None
        finally:
            dialling.cancel()
            await asyncio.gather(dialling, return_exceptions=True)

    async def _converse(self, connection: Connection) -> Ending:
        self.system_id = connection.system_id
        self.abilities = connection.abilities
        self.state = EndpointState.CONNECTED
        self._node.statistics.connected += 1
        self._encoder = self._new_encoder(connection)
        self._writer = Writer(
            self._outbox,
            self._encoder,
            connection.stream,
            self._node.statistics,
            self._node.spinner,
            self._node.gate,
        )
        event = EndpointConnected(self.address, self.system_id, self.generation)
        self._node.system.events.publish(event)
        conversation = Conversation(connection.stream, self._writer, self._wish)
        return await conversation.hold(self._part)

    def _new_encoder(self, connection: Connection) -> BatchEncoder:
        node, options = self._node, self._node.options
        allowed = options.peer_types.get(self.address)
        if allowed is None and not connection.abilities.python:
            allowed = options.go_types
        return BatchEncoder(
            node.address,
            PeerTypes(node.serialization, connection.abilities, allowed),
            node.undeliverable.refuse,
            batch_size=options.batch_size,
            max_frame_bytes=options.max_frame_bytes,
        )

    def _part(self, ending: Ending) -> float:
        """How long to go on writing; messages sent from now on go elsewhere.

        Only a node that closes has no elsewhere: they leave while others are written.
        """
        self.state = EndpointState.TERMINATING
        if ending.reason is TerminationReason.CLOSED:
            return self._flush_time()
        self._detach()
        if ending.reason is TerminationReason.DISCONNECTED:
            self._node.system.events.publish(PeerLeaving(self.address, self.system_id))
            return PARTING
        return 0.0

    def _has_to_flush(self) -> bool:
        closing = self._wish.result().reason is TerminationReason.CLOSED
        return closing and self._outbox.wanted()

    def _flush_time(self) -> float:
        return max(0.0, self._flush_until - self._now())

    def _now(self) -> float:
        return self._node.system.loop.time()

    # -- the end -------------------------------------------------------------

    def _finish(self, ending: Ending) -> None:
        connected = self.state is not EndpointState.CONNECTING
        self.state = EndpointState.TERMINATED
        left = self._outbox.close()
        requests = self._detach()
        self._node.statistics.disconnected += connected
        self._node.statistics.sent.update(dict(self.sent()))
        self._drop(left, self._error(ending))
        self._watches.terminate_all(self._node.system.registry)
        self._end_requests(requests, ending)
        self._node.system.events.publish(
            EndpointTerminated(
                self.address,
                self.system_id,
                self.generation,
                ending.reason,
                ending.detail,
            )
        )

    def _drop(self, left: list[Item], error: ActorError) -> None:
        undeliverable = self._node.undeliverable
        in_flight = self._writer.in_flight if self._writer else 0
        for index, (target, item) in enumerate(left):
            if isinstance(item, Watch | Unwatch) or is_withdrawn(item):
                continue
            if index < in_flight:
                undeliverable.lose(target, item)
            else:
                undeliverable.refuse(target, item, error)

    def _detach(self) -> list[PendingRequest]:
        """Let the next messages take another connection.

        The requests that went through this one, or wait in it: those that are
        pending when it is done for the first time.
        """
        if self._requests is None:
            self._home.detach(self)
            self._requests = self._node.undeliverable.awaiting(self.address)
        return self._requests

    def _end_requests(self, requests: list[PendingRequest], ending: Ending) -> None:
        if ending.reason is TerminationReason.DISCONNECTED:
            self._home.await_answers(self, requests)
        else:
            detail = ending.detail or ending.reason.value
            self._node.undeliverable.fail(requests, self.address, detail)

    def _error(self, ending: Ending) -> ActorError:
        if ending.reason in BLOCKED:
            by_peer = ending.reason is TerminationReason.BLOCKED_BY_PEER
            return PeerBlocked(self.address, self.system_id, by_peer=by_peer)
        return PeerUnreachable(self.address, ending.detail or ending.reason.value)

    def _overflow(self, target: PID, item: object) -> None:
        error: ActorError = Overloaded(target, f"the queue for {self.address} is full")
        if self.state is EndpointState.TERMINATED:
            error = PeerUnreachable(self.address, "the connection is over")
        self._node.undeliverable.refuse(target, item, error)
