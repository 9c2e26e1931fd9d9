"""An actor, a request and its reply."""

import asyncio
from dataclasses import dataclass

from protoactor import Actor, ActorSystem, Context, Request


@dataclass(frozen=True, slots=True)
class Greet(Request[str]):
    name: str


class Greeter(Actor):
    async def receive(self, context: Context) -> None:
        match context.message:
            case Greet(name):
                context.respond(f"Hello {name}")
            case _:
                pass


async def main() -> None:
    async with ActorSystem() as system:
        greeter = system.spawn(Greeter)
        print(await system.request(greeter, Greet("Ann"), timeout=1.0))


asyncio.run(main())
