"""The library's own messages as protoactor-go's protobuf types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message

from protoactor import LOCAL_ADDRESS, PID
from protoactor import messages as core
from protoactor.spi import Stop, Unwatch, Watch
from protoactor.wire import actor_pb2, protoactor_pb2
from protoactor_remote.serializer import Decoder, Encoder
from protoactor_remote.wire import salvage_pb2

__all__ = ["CoreMessages"]

FORMS: tuple[tuple[type, str, type[Message]], ...] = (
    (Stop, "actor.Stop", actor_pb2.Stop),
    (Watch, "actor.Watch", actor_pb2.Watch),
    (Unwatch, "actor.Unwatch", actor_pb2.Unwatch),
    (core.Terminated, "actor.Terminated", actor_pb2.Terminated),
    (core.PoisonPill, "actor.PoisonPill", actor_pb2.PoisonPill),
    (core.Touch, "actor.Touch", actor_pb2.Touch),
    (core.Touched, "actor.Touched", actor_pb2.Touched),
    (
        core.DeadLetterResponse,
        "actor.DeadLetterResponse",
        salvage_pb2.DeadLetterResponse,
    ),
    (core.RequestFailed, "protoactor.RequestFailed", protoactor_pb2.RequestFailed),
)


class CoreMessages:
    """Converts the core's messages, with PIDs as this node is known outside."""

    def __init__(self, address: Callable[[], str]) -> None:
        self._address = address
        self._names = {cls: name for cls, name, _ in FORMS}
        self._wires = {name: wire for _, name, wire in FORMS}

    def encoder(self, message_type: type) -> Encoder | None:
        name = self._names.get(message_type)
        return Encoder(name, self._encode) if name else None

    def decoder(self, type_name: str) -> Decoder | None:
        wire = self._wires.get(type_name)
        return (lambda data: _from_wire(wire.FromString(data))) if wire else None

    def pid(self, pid: PID) -> actor_pb2.PID:
        """The PID for the other side: `nonhost` means nothing there."""
        address = pid.address
        if address == LOCAL_ADDRESS or not address:
            address = self._address()
        return actor_pb2.PID(Address=address, Id=pid.id, request_id=pid.request_id)

    def _encode(self, message: Any) -> bytes:
        return self._to_wire(message).SerializeToString()

    def _to_wire(self, message: object) -> Message:
        match message:
            case Stop():
                return actor_pb2.Stop()
            case core.PoisonPill():
                return actor_pb2.PoisonPill()
            case core.Touch():
                return actor_pb2.Touch()
            case Watch(watcher):
                return actor_pb2.Watch(Watcher=self.pid(watcher))
            case Unwatch(watcher):
                return actor_pb2.Unwatch(Watcher=self.pid(watcher))
            case core.Touched(who):
                return actor_pb2.Touched(who=self.pid(who))
            case core.Terminated(who, why):
                reason = actor_pb2.TerminatedReason.Name(why)
                return actor_pb2.Terminated(who=self.pid(who), Why=reason)
            case _:
                return self._answer_to_wire(message)

    def _answer_to_wire(self, message: object) -> Message:
        match message:
            case core.DeadLetterResponse(target, reason):
                return salvage_pb2.DeadLetterResponse(
                    Target=self.pid(target) if target else None, reason=reason
                )
            case core.RequestFailed(outcome, target, error_type, error):
                return protoactor_pb2.RequestFailed(
                    outcome=outcome,
                    target=self.pid(target) if target else None,
                    error_type=error_type,
                    error=error,
                )
            case _:
                raise TypeError(f"{type(message).__qualname__} has no wire form")


def _from_wire(wire: Message) -> object:
    match wire:
        case actor_pb2.Stop():
            return Stop()
        case actor_pb2.PoisonPill():
            return core.PoisonPill()
        case actor_pb2.Touch():
            return core.Touch()
        case actor_pb2.Watch():
            return Watch(_named(wire.Watcher))
        case actor_pb2.Unwatch():
            return Unwatch(_named(wire.Watcher))
        case actor_pb2.Touched():
            return core.Touched(_named(wire.who))
        case actor_pb2.Terminated():
            return core.Terminated(_named(wire.who), core.TerminatedReason(wire.Why))
        case _:
            return _answer_from_wire(wire)


def _answer_from_wire(wire: Message) -> object:
    match wire:
        case salvage_pb2.DeadLetterResponse():
            reason = wire.reason or "no such actor"
            return core.DeadLetterResponse(_optional(wire.Target), reason)
        case protoactor_pb2.RequestFailed():
            target = _optional(wire.target)
            return core.RequestFailed(wire.outcome, target, wire.error_type, wire.error)
        case _:
            raise TypeError(f"{wire.DESCRIPTOR.full_name} has no core form")


def _named(wire: actor_pb2.PID) -> PID:
    """A PID that a message cannot do without."""
    if not wire.Id:
        raise ValueError("the message names no actor")
    return PID(wire.Address, wire.Id, wire.request_id)


def _optional(wire: actor_pb2.PID) -> PID | None:
    return PID(wire.Address, wire.Id, wire.request_id) if wire.Id else None
