"""Two systems that talk over gRPC; here in one process, usually in two."""

import asyncio
from dataclasses import dataclass

from protoactor import PID, Actor, ActorSystem, Context, Request
from protoactor_remote import Remote, message


@message("examples.Greet")
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
    async with (
        ActorSystem() as here,
        ActorSystem() as there,
        Remote(here),
        Remote(there) as remote,
    ):
        there.spawn_named(Greeter, "greeter")
        greeter = PID(remote.address, "greeter")
        print(await here.request(greeter, Greet("Ann"), timeout=5.0))


asyncio.run(main())
