"""The tests of the core run under both dispatchers, which must not differ."""

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
    async with ActorSystem(stall_warning=None, dispatcher=dispatcher) as running:
        yield running
