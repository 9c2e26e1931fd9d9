"""Programs that a type checker must reject: every marked line, and no other."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from protoactor import PID, Actor, ActorSystem, Context, Request
from protoactor_cluster import Cluster, Grain, Kind, rpc


@dataclass(frozen=True, slots=True)
class Greet(Request[str]):
    name: str


class Greeter(Actor):
    async def receive(self, context: Context) -> None:
        context.respond("hello")


class Counter(Grain):
    async def add(self, amount: int) -> int:
        return amount

    @rpc(idempotent=True)
    async def total(self) -> int:
        return 0

    def numbers(self, upto: int) -> AsyncIterator[int]:
        raise NotImplementedError


async def grains(cluster: Cluster) -> None:
    counter = cluster.grain(Counter, "visits", timeout=1.0, retries=3)
    right: int = await counter.add(2)
    wrong: str = await counter.add(2)  # wrong
    await counter.add("two")  # wrong
    await counter.add()  # wrong
    await counter.subtract(1)  # wrong
    async for number in counter.numbers(3):
        right += number
    async for text in counter.numbers("3"):  # wrong
        wrong += str(text)
    cluster.grain(Greeter, "visits")  # wrong
    cluster.grain(Counter, 7)  # wrong
    cluster.grain(Counter, "visits", timeout="1")  # wrong
    Kind.of(Counter, idle_timeout="60")  # wrong
    Kind.of(Greeter)  # wrong


async def actors(system: ActorSystem, greeter: PID) -> None:
    right: str = await system.request(greeter, Greet("Ann"), timeout=1.0)
    wrong: int = await system.request(greeter, Greet("Ann"), timeout=1.0)  # wrong
    also: int = await system.request(greeter, "ping", returns=str)  # wrong
    system.send("greeter", Greet(right))  # wrong
    system.spawn(3)  # wrong
    print(wrong, also)
