"""Actors that change how they handle messages."""

from collections.abc import Awaitable

import pytest

from protoactor import Actor, ActorSystem, Behavior, Context


class Door(Actor):
    def __init__(self) -> None:
        self.behavior = Behavior(self.closed)

    def receive(self, context: Context) -> Awaitable[None] | None:
        return self.behavior.receive(context)

    def closed(self, context: Context) -> None:
        if context.message == "open":
            self.behavior.become(self.opened)
        self.answer(context, "closed")

    async def opened(self, context: Context) -> None:
        if context.message == "lock open":
            self.behavior.become_stacked(self.locked)
        elif context.message == "close":
            self.behavior.become(self.closed)
        self.answer(context, "opened")

    def locked(self, context: Context) -> None:
        if context.message == "unlock":
            self.behavior.unbecome()
        self.answer(context, "locked")

    def answer(self, context: Context, state: str) -> None:
        if isinstance(context.message, str):
            context.respond(state)


async def test_messages_go_to_the_present_behavior(system: ActorSystem) -> None:
    door = system.spawn(Door)
    asked = ["look", "open", "look", "lock open", "close", "unlock", "close", "look"]
    answers = [await system.request(door, message) for message in asked]
    assert answers == [
        *("closed", "closed", "opened", "opened"),
        *("locked", "locked", "opened", "closed"),
    ]


def test_the_last_behavior_stays() -> None:
    behavior = Behavior(lambda _: None)
    with pytest.raises(IndexError, match="without a behaviour"):
        behavior.unbecome()
