"""Opens a stream to a peer and shakes hands."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from protoactor_remote._abilities import Abilities
from protoactor_remote._handshake import connect_request, read_reply
from protoactor_remote._node import Node
from protoactor_remote.errors import PeerBlocked, PeerUnreachable
from protoactor_remote.transport import Refusal, Stream, StreamClosed, StreamRefused

__all__ = ["Connection", "dial"]


@dataclass(frozen=True, slots=True)
class Connection:
    """A stream, and who is at its other end."""

    stream: Stream
    system_id: str
    abilities: Abilities


async def dial(node: Node, address: str) -> Connection:
    """Try as often as the options say.

    Raises `PeerUnreachable`, or `PeerBlocked` at once.
    """
    options, detail = node.options, ""
    for attempt in range(1, options.connect_attempts + 1):
        try:
            return await _attempt(node, address)
        except StreamClosed as error:
            detail = str(error)
        except TimeoutError:
            detail = (
                f"no answer to the handshake within {options.handshake_timeout:g} s"
            )
        if attempt < options.connect_attempts:
            await asyncio.sleep(options.backoff.pause(attempt))
    raise PeerUnreachable(address, detail)


async def _attempt(node: Node, address: str) -> Connection:
    async with asyncio.timeout(node.options.handshake_timeout):
        stream = await node.transport.connect(address)
        try:
            return await _shake_hands(node, address, stream)
        except BaseException:
            await stream.close()
            raise


async def _shake_hands(node: Node, address: str, stream: Stream) -> Connection:
    blocked = node.block_list
    await stream.write(
        connect_request(node.system.id, node.address, blocked.members(), node.abilities)
    )
    try:
        reply = read_reply(await stream.read())
    except StreamRefused as error:
        if error.refusal is Refusal.BLOCKED:
            raise PeerBlocked(address, "", by_peer=True) from error
        raise
    if reply.blocked:
        raise PeerBlocked(address, reply.system_id, by_peer=True)
    if blocked.is_blocked(reply.system_id):
        raise PeerBlocked(address, reply.system_id, by_peer=False)
    return Connection(stream, reply.system_id, reply.abilities)
