"""The owner's table of activations, its questions under way, and precedence."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from protoactor import PID
from protoactor_cluster.handover import (
    Activation,
    OwnerTable,
    SpawnOutcome,
    Spawns,
    precedence,
)
from protoactor_cluster.hash_ring import HashRing
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.provider import Member

MEMBERS = [Member(f"m{i}", "10.0.0.1", 8080 + i) for i in range(3)]
X, Y = (ClusterIdentity("Kind", name) for name in "xy")


def activation(
    identity: ClusterIdentity, host: str = "m0", number: int = 1
) -> Activation:
    pid = PID(f"10.0.0.1:808{host[1]}", f"{identity}${number}~abcdef")
    return Activation.of(identity, pid, host)


# --- which of two is kept


def actor(id: str, address: str = "a:1") -> Activation:
    return Activation.of(X, PID(address, id), "m0")


def test_the_smaller_number_is_kept_then_the_smaller_address() -> None:
    first, tenth = actor("Kind/x$1~zzzzzz", "b:1"), actor("Kind/x$a~000000", "a:1")
    assert precedence(first) < precedence(tenth)
    assert precedence(actor("Kind/x$1~z", "a:1")) < precedence(
        actor("Kind/x$1~a", "b:1")
    )


def test_numbers_are_compared_as_numbers() -> None:
    """In the alphabet of generated ids upper case counts more than lower case."""
    ordered = ["$9~r", "$a~r", "$z~r", "$A~r", "$Z~r", "$~~r", "$+~r", "$10~r", "$1a~r"]
    assert sorted(ordered, key=lambda id: precedence(actor(id))) == ordered


def test_an_id_that_nobody_generated_goes_last() -> None:
    named = actor("by-hand")
    assert precedence(actor("Kind/x$zzzzzz~abcdef")) < precedence(named)
    assert precedence(named) < precedence(actor("by-hand-too"))


def test_names_may_look_like_numbers() -> None:
    one, two = actor("Kind/a$9~b$1~abcdef"), actor("Kind/a$1~b$2~abcdef")
    assert precedence(one) < precedence(two)


# --- questions under way


def test_until_all_have_an_outcome_questions_are_unsettled() -> None:
    spawns = Spawns()
    assert spawns.settled
    one, other = spawns.begin(X, "m0"), spawns.begin(Y, "m1")
    assert one < other
    spawns.settle(X, one, SpawnOutcome.ANSWERED)
    assert (spawns.is_in_flight(X), spawns.is_in_flight(Y)) == (False, True)
    assert not spawns.settled
    spawns.settle(Y, other, SpawnOutcome.NOT_DELIVERED)
    assert spawns.settled


def test_after_a_lost_answer_only_the_same_member_may_be_asked() -> None:
    spawns = Spawns()
    spawns.settle(X, spawns.begin(X, "m1"), SpawnOutcome.UNKNOWN)
    assert spawns.must_ask(X) == "m1"
    assert spawns.must_ask(Y) is None
    spawns.settle(X, spawns.begin(X, "m1"), SpawnOutcome.ANSWERED)
    assert spawns.must_ask(X) is None


def test_a_question_that_was_not_delivered_leaves_an_earlier_doubt() -> None:
    spawns = Spawns()
    spawns.settle(X, spawns.begin(X, "m1"), SpawnOutcome.UNKNOWN)
    spawns.settle(X, spawns.begin(X, "m1"), SpawnOutcome.NOT_DELIVERED)
    assert spawns.must_ask(X) == "m1"


def test_a_check_settles_a_doubt_and_starts_nothing() -> None:
    spawns = Spawns()
    spawns.suspect(X, "m1")
    spawns.suspect(X, "m2")
    number = spawns.check(X, "m1")
    assert spawns.settled
    assert spawns.is_in_flight(X)
    spawns.settle(X, number, SpawnOutcome.ANSWERED)
    assert list(spawns.suspected(X)) == ["m2"]
    assert spawns.must_ask(X) == "m2"


def test_a_late_outcome_does_not_settle_a_later_question() -> None:
    spawns = Spawns()
    abandoned = spawns.begin(X, "m9")
    assert spawns.start_over(["m0", "m1"]) == (X,)
    current = spawns.begin(X, "m1")
    spawns.settle(X, abandoned, SpawnOutcome.NOT_DELIVERED)
    assert spawns.is_in_flight(X)
    spawns.settle(X, current, SpawnOutcome.ANSWERED)
    assert spawns.settled


def test_a_new_topology_ends_doubt_and_abandons_what_members_that_left_were_asked() -> (
    None
):
    spawns = Spawns()
    spawns.settle(X, spawns.begin(X, "m1"), SpawnOutcome.UNKNOWN)
    spawns.begin(X, "m1")
    spawns.begin(Y, "gone")
    assert spawns.start_over(["m0", "m1"]) == (Y,)
    assert spawns.must_ask(X) is None
    assert spawns.is_in_flight(X)


# --- the table


def test_trap_28_the_end_of_an_old_activation_does_not_unregister_the_new_one() -> None:
    table = OwnerTable()
    old, new = activation(X, number=1), activation(X, number=2)
    table.put(old)
    table.put(new)
    assert not table.terminated(X, old.pid)
    assert table.get(X) == new


def test_an_activation_that_ended_is_remembered_within_bounds() -> None:
    table = OwnerTable(remembered_terminations=2)
    ended = [activation(X, number=number) for number in (1, 2, 3)]
    for it in ended:
        table.terminated(X, it.pid)
    assert [table.has_ended(it.pid) for it in ended] == [False, True, True]


class OwnerTableModel(RuleBasedStateMachine):
    """Against one dictionary."""

    identities = st.sampled_from([ClusterIdentity("K", f"n{i}") for i in range(8)])
    hosts = st.sampled_from([member.id for member in MEMBERS])

    def __init__(self) -> None:
        super().__init__()
        self.table = OwnerTable()
        self.model: dict[ClusterIdentity, Activation] = {}

    @rule(identity=identities, host=hosts, number=st.integers(1, 3))
    def put(self, identity: ClusterIdentity, host: str, number: int) -> None:
        self.model[identity] = activation(identity, host, number)
        self.table.put(self.model[identity])

    @rule(identity=identities, host=hosts, number=st.integers(1, 3))
    def remove(self, identity: ClusterIdentity, host: str, number: int) -> None:
        pid = activation(identity, host, number).pid
        known = self.model.get(identity)
        expected = known is not None and known.pid == pid
        assert self.table.remove(identity, pid) == expected
        if expected:
            del self.model[identity]

    @rule(count=st.integers(1, 3), me=hosts)
    def keep_owned(self, count: int, me: str) -> None:
        members = MEMBERS[:count]
        ring = HashRing(members)
        self.table.keep_owned(ring, me, [member.id for member in members])
        for identity, it in list(self.model.items()):
            owner = ring.owner(identity.name)
            alive = it.member_id in [member.id for member in members]
            if not alive or owner is None or owner.id != me:
                del self.model[identity]

    @rule(identity=identities)
    def get(self, identity: ClusterIdentity) -> None:
        assert self.table.get(identity) == self.model.get(identity)

    @rule(count=st.integers(1, 10))
    def sift(self, count: int) -> None:
        self.table.sift(count)

    @invariant()
    def holds_the_same(self) -> None:
        if self.table.sift(0):
            return
        assert len(self.table) == len(self.model)
        for identity, it in self.model.items():
            assert self.table.get(identity) == it
        for member in MEMBERS:
            assert self.table.hosted_by(member.id) == {
                key: it for key, it in self.model.items() if it.member_id == member.id
            }


TestOwnerTableModel = OwnerTableModel.TestCase


@given(st.integers(0, 2**40))
def test_precedence_reads_the_ids_that_the_system_generates(number: int) -> None:
    digits, rest = "", number
    alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ~+"
    while rest or not digits:
        digits, rest = alphabet[rest & 63] + digits, rest >> 6
    assert precedence(actor(f"Kind/x${digits}~abcdef"))[0] == number
