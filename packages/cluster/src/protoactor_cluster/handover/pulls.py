"""The questions to all members under one topology, until each is answered whole."""

from __future__ import annotations

from collections.abc import Iterator

from protoactor_cluster.handover.chunk import Pull
from protoactor_cluster.handover.effects import AskPeer, Effect
from protoactor_cluster.handover.events import ChunkReceived
from protoactor_cluster.handover.leftover import Leftover
from protoactor_cluster.handover.owner_table import OwnerTable
from protoactor_cluster.handover.sink import HandoverSink
from protoactor_cluster.handover.timeouts import HandoverTimeouts
from protoactor_cluster.topology import Topology

__all__ = ["Pulls"]


class Pulls:
    """Asks, asks again, and checks whether an answer holds what it says it holds."""

    def __init__(
        self, me: str, table: OwnerTable, timeouts: HandoverTimeouts, step: int
    ) -> None:
        self.sinks: dict[str, HandoverSink] = {}
        """By member id; empty until `begin`."""
        self._me = me
        self._table = table
        self._timeouts = timeouts
        self._step = step
        self._topology = Topology.of((), 0)
        self._baseline: Topology | None = None
        self._checking: dict[str, Leftover] = {}

    @property
    def pending(self) -> list[HandoverSink]:
        """Those who have not answered yet."""
        return [sink for sink in self.sinks.values() if not sink.complete]

    @property
    def is_checking(self) -> bool:
        """Whether `check` has something left to do."""
        return bool(self._checking)

    @property
    def due(self) -> list[float]:
        """When somebody has to be asked again."""
        return [sink.due_at for sink in self._silent()]

    def start_over(self) -> None:
        """A new topology: who was asked under another one is asked no more."""
        self.sinks = {}
        self._checking = {}

    def begin(
        self, topology: Topology, baseline: Topology | None, now: float
    ) -> list[Effect]:
        """Ask everybody; what was owned under the baseline too need not be named."""
        self._topology, self._baseline = topology, baseline
        self.sinks = {
            member.id: HandoverSink(member, with_baseline=baseline is not None)
            for member in topology.members
        }
        return [self._ask(sink, now) for sink in self.sinks.values()]

    def ask_again(self, now: float) -> list[Effect]:
        """Ask those again who are due."""
        return [self._ask(sink, now) for sink in self._silent() if now >= sink.due_at]

    def ask_soon(self, member_id: str, now: float) -> None:
        """A question or an answer was lost."""
        sink = self.sinks.get(member_id)
        if sink is not None and not sink.complete:
            sink.due_at = min(sink.due_at, now + self._timeouts.retry)

    def take(self, event: ChunkReceived) -> HandoverSink | None:
        """Whose answer this is a part of; `None` if it is stale."""
        sink = self.sinks.get(event.member_id)
        if sink is None or event.topology_id != self._topology.id:
            return None
        if not sink.take(event.chunk):
            return None
        sink.due_at = event.now + self._timeouts.idle
        return sink

    def conclude(self, sink: HandoverSink, now: float) -> list[Effect]:
        """The answer is whole: does it add up?"""
        if not sink.adds_up:
            return self._start_again(sink, now)
        ended = not sink.with_baseline
        leftover = Leftover(self._table, sink.unconfirmed, ended=ended)
        self._checking[sink.member.id] = leftover
        return self._look(sink, leftover, now)

    def check(self, now: float) -> list[Effect]:
        """Go on with one answer that is being checked."""
        member_id, leftover = next(iter(self._checking.items()))
        return self._look(self.sinks[member_id], leftover, now)

    def _look(self, sink: HandoverSink, leftover: Leftover, now: float) -> list[Effect]:
        if leftover.look(self._step):
            return []
        del self._checking[sink.member.id]
        if not sink.is_consistent(leftover.count, leftover.digest):
            return self._start_again(sink, now)
        sink.finish()
        return []

    def _silent(self) -> Iterator[HandoverSink]:
        """Those whose answers are not whole."""
        return (it for it in self.pending if it.member.id not in self._checking)

    def _ask(self, sink: HandoverSink, now: float) -> Effect:
        sink.start_attempt(self._table.hosted_by(sink.member.id))
        sink.due_at = now + self._timeouts.idle
        baseline = self._baseline if sink.with_baseline else None
        pull = Pull(self._me, self._topology, sink.attempt, baseline)
        return AskPeer(sink.member, pull)

    def _start_again(self, sink: HandoverSink, now: float) -> list[Effect]:
        """The counts disagree: ask for everything, soon if that was everything."""
        if sink.with_baseline:
            sink.with_baseline = False
            return [self._ask(sink, now)]
        sink.due_at = now + self._timeouts.retry
        return []
