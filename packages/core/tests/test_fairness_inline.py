"""Requests that are answered on the spot must not keep the loop from its turn."""

from __future__ import annotations

import asyncio

from protoactor import Actor, ActorSystem, Context


class Echo(Actor):
    def receive(self, context: Context) -> None:
        if context.sender is not None:
            context.respond(context.message)


async def test_a_caller_that_never_waits_lets_the_loop_run() -> None:
    async with ActorSystem(stall_warning=None) as system:
        echo = system.spawn(Echo)
        loop_turns = 0

        def turn() -> None:
            nonlocal loop_turns
            loop_turns += 1
            asyncio.get_running_loop().call_soon(turn)

        turn()
        for number in range(10_000):
            assert await system.request(echo, number) == number
        assert loop_turns > 10
