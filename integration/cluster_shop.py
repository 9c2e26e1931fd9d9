"""A cluster of member processes under the load of a client process."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from cluster_calls import Call, Calls
from cluster_processes import Script
from etcd_server import free_ports

__all__ = ["Provider", "Shop", "automanaged", "id_of", "in_etcd", "shop"]

PATIENCE = 60.0
Provider = Callable[[int | None], Sequence[str]]
"""Arguments of the member in this seat, or of a client: first the provider's URL."""


def automanaged(seats: int) -> Provider:
    """Members that ping each other, with the defaults."""
    ports = free_ports(seats)
    hosts = ",".join(f"127.0.0.1:{port}" for port in ports)

    def arguments(seat: int | None) -> list[str]:
        port = "" if seat is None else f"?port={ports[seat]}"
        return [f"automanaged://{hosts}{port}"]

    return arguments


def in_etcd(endpoints: Sequence[str]) -> Provider:
    """Membership in etcd, with the defaults."""
    return lambda _: [f"etcd://{','.join(endpoints)}"]


class Shop:
    """Members in seats, of which each may be taken by one process after the other."""

    def __init__(
        self, stack: AsyncExitStack, provider: Provider, arguments: Sequence[str]
    ) -> None:
        self._stack = stack
        self._provider = provider
        self._arguments = arguments
        self.seats: list[Script] = []
        self.client: Script

    async def fill(self, count: int) -> None:
        """Start so many members, and wait until they agree."""
        starting = [self.launch(seat) for seat in range(count)]
        self.seats = list(await asyncio.gather(*starting))
        await self.agree()

    async def launch(self, seat: int) -> Script:
        """A new member process; it has joined."""
        member = Script("cluster_member.py", *self._provider(seat), *self._arguments)
        await self._stack.enter_async_context(member)
        await member.says("joined")
        return member

    async def open(self, *arguments: str) -> None:
        """Let a client call, until every identity has answered."""
        self.client = Script("cluster_client.py", *self._provider(None), *arguments)
        await self._stack.enter_async_context(self.client)
        await self.client.says("connected")

    async def restart(self, seat: int) -> None:
        """One member leaves in good order, another one takes its seat."""
        member = self.seats[seat]
        member.signal(signal.SIGTERM)
        assert await member.ended() == 0, f"{member} wrote:\n{member.noise}"
        self.seats[seat] = await self.launch(seat)
        await self.agree()

    def kill(self, seat: int) -> float:
        """SIGKILL; returns when."""
        return self.seats.pop(seat).signal(signal.SIGKILL)

    # -- what members see ----------------------------------------------------

    @property
    def ids(self) -> list[str]:
        """The ids of all members, in the order of their seats."""
        return [id_of(member) for member in self.seats]

    async def agree(self, seats: Sequence[Script] | None = None) -> float:
        """Wait until these, or all, see exactly each other; returns how long they differed.

        That is, from the first member's view to the last one's.
        """
        members = self.seats if seats is None else seats
        async with asyncio.timeout(PATIENCE):
            while not agreed(members):  # noqa: ASYNC110 (any of several processes)
                await asyncio.sleep(0.02)
        times = [member.last("topology")["at"] for member in members]
        return float(max(times) - min(times))

    async def activations(self) -> int:
        """How many activations live on all members together."""
        asked = [member.signal(signal.SIGUSR1) for member in self.seats]
        answers = [
            await member.says("activations", after=at)
            for member, at in zip(self.seats, asked, strict=True)
        ]
        return sum(answer["count"] for answer in answers)

    # -- what the client sees --------------------------------------------------

    async def calls(self) -> Calls:
        """All calls that ended since they were asked for last."""
        asked = time.monotonic()
        self.client.tell("report")
        said = await self.client.says("calls", after=asked)
        return Calls(Call(*call) for call in said["calls"])

    async def load(self, seconds: float) -> Calls:
        """The calls of the next seconds."""
        await self.calls()
        await asyncio.sleep(seconds)
        return await self.calls()


def id_of(member: Script) -> str:
    """The member id that it has now."""
    names = [
        said["id"] for said in member.said if said["event"] in ("joined", "rejoined")
    ]
    return str(names[-1])


def agreed(members: Sequence[Script]) -> bool:
    """Whether all of these see exactly each other."""
    for member in members:
        assert member.running, f"{member} ended:\n{member.noise}"
    ids = sorted(id_of(member) for member in members)
    views = [member.all("topology") for member in members]
    return all(view and view[-1]["members"] == ids for view in views)


@asynccontextmanager
async def shop(
    provider: Provider,
    count: int = 5,
    *,
    arguments: Sequence[str] = (),
    load: Sequence[str] = (),
) -> AsyncGenerator[Shop, None]:
    """So many members that agree, under load; everything is killed at the end."""
    async with AsyncExitStack() as stack:
        opened = Shop(stack, provider, arguments)
        await opened.fill(count)
        await opened.open(*load)
        await opened.load(1.0)  # what comes first is slower: connections, activations
        yield opened
