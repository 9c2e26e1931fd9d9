"""One member's hand-over, event by event; the others' placements are real ones."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

import pytest

from protoactor import PID
from protoactor_cluster.handover import (
    AbandonSpawns,
    AcceptActivations,
    Activation,
    AnnounceReady,
    Answer,
    AskPeer,
    Attach,
    BarrierReached,
    Check,
    ChunkReceived,
    Completed,
    Defer,
    Effect,
    Event,
    Forward,
    Handover,
    HandoverChunk,
    HandoverTimeouts,
    Incomplete,
    IncompleteReason,
    OwnerTable,
    PeerGone,
    Placement,
    Pull,
    Refuse,
    Release,
    Resume,
    Spawn,
    SpawnEnded,
    SpawnOutcome,
    Spawns,
    StopDuplicate,
    TimePassed,
    TopologyChanged,
    Wait,
    decide,
)
from protoactor_cluster.hash_ring import HashRing
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.provider import Member
from protoactor_cluster.topology import Topology, TopologyId

MEMBERS = [Member(f"m{i}", "127.0.0.1", 8080 + i) for i in range(5)]
TIMEOUTS = HandoverTimeouts(barrier=10.0, answers=10.0, idle=2.0, retry=0.2)
EffectT = TypeVar("EffectT")


def topology(version: int, *ids: int) -> Topology:
    return Topology.of([MEMBERS[i] for i in ids], version)


def owned_by(
    member: int, *ids: int, also_by: Iterable[int] = (), kind: str = "Kind"
) -> ClusterIdentity:
    """An identity that `member` owns among `ids` (and `also_by`, if given)."""
    rings = [HashRing(MEMBERS[i] for i in ids)]
    if also_by:
        rings.append(HashRing(MEMBERS[i] for i in also_by))
    for i in itertools.count():
        owners = {ring.owner(f"id-{i}") for ring in rings}
        if owners == {MEMBERS[member]}:
            return ClusterIdentity(kind, f"id-{i}")
    raise AssertionError


class Desk:
    """A member's hand-over, its peers' placements, and what it was told to do."""

    def __init__(self, me: int = 0, *, delta: bool = True, step: int = 1000) -> None:
        self.table = OwnerTable()
        self.spawns = Spawns()
        self.handover = Handover(
            f"m{me}", self.table, self.spawns, TIMEOUTS, delta=delta, step=step
        )
        self.hosts = {
            member.id: Placement(member.id, chunk_size=2) for member in MEMBERS
        }
        self.now = 100.0
        self.effects: list[Effect] = []
        self.pulls: dict[str, Pull] = {}

    def feed(self, event: Event) -> list[Effect]:
        effects = self.handover.handle(event)
        self.effects += effects
        for effect in effects:
            if isinstance(effect, AskPeer):
                self.pulls[effect.member.id] = effect.pull
        return effects

    def taken(self, kind: type[EffectT]) -> list[EffectT]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def move_to(self, topology: Topology) -> list[Effect]:
        return self.feed(TopologyChanged(topology, self.now))

    def agree(self) -> list[Effect]:
        return self.feed(BarrierReached(self.handover.topology.id, self.now))

    def wait(self, seconds: float) -> list[Effect]:
        self.now += seconds
        return self.feed(TimePassed(self.now))

    def reply(self, *hosts: int) -> list[Effect]:
        """These members answer the pull that they were last asked."""
        effects: list[Effect] = []
        for id in [f"m{host}" for host in hosts]:
            pull = self.pulls.pop(id)
            for chunk in self.hosts[id].answer(pull):
                if chunk is not None:
                    effects += self.chunk(id, pull.topology.id, chunk)
        return effects

    def chunk(self, host: str, under: TopologyId, chunk: HandoverChunk) -> list[Effect]:
        return self.feed(ChunkReceived(host, under, chunk, self.now))

    def resume(self) -> list[Effect]:
        return self.feed(Resume(self.now))

    def complete(self, topology: Topology) -> None:
        self.move_to(topology)
        self.agree()
        while self.pulls:  # a baseline that does not fit is asked about once more
            self.reply(*(int(id[1:]) for id in self.pulls))
        assert self.handover.complete

    def host(
        self, member: int, identity: ClusterIdentity, number: int = 1
    ) -> Activation:
        """Have an activation live on a member, unknown to its owner."""
        pid = PID(MEMBERS[member].address, f"{identity}${number}~abcdef")
        under = TopologyId(2**60, 0)
        assert self.hosts[f"m{member}"].register(identity, pid, under) == pid
        return Activation.of(identity, pid, f"m{member}")

    def check(self) -> Check:
        """What is asked in a second, which must be one question."""
        (check,) = self.wait(1.0)
        assert isinstance(check, Check)
        return check

    def decide(self, identity: ClusterIdentity, *, forwarded: bool = False) -> object:
        return decide(
            identity, self.handover, self.table, self.spawns, forwarded=forwarded
        )


# --- the course of one hand-over


def test_ownership_moves_and_the_activation_stays() -> None:
    """The worked example: m3 joins, and owns what m1 owned and m0 hosts."""
    roger = owned_by(3, 0, 1, 2, 3)
    desk = Desk(me=3)
    living = desk.host(0, roger)
    assert desk.move_to(topology(1, 0, 1, 2, 3)) == [
        AnnounceReady(desk.handover.topology)
    ]
    assert isinstance(desk.decide(roger), Wait)
    assert [it.member.id for it in desk.agree() if isinstance(it, AskPeer)] == [
        "m0",
        "m1",
        "m2",
        "m3",
    ]
    desk.reply(1, 2, 3)
    assert isinstance(desk.decide(roger), Wait)
    assert desk.reply(0) == [
        AcceptActivations([living]),
        Release(desk.handover.topology),
        Completed(desk.handover.topology, 1),
    ]
    assert desk.decide(roger) == Answer(living)


def test_an_answer_in_many_chunks_is_taken_over_chunk_by_chunk() -> None:
    desk = Desk(me=0)
    ring = HashRing(MEMBERS[:2])
    names = [f"n{i}" for i in range(40) if ring.owner(f"n{i}") == MEMBERS[0]]
    living = [desk.host(1, ClusterIdentity("Kind", name)) for name in names]
    desk.move_to(topology(1, 0, 1))
    desk.agree()
    effects = desk.reply(1)
    accepted = [it for it in effects if isinstance(it, AcceptActivations)]
    assert [len(it.activations) for it in accepted[:-1]] == [2] * (len(accepted) - 1)
    assert [it for part in accepted for it in part.activations] == living


def several_owned(count: int, me: int, *ids: int) -> list[ClusterIdentity]:
    names = (ClusterIdentity("Kind", f"many-{i}") for i in itertools.count())
    ring = HashRing(MEMBERS[i] for i in ids)
    mine = (it for it in names if ring.owner(it.name) == MEMBERS[me])
    return list(itertools.islice(mine, count))


def test_a_large_table_is_looked_through_in_steps_before_anybody_is_asked() -> None:
    desk = Desk(step=2)
    known = several_owned(5, 0, 0, 1)
    for identity in known:
        desk.host(1, identity)
    desk.move_to(topology(1, 0, 1))
    desk.agree()
    desk.reply(0, 1)
    effects = desk.move_to(topology(2, 0, 1, 2))
    assert effects == [AnnounceReady(desk.handover.topology), Defer()]
    assert desk.agree() == []
    for identity in known:
        mine = desk.handover.ring.owner(identity.name) == MEMBERS[0]
        assert (desk.table.get(identity) is not None) == mine
    steps = [desk.resume(), desk.resume()]
    assert [len(it) for it in steps if it and isinstance(it[0], AskPeer)] == [3]


def test_what_an_answer_left_out_is_counted_in_steps() -> None:
    desk = Desk(step=2)
    for identity in several_owned(5, 0, 0, 1):
        desk.host(1, identity)
    desk.complete(topology(1, 0, 1))
    desk.move_to(topology(2, 0, 1))
    while desk.resume():
        pass
    desk.agree()
    assert desk.reply(0, 1)[-1] == Defer()
    assert not desk.handover.complete
    assert desk.resume() == [Defer()]
    released = desk.resume()
    assert released == [Release(topology(2, 0, 1)), Completed(topology(2, 0, 1), 5)]
    assert desk.resume() == []


def test_a_cluster_of_one_hands_over_to_itself() -> None:
    desk = Desk()
    desk.complete(topology(1, 0))
    assert not desk.handover.waiting
    assert desk.handover.next_deadline is None
    assert desk.decide(ClusterIdentity("Kind", "x")) == Spawn(None)


def test_the_same_topology_again_changes_nothing() -> None:
    desk = Desk()
    desk.complete(topology(1, 0, 1))
    assert desk.move_to(topology(1, 0, 1)) == []
    assert desk.handover.complete


def test_a_topology_of_the_past_is_ignored() -> None:
    desk = Desk()
    desk.complete(topology(5, 0, 1))
    assert desk.move_to(topology(4, 0)) == []
    assert desk.handover.topology == topology(5, 0, 1)


def test_the_same_members_at_a_later_version_are_handed_over_anew() -> None:
    """A, B, A: equal hashes, and what happened in between is unknown."""
    desk = Desk()
    desk.complete(topology(1, 0, 1))
    assert desk.move_to(topology(3, 0, 1)) == [AnnounceReady(topology(3, 0, 1))]
    assert desk.handover.waiting


def test_a_barrier_of_another_topology_is_not_this_one() -> None:
    desk = Desk()
    desk.move_to(topology(3, 0, 1))
    stale = TopologyId(1, desk.handover.topology.hash)
    assert desk.feed(BarrierReached(stale, desk.now)) == []
    assert desk.agree()
    assert desk.agree() == [], "it is passed once"


# --- requests meanwhile


def test_known_identities_are_answered_at_once_and_unknown_ones_wait() -> None:
    """Slow hand-over: m1 delays its chunks by 8 s."""
    desk = Desk(me=0)
    known = owned_by(0, 0, 1, also_by=(0, 1, 2))
    unknown = owned_by(0, 0, 1, 2, kind="Other")
    living = desk.host(1, known)
    desk.complete(topology(1, 0, 1))
    desk.move_to(topology(2, 0, 1, 2))
    desk.agree()
    desk.reply(0, 2)
    desk.wait(8.0)
    assert desk.decide(known) == Answer(living)
    assert desk.decide(unknown) == Wait()
    while desk.pulls:
        desk.reply(*(int(id[1:]) for id in desk.pulls))
    assert desk.decide(known) == Answer(living)
    assert desk.decide(unknown) == Spawn(None)


def test_trap_19_a_second_topology_during_the_hand_over_restarts_it_once() -> None:
    desk = Desk(me=0)
    desk.move_to(topology(1, 0, 1))
    desk.agree()
    under = desk.handover.topology.id
    late = HandoverChunk(1, 1, True)
    desk.move_to(topology(2, 0, 1, 2))
    assert desk.chunk("m0", under, late) == []
    desk.agree()
    assert desk.chunk("m1", under, late) == []
    assert desk.handover.stale_chunks == 2
    desk.reply(0, 1, 2)
    assert [it.topology.version for it in desk.taken(Release)] == [2]
    assert [it.topology.version for it in desk.taken(AnnounceReady)] == [1, 2]


def test_trap_20_a_member_that_dies_in_the_middle_ends_with_the_next_topology() -> None:
    desk = Desk(me=0)
    identity = owned_by(0, 0, 1)
    desk.host(1, identity)
    desk.move_to(topology(1, 0, 1, 2))
    desk.agree()
    desk.reply(0, 2)
    desk.feed(PeerGone("m1", desk.now))
    assert desk.handover.waiting
    desk.complete(topology(2, 0, 2))
    assert isinstance(desk.decide(owned_by(0, 0, 2)), Spawn)


def test_trap_22_what_another_member_owns_is_forwarded_once() -> None:
    """Two members with different views must not play ping-pong."""
    desk = Desk(me=0)
    desk.complete(topology(1, 0, 1))
    theirs = owned_by(1, 0, 1)
    assert desk.decide(theirs) == Forward(MEMBERS[1])
    assert isinstance(desk.decide(theirs, forwarded=True), Refuse)


def test_without_a_topology_there_is_nobody_to_ask() -> None:
    assert isinstance(Desk().decide(ClusterIdentity("Kind", "x")), Refuse)


def test_a_request_for_what_is_being_started_attaches() -> None:
    desk = Desk(me=0)
    desk.complete(topology(1, 0, 1))
    mine = owned_by(0, 0, 1)
    desk.spawns.begin(mine, "m1")
    assert desk.decide(mine) == Attach()


def test_a_member_outside_the_topology_hands_nothing_over() -> None:
    desk = Desk(me=4)
    assert desk.move_to(topology(1, 0, 1)) == []
    assert desk.handover.next_deadline is None
    assert desk.move_to(topology(2, 0, 1, 4)) == [AnnounceReady(topology(2, 0, 1, 4))]


# --- activations that are being started


def test_a_member_is_ready_when_all_it_asked_for_has_an_outcome() -> None:
    desk = Desk(me=0)
    desk.complete(topology(1, 0, 1))
    mine = owned_by(0, 0, 1)
    number = desk.spawns.begin(mine, "m1")
    assert desk.move_to(topology(2, 0, 1, 2)) == []
    effects = desk.feed(SpawnEnded(mine, number, None, desk.now))
    assert effects == [AnnounceReady(topology(2, 0, 1, 2))]
    assert desk.feed(SpawnEnded(mine, number, None, desk.now)) == [], "it is said once"


def test_what_a_member_that_left_was_asked_is_abandoned() -> None:
    desk = Desk(me=0)
    desk.complete(topology(1, 0, 1, 2))
    mine = owned_by(0, 0, 1, 2)
    desk.spawns.begin(mine, "m2")
    assert desk.move_to(topology(2, 0, 1)) == [
        AbandonSpawns((mine,)),
        AnnounceReady(topology(2, 0, 1)),
    ]


def test_what_was_started_is_entered() -> None:
    desk = Desk(me=0)
    desk.complete(topology(1, 0, 1))
    mine = owned_by(0, 0, 1)
    started = desk.host(1, mine)
    number = desk.spawns.begin(mine, "m1")
    effects = desk.feed(SpawnEnded(mine, number, started, desk.now))
    assert effects == [AcceptActivations([started])]
    assert desk.decide(mine) == Answer(started)


def test_what_was_started_for_a_former_owner_is_not_entered() -> None:
    desk = Desk(me=0)
    desk.complete(topology(1, 0, 1))
    lost = owned_by(2, 0, 1, 2)
    started = desk.host(1, lost)
    number = desk.spawns.begin(lost, "m1")
    desk.move_to(topology(2, 0, 1, 2))
    desk.feed(SpawnEnded(lost, number, started, desk.now))
    assert len(desk.table) == 0


def test_what_was_started_on_a_member_that_left_is_not_entered() -> None:
    desk = Desk(me=0)
    desk.complete(topology(1, 0, 1, 2))
    mine = owned_by(0, 0, 1, also_by=(0, 1, 2))
    started = desk.host(2, mine)
    number = desk.spawns.begin(mine, "m2")
    desk.move_to(topology(2, 0, 1))
    assert desk.feed(SpawnEnded(mine, number, started, desk.now)) == []
    assert len(desk.table) == 0


def test_what_was_started_and_ended_before_the_answer_is_not_entered() -> None:
    desk = Desk(me=0)
    desk.complete(topology(1, 0, 1))
    mine = owned_by(0, 0, 1)
    started = desk.host(1, mine)
    number = desk.spawns.begin(mine, "m1")
    desk.table.terminated(mine, started.pid)
    assert desk.feed(SpawnEnded(mine, number, started, desk.now)) == []
    assert desk.decide(mine) == Spawn(None)


def test_after_a_lost_answer_the_same_host_is_asked() -> None:
    desk = Desk(me=0)
    desk.complete(topology(1, 0, 1))
    mine = owned_by(0, 0, 1)
    number = desk.spawns.begin(mine, "m1")
    desk.feed(SpawnEnded(mine, number, None, desk.now, SpawnOutcome.UNKNOWN))
    assert desk.decide(mine) == Spawn("m1")


# --- two of one


def test_of_two_activations_one_is_kept_whoever_reports_first() -> None:
    kept: set[Activation] = set()
    for order in ((1, 2), (2, 1)):
        desk = Desk(me=0)
        twice = owned_by(0, 0, 1, 2)
        one, other = desk.host(1, twice, number=7), desk.host(2, twice, number=5)
        desk.move_to(topology(1, 0, 1, 2))
        desk.agree()
        desk.reply(*order, 0)
        (stop,) = desk.taken(StopDuplicate)
        assert {stop.kept, stop.stopped} == {one, other}
        assert desk.decide(twice) == Answer(stop.kept)
        kept.add(stop.kept)
    assert kept == {other}, "the lower number stays"


def test_one_started_beside_one_that_was_reported_is_stopped() -> None:
    desk = Desk(me=0)
    mine = owned_by(0, 0, 1, 2)
    desk.move_to(topology(1, 0, 1, 2))
    desk.agree()
    desk.reply(0, 2)
    desk.wait(10.0)  # m1 does not answer: go on without it
    number = desk.spawns.begin(mine, "m2")
    reported, started = desk.host(1, mine), desk.host(2, mine, number=9)
    desk.reply(1)
    desk.feed(SpawnEnded(mine, number, started, desk.now))
    assert desk.taken(StopDuplicate) == [StopDuplicate(reported, started)]
    assert desk.decide(mine) == Answer(reported)


def test_an_entry_that_its_host_has_not_confirmed_yields_to_a_report() -> None:
    """It may have ended while the message about it was lost."""
    desk = Desk(me=0, delta=False)
    mine = owned_by(0, 0, 1, 2)
    stale = desk.host(1, mine, number=1)
    desk.complete(topology(1, 0, 1, 2))
    desk.hosts["m1"].remove(mine, stale.pid)
    living = desk.host(2, mine, number=8)
    desk.move_to(topology(2, 0, 1, 2))
    desk.agree()
    assert desk.decide(mine) == Answer(stale)
    desk.reply(2, 1, 0)
    assert desk.taken(StopDuplicate) == []
    assert desk.decide(mine) == Answer(living)


def test_an_entry_that_its_host_no_longer_reports_is_forgotten() -> None:
    desk = Desk(me=0, delta=False)
    mine = owned_by(0, 0, 1)
    stale = desk.host(1, mine)
    desk.complete(topology(1, 0, 1))
    desk.hosts["m1"].remove(mine, stale.pid)
    desk.complete(topology(2, 0, 1))
    assert desk.decide(mine) == Spawn(None)


def test_a_report_of_what_has_ended_is_ignored() -> None:
    desk = Desk(me=0)
    mine = owned_by(0, 0, 1)
    ended = desk.host(1, mine)
    desk.move_to(topology(1, 0, 1))
    desk.agree()
    desk.table.terminated(mine, ended.pid)
    desk.reply(0, 1)
    assert desk.decide(mine) == Spawn(None)


def test_a_report_of_what_i_do_not_own_is_ignored() -> None:
    desk = Desk(me=0)
    theirs = Activation.of(owned_by(1, 0, 1), PID("127.0.0.1:8081", "a"), "m1")
    desk.move_to(topology(1, 0, 1))
    desk.agree()
    under = desk.handover.topology.id
    desk.chunk("m1", under, HandoverChunk(1, 1, True, (theirs,), sent=1))
    assert len(desk.table) == 0


def test_stopping_a_duplicate_is_repeated_until_its_host_says_it_has_ended() -> None:
    desk = Desk(me=0)
    twice = owned_by(0, 0, 1)
    desk.host(0, twice, number=1)
    doomed = desk.host(1, twice, number=2)
    desk.complete(topology(1, 0, 1))
    (stop,) = desk.taken(StopDuplicate)
    for _ in range(10):
        assert desk.wait(1.0) == []
        check = desk.check()
        assert (check.identity, check.member) == (twice, MEMBERS[1])
        effects = desk.feed(SpawnEnded(twice, check.number, doomed, desk.now))
        assert replace(stop, repeated=True) in effects
    desk.wait(1.0)
    desk.feed(SpawnEnded(twice, desk.check().number, None, desk.now))
    assert desk.handover.next_deadline is None
    assert desk.decide(twice) == Answer(stop.kept)


@pytest.mark.parametrize("report_first", [False, True])
def test_what_was_started_beside_a_late_report_is_found_although_no_answer_came(
    report_first: bool,
) -> None:
    desk = Desk(me=0)
    mine = owned_by(0, 0, 1, 2)
    desk.move_to(topology(1, 0, 1, 2))
    desk.agree()
    desk.reply(0, 2)
    desk.wait(10.0)  # m1 does not answer: go on without it
    number = desk.spawns.begin(mine, "m2")
    reported, started = desk.host(1, mine, number=9), desk.host(2, mine)
    lost = SpawnEnded(mine, number, None, desk.now, SpawnOutcome.UNKNOWN)
    if report_first:
        desk.reply(1)
    desk.feed(lost)
    if not report_first:
        desk.reply(1)
    assert desk.decide(mine) == Answer(reported)
    desk.wait(1.0)
    check = desk.check()
    assert (check.identity, check.member) == (mine, MEMBERS[2])
    desk.feed(SpawnEnded(mine, check.number, started, desk.now))
    assert desk.taken(StopDuplicate) == [StopDuplicate(reported, started)]
    assert desk.decide(mine) == Answer(reported)


@pytest.mark.parametrize("outcome", [SpawnOutcome.UNKNOWN, SpawnOutcome.NOT_DELIVERED])
def test_a_check_that_is_not_answered_is_repeated(outcome: SpawnOutcome) -> None:
    desk = Desk(me=0)
    twice = owned_by(0, 0, 1)
    desk.host(0, twice, number=1)
    desk.host(1, twice, number=2)
    desk.complete(topology(1, 0, 1))
    for _ in range(10):
        desk.wait(1.0)
        number = desk.check().number
        assert desk.handover.next_deadline is None, "while it is under way"
        desk.feed(SpawnEnded(twice, number, None, desk.now, outcome))
        assert desk.handover.next_deadline == desk.now + TIMEOUTS.idle


def test_a_check_holds_no_hand_over_up() -> None:
    desk = Desk(me=0)
    twice = owned_by(0, 0, 1, also_by=(0, 1, 2))
    desk.host(0, twice, number=1)
    desk.host(1, twice, number=2)
    desk.complete(topology(1, 0, 1))
    desk.wait(1.0)
    desk.check()
    effects = desk.move_to(topology(2, 0, 1, 2))
    assert [type(effect) for effect in effects] == [AnnounceReady]
    assert desk.handover.next_deadline == desk.now + TIMEOUTS.barrier


# --- what takes too long


def test_a_member_that_stays_silent_is_asked_again() -> None:
    desk = Desk(me=0)
    desk.move_to(topology(1, 0, 1))
    desk.agree()
    desk.reply(0)
    assert desk.handover.next_deadline == desk.now + TIMEOUTS.idle
    (asked,) = desk.wait(2.0)
    assert isinstance(asked, AskPeer)
    assert (asked.member.id, asked.pull.attempt) == ("m1", 2)


def test_every_chunk_gives_a_member_more_time() -> None:
    desk = Desk(me=0)
    desk.move_to(topology(1, 0, 1))
    desk.agree()
    under = desk.handover.topology.id
    desk.reply(0)
    for number in range(1, 4):
        assert desk.wait(1.5) == []
        desk.chunk("m1", under, HandoverChunk(1, number, False))
    assert desk.handover.next_deadline == desk.now + TIMEOUTS.idle


def test_a_member_that_cannot_be_reached_is_asked_again_soon() -> None:
    desk = Desk(me=0)
    desk.move_to(topology(1, 0, 1))
    desk.agree()
    desk.reply(0)
    desk.feed(PeerGone("m1", desk.now))
    assert desk.handover.next_deadline == desk.now + TIMEOUTS.retry
    assert [type(it) for it in desk.wait(TIMEOUTS.retry)] == [AskPeer]
    assert desk.feed(PeerGone("m0", desk.now)) == [], "it has answered"
    assert desk.feed(PeerGone("stranger", desk.now)) == []
    assert desk.handover.next_deadline == desk.now + TIMEOUTS.idle


def test_without_agreement_it_pulls_all_the_same_and_says_so() -> None:
    desk = Desk(me=0)
    desk.move_to(topology(1, 0, 1))
    assert desk.handover.next_deadline == desk.now + TIMEOUTS.barrier
    assert desk.wait(9.9) == []
    incomplete, *asked = desk.wait(0.1)
    assert isinstance(incomplete, Incomplete)
    assert incomplete.reason is IncompleteReason.BARRIER
    assert [type(it) for it in asked] == [AskPeer, AskPeer]
    assert desk.handover.waiting


def test_without_all_answers_it_goes_on_and_names_who_is_missing() -> None:
    desk = Desk(me=0)
    desk.complete(topology(1, 0, 1))
    desk.move_to(topology(2, 0, 1, 2))
    desk.agree()
    desk.reply(0, 1)
    desk.now += 9.9
    desk.feed(TimePassed(desk.now))
    assert desk.handover.waiting
    desk.wait(0.1)
    (incomplete,) = desk.taken(Incomplete)
    assert incomplete.reason is IncompleteReason.PULL
    assert incomplete.unanswered == (MEMBERS[2],)
    assert incomplete.former is not None
    assert incomplete.former.members == tuple(MEMBERS[:2])
    assert [it.topology.version for it in desk.taken(Release)] == [1, 2]
    assert not desk.handover.waiting
    assert not desk.handover.complete
    desk.pulls.clear()
    desk.wait(2.0)
    assert desk.pulls.keys() == {"m2"}, "it is asked on"


def test_a_late_answer_still_counts_after_going_on_without_it() -> None:
    desk = Desk(me=0)
    mine = owned_by(0, 0, 1)
    desk.move_to(topology(1, 0, 1))
    desk.agree()
    desk.reply(0)
    desk.wait(10.0)
    second = desk.host(0, mine, number=9)
    desk.feed(SpawnEnded(mine, desk.spawns.begin(mine, "m0"), second, desk.now))
    first = desk.host(1, mine, number=1)
    effects = desk.reply(1)
    assert StopDuplicate(first, second) in effects
    assert [type(it) for it in effects[-1:]] == [Completed]
    assert len(desk.taken(Release)) == 1
    assert desk.decide(mine) == Answer(first)


def test_what_was_started_after_going_on_survives_the_late_answer() -> None:
    """The list of the late member may be older than what it was asked since."""
    desk = Desk(me=0)
    mine = owned_by(0, 0, 1)
    desk.move_to(topology(1, 0, 1))
    desk.agree()
    desk.reply(0)
    desk.wait(10.0)
    pull = desk.pulls.pop("m1")
    before = [chunk for chunk in desk.hosts["m1"].answer(pull) if chunk]
    started = desk.host(1, mine)
    desk.feed(SpawnEnded(mine, desk.spawns.begin(mine, "m1"), started, desk.now))
    for chunk in before:
        desk.chunk("m1", pull.topology.id, chunk)
    assert desk.handover.complete
    assert desk.decide(mine) == Answer(started)


# --- only what moved


def test_after_a_complete_hand_over_only_what_moved_is_asked_for() -> None:
    desk = Desk(me=0)
    stays = owned_by(0, 0, 1, 2, also_by=(0, 1))
    moves = next(
        identity
        for i in range(1000)
        if (identity := ClusterIdentity("Kind", f"moves-{i}"))
        and HashRing(MEMBERS[:3]).owner(identity.name) == MEMBERS[2]
        and HashRing(MEMBERS[:2]).owner(identity.name) == MEMBERS[0]
    )
    desk.host(1, stays)
    moving = desk.host(1, moves)
    desk.complete(topology(1, 0, 1, 2))
    desk.move_to(topology(2, 0, 1))
    desk.agree()
    assert desk.pulls["m1"].baseline == topology(1, 0, 1, 2)
    effects = desk.reply(1)
    assert effects == [AcceptActivations([moving])]
    assert len(desk.table) == 2


def test_if_what_was_skipped_is_not_what_is_known_everything_is_asked_for() -> None:
    desk = Desk(me=0)
    mine = owned_by(0, 0, 1)
    desk.complete(topology(1, 0, 1))
    living = desk.host(1, mine)  # its owner never heard of it
    desk.move_to(topology(2, 0, 1))
    desk.agree()
    (asked,) = desk.reply(1)
    assert isinstance(asked, AskPeer)
    assert (asked.pull.attempt, asked.pull.baseline) == (2, None)
    desk.reply(0, 1)
    assert desk.handover.complete
    assert desk.decide(mine) == Answer(living)


def test_a_hand_over_that_was_not_completed_is_no_baseline() -> None:
    desk = Desk(me=0)
    desk.complete(topology(1, 0, 1))
    desk.move_to(topology(2, 0, 1, 2))
    desk.agree()
    desk.move_to(topology(3, 0, 1))
    desk.agree()
    assert desk.pulls["m1"].baseline == topology(1, 0, 1)


def test_without_delta_everything_is_asked_for() -> None:
    desk = Desk(me=0, delta=False)
    desk.complete(topology(1, 0, 1))
    desk.move_to(topology(2, 0, 1))
    desk.agree()
    assert desk.pulls["m1"].baseline is None


def test_an_answer_that_contradicts_itself_is_asked_for_again() -> None:
    desk = Desk(me=0)
    desk.move_to(topology(1, 0, 1))
    desk.agree()
    under = desk.handover.topology.id
    desk.reply(0)
    assert desk.chunk("m1", under, HandoverChunk(1, 1, True, sent=3)) == []
    assert not desk.handover.complete
    (asked,) = desk.wait(TIMEOUTS.retry)
    assert isinstance(asked, AskPeer)
    desk.reply(1)
    assert desk.handover.complete


@pytest.mark.parametrize("attempt", [1, 3])
def test_trap_21_chunks_of_another_attempt_are_stale(attempt: int) -> None:
    desk = Desk(me=0)
    desk.move_to(topology(1, 0, 1))
    desk.agree()
    under = desk.handover.topology.id
    desk.wait(2.0)
    assert desk.chunk("m1", under, HandoverChunk(attempt, 1, True)) == []
    assert desk.handover.stale_chunks == 1
    assert desk.chunk("stranger", under, HandoverChunk(2, 1, True)) == []
    assert desk.handover.stale_chunks == 2
