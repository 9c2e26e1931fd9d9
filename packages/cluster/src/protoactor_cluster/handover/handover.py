"""How ownership follows the topology: one state machine per member, no I/O.

On a new topology the owner table keeps what this member still owns. Once all
members have the topology and wait for no activation of their own (the barrier),
this member asks each of them, itself included, what it hosts that this member
now owns, and then lets waiting requests go on. Activations do not move.

Nothing here reads a clock or sends a message: events come in, effects go out.
What grows with the number of activations is done step by step (`Defer`).
"""

from __future__ import annotations

from enum import Enum, auto

from protoactor_cluster.handover.disputes import Disputes
from protoactor_cluster.handover.effects import (
    AbandonSpawns,
    AnnounceReady,
    Completed,
    Defer,
    Effect,
    Incomplete,
    IncompleteReason,
    Release,
)
from protoactor_cluster.handover.events import (
    BarrierReached,
    ChunkReceived,
    Event,
    PeerGone,
    Resume,
    SpawnEnded,
    TimePassed,
    TopologyChanged,
)
from protoactor_cluster.handover.owner_table import OwnerTable
from protoactor_cluster.handover.pulls import Pulls
from protoactor_cluster.handover.reconciliation import Reconciliation
from protoactor_cluster.handover.spawns import Spawns
from protoactor_cluster.handover.timeouts import HandoverTimeouts
from protoactor_cluster.hash_ring import HashRing
from protoactor_cluster.topology import Topology

__all__ = ["Handover"]

STEP = 1000
"""Activations that are looked through in about a millisecond."""


class _Phase(Enum):
    OUTSIDE = auto()  # no topology yet, or one without this member
    BARRIER = auto()
    PULLING = auto()
    COMPLETE = auto()


class Handover:
    """Keeps `table` true while topologies change; `handle` every event in order."""

    def __init__(
        self,
        me: str,
        table: OwnerTable,
        spawns: Spawns,
        timeouts: HandoverTimeouts | None = None,
        *,
        delta: bool = True,
        step: int = STEP,
    ) -> None:
        self.topology: Topology = Topology.of((), 0)
        self.ring: HashRing = HashRing(())
        self.stale_chunks = 0
        """Chunks ignored: of another topology or attempt, or received twice."""
        self.me = me
        self._table = table
        self._spawns = spawns
        self._timeouts = timeouts or HandoverTimeouts()
        self._delta = delta
        self._step = step
        self._reports = Reconciliation(me, table, spawns)
        self._pulls = Pulls(me, table, self._timeouts, step)
        self._disputes = Disputes(table, spawns, self._timeouts.idle)
        self._phase = _Phase.OUTSIDE
        self._released = False
        self._announced = False
        self._deferred = False
        self._deadline = 0.0
        self._baseline: Topology | None = None
        self._former: HashRing | None = None

    @property
    def waiting(self) -> bool:
        """Whether requests for identities that the table lacks have to wait."""
        return not self._released

    @property
    def complete(self) -> bool:
        """Whether every member has reported under the current topology."""
        return self._phase is _Phase.COMPLETE

    @property
    def next_deadline(self) -> float | None:
        """When `TimePassed` is due, in monotonic seconds."""
        times = self._pulls.due
        if self._at_barrier() or (times and not self._released):
            times.append(self._deadline)
        if (check := self._disputes.next_deadline) is not None:
            times.append(check)
        return min(times, default=None)

    def handle(self, event: Event) -> list[Effect]:
        """Take one event; returns what has to be done because of it."""
        effects = self._react(event)
        unfinished = self._pulls.is_checking or self._table.sift(0)
        if unfinished and not self._deferred:
            self._deferred = True
            effects.append(Defer())
        return effects

    def _react(self, event: Event) -> list[Effect]:
        match event:
            case TopologyChanged(topology, now):
                return self._change_topology(topology, now)
            case SpawnEnded():
                return self._end_spawn(event)
            case BarrierReached(topology_id, now):
                reached = topology_id == self.topology.id
                return self._pull(now) if reached and self._at_barrier() else []
            case ChunkReceived():
                return self._receive(event)
            case PeerGone(member_id, now):
                self._pulls.ask_soon(member_id, now)
                return []
            case Resume(now):
                self._deferred = False
                return self._go_on(now)
            case TimePassed(now):
                return self._pass_time(now)

    def _change_topology(self, topology: Topology, now: float) -> list[Effect]:
        if topology.id == self.topology.id:
            self.topology = topology  # kinds may differ, ownership does not
            return []
        if topology.version <= self.topology.version:
            return []
        if self.complete:
            self._baseline, self._former = self.topology, self.ring
        self.topology = topology
        self.ring = HashRing(topology.members, base=self.ring)
        self._table.keep_owned(self.ring, self.me, topology.by_id)
        self._table.sift(self._step)
        self._reports.start_over(self.ring)
        self._disputes.start_over()
        self._pulls.start_over()
        self._announced = False
        lost = self._spawns.start_over(topology.by_id)
        effects: list[Effect] = [AbandonSpawns(lost)] if lost else []
        return effects + self._enter(now)

    def _enter(self, now: float) -> list[Effect]:
        self._released = False
        if self.me not in self.topology:
            self._phase = _Phase.OUTSIDE
            self._baseline = None
            return []
        self._phase = _Phase.BARRIER
        self._deadline = now + self._timeouts.barrier
        return self._announce()

    def _end_spawn(self, event: SpawnEnded) -> list[Effect]:
        self._spawns.settle(event.identity, event.number, event.outcome)
        started = event.activation
        effects: list[Effect] = []
        if started is not None and started.member_id in self.topology:
            effects = self._reports.spawned(started)
        self._disputes.look_at([event.identity], event.now)
        return effects + self._announce()

    def _announce(self) -> list[Effect]:
        if self._announced or not self._at_barrier() or not self._spawns.settled:
            return []
        self._announced = True
        return [AnnounceReady(self.topology)]

    def _at_barrier(self) -> bool:
        return self._phase is _Phase.BARRIER

    def _pull(self, now: float) -> list[Effect]:
        self._phase = _Phase.PULLING
        self._deadline = now + self._timeouts.answers
        return [] if self._table.sift(0) else self._ask_all(now)

    def _ask_all(self, now: float) -> list[Effect]:
        baseline = self._baseline if self._delta else None
        asked = self._pulls.begin(self.topology, baseline, now)
        self._reports.expect(self._pulls.sinks)
        return asked

    def _go_on(self, now: float) -> list[Effect]:
        """One more step of what takes long."""
        if self._table.sift(self._step):
            return []
        if self._phase is _Phase.PULLING and not self._pulls.sinks:
            return self._ask_all(now)
        checked = self._pulls.check(now) if self._pulls.is_checking else []
        return checked + self._complete()

    def _pass_time(self, now: float) -> list[Effect]:
        effects = self._disputes.checks(self.topology, now)
        if self._at_barrier():
            return effects + (self._miss_barrier(now) if now >= self._deadline else [])
        effects += self._pulls.ask_again(now)
        late = self._pulls.pending and not self._released and now >= self._deadline
        return effects + self._give_up() if late else effects

    def _miss_barrier(self, now: float) -> list[Effect]:
        reason = IncompleteReason.BARRIER
        missed = Incomplete(self.topology, reason, former=self._former)
        return [missed, *self._pull(now)]

    def _give_up(self) -> list[Effect]:
        # the members are asked on: a late answer still finds duplicates
        self._released = True
        unanswered = tuple(sink.member for sink in self._pulls.pending)
        reason = IncompleteReason.PULL
        return [
            Incomplete(self.topology, reason, unanswered, self._former),
            Release(self.topology),
        ]

    def _receive(self, event: ChunkReceived) -> list[Effect]:
        sink = self._pulls.take(event)
        if sink is None:
            self.stale_chunks += 1
            return []
        reported = event.chunk.activations
        effects = self._reports.report(sink, reported)
        self._disputes.look_at((it.identity for it in reported), event.now)
        if sink.whole:
            effects += self._pulls.conclude(sink, event.now)
        return effects + self._complete()

    def _complete(self) -> list[Effect]:
        if self._phase is not _Phase.PULLING or self._pulls.pending:
            return []
        self._phase = _Phase.COMPLETE
        released: list[Effect] = [] if self._released else [Release(self.topology)]
        self._released = True
        return [*released, Completed(self.topology, len(self._table))]
