"""What the two processes of a cross-process workload say to each other."""

from __future__ import annotations

from dataclasses import dataclass

from protoactor import Actor, Context, Request
from protoactor_cluster import Grain
from protoactor_remote import message

__all__ = ["PAYLOAD", "Count", "Counter", "Echo", "EchoGrain", "Hit", "Say"]

PAYLOAD = "x" * 50


@message("benchmarks.Say")
@dataclass(frozen=True, slots=True)
class Say(Request[str]):
    text: str


@message("benchmarks.Hit")
@dataclass(frozen=True, slots=True)
class Hit:
    number: int


@message("benchmarks.Count")
@dataclass(frozen=True, slots=True)
class Count(Request[int]):
    pass


class Echo(Actor):
    async def receive(self, context: Context) -> None:
        message = context.message
        if isinstance(message, Say):
            context.respond(message.text)


class Counter(Actor):
    def __init__(self) -> None:
        self._hits = 0

    async def receive(self, context: Context) -> None:
        message = context.message
        if isinstance(message, Hit):
            self._hits += 1
        elif isinstance(message, Count):
            context.respond(self._hits)


class EchoGrain(Grain, kind="Echo"):
    async def say(self, text: str) -> str:
        return text
