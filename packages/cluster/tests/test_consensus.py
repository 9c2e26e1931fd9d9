import asyncio

import pytest

from protoactor_cluster.consensus import Consensus, agreed, dissenters


def test_all_members_have_to_say_the_same_under_every_key() -> None:
    topology, ready = {"a": 1, "b": 1}, {"a": 1}
    assert agreed("ab", topology) == 1
    assert agreed("ab", topology, ready) is None
    ready["b"] = 2
    assert agreed("ab", topology, ready) is None
    assert dissenters("ab", 1, topology, ready) == {"b"}
    ready["b"] = 1
    assert agreed("ab", topology, ready) == 1


def test_one_member_agrees_with_itself_and_nobody_agrees_on_nothing() -> None:
    assert agreed("a", {"a": 3}) == 3
    assert agreed("", {"a": 3}) is None
    assert agreed("a", {}) is None


def test_what_others_say_does_not_count() -> None:
    assert agreed("a", {"a": 1, "gone": 2}) == 1


class Votes:
    """What members say, and a consensus over it."""

    def __init__(self, members: str) -> None:
        self.members = members
        self.said: dict[str, int] = {}
        self.consensus = Consensus(lambda: agreed(self.members, self.said))

    def say(self, member: str, value: int) -> None:
        self.said[member] = value
        self.consensus.changed()


async def test_waiting_really_waits() -> None:
    votes = Votes("ab")
    waiter = asyncio.create_task(votes.consensus.reached(timeout=60))
    votes.say("a", 1)
    await _let_everybody_run()
    assert not waiter.done()
    votes.say("b", 1)
    assert await waiter == 1


async def test_what_is_agreed_already_needs_no_waiting() -> None:
    votes = Votes("a")
    votes.say("a", 5)
    assert await votes.consensus.reached(timeout=60) == 5


async def test_a_value_that_changes_without_disagreement_in_between_is_seen() -> None:
    """A cluster of one agrees all the time, on ever new values."""
    votes = Votes("a")
    votes.say("a", 1)
    waiter = asyncio.create_task(votes.consensus.reached(2, timeout=60))
    await _let_everybody_run()
    assert not waiter.done()
    votes.say("a", 2)
    assert await waiter == 2


async def test_an_agreement_can_end_before_anybody_waits() -> None:
    votes = Votes("ab")
    votes.say("a", 1)
    votes.say("b", 1)
    votes.say("b", 2)
    with pytest.raises(TimeoutError):
        await votes.consensus.reached(timeout=0.01)


async def test_a_member_that_leaves_can_bring_agreement() -> None:
    votes = Votes("ab")
    votes.say("a", 1)
    waiter = asyncio.create_task(votes.consensus.reached(timeout=60))
    await _let_everybody_run()
    votes.members = "a"
    votes.consensus.changed()
    assert await waiter == 1


async def test_every_waiter_is_released() -> None:
    votes = Votes("a")
    waiters = [
        asyncio.create_task(votes.consensus.reached(expected, timeout=60))
        for expected in (1, None, 1)
    ]
    await _let_everybody_run()
    votes.say("a", 1)
    assert await asyncio.gather(*waiters) == [1, 1, 1]


async def test_a_cancelled_waiter_leaves_the_others_alone() -> None:
    votes = Votes("a")
    first, second = (
        asyncio.create_task(votes.consensus.reached(timeout=60)) for _ in range(2)
    )
    await _let_everybody_run()
    first.cancel()
    await _let_everybody_run()
    votes.say("a", 1)
    assert await second == 1


async def _let_everybody_run() -> None:
    for _ in range(5):
        await asyncio.sleep(0)
