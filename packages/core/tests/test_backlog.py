"""Messages put back into a mailbox: in order, and without end."""

from collections.abc import Sequence
from operator import length_hint

from hypothesis import given
from hypothesis import strategies as st

from protoactor import Actor, ActorSystem, Context
from protoactor._backlog import Backlog


class Batch:
    def get_messages(self) -> Sequence[object]:
        return (1, 2)


class Adder(Actor):
    def __init__(self) -> None:
        self.sum = 0

    def receive(self, context: Context) -> None:
        match context.message:
            case int(number):
                self.sum += number
            case "sum":
                context.respond(self.sum)
            case _:
                pass


async def test_a_queue_full_of_batches_is_handled_in_linear_time() -> None:
    """Each batch puts its parts back before those that wait behind it."""
    async with ActorSystem() as system:
        adder = system.spawn(Adder)
        for _ in range(50_000):
            system.send(adder, Batch())
        assert await system.request(adder, "sum", timeout=60.0) == 150_000


@given(st.lists(st.lists(st.integers())), st.lists(st.integers()))
def test_what_was_put_first_comes_first(
    parts: list[list[int]], waiting: list[int]
) -> None:
    backlog = Backlog(waiting)
    for part in parts:
        backlog.put_first(part)
    expected = [item for part in reversed(parts) for item in part] + waiting
    assert length_hint(backlog) == len(expected)
    assert list(backlog) == expected
