"""Delivers what arrives on one stream to local actors.

Nothing that a peer sends may cost more than the message itself: every envelope is
taken on its own, whatever is wrong with the one before.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from protoactor import PID, Envelope, Terminated
from protoactor.spi import Process, Stop, SystemMessage, Unwatch, Watch
from protoactor_remote._frame import Batch, read_batch
from protoactor_remote._headers import HeaderReader
from protoactor_remote._node import Node
from protoactor_remote.serializer import Decoder
from protoactor_remote.wire import remote_pb2

__all__ = ["Inbound", "Undecodable"]

SLICE = 1000
"""Envelopes to deliver before other work gets its turn; our own frames have no more."""
SYSTEM = frozenset((Stop, Watch, Unwatch, Terminated))
logger = logging.getLogger("protoactor.remote")


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

    async def take(self, frame: bytes) -> None:
        """Deliver the messages of a frame; other frames mean nothing here."""
        batch = read_batch(frame)
        if batch is None:
            self._node.statistics.bad_frames += 1
            logger.warning(
                "a frame of %d bytes from %s is no batch", len(frame), self._peer
            )
            return
        self._node.statistics.bad_messages += batch.lost
        envelopes = batch.envelopes
        if len(envelopes) <= SLICE:
            self._deliver(batch, envelopes)
            return
        for start in range(0, len(envelopes), SLICE):
            self._deliver(batch, envelopes[start : start + SLICE])
            await asyncio.sleep(0)

    def close(self) -> None:
        """The stream is over, and with it the watches that came through it."""
        self._node.watched.forget(self)

    def _deliver(
        self, batch: Batch, envelopes: Sequence[remote_pb2.MessageEnvelope]
    ) -> None:
        """One function, as it runs for every message: see `BatchEncoder.encode`."""
        types: dict[tuple[int, int], ReceivedType] = {}
        senders: dict[int, PID | None] = {0: None}
        targets: dict[int, tuple[PID, Process]] = {}
        for envelope in envelopes:
            try:
                kind = (envelope.type_id, envelope.serializer_id)
                received = types.get(kind)
                if received is None:
                    received = types[kind] = self._type(batch, *kind)
                message = received.decode(envelope.message_data)
                index = envelope.target
                pid, process = targets.get(index) or self._target(batch, index, targets)
                if request_id := envelope.target_request_id:
                    pid = PID(pid.address, pid.id, request_id)
                received.count += 1
                if type(message) in SYSTEM:
                    self._post_system(pid, process, message)  # type: ignore[arg-type]
                    continue
                index, header = envelope.sender, envelope.message_header
                if not index and not header:
                    process.post(pid, message)
                    continue
                if index in senders:
                    sender = senders[index]
                else:
                    sender = senders[index] = self._sender(batch, index)
                if sender is not None and (request_id := envelope.sender_request_id):
                    sender = PID(sender.address, sender.id, request_id)
                if header:
                    process.post(pid, self._envelope(message, sender, header))
                else:
                    process.post(pid, Envelope(message, sender))
            except Exception as error:
                self._reject(batch, envelope, error)
        for received in types.values():
            self._node.statistics.received[received.name] += received.count

    def _type(self, batch: Batch, type_id: int, serializer_id: int) -> ReceivedType:
        name = batch.type_names[type_id]
        return ReceivedType(name, self._node.serialization.decoder(serializer_id, name))

    def _target(
        self, batch: Batch, index: int, targets: dict[int, tuple[PID, Process]]
    ) -> tuple[PID, Process]:
        system = self._node.system
        id = batch.targets[index]
        found = (
            system.registry.pid(id),
            system.registry.local(id) or system.dead_letters,
        )
        targets[index] = found
        return found

    def _sender(self, batch: Batch, index: int) -> PID:
        wire = batch.senders[index]
        return PID(wire.Address or self._peer, wire.Id)

    def _envelope(self, message: object, sender: PID | None, header: bytes) -> Envelope:
        headers, timeout = self._headers.read(header)
        if timeout is None:
            return Envelope(message, sender, headers)
        deadline = self._node.system.loop.time() + timeout
        return Envelope(message, sender, headers, deadline)

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
