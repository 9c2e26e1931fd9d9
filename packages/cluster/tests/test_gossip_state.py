import random
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protoactor_cluster.gossip_codec import (
    GossipReader,
    decode_gossip,
    encode_gossip,
)
from protoactor_cluster.gossip_entry import (
    HEARTBEAT,
    TOPOLOGY,
    GossipDelta,
    GossipLimits,
    GossipValue,
)
from protoactor_cluster.gossip_state import GossipState
from protoactor_cluster.wire import gossip_pb2


def value(text: str) -> GossipValue:
    return GossipValue("type.googleapis.com/test.Text", text.encode())


def state(me: str, *members: str, limits: GossipLimits | None = None) -> GossipState:
    gossip = GossipState(me, limits)
    gossip.retain({me, *members}, 0.0)
    return gossip


def delta(source: GossipState, target: str, max_send: int = 50) -> GossipDelta:
    return source.delta(target, max_send, random.Random(7), now=1.0)


def carried(news: GossipDelta) -> dict[str, dict[str, tuple[int, GossipValue]]]:
    """Through the wire format, as between processes."""
    data = encode_gossip(news).SerializeToString()
    return decode_gossip(gossip_pb2.GossipState.FromString(data))


def send(
    source: GossipState, target: GossipState, *, acknowledged: bool = True
) -> set[str]:
    """One gossip request; returns what it told the target, as `member.key`."""
    news = delta(source, target.me)
    updates = target.merge(carried(news), now=1.0)
    if acknowledged:
        source.commit(target.me, news)
    return {f"{update.member_id}.{update.key}" for update in updates}


def keys(news: GossipDelta) -> set[str]:
    return {f"{id}.{key}" for id, entries in news.entries.items() for key in entries}


# --- merging


def test_own_values_reach_a_peer_once() -> None:
    a, b = state("A", "B"), state("B", "A")
    a.set("k", value("1"), 0.0)
    assert send(a, b) == {"A.k"}
    assert b.get("k")["A"].value == value("1")
    assert not delta(a, "B")


def test_a_newer_value_replaces_an_older_one_and_never_the_other_way() -> None:
    b = state("B", "A")
    assert b.merge({"A": {"k": (5, value("new"))}}, 1.0)
    assert not b.merge({"A": {"k": (4, value("old"))}}, 2.0)
    assert not b.merge({"A": {"k": (5, value("same"))}}, 2.0)
    entry = b.get("k")["A"]
    assert (entry.value, entry.received_at) == (value("new"), 1.0)


def test_an_echo_of_my_own_state_is_ignored_even_with_a_higher_sequence() -> None:
    a = state("A", "B")
    a.set("k", value("mine"), 0.0)
    assert not a.merge({"A": {"k": (99, value("echo")), "x": (1, value("x"))}}, 1.0)
    assert a.get("k")["A"].value == value("mine")
    assert not a.get("x")


def test_setting_my_own_value_is_no_update_to_me() -> None:
    a, b = state("A", "B"), state("B", "A")
    a.set("k", value("1"), 0.0)
    assert send(a, b) == {"A.k"}
    assert send(b, a) == set()


def test_unknown_types_pass_through_untouched() -> None:
    a, b, c = state("A", "B", "C"), state("B", "A", "C"), state("C", "A", "B")
    odd = GossipValue("type.googleapis.com/nobody.Knows", b"\xff\x00\xfe")
    a.set("odd", odd, 0.0)
    send(a, b)
    send(b, c)
    assert c.get("odd")["A"].value == odd


# --- offsets


def test_after_a_lost_reply_the_same_values_are_sent_again() -> None:
    """The worked example of the specification, with the reply to the first lost."""
    a, b = state("A", "B"), state("B", "A")
    a.set(TOPOLOGY, value("t"), 0.0)
    a.set(HEARTBEAT, value("1"), 0.0)
    a.set("k", value("k"), 0.0)
    send(a, b, acknowledged=False)
    a.set(HEARTBEAT, value("2"), 0.0)
    assert keys(delta(a, "B")) == {"A.topology", "A.heathbeat", "A.k"}
    send(a, b)
    a.set(HEARTBEAT, value("3"), 0.0)
    assert keys(delta(a, "B")) == {"A.heathbeat"}


def test_a_value_changed_while_the_request_was_under_way_is_sent_again() -> None:
    a = state("A", "B")
    a.set("k", value("1"), 0.0)
    under_way = delta(a, "B")
    a.set("k", value("2"), 0.0)
    a.commit("B", under_way)
    assert keys(delta(a, "B")) == {"A.k"}


def test_replies_in_the_wrong_order_take_nothing_back() -> None:
    a = state("A", "B")
    a.set("k", value("1"), 0.0)
    first = delta(a, "B")
    a.set("l", value("2"), 0.0)
    second = delta(a, "B")
    a.commit("B", second)
    a.commit("B", first)
    assert not delta(a, "B")


def test_a_relay_that_learned_out_of_order_forwards_everything() -> None:
    """One watermark per member over the owner's sequence would lose `early`."""
    relay = state("R", "A", "T")
    relay.merge({"A": {"late": (10, value("late"))}}, 1.0)
    relay.commit("T", delta(relay, "T"))
    relay.merge({"A": {"early": (9, value("early"))}}, 2.0)
    assert keys(delta(relay, "T")) == {"A.early"}


def test_a_target_is_not_told_about_itself() -> None:
    a, b = state("A", "B"), state("B", "A")
    b.set("k", value("1"), 0.0)
    send(b, a)
    assert not delta(a, "B")


def test_own_values_come_first_and_max_send_bounds_the_others() -> None:
    a = state("A", *"BCDE")
    a.set("k", value("1"), 0.0)
    a.merge({id: {"k": (1, value(id))} for id in "BCD"}, 1.0)
    news = delta(a, "E", max_send=2)
    assert next(iter(news.entries)) == "A"
    assert len(news.entries) == 3


def test_what_max_send_left_out_comes_later() -> None:
    a, e = state("A", *"BCDE"), state("E", *"ABCD")
    a.merge({id: {"k": (1, value(id))} for id in "BCD"}, 1.0)
    rng = random.Random(3)
    for _ in range(3):
        news = a.delta("E", 1, rng, now=1.0)
        e.merge(carried(news), 2.0)
        a.commit("E", news)
    assert e.get("k").keys() == {"B", "C", "D"}
    assert not a.delta("E", 1, rng, now=1.0)


def test_a_delta_that_is_too_large_is_continued() -> None:
    limits = GossipLimits(delta_bytes=1000)
    a, b = state("A", "B", limits=limits), state("B", "A")
    for i in range(10):
        a.set(f"k{i}", value("x" * 400), 0.0)
    rounds = 0
    while news := delta(a, "B"):
        b.merge(carried(news), 1.0)
        a.commit("B", news)
        rounds += 1
    assert 5 <= rounds <= 10
    assert all(f"A.k{i}" in {f"A.{key}" for key in _keys_of(b, "A")} for i in range(10))


def _keys_of(gossip: GossipState, member_id: str) -> set[str]:
    return {key for key in map("k{}".format, range(10)) if member_id in gossip.get(key)}


def test_a_round_goes_to_peers_that_lack_something() -> None:
    a = state("A", *"BCDE")
    a.set("k", value("1"), 0.0)
    a.commit("B", delta(a, "B"))
    a.commit("C", delta(a, "C"))
    rounds = a.round("ABCDE", 3, 50, random.Random(1), now=1.0)
    assert {peer for peer, _ in rounds} == {"D", "E"}
    a.set("k", value("2"), 0.0)
    assert len(a.round("ABCDE", 3, 50, random.Random(1), now=1.0)) == 3


# --- who is kept


def test_a_member_that_left_is_forgotten_with_its_offsets() -> None:
    a = state("A", "B", "C")
    a.merge({"B": {"k": (1, value("1"))}}, 1.0)
    a.set("k", value("mine"), 0.0)
    a.commit("B", delta(a, "B"))
    a.retain({"A", "C"}, 1.0)
    assert a.get("k").keys() == {"A"}
    a.retain({"A", "B", "C"}, 1.0)
    assert keys(delta(a, "B")) == {"A.k"}, "a member that is back hears it all again"


def test_a_member_that_left_is_not_brought_back_for_good_by_others() -> None:
    """Peers that learn of it later still send what they have of it."""
    a, b = state("A", "B", "X"), state("B", "A", "X")
    b.merge({"X": {"k": (1, value("1"))}}, 0.0)
    a.retain({"A", "B"}, 0.0)
    assert send(b, a) == {"X.k"}
    b.retain({"A", "B"}, 1.0)
    for now in range(2, 60, 2):
        a.retain({"A", "B"}, float(now))
        b.retain({"A", "B"}, float(now))
        send(a, b)
        send(b, a)
    assert not a.get("k")
    assert not b.get("k")


def test_what_a_newcomer_said_before_it_was_listed_is_not_lost() -> None:
    a, n = state("A", "B"), state("N", "A", "B")
    n.set("static", value("1"), 0.0)
    assert send(n, a) == {"N.static"}
    assert not delta(a, "B"), "a stranger is not relayed"
    a.retain({"A", "B"}, 1.0)
    a.retain({"A", "B", "N"}, 1.0)
    assert a.get("static").keys() == {"N"}
    assert keys(delta(a, "B")) == {"N.static"}


def test_the_acknowledgement_of_a_stranger_is_not_kept() -> None:
    a = state("A", "B")
    a.set("k", value("1"), 0.0)
    a.commit("stranger", delta(a, "stranger"))
    assert delta(a, "stranger")


@pytest.mark.parametrize(
    "entries",
    [
        {"k" * 300: (1, value("x"))},
        {"k": (1, value("x" * 100_000))},
        {f"k{i}": (1, value("x")) for i in range(257)},
    ],
    ids=["long key", "large value", "many keys"],
)
def test_what_is_over_a_limit_is_dropped_and_counted(
    entries: Mapping[str, tuple[int, GossipValue]],
) -> None:
    a = state("A", "B")
    updates = a.merge({"B": entries}, 1.0)
    assert len(updates) == len(entries) - 1
    assert a.dropped == 1
    *allowed, (key, (_, refused)) = entries.items()
    for name, (_, it) in allowed:
        a.set(name, it, 0.0)
    with pytest.raises(ValueError, match="at most 256 keys"):
        a.set(key, refused, 0.0)


def test_strangers_are_bounded() -> None:
    a = state("A", "B", limits=GossipLimits(strangers=2))
    a.merge({f"x{i}": {"k": (1, value("x"))} for i in range(5)}, 1.0)
    assert len(a.get("k")) == 2
    assert a.dropped == 3
    assert a.merge({"B": {"k": (1, value("member"))}}, 1.0)
    a.retain({"A", "B"}, 31.0)
    assert a.get("k").keys() == {"B"}


# --- the wire


def test_entries_that_make_no_sense_cost_only_themselves() -> None:
    message = gossip_pb2.GossipState()
    values = message.members["B"].values
    values["good"].sequence_number = 1
    values["good"].value.type_url = "t"
    values["no value"].sequence_number = 1
    values["negative"].sequence_number = -1
    values["negative"].value.type_url = "t"
    message.members[""].values["k"].value.type_url = "t"
    assert decode_gossip(message) == {"B": {"good": (1, GossipValue("t", b""))}}


def test_a_reader_decodes_every_value_once() -> None:
    decoded: list[bytes] = []

    def number(data: bytes) -> int:
        decoded.append(data)
        return int(data)

    a, reader = state("A", "B", "C"), GossipReader("n", number)
    a.set("n", value("1"), 0.0)
    a.merge({"B": {"n": (1, value("2"))}, "C": {"n": (1, value("nonsense"))}}, 1.0)
    assert reader.read(a) == {"A": 1, "B": 2}
    assert reader.read(a) == {"A": 1, "B": 2}
    assert len(decoded) == 3
    a.merge({"C": {"n": (2, value("3"))}}, 2.0)
    assert reader.read(a) == {"A": 1, "B": 2, "C": 3}
    assert len(decoded) == 4


# --- what members tell everybody themselves


def everybody(*ids: str) -> frozenset[str]:
    return frozenset(ids)


def heard(gossip: GossipState, number: int, key: str, *, at: float = 0.0) -> None:
    gossip.merge({"B": {key: (number, value(f"{key} {number}"))}}, at)


def test_what_a_member_told_everybody_is_not_relayed() -> None:
    a = state("A", "B", "C", "D")
    heard(a, 1, "k")
    a.believe("B", 1, everybody("A", "B", "C"))
    assert keys(delta(a, "C")) == set()
    assert keys(delta(a, "D")) == {"B.k"}


def test_what_was_said_after_it_told_everybody_is_relayed() -> None:
    a = state("A", "B", "C")
    heard(a, 1, "k")
    a.believe("B", 1, everybody("A", "B", "C"))
    heard(a, 2, "other")
    assert keys(delta(a, "C")) == {"B.other"}


def test_a_claim_about_what_is_unknown_here_counts_for_nothing() -> None:
    a = state("A", "B", "C")
    heard(a, 1, "k")
    a.believe("B", 2, everybody("A", "B", "C"))
    assert keys(delta(a, "C")) == {"B.k"}


def test_what_a_member_is_about_to_tell_itself_is_relayed_later() -> None:
    a = GossipState("A", relay_after=2.0)
    a.retain({"A", "B", "C"}, 0.0)
    heard(a, 1, "k")
    a.believe("B", 1, everybody("A", "B", "C"))
    heard(a, 2, "k", at=10.0)
    heard(a, 3, HEARTBEAT, at=10.5)
    soon = a.delta("C", 50, random.Random(1), now=11.0)
    assert keys(soon) == {f"B.{HEARTBEAT}"}
    a.commit("C", soon)  # which must not count for what was held back
    later = a.delta("C", 50, random.Random(1), now=12.0)
    assert "B.k" in keys(later)
    a.commit("C", later)
    assert keys(a.delta("C", 50, random.Random(1), now=13.0)) == set()


def test_a_member_says_what_the_others_have_acknowledged() -> None:
    a = state("A", "B", "C")
    assert a.told() == (0, [])
    a.set("k", value("1"), 0.0)
    a.set(HEARTBEAT, value("beat"), 0.0)
    assert a.told() == (1, ["B", "C"])
    a.commit("C", delta(a, "C"))
    assert a.told() == (1, ["B"])
    a.set(HEARTBEAT, value("beat"), 0.0)
    a.commit("B", delta(a, "B"))
    assert a.told() == (1, [])


def test_own_news_leave_out_what_others_said() -> None:
    a = state("A", "B", "C")
    heard(a, 1, "k")
    a.set("mine", value("1"), 0.0)
    news = a.own("C", now=0.0)
    assert keys(news) == {"A.mine"}
    a.commit("C", news)
    assert keys(delta(a, "C")) == {"B.k"}


# --- the whole


@given(st.data())
def test_states_converge_whatever_is_lost(data: st.DataObject) -> None:
    """Random exchanges with lost requests and replies, then a few that arrive."""
    ids = "ABCD"
    states = {id: state(id, *ids) for id in ids}
    for step in range(data.draw(st.integers(1, 25), "steps")):
        source, target = data.draw(st.permutations(ids))[:2]
        fate = data.draw(st.sampled_from(["set", "lost", "no reply", "arrives"]))
        if fate == "set":
            states[source].set(f"k{step % 3}", value(str(step)), 0.0)
        elif fate != "lost":
            send(states[source], states[target], acknowledged=fate == "arrives")
    for _ in range(2):
        for source in ids:
            for target in ids:
                if source != target:
                    send(states[source], states[target])
    assert all(it == _contents(states["A"]) for it in map(_contents, states.values()))
    assert not any(delta(states[a], b) for a in ids for b in ids if a != b)


def _contents(gossip: GossipState) -> dict[tuple[str, str], tuple[int, GossipValue]]:
    return {
        (id, key): (entry.sequence, entry.value)
        for key in ("k0", "k1", "k2")
        for id, entry in gossip.get(key).items()
    }


@pytest.mark.parametrize(("members", "loss"), [(300, 0.0), (60, 0.3)])
def test_many_members_agree_with_a_fan_out_of_3(members: int, loss: float) -> None:
    rng = random.Random(2024)
    ids = [f"member-{i:03}" for i in range(members)]
    states = {id: state(id, *ids) for id in ids}
    for gossip in states.values():
        gossip.set(TOPOLOGY, value("agreed"), 0.0)
    rounds = 0
    while any(len(gossip.get(TOPOLOGY)) < members for gossip in states.values()):
        rounds += 1
        assert rounds <= 33, "10 s at one round per 300 ms"
        for gossip in states.values():
            for peer, news in gossip.round(ids, 3, 50, rng, float(rounds)):
                if rng.random() >= loss:
                    states[peer].merge(_plain(news), float(rounds))
                    if rng.random() >= loss:
                        gossip.commit(peer, news)


def _plain(news: GossipDelta) -> dict[str, dict[str, tuple[int, GossipValue]]]:
    return {
        id: {key: (entry.sequence, entry.value) for key, entry in entries.items()}
        for id, entries in news.entries.items()
    }
