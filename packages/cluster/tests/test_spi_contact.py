"""When what the store no longer has may be taken for gone."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from protoactor_cluster.spi import Contact

HOLD = 5.0


class ContactMachine(RuleBasedStateMachine):
    """Settled: nobody is out now, or was during the last `HOLD` seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.contact = Contact("store", HOLD, lambda: self.now)
        self.out: set[str] = set()
        self.last_end = -HOLD

    @rule(who=st.sampled_from("abc"))
    def lose(self, who: str) -> None:
        self.contact.lost(who, "reason")
        self.out.add(who)

    @rule(who=st.sampled_from("abc"))
    def regain(self, who: str) -> None:
        self.contact.regained(who)
        if who in self.out:
            self.out.discard(who)
            self.last_end = self.now

    @rule(who=st.sampled_from("abc"))
    def retire(self, who: str) -> None:
        self.contact.retire(who)
        self.out.discard(who)

    @rule(seconds=st.floats(0.0, 2 * HOLD))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def settles_one_hold_after_the_last_outage(self) -> None:
        settled = not self.out and self.now >= self.last_end + HOLD
        assert self.contact.settled == settled


TestContact = ContactMachine.TestCase
