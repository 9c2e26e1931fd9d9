"""Log lines say which trace, member, kind and identity they are about."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import TracerProvider

from protoactor import ActorError
from protoactor_cluster import Cluster, Grain, LogContext
from protoactor_testkit.members import Members

pytestmark = pytest.mark.virtual_time
logger = logging.getLogger("shop")


class Cart(Grain, idle_timeout=5.0):
    async def on_activate(self) -> None:
        logger.warning("activated")
        if self.identity.name == "broken":
            raise RuntimeError("it does not start")

    async def on_deactivate(self) -> None:
        logger.warning("deactivated")

    async def add(self) -> None:
        logger.warning("added")


class Collected(logging.Handler):
    """Keeps records as a handler in a program would see them."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def about(self, identity: str) -> list[tuple[str, str]]:
        """Message and kind of the lines about an identity."""
        return [
            (record.getMessage(), vars(record)["kind"])
            for record in self.records
            if vars(record)["identity"] == identity
        ]


@pytest.fixture
def collected() -> Iterator[Collected]:
    handler = Collected()
    root = logging.getLogger()
    root.addHandler(handler)
    yield handler
    root.removeHandler(handler)


def watch(collected: Collected, member: Cluster | None = None) -> None:
    for known in list(collected.filters):
        collected.removeFilter(known)
    collected.addFilter(LogContext(member))


@pytest.mark.parametrize("traced", [True, False])
async def test_lines_of_a_grain_name_it(collected: Collected, traced: bool) -> None:
    tracers = TracerProvider() if traced else None
    async with Members(tracer_provider=tracers) as members:
        (a,) = await members.start(1, kinds=[Cart])
        watch(collected, a)
        await a.grain(Cart, "ann").add()
        await members.leave(a)
    assert collected.about("Cart/ann") == [
        ("activated", "Cart"),
        ("added", "Cart"),
        ("deactivated", "Cart"),
    ]
    traces = {
        vars(record)["trace_id"]
        for record in collected.records
        if vars(record)["identity"]
    }
    # the call with its activation is one trace, the end another
    assert len(traces) == 2 if traced else traces == {""}
    members_named = {vars(record)["member"] for record in collected.records}
    assert members_named == {a.system.id}
    if tracers is not None:
        tracers.shutdown()


async def test_our_own_lines_name_the_identity_too(collected: Collected) -> None:
    watch(collected)
    async with Members() as members:
        (a,) = await members.start(1, kinds=[Cart])
        with pytest.raises(ActorError):
            await a.grain(Cart, "broken").add()
    lines = collected.about("Cart/broken")
    assert ("Cart/broken could not be activated", "Cart") in lines


async def test_lines_about_nothing_have_empty_names(collected: Collected) -> None:
    watch(collected)
    logger.warning("hello")
    (record,) = collected.records
    named = ("trace_id", "span_id", "member", "kind", "identity")
    assert {vars(record)[name] for name in named} == {""}


async def test_what_a_program_says_itself_stays(collected: Collected) -> None:
    watch(collected)
    logger.warning("hello", extra={"identity": "mine"})
    assert vars(collected.records[0])["identity"] == "mine"


def test_all_loggers_are_below_one() -> None:
    ours = [
        name
        for name in logging.root.manager.loggerDict
        if name.partition(".")[0].startswith("protoactor")
    ]
    assert len(ours) > 5
    assert {name.partition(".")[0] for name in ours} == {"protoactor"}
