from collections import OrderedDict

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from protoactor import PID
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.pid_cache import PidCache

X, Y, Z = (ClusterIdentity("Kind", name) for name in "xyz")


def pid(id: str, port: int = 1) -> PID:
    return PID(f"10.0.0.1:{port}", id)


def test_trap_34_dots_do_not_make_entries_collide() -> None:
    cache = PidCache()
    cache.put(ClusterIdentity("a.b", "c"), pid("1"), "m")
    assert cache.get(ClusterIdentity("a", "b.c")) is None


def test_hits_and_misses_are_counted() -> None:
    cache = PidCache()
    cache.put(X, pid("1"), "m")
    assert (cache.get(X), cache.get(Y), cache.get(X)) == (pid("1"), None, pid("1"))
    assert (cache.hits, cache.misses) == (2, 1)


def test_trap_34_the_least_recently_used_entry_makes_room() -> None:
    cache = PidCache(capacity=2)
    cache.put(X, pid("1"), "m")
    cache.put(Y, pid("2"), "m")
    cache.get(X)
    cache.put(Z, pid("3"), "m")
    assert (X in cache, Y in cache, Z in cache) == (True, False, True)


def test_a_capacity_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        PidCache(capacity=0)


def test_trap_34_removing_an_old_pid_keeps_the_newer_one() -> None:
    cache = PidCache()
    cache.put(X, pid("old"), "m")
    cache.put(X, pid("new"), "m")
    assert not cache.remove(X, pid("old"))
    assert not cache.remove_by_pid(pid("old"))
    assert cache.get(X) == pid("new")
    assert cache.remove_by_pid(pid("new"))
    assert X not in cache


def test_a_pid_is_found_whatever_request_it_was_used_for() -> None:
    cache = PidCache()
    cache.put(X, pid("1"), "m")
    assert cache.remove_by_pid(PID("10.0.0.1:1", "1", request_id=7))


def test_a_member_that_left_takes_its_own_entries_only() -> None:
    """A restart on one address is a new member: its entries must stay."""
    cache = PidCache()
    cache.put(X, pid("1~old"), "before")
    cache.put(Y, pid("1~new"), "after")
    assert cache.remove_by_member("before") == 1
    assert (X in cache, Y in cache) == (False, True)
    assert cache.remove_by_member("before") == 0


class PidCacheModel(RuleBasedStateMachine):
    """Against a plain dictionary in order of use."""

    def __init__(self) -> None:
        super().__init__()
        self.cache = PidCache(capacity=4)
        self.model: OrderedDict[ClusterIdentity, tuple[PID, str]] = OrderedDict()

    identities = st.sampled_from([ClusterIdentity("K", name) for name in "abcdef"])
    pids = st.builds(pid, st.sampled_from("123"), st.integers(1, 2))
    members = st.sampled_from(["m1", "m2"])

    @rule(identity=identities, pid=pids, member=members)
    def put(self, identity: ClusterIdentity, pid: PID, member: str) -> None:
        self.cache.put(identity, pid, member)
        for other in [key for key, (held, _) in self.model.items() if held == pid]:
            del self.model[other]
        self.model.pop(identity, None)
        self.model[identity] = (pid, member)
        if len(self.model) > 4:
            self.model.popitem(last=False)

    @rule(identity=identities)
    def get(self, identity: ClusterIdentity) -> None:
        expected = self.model.get(identity, (None, ""))[0]
        assert self.cache.get(identity) == expected
        if expected:
            self.model.move_to_end(identity)

    @rule(pid=pids)
    def remove_by_pid(self, pid: PID) -> None:
        doomed = [key for key, (held, _) in self.model.items() if held == pid]
        assert self.cache.remove_by_pid(pid) == bool(doomed)
        for key in doomed:
            del self.model[key]

    @rule(member=members)
    def remove_by_member(self, member: str) -> None:
        doomed = [key for key, (_, host) in self.model.items() if host == member]
        assert self.cache.remove_by_member(member) == len(doomed)
        for key in doomed:
            del self.model[key]

    @rule()
    def clear(self) -> None:
        self.cache.clear()
        self.model.clear()

    @invariant()
    def holds_the_same(self) -> None:
        assert len(self.cache) == len(self.model)
        assert all(identity in self.cache for identity in self.model)


TestPidCacheModel = PidCacheModel.TestCase
