"""Which end of a lease is an eviction."""

from __future__ import annotations

import pytest

from protoactor_cluster.spi import Contact, Tenure

TTL = 6.0


class Story:
    """A lease renewed every 2 s of a clock that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.contact = Contact("store", TTL, lambda: self.now)
        self._tenure = Tenure(TTL, self.contact)
        self.renew()

    def renew(self, revision: int = 10) -> None:
        self._tenure.attempt(self.now)
        self._tenure.renewed(revision)

    def fail(self, times: int) -> None:
        for _ in range(times):
            self.now += 2.0
            self._tenure.attempt(self.now)
            self.contact.lost(self, "no route")

    def evicted(self, *, after: float = 2.0, revision: int = 10) -> bool:
        """The next attempt finds no lease."""
        self.now += after
        self._tenure.attempt(self.now)
        self.contact.regained(self)
        return self._tenure.evicted(revision)


@pytest.fixture
def story() -> Story:
    return Story()


def test_revoked_while_the_store_could_be_reached(story: Story) -> None:
    assert story.evicted()


@pytest.mark.parametrize("failures", [1, 3, 30])
def test_ended_during_an_outage(story: Story, failures: int) -> None:
    story.fail(failures)
    assert not story.evicted()


def test_ended_after_an_outage(story: Story) -> None:
    story.fail(3)
    story.now += 1.0
    story.contact.regained(story)
    story.renew()
    story.now += 2.0
    story.renew()
    assert story.evicted()


@pytest.mark.parametrize("after", [TTL, 60.0])
def test_a_process_that_was_frozen(story: Story, after: float) -> None:
    assert story.evicted(after=after)


def test_frozen_in_the_middle_of_an_outage(story: Story) -> None:
    story.fail(2)
    assert story.evicted(after=60.0)


def test_frozen_while_the_connection_broke(story: Story) -> None:
    story.now += 60.0
    story.fail(1)
    assert story.evicted()


def test_frozen_for_less_than_the_lease_in_an_outage(story: Story) -> None:
    story.fail(1)
    story.now += 3.0
    story.fail(3)
    assert not story.evicted()


def test_an_emptied_store_evicts_nobody(story: Story) -> None:
    assert not story.evicted(revision=3)


def test_an_outage_that_only_the_watch_noticed(story: Story) -> None:
    story.contact.lost("watch", "reset")
    story.now += 0.5
    story.contact.regained("watch")
    assert not story.evicted()
