"""What must hold of member lists whatever views and news arrive."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
)

from protoactor_cluster.member_list import MemberList
from protoactor_cluster.provider import Member, MembershipView
from protoactor_cluster.topology import Topology, TopologyChange, TopologyId

IDS = "abcde"


def member(id: str) -> Member:
    return Member(id, "10.0.0.1", ord(id), frozenset({"Kind"}))


class OneMemberList(RuleBasedStateMachine):
    """A list with an arbiter, against the sets it stands for."""

    def __init__(self) -> None:
        super().__init__()
        self.list = MemberList(member("a"))
        self.now = 0.0
        self.held_until = 0.0
        self.view: set[str] = set()
        self.seen_any = False
        self.blocked: set[str] = set()
        self.before = self.list.topology
        self.frozen: Topology | None = None

    @rule(ids=st.sets(st.sampled_from(IDS)), stale=st.booleans())
    def see(self, ids: set[str], stale: bool) -> None:
        self.now += 1
        revision = -1 if stale else int(self.now)
        view = MembershipView.of(map(member, ids), revision)
        if not stale or not self.seen_any:
            self.view = ids
        self.seen_any = True
        self.check(self.list.apply(view, self.now))

    @rule(seconds=st.integers(0, 5))
    def hold(self, seconds: int) -> None:
        self.held_until = self.now + seconds
        self.list.hold_removals(self.held_until)

    @rule(seconds=st.integers(0, 5))
    def advance(self, seconds: int) -> None:
        self.now += seconds
        self.check(self.list.advance(self.now))

    @rule(ids=st.sets(st.sampled_from("bcde")))
    def block(self, ids: set[str]) -> None:
        self.blocked |= ids
        self.check(self.list.block(ids, self.now))

    @rule(id=st.sampled_from(IDS), version=st.integers(0, 30), same=st.booleans())
    def hear(self, id: str, version: int, same: bool) -> None:
        hash = self.list.topology.hash if same else 1
        self.check(self.list.hear(id, TopologyId(version, hash)))

    def check(self, change: TopologyChange | None) -> None:
        before, after = self.before, self.list.topology
        self.before = after
        if change is None:
            assert after == before
            return
        assert (change.previous, change.current) == (before, after)
        assert after.by_id.keys() <= self.view | before.by_id.keys(), (
            "nobody is invented"
        )
        moved = before.by_id.keys() != after.by_id.keys()
        assert (
            after.version > before.version if moved else after.version >= before.version
        )

    @invariant()
    def blocked_members_are_no_members(self) -> None:
        if not self.list.eviction:
            assert not self.blocked & self.list.topology.by_id.keys()
            assert not set(self.list.blocked) & self.list.topology.by_id.keys()

    @invariant()
    def eviction_is_final(self) -> None:
        if self.list.eviction:
            self.frozen = self.frozen or self.list.topology
            assert self.list.topology == self.frozen

    @precondition(lambda self: self.now >= self.held_until)
    @invariant()
    def everybody_listed_and_not_blocked_is_a_member(self) -> None:
        if not self.list.eviction and self.list.next_deadline is None:
            allowed = self.view - set(self.list.blocked)
            assert self.list.topology.by_id.keys() == allowed


class ManyMemberLists(RuleBasedStateMachine):
    """Views differ and flap; versions must still tell old from new."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.lists = {id: MemberList(arbiter=False) for id in IDS[:3]}
        self.used: dict[str, list[TopologyId]] = {id: [] for id in self.lists}

    @rule(
        observer=st.sampled_from(IDS[:3]),
        ids=st.sets(st.sampled_from(IDS[:3]), min_size=1),
    )
    def see(self, observer: str, ids: set[str]) -> None:
        self.now += 10
        members = self.lists[observer]
        members.apply(MembershipView.of(map(member, ids), int(self.now)), self.now)
        members.advance(self.now + 6)
        self.note(observer)

    @rule(speaker=st.sampled_from(IDS[:3]), listener=st.sampled_from(IDS[:3]))
    def tell(self, speaker: str, listener: str) -> None:
        self.lists[listener].hear(speaker, self.lists[speaker].topology.id)
        self.note(listener)

    @rule(listener=st.sampled_from(IDS[:3]), version=st.integers(0, 20))
    def refuse(self, listener: str, version: int) -> None:
        self.lists[listener].reaffirm(version)
        self.note(listener)

    @rule()
    def come_to_agree(self) -> None:
        """Once views stay equal, a round of gossip each way is all it takes."""
        for id in self.lists:
            self.see(id, set(IDS[:3]))
        for _ in range(2):
            for speaker in self.lists:
                for listener in self.lists:
                    self.tell(speaker, listener)
        assert len({it.topology.id for it in self.lists.values()}) == 1

    def note(self, id: str) -> None:
        current = self.lists[id].topology.id
        if not self.used[id] or self.used[id][-1] != current:
            assert current not in self.used[id], "an id is never used twice"
            self.used[id].append(current)

    @invariant()
    def what_was_used_before_an_agreement_is_older(self) -> None:
        ids = {it.topology.id for it in self.lists.values()}
        if len(ids) != 1:
            return
        (agreed,) = ids
        for used in self.used.values():
            assert all(it.is_older_than(agreed) for it in used if it != agreed)


TestOneMemberList = OneMemberList.TestCase
TestManyMemberLists = ManyMemberLists.TestCase
TestOneMemberList.settings = settings(deadline=None)
TestManyMemberLists.settings = settings(deadline=None)
