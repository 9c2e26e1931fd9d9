import pytest
from hypothesis import given
from hypothesis import strategies as st

from protoactor_cluster.failure_detection import (
    DEFAULT,
    FAST,
    FailureDetection,
    HeartbeatMonitor,
    condemned,
)


class Clocked:
    """A monitor that is checked every interval, as its owner does."""

    def __init__(self, detection: FailureDetection = FAST, now: float = 1000.0) -> None:
        self.monitor = HeartbeatMonitor("me", detection)
        self.interval = detection.heartbeat_interval
        self.now = now
        self.monitor.check(now)

    def run(self, seconds: float, *beating: str) -> frozenset[str]:
        suspects = self.monitor.suspects
        for _ in range(round(seconds / self.interval)):
            self.now += self.interval
            for member in beating:
                self.monitor.heard(member, self.now)
            suspects = self.monitor.check(self.now)
        return suspects


def test_the_profiles_keep_what_the_guarantees_promise() -> None:
    assert DEFAULT.suspect_after > 10.0, "a stall below stall_limit costs nothing"
    assert FAST.suspect_after <= 1.5, "a killed member is gone within 3 s"
    assert FailureDetection.named("default") is DEFAULT
    assert FailureDetection.named("fast") is FAST


def test_an_unknown_profile_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="use 'default' or 'fast'"):
        FailureDetection.named("slow")


@pytest.mark.parametrize(
    ("interval", "after"), [(0.0, 1.0), (-1.0, 1.0), (0.3, 1.0), (1.0, 4.9)]
)
def test_a_profile_that_suspects_at_once_is_refused(
    interval: float, after: float
) -> None:
    with pytest.raises(ValueError, match="heartbeat"):
        FailureDetection(interval, after)


def test_a_member_that_beats_is_not_suspected() -> None:
    clocked = Clocked()
    clocked.monitor.set_members(["me", "b"])
    assert clocked.run(60.0, "b") == set()


def test_a_member_that_falls_silent_is_suspected_in_time() -> None:
    clocked = Clocked()
    clocked.monitor.set_members(["me", "b", "c"])
    clocked.run(10.0, "b", "c")
    assert clocked.run(1.4, "c") == set()
    assert clocked.run(0.4, "c") == {"b"}


def test_a_suspect_that_is_heard_again_is_trusted_again() -> None:
    clocked = Clocked()
    clocked.monitor.set_members(["b"])
    assert clocked.run(5.0) == {"b"}
    assert clocked.run(0.2, "b") == set()


def test_a_member_that_never_beats_is_suspected_too() -> None:
    clocked = Clocked()
    clocked.run(100.0)
    clocked.monitor.set_members(["me", "mute"])
    assert clocked.run(1.4) == set()
    assert clocked.run(0.4) == {"mute"}


def test_nobody_suspects_itself_and_a_member_that_left_is_forgotten() -> None:
    clocked = Clocked()
    clocked.monitor.set_members(["me", "b"])
    assert clocked.run(5.0) == {"b"}
    clocked.monitor.set_members(["me"])
    assert clocked.monitor.suspects == set()
    assert clocked.run(5.0) == set()


@pytest.mark.parametrize("detection", [DEFAULT, FAST], ids=["default", "fast"])
def test_trap_06_a_process_that_slept_blames_nobody_when_it_wakes(
    detection: FailureDetection,
) -> None:
    clocked = Clocked(detection)
    clocked.monitor.set_members(["me", "b"])
    clocked.run(5.0, "b")
    clocked.now += 60.0
    assert clocked.monitor.check(clocked.now) == set()
    assert clocked.run(detection.suspect_after - 1.0) == set()
    assert clocked.run(2.0) == {"b"}, "one that died meanwhile is found all the same"


def test_a_stall_just_before_expiry_leaves_time_for_waiting_heartbeats() -> None:
    clocked = Clocked()
    clocked.monitor.set_members(["b"])
    clocked.run(1.4)
    clocked.now += 9.0
    assert clocked.monitor.check(clocked.now) == set()
    assert clocked.run(0.2, "b") == set()


def test_a_heartbeat_counts_from_the_moment_it_arrives() -> None:
    clocked = Clocked()
    clocked.monitor.set_members(["b"])
    clocked.now += 0.1
    clocked.monitor.heard("b", clocked.now)
    clocked.monitor.check(clocked.now + 0.1)
    assert clocked.monitor.silence("b") == pytest.approx(0.1)


# --- removal by agreement


def test_all_unsuspected_members_have_to_agree() -> None:
    votes = {"a": {"e"}, "b": {"e"}, "c": {"e"}, "d": set[str]()}
    assert condemned("abcde", {"e"}, votes) == set()
    votes["d"] = {"e"}
    assert condemned("abcde", {"e"}, votes) == {"e"}


def test_the_suspects_themselves_have_no_vote() -> None:
    votes = {id: {"d", "e"} for id in "abc"} | {"d": {"a", "b"}}
    assert condemned("abcde", {"d", "e"}, votes) == {"d", "e"}


def test_what_i_do_not_suspect_is_not_removed() -> None:
    assert condemned("abc", set(), {id: {"c"} for id in "ab"}) == set()


def test_a_minority_removes_nobody() -> None:
    votes = {id: {"c", "d", "e"} for id in "ab"}
    assert condemned("abcde", {"c", "d", "e"}, votes) == set()


def test_of_two_halves_the_one_with_the_lowest_id_decides() -> None:
    assert condemned("ab", {"b"}, {"a": {"b"}}) == {"b"}
    assert condemned("ab", {"a"}, {"b": {"a"}}) == set()


@given(
    st.sets(st.sampled_from("abcdef"), min_size=1), st.sets(st.sampled_from("abcdef"))
)
def test_two_sides_never_remove_each_other(members: set[str], half: set[str]) -> None:
    one, other = members & half, members - half
    votes = {id: other if id in one else one for id in members}
    assert not (condemned(members, other, votes) and condemned(members, one, votes))
