"""Takes a frame apart, and saves what can be saved of a damaged one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeVar

from google.protobuf.message import DecodeError

from protoactor.wire import actor_pb2
from protoactor_remote.wire import remote_pb2, salvage_pb2

__all__ = ["Batch", "read_batch"]

T = TypeVar("T")


class Batch(NamedTuple):
    """A batch whose tables are dicts: no index but those it has finds anything."""

    type_names: dict[int, str]
    targets: dict[int, str]
    envelopes: Sequence[remote_pb2.MessageEnvelope]
    senders: dict[int, actor_pb2.PID]
    """Counted from 1."""
    lost: int = 0
    """Envelopes that could not even be read."""


def read_batch(frame: bytes) -> Batch | None:
    """The batch in a frame; None if the frame is something else, or nothing."""
    try:
        message = remote_pb2.RemoteMessage.FromString(frame)
    except DecodeError:
        return _salvage(frame)
    if not message.HasField("message_batch"):
        return None
    batch = message.message_batch
    return Batch(
        dict(enumerate(batch.type_names)),
        dict(enumerate(batch.targets)),
        batch.envelopes,
        dict(enumerate(batch.senders, 1)),
    )


def _salvage(frame: bytes) -> Batch | None:
    try:
        batch = salvage_pb2.Frame.FromString(frame).message_batch
    except DecodeError:
        return None
    envelopes = _readable(batch.envelopes, remote_pb2.MessageEnvelope.FromString)
    return Batch(
        _readable(batch.type_names, bytes.decode),
        _readable(batch.targets, bytes.decode),
        list(envelopes.values()),
        _readable(batch.senders, actor_pb2.PID.FromString, first=1),
        len(batch.envelopes) - len(envelopes),
    )


def _readable(
    parts: Iterable[bytes], read: Callable[[bytes], T], first: int = 0
) -> dict[int, T]:
    found: dict[int, T] = {}
    for index, part in enumerate(parts, first):
        try:
            found[index] = read(part)
        except (DecodeError, UnicodeDecodeError):
            continue
    return found
