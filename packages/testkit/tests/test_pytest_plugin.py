"""What the plugin gives to tests: fixtures and a marker."""

import asyncio

import pytest

from protoactor import ActorSystem, Context, Props
from protoactor_testkit import Probe, VirtualTimeLoop

pytest_plugins = ["pytester"]


async def test_the_system_runs(system: ActorSystem) -> None:
    assert not system.stopped
    assert system.loop is asyncio.get_running_loop()


async def test_probe_belongs_to_the_system(system: ActorSystem, probe: Probe) -> None:
    system.send(probe.pid, "ping")
    assert await probe.expect(str) == "ping"


async def test_time_is_real_unless_asked_for() -> None:
    assert not isinstance(asyncio.get_running_loop(), VirtualTimeLoop)


@pytest.mark.virtual_time
class TestMarkedClass:
    async def test_runs_virtually(self, system: ActorSystem) -> None:
        assert isinstance(system.loop, VirtualTimeLoop)
        assert system.loop.time() == 0.0
        await asyncio.sleep(86_400.0)
        assert system.loop.time() == 86_400.0


@pytest.mark.virtual_time(start=50.0)
async def test_the_marker_takes_the_options_of_the_loop() -> None:
    assert asyncio.get_running_loop().time() == 50.0


@pytest.mark.virtual_time
async def test_a_request_ends_at_its_deadline(system: ActorSystem) -> None:
    async def receive(context: Context) -> None:
        if context.message == "hang":
            await asyncio.sleep(3600.0)

    sleeper = system.spawn(Props.from_function(receive))
    with pytest.raises(TimeoutError):
        await system.request(sleeper, "hang", timeout=30.0)
    assert 30.0 <= system.loop.time() <= 30.02


FAILING = """
    import asyncio, pytest

    @pytest.fixture
    async def held():
        yield "held"
        print("torn down")

    @pytest.mark.virtual_time
    async def test_hangs(held):
        await asyncio.Event().wait()

    async def test_next():
        pass
"""


def test_a_hanging_test_fails_and_the_next_one_runs(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(FAILING)
    pytester.makeini(
        "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function"
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*WouldWaitForEver*", "*test_hangs (*", "*torn down*"])


def test_fixtures_work_in_strict_mode(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.asyncio
        async def test_probe(system, probe):
            system.send(probe.pid, 1)
            assert await probe.expect(int) == 1
        """
    )
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-W", "error")
    result.assert_outcomes(passed=1)
