"""A handler that blocks, on a thread: the other actors go on meanwhile."""

import asyncio
import time
from dataclasses import dataclass

from protoactor import Actor, ActorSystem, BlockingContext, Request, blocking


@dataclass(frozen=True, slots=True)
class Import(Request[int]):
    """Import some rows; the reply is how many there are now."""

    rows: int


class Importer(Actor):
    def __init__(self) -> None:
        self._rows = 0

    @blocking
    def receive(self, context: BlockingContext) -> None:
        match context.message:
            case Import(rows):
                time.sleep(0.01)  # a driver without asyncio
                self._rows += rows
                context.respond(self._rows)
            case _:
                pass


async def main() -> None:
    async with ActorSystem() as system:
        importer = system.spawn(Importer)
        imported = await system.request(importer, Import(rows=3), timeout=5.0)
        print(f"{imported} rows")


asyncio.run(main())
