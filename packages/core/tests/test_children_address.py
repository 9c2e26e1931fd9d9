"""Children are known whatever address their system had when they were spawned."""

import asyncio

from protoactor import Actor, ActorSystem, Context, Started


class Child(Actor):
    def receive(self, context: Context) -> None:
        if context.message == "fail":
            raise RuntimeError("asked to")
        if context.message == "ping":
            context.respond("pong")


class Parent(Actor):
    def receive(self, context: Context) -> None:
        match context.message:
            case Started():
                context.spawn_named(Child, "child")
            case "children":
                context.respond(context.children)
            case _:
                pass


async def test_a_parent_stops_after_its_system_got_an_address() -> None:
    async with ActorSystem() as system:
        parent = system.spawn(Parent)
        await system.request(parent, "children")
        system.registry.address = "127.0.0.1:8090"
        children = await system.request(parent, "children")
        assert children == (system.registry.pid(f"{parent.id}/child"),)
        await asyncio.wait_for(system.stop(parent), 5.0)


async def test_a_child_is_supervised_after_its_system_got_an_address() -> None:
    async with ActorSystem() as system:
        parent = system.spawn(Parent)
        await system.request(parent, "children")
        system.registry.address = "127.0.0.1:8090"
        child = system.registry.pid(f"{parent.id}/child")
        system.send(child, "fail")
        assert await system.request(child, "ping", timeout=5.0) == "pong"
