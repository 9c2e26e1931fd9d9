"""Automanaged members on two sides, with cables between the sides that can be cut."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager

from etcd_server import free_ports
from tcp_link import TcpLink

__all__ = ["Cables", "cables"]


class Cables:
    """Each member of one side reaches each of the other by links of its own.

    A client belongs to the first side. What is asked by one side and answered by
    the other goes through the asker's link, both ways.
    """

    def __init__(self, stack: ExitStack, sides: tuple[int, int]) -> None:
        count = sum(sides)
        ports = free_ports(2 * count)
        self._stack = stack
        self._first = sides[0]
        self._health, self._remoting = ports[:count], ports[count:]
        self._links: list[TcpLink] = []

    def arguments(self, seat: int | None) -> Sequence[str]:
        """A `Provider`."""
        seats = range(len(self._health))
        far = [other for other in seats if self._divides(seat, other)]
        health = {other: self._link(self._health[other]) for other in far}
        hosts = ",".join(
            health.get(other, f"127.0.0.1:{self._health[other]}") for other in seats
        )
        ports = self._remoting
        links = {f"127.0.0.1:{ports[it]}": self._link(ports[it]) for it in far}
        own = [] if seat is None else ["--port", str(ports[seat])]
        query = "" if seat is None else f"?port={self._health[seat]}"
        return [f"automanaged://{hosts}{query}", "--links", json.dumps(links), *own]

    def cut(self) -> None:
        """Nothing gets through any more, as if packets were lost."""
        for link in self._links:
            link.hold()

    def mend(self) -> None:
        for link in self._links:
            link.release()

    def _divides(self, seat: int | None, other: int) -> bool:
        return (seat is None or seat < self._first) != (other < self._first)

    def _link(self, port: int) -> str:
        link = self._stack.enter_context(TcpLink(("127.0.0.1", port)))
        self._links.append(link)
        return link.endpoint


@contextmanager
def cables(*sides: int) -> Generator[Cables, None, None]:
    """Between two sides of so many members; they vanish when the block ends."""
    first, second = sides
    with ExitStack() as stack:
        yield Cables(stack, (first, second))
