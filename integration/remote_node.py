"""A node in a process of its own, to be stopped, frozen and killed by tests."""

from __future__ import annotations

import asyncio
import sys

from google.protobuf.wrappers_pb2 import BytesValue, StringValue

from protoactor import Actor, ActorSystem, Context
from protoactor_remote import Remote


class Echo(Actor):
    """Answers texts, and says how much of the rest arrived."""

    def __init__(self) -> None:
        self._numbers: list[int] = []

    def receive(self, context: Context) -> None:
        match context.message:
            case StringValue(value="count"):
                in_order = self._numbers == sorted(self._numbers)
                count = f"{len(self._numbers)} {in_order}"
                context.respond(StringValue(value=count))
            case StringValue(value=text) if context.sender is not None:
                context.respond(StringValue(value=f"python:{text}"))
            case BytesValue(value=data):
                self._numbers.append(int.from_bytes(data[:8], "big"))
            case _:
                pass


async def main(port: int, host: str) -> None:
    """Serve until standard input ends, then leave in good order."""
    loop = asyncio.get_running_loop()
    async with (
        ActorSystem(stall_warning=None) as system,
        Remote(system, host=host, port=port, advertised="127.0.0.1") as remote,
    ):
        system.spawn_named(Echo, "echo")
        print(remote.address, flush=True)
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
