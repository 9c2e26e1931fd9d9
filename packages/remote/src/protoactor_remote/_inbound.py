"""Delivers what arrives on one stream to local actors.

Nothing that a peer sends may cost more than the message itself: every envelope is
taken on its own, whatever is wrong with the one before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

from protoactor import PID, Envelope, Terminated
from protoactor.spi import Process, Stop, SystemMessage, Unwatch, Watch
from protoactor_remote._frame import Batch, read_batch
from protoactor_remote._headers import HeaderReader
from protoactor_remote._node import Node
from protoactor_remote.serializer import Decoder
from protoactor_remote.wire import remote_pb2

__all__ = ["Inbound", "Undecodable"]

SLICE = 50
"""Requests or replies to deliver first, then twice as many, and so on: while this
process goes on with the rest of a frame, the other one works on what came of the
first. Measured at 100 and 256 in flight."""
LONGEST_SLICE = 1000
"""Envelopes to deliver before other work gets its turn; our own frames have no more."""
SYSTEM = frozenset((Stop, Watch, Unwatch, Terminated))
new_pid: Callable[[tuple[str, str, int]], PID] = partial(tuple.__new__, PID)  # pyright: ignore[reportUnknownMemberType]  # it is ours to type
"""`PID` from a tuple, three times as fast as its constructor."""


@dataclass(frozen=True, slots=True)
class Undecodable:
    """Stands in a dead letter for a message that could not be decoded."""

    type_name: str
    serializer_id: int
    size: int
    error: str


class ReceivedType:
    """How one type of a batch is decoded, and how many came."""

    __slots__ = ("count", "decode", "name")

    def __init__(self, name: str, decode: Decoder) -> None:
        self.name = name
        self.decode = decode
        self.count = 0


class Inbound:
    """Decodes and dispatches, in order."""

    def __init__(
        self, node: Node, peer: str, forget_watch: Callable[[PID, PID], None]
    ) -> None:
        self._node = node
        self._peer = peer
        self._forget_watch = forget_watch
        self._headers = HeaderReader()
        self._loop = node.system.loop

    async def take(self, frame: bytes) -> None:
        """Deliver the messages of a frame; other frames mean nothing here."""
        batch = read_batch(frame)
        if batch is None:
            self._node.statistics.bad_frames += 1
            self._node.log.warning(
                "frames that are no batches",
                "a frame of %d bytes from %s is no batch",
                len(frame),
                self._peer,
            )
            return
        self._node.statistics.bad_messages += batch.lost
        envelopes = batch.envelopes
        if len(envelopes) <= SLICE:
            self._run(self._deliver(batch, envelopes))
            return
        size = SLICE if _is_conversation(envelopes[0]) else LONGEST_SLICE
        start = 0
        while start < len(envelopes):
            self._run(self._deliver(batch, envelopes[start : start + size]))
            start += size
            size = min(2 * size, LONGEST_SLICE)
            await asyncio.sleep(0)

    def close(self) -> None:
        """The stream is over, and with it the watches that came through it."""
        self._node.watched.forget(self)

    def _deliver(
        self, batch: Batch, envelopes: Sequence[remote_pb2.MessageEnvelope]
    ) -> float:
        """When it began. Longer than a function should be: see `BatchEncoder.encode`."""
        now, known, read = self._loop.time(), self._headers.known, self._headers.read
        types: dict[tuple[int, int], ReceivedType] = {}
        senders: dict[int, PID | None] = {0: None}
        targets: dict[int, tuple[PID, Process]] = {}
        for envelope in envelopes:
            try:
                kind = (envelope.type_id, envelope.serializer_id)
                received = types.get(kind) or self._type(batch, kind, types)
                message = received.decode(envelope.message_data)
                index = envelope.target
                pid, process = targets.get(index) or self._target(batch, index, targets)
                if request_id := envelope.target_request_id:
                    pid = new_pid((pid[0], pid[1], request_id))
                received.count += 1
                if type(message) in SYSTEM:
                    self._post_system(pid, process, cast(SystemMessage, message))
                    continue
                index, header = envelope.sender, envelope.message_header
                if not index and not header:
                    process.post(pid, message)
                    continue
                if index not in senders:
                    senders[index] = self._sender(batch, index)
                sender = senders[index]
                if sender is not None and (request_id := envelope.sender_request_id):
                    sender = new_pid((sender[0], sender[1], request_id))
                headers, left = known.get(header) or read(header)
                deadline = None if left is None else now + left
                process.post(pid, Envelope(message, sender, headers, deadline))
            except Exception as error:
                self._reject(batch, envelope, error)
        for received in types.values():
            self._node.statistics.received[received.name] += received.count
        return now

    def _run(self, now: float) -> None:
        """Let actors handle what has come before the loop turns to anything else."""
        self._node.system.dispatcher.run_now(now)

    def _type(
        self,
        batch: Batch,
        kind: tuple[int, int],
        types: dict[tuple[int, int], ReceivedType],
    ) -> ReceivedType:
        type_id, serializer_id = kind
        name = batch.type_names[type_id]
        decode = self._node.serialization.decoder(serializer_id, name)
        found = types[kind] = ReceivedType(self._node.statistics.known_as(name), decode)
        return found

    def _target(
        self, batch: Batch, index: int, targets: dict[int, tuple[PID, Process]]
    ) -> tuple[PID, Process]:
        system = self._node.system
        id = batch.targets[index]
        process = system.registry.local(id)
        if process is None:
            process = system.dead_letters
        found = (system.registry.pid(id), process)
        targets[index] = found
        return found

    def _sender(self, batch: Batch, index: int) -> PID:
        wire = batch.senders[index]
        return PID(wire.Address or self._peer, wire.Id)

    def _post_system(self, pid: PID, process: Process, message: SystemMessage) -> None:
        watched = self._node.watched
        match message:
            case Terminated(who, why):
                gone = Terminated(self._dialable(who), why)
                self._forget_watch(pid, gone.who)
                if process is not self._node.system.dead_letters:
                    process.post_system(pid, gone)
                return
            case Watch(watcher):
                message = Watch(self._dialable(watcher))
                watched.add(self, message.watcher, pid)
            case Unwatch(watcher):
                message = Unwatch(self._dialable(watcher))
                watched.remove(message.watcher, pid)
            case _:
                pass
        process.post_system(pid, message)

    def _dialable(self, pid: PID) -> PID:
        return pid if pid.address else PID(self._peer, pid.id, pid.request_id)

    def _reject(
        self, batch: Batch, envelope: remote_pb2.MessageEnvelope, error: Exception
    ) -> None:
        name = batch.type_names.get(envelope.type_id, "")
        rejected = Undecodable(
            name, envelope.serializer_id, len(envelope.message_data), repr(error)
        )
        self._node.statistics.bad_messages += 1
        self._node.undeliverable.explain(name, f"a {name!r} from {self._peer}", error)
        sender = None
        if envelope.sender in batch.senders:
            known = self._sender(batch, envelope.sender)
            sender = PID(known.address, known.id, envelope.sender_request_id)
        target = self._node.system.registry.pid(batch.targets.get(envelope.target, ""))
        self._node.system.dead_letter(
            target, Envelope(rejected, sender), "message cannot be decoded"
        )


def _is_conversation(envelope: remote_pb2.MessageEnvelope) -> bool:
    """Whether somebody waits for what comes of it."""
    return bool(envelope.sender or envelope.target_request_id)
