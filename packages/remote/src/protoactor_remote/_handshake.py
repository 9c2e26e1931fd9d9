"""The frames that open and end a stream."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from protoactor_remote._abilities import Abilities
from protoactor_remote.transport import Refusal, StreamClosed, StreamRefused
from protoactor_remote.wire import remote_pb2

__all__ = [
    "DISCONNECT",
    "Greeting",
    "Reply",
    "connect_request",
    "connect_response",
    "is_disconnect",
    "read_greeting",
    "read_reply",
]

DISCONNECT = remote_pb2.RemoteMessage(
    disconnect_request=remote_pb2.DisconnectRequest()
).SerializeToString()


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a dialler says first."""

    system_id: str
    address: str
    blocked: frozenset[str]
    abilities: Abilities


@dataclass(frozen=True, slots=True)
class Reply:
    """What a listener answers."""

    system_id: str
    blocked: bool
    abilities: Abilities


def connect_request(
    system_id: str, address: str, blocked: Iterable[str], abilities: Abilities
) -> bytes:
    server = remote_pb2.ServerConnection(
        member_id=system_id, address=address, block_list=sorted(blocked)
    )
    request = remote_pb2.ConnectRequest(
        server_connection=server, abilities=abilities.to_wire()
    )
    return remote_pb2.RemoteMessage(connect_request=request).SerializeToString()


def connect_response(system_id: str, blocked: bool, abilities: Abilities) -> bytes:
    response = remote_pb2.ConnectResponse(
        member_id=system_id, blocked=blocked, abilities=abilities.to_wire()
    )
    return remote_pb2.RemoteMessage(connect_response=response).SerializeToString()


def read_greeting(frame: bytes | None) -> Greeting:
    """Raises `StreamRefused` for anything but a server's ConnectRequest."""
    request = _parse(frame).connect_request
    kind = request.WhichOneof("connection_type")
    if kind == "client_connection":
        raise StreamRefused(
            Refusal.UNSUPPORTED,
            "connections of clients without an address are not served",
        )
    server = request.server_connection
    if kind is None or not server.address or not server.member_id:
        raise StreamRefused(Refusal.PROTOCOL, "expected a ConnectRequest first")
    return Greeting(
        server.member_id,
        server.address,
        frozenset(server.block_list),
        Abilities.from_wire(request.abilities),
    )


def read_reply(frame: bytes | None) -> Reply:
    """Raises `StreamClosed` for anything but a ConnectResponse."""
    message = _parse(frame)
    if message.WhichOneof("message_type") != "connect_response":
        raise StreamClosed("the peer did not answer with a ConnectResponse")
    response = message.connect_response
    abilities = Abilities.from_wire(response.abilities)
    return Reply(response.member_id, response.blocked, abilities)


def is_disconnect(frame: bytes) -> bool:
    return _parse(frame).HasField("disconnect_request")


def _parse(frame: bytes | None) -> remote_pb2.RemoteMessage:
    if frame is None:
        raise StreamClosed("the peer ended the stream")
    try:
        return remote_pb2.RemoteMessage.FromString(frame)
    except DecodeError:
        return remote_pb2.RemoteMessage()
