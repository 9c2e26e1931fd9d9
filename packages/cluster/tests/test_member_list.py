import pytest

from protoactor_cluster.block_list import BlockList
from protoactor_cluster.member_list import MAX_HEARD, MemberList
from protoactor_cluster.provider import Member, MembershipView
from protoactor_cluster.split import Verdict
from protoactor_cluster.topology import TopologyId, topology_hash


def member(id: str, port: int | None = None, *kinds: str) -> Member:
    number = ord(id[0]) if port is None else port
    return Member(id, "10.0.0.1", number, frozenset(kinds or ("Kind",)))


class Feed:
    """A member list and the provider in front of it, revision by revision."""

    def __init__(self, me: str | None = "a", *, arbiter: bool = True) -> None:
        own = member(me) if me else None
        self.list = MemberList(own, arbiter=arbiter)
        self.revision = 0
        self.now = 0.0

    def see(self, *members: Member | str) -> str | None:
        """Apply a view; returns `joined-left`, or `None` if nothing changed."""
        self.revision += 1
        whole = [member(it) if isinstance(it, str) else it for it in members]
        change = self.list.apply(MembershipView.of(whole, self.revision), self.now)
        if change is None:
            return None
        joined = "".join(it.id for it in change.joined)
        return f"{joined}-{''.join(it.id for it in change.left)}"

    @property
    def ids(self) -> str:
        return "".join(it.id for it in self.list.topology.members)

    @property
    def version(self) -> int:
        return self.list.topology.version


# --- views in, topologies out


def test_a_view_becomes_a_topology() -> None:
    feed = Feed()
    assert feed.see("b", "a") == "ab-"
    assert feed.ids == "ab"
    assert feed.see("a", "b", "c") == "c-"
    assert feed.see("a", "c") == "-b"
    assert feed.version == 3


def test_the_same_members_again_are_no_change() -> None:
    feed = Feed()
    feed.see("a", "b")
    assert feed.see("b", "a") is None
    assert feed.version == 1


def test_an_older_view_is_ignored() -> None:
    feed = Feed()
    feed.see("a", "b")
    late = MembershipView.of([member("a")], revision=0)
    again = MembershipView.of([member("a")], revision=1)
    assert feed.list.apply(late, 0.0) is None
    assert feed.list.apply(again, 0.0) is None
    assert feed.ids == "ab"


def test_a_client_sees_members_and_is_none() -> None:
    feed = Feed(me=None)
    assert feed.see("a", "b") == "ab-"
    assert feed.see() == "-ab"
    assert feed.list.eviction is None


def test_a_list_of_nobody_and_of_one() -> None:
    feed = Feed()
    assert feed.see() is None
    assert feed.see("a") == "a-"
    assert feed.list.hosts("Kind") == (member("a"),)


def test_changed_kinds_are_a_change_that_moves_no_ownership() -> None:
    feed = Feed()
    feed.see("a", "b")
    before = feed.list.topology.id
    assert feed.see("a", member("b", None, "Kind", "New")) == "-"
    assert feed.list.topology.id == before
    assert [it.id for it in feed.list.hosts("New")] == ["b"]


def test_an_id_keeps_its_address() -> None:
    """Owners are computed from addresses, and the hash does not cover them."""
    feed = Feed()
    feed.see("a", "b")
    assert feed.see("a", member("b", port=999)) is None
    assert feed.list.topology.by_id["b"].port == ord("b")


# --- leaving and coming back


def test_an_id_that_left_never_returns() -> None:
    feed = Feed()
    feed.see("a", "b")
    feed.see("a")
    assert "b" in feed.list.blocked
    assert feed.see("a", "b") is None
    assert feed.ids == "a"


def test_a_restart_on_the_same_address_replaces_the_old_id() -> None:
    feed = Feed()
    feed.see("a", member("b", port=5))
    assert feed.see("a", member("b2", port=5)) == "b2-b"


@pytest.mark.parametrize("new_id", ["a-new", "z-new"])
def test_while_both_incarnations_are_listed_the_later_one_counts(new_id: str) -> None:
    feed = Feed()
    old, new = member("m-old", port=5), member(new_id, port=5)
    feed.see("a", old)
    assert feed.see("a", old, new) == f"{new_id}-m-old"
    assert feed.see("a", new, old) is None, "published once, whatever repeats it"
    assert feed.see("a", new) is None
    assert [it.id for it in feed.list.hosts("Kind")] == sorted(["a", new_id])


def test_without_evidence_which_incarnation_is_alive_neither_is_blocked() -> None:
    feed = Feed()
    one, other = member("m1", port=5), member("m2", port=5)
    feed.see("a", one, other)
    assert len(feed.list.topology) == 2, "an address counts once"
    assert feed.see("a", other) == "m2-m1"


def test_my_own_address_is_mine() -> None:
    feed = Feed("a")
    feed.see("b", member("earlier", port=ord("a")))
    assert feed.ids == "b"
    feed.see("a", "b", member("later", port=ord("a")))
    assert feed.ids == "ab"


# --- eviction


def test_before_it_is_listed_a_member_is_not_evicted() -> None:
    feed = Feed()
    assert feed.see("b") == "b-"
    assert feed.list.eviction is None


def test_a_view_without_me_evicts_me() -> None:
    feed = Feed()
    feed.see("a", "b")
    assert feed.see("b") is None
    assert feed.list.eviction


def test_peers_that_blocked_me_evict_me() -> None:
    feed = Feed()
    feed.see("a", "b")
    assert feed.list.block(["a"], feed.now) is None
    assert feed.list.eviction


def test_after_eviction_nothing_changes() -> None:
    feed = Feed()
    feed.see("a", "b")
    feed.see("b")
    assert feed.see("a", "b", "c") is None
    assert feed.list.reaffirm(99) is None
    assert feed.ids == "ab"


def test_blocking_takes_effect_without_waiting_for_the_provider() -> None:
    feed = Feed()
    feed.see("a", "b", "c")
    change = feed.list.block(["b", "c"], feed.now)
    assert change
    assert [it.id for it in change.left] == ["b", "c"]
    assert feed.list.block(["b"], feed.now) is None


# --- held-back removals


def test_an_empty_store_evicts_nobody_while_removals_are_held_back() -> None:
    feed = Feed()
    feed.see("a", "b", "c")
    feed.list.hold_removals(until=5.0)
    assert feed.see() is None
    assert feed.see("b") is None
    assert feed.see("a", "b", "c") is None
    feed.now = 6.0
    assert feed.list.advance(feed.now) is None
    assert (feed.ids, feed.list.eviction) == ("abc", None)


def test_what_is_still_missing_when_the_hold_ends_has_left() -> None:
    feed = Feed()
    feed.see("a", "b", "c")
    feed.list.hold_removals(until=5.0)
    assert feed.see("a", "d") == "d-"
    assert feed.list.next_deadline == 5.0
    change = feed.list.advance(5.0)
    assert change
    assert "".join(it.id for it in change.left) == "bc"
    assert feed.list.next_deadline is None


def test_a_blocked_member_is_not_held_back() -> None:
    feed = Feed()
    feed.see("a", "b")
    feed.list.hold_removals(until=5.0)
    feed.see("a")
    assert feed.list.block(["b"], 1.0)
    assert feed.ids == "a"


def test_the_hold_ends_with_my_own_eviction_if_i_am_missing() -> None:
    feed = Feed()
    feed.see("a", "b")
    feed.list.hold_removals(until=5.0)
    feed.see("b")
    assert feed.list.eviction is None
    feed.list.advance(5.0)
    assert feed.list.eviction


# --- versions that all members share


def test_the_same_members_later_are_a_newer_topology() -> None:
    """A, B, A: equal hashes, and yet what was sent under the first A is stale."""
    feed = Feed(arbiter=False)
    feed.see("a", "b")
    first = feed.list.topology.id
    feed.see("a")
    feed.see("a", "b")
    feed.list.meet(["a", "b"])
    feed.list.advance(feed.now)
    again = feed.list.topology.id
    assert first.hash == again.hash
    assert first.is_older_than(again)


def test_a_peer_that_counted_further_for_the_same_members_is_followed() -> None:
    feed = Feed()
    feed.see("a", "b")
    change = feed.list.hear("b", TopologyId(7, topology_hash("ab")))
    assert change
    assert (change.joined, change.left) == ((), ())
    assert feed.list.topology.id == TopologyId(7, topology_hash("ab"))
    assert feed.list.hear("b", TopologyId(6, topology_hash("ab"))) is None


def test_a_version_heard_before_my_own_view_is_taken_with_it() -> None:
    feed = Feed()
    feed.see("a", "b")
    feed.list.hear("b", TopologyId(9, topology_hash("abc")))
    assert feed.version == 1
    feed.see("a", "b", "c")
    assert feed.version == 9


def test_my_own_change_always_counts() -> None:
    feed = Feed()
    feed.see("a", "b")
    feed.list.hear("b", TopologyId(1, topology_hash("abc")))
    feed.see("a", "b", "c")
    assert feed.version == 2


@pytest.mark.parametrize("version", [-1, 1 << 63, (1 << 64) - 1])
def test_an_impossible_version_is_not_taken_over(version: int) -> None:
    feed = Feed()
    feed.see("a", "b")
    assert feed.list.hear("b", TopologyId(version, topology_hash("ab"))) is None
    assert feed.list.reaffirm(version) is None
    feed.list.hear("b", TopologyId(version, topology_hash("abc")))
    feed.see("a", "b", "c")
    assert feed.version == 2


def test_what_a_peer_counts_for_other_members_is_nothing_to_me() -> None:
    feed = Feed()
    feed.see("a", "b")
    feed.list.hear("b", TopologyId(9, topology_hash("bc")))
    feed.see("a", "b", "c")
    assert feed.version == 2


def test_what_strangers_and_blocked_members_count_is_nothing_to_me() -> None:
    feed = Feed()
    feed.see("a", "b", "c")
    feed.see("a", "b")
    hash = topology_hash("ab")
    assert feed.list.hear("c", TopologyId(50, hash)) is None
    assert feed.list.hear("x", TopologyId(50, hash)) is None
    assert feed.version == 2


def test_what_strangers_say_is_kept_within_bounds() -> None:
    feed = Feed()
    feed.see("a", "b")
    for i in range(MAX_HEARD + 10):
        feed.list.hear(f"x{i}", TopologyId(1, 1))
    feed.list.hear("b", TopologyId(7, topology_hash("abc")))
    feed.see("a", "b", "c")
    assert feed.version == 7, "the oldest is forgotten, not the newest"


def test_reaffirming_only_goes_up() -> None:
    feed = Feed()
    feed.see("a", "b")
    assert feed.list.reaffirm(1) is None
    assert feed.list.reaffirm(5)
    assert feed.version == 5
    assert feed.see("a") == "-b"
    assert feed.version == 6


# --- suspicion


def test_suspects_stay_members_and_get_no_new_activations() -> None:
    feed = Feed()
    feed.see("a", "b", "c")
    feed.list.suspect({"b"})
    assert feed.ids == "abc"
    assert [it.id for it in feed.list.hosts("Kind")] == ["a", "c"]


def test_if_only_suspects_host_a_kind_they_are_asked() -> None:
    feed = Feed()
    feed.see("a", member("b", None, "Rare"))
    feed.list.suspect({"b"})
    assert [it.id for it in feed.list.hosts("Rare")] == ["b"]


# --- without an arbiter


def test_an_unreachable_member_is_not_blocked() -> None:
    feed = Feed(arbiter=False)
    feed.see("a", "b", "c")
    assert feed.see("a", "b") == "-c"
    assert "c" not in feed.list.blocked
    assert "c" in feed.list.unreachable


def test_a_returning_member_waits_until_both_sides_have_met() -> None:
    feed = Feed(arbiter=False)
    feed.see("a", "b", "c")
    feed.see("a", "b")
    assert feed.see("a", "b", "c") is None
    assert feed.list.unreachable.returning == {"c"}
    assert feed.list.meet(["b", "c"]) is Verdict.NO_SPLIT
    change = feed.list.advance(feed.now)
    assert change
    assert feed.ids == "abc"


def test_a_returning_member_that_nobody_meets_is_admitted_in_the_end() -> None:
    feed = Feed(arbiter=False)
    feed.see("a", "b")
    feed.see("a")
    feed.see("a", "b")
    deadline = feed.list.next_deadline
    assert deadline is not None
    assert feed.list.advance(deadline)
    assert feed.ids == "ab"


def test_the_smaller_side_yields() -> None:
    feed = Feed("a", arbiter=False)
    feed.see("a", "b", "c")
    feed.see("a")
    assert feed.list.meet(["b", "c"]) is Verdict.WE_YIELD
    assert feed.list.eviction


def test_the_larger_side_stays_and_refuses_the_old_ids_of_the_other() -> None:
    feed = Feed("b", arbiter=False)
    feed.see("a", "b", "c")
    feed.see("b", "c")
    assert feed.list.meet(["a"]) is Verdict.THEY_YIELD
    assert feed.list.eviction is None
    assert feed.see("a", "b", "c") is None
    assert feed.see("a2", "b", "c") == "a2-"


def test_members_that_were_never_together_do_not_yield() -> None:
    """At a cold start each side sees itself first."""
    feed = Feed("b", arbiter=False)
    feed.see("b")
    assert feed.list.meet(["a"]) is Verdict.NO_SPLIT
    assert feed.see("a", "b") == "a-"


def test_with_an_arbiter_nobody_yields() -> None:
    feed = Feed("b")
    feed.see("a", "b")
    assert feed.list.meet(["a"]) is Verdict.NO_SPLIT


# --- the block list


def test_blocked_ids_are_bounded_and_the_oldest_go_first() -> None:
    blocked = BlockList(capacity=3)
    assert blocked.add(["a", "b", "a"]) == ("a", "b")
    assert blocked.add(["b", "c", "d"]) == ("c", "d")
    assert list(blocked) == ["b", "c", "d"]
    with pytest.raises(ValueError, match="at least 1"):
        BlockList(capacity=0)
