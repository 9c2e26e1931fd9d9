"""The pytest plugin: fixtures `system`, `probe`, `members`, marker `virtual_time`."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Generator, Mapping
from typing import TYPE_CHECKING, TypeAlias

import pytest
import pytest_asyncio

from protoactor import ActorSystem
from protoactor_testkit._probe import Probe
from protoactor_testkit._virtual_time import VirtualTimeLoop

if TYPE_CHECKING:
    from protoactor_testkit.members import Members

__all__ = [
    "members",
    "probe",
    "pytest_asyncio_loop_factories",
    "pytest_configure",
    "system",
]

LoopFactories: TypeAlias = Mapping[str, Callable[[], asyncio.AbstractEventLoop]]

MARKER = (
    "virtual_time(start=0.0, jump_over_sockets=False): "
    "run this async test on a loop whose clock jumps instead of waiting"
)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)


@pytest.hookimpl(wrapper=True)
def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> Generator[None, LoopFactories | None, LoopFactories]:
    """The virtual loop for tests that ask for it or for `members`, else what others say."""
    factories = yield
    marker = item.get_closest_marker("virtual_time")
    if marker is not None:
        return {"virtual": functools.partial(VirtualTimeLoop, **marker.kwargs)}
    if "members" in getattr(item, "fixturenames", ()):
        return {"virtual": VirtualTimeLoop}
    return factories or {"default": asyncio.new_event_loop}


@pytest_asyncio.fixture
async def system() -> AsyncIterator[ActorSystem]:
    """A running actor system; it stops when the test has ended."""
    async with ActorSystem(stall_warning=None) as running:
        yield running


@pytest_asyncio.fixture
async def probe(system: ActorSystem) -> Probe:
    """An actor of `system` that the test looks through."""
    return Probe(system)


@pytest_asyncio.fixture
async def members() -> AsyncIterator[Members]:
    """A cluster in one process, in virtual time; needs `protoactor-testkit[cluster]`."""
    from protoactor_testkit.members import Members

    async with Members() as cluster:
        yield cluster
