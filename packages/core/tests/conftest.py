"""The tests of the core run under both dispatchers, which must not differ."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from protoactor import ActorSystem, PumpDispatcher, TaskDispatcher

DispatcherType = type[PumpDispatcher] | type[TaskDispatcher]


@pytest.fixture(params=[PumpDispatcher, TaskDispatcher], ids=["pump", "tasks"])
def dispatcher(request: pytest.FixtureRequest) -> DispatcherType:
    kind: DispatcherType = request.param
    return kind


@pytest.fixture
async def system(dispatcher: DispatcherType) -> AsyncIterator[ActorSystem]:
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: complaints.append(context)
    )
    async with ActorSystem(stall_warning=None, dispatcher=dispatcher) as running:
        yield running
    assert complaints == []  # no callback raised, and no task with nobody to hear it
