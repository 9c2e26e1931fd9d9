"""A member's own endpoint: what it answers, how fast, and from when until when."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import http.client
import json
import socket
import statistics
import threading
import time
from collections.abc import Callable
from contextlib import aclosing

import pytest

from protoactor_cluster.errors import ClusterError
from protoactor_cluster.provider import Member
from protoactor_provider_automanaged import AutomanagedProvider, CannotListen, NoPort
from protoactor_testkit.contracts import ViewLog

ME = Member("me", "127.0.0.1", 8080, frozenset({"Ponger"}))


@pytest.fixture
def port() -> int:
    """A port that nobody holds at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        taken: int = probe.getsockname()[1]
    return taken


@pytest.fixture
def provider(port: int) -> AutomanagedProvider:
    return AutomanagedProvider([f"127.0.0.1:{port}"], port, interval=0.05)


def get(
    port: int, path: str = "/_health", method: str = "GET"
) -> tuple[int, str, bytes]:
    """Status, content type and body, over a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5.0)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, response.headers["Content-Type"], response.read()
    finally:
        connection.close()


def is_closed(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED


def threads() -> list[str]:
    names = [thread.name for thread in threading.enumerate()]
    return [name for name in names if name.startswith("automanaged")]


async def test_the_endpoint_answers_as_protoactor_go_does(
    provider: AutomanagedProvider, port: int
) -> None:
    async with provider.join("shop", ME):
        status, content_type, body = await asyncio.to_thread(get, port)
    assert (status, content_type) == (200, "application/json; charset=UTF-8")
    assert body == (
        b'{"id":"me","address":"127.0.0.1","auto_manage_port":%d,"port":8080,'
        b'"kinds":["Ponger"],"cluster_name":"shop"}\n' % port
    )


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 404), ("GET", "/_health/x", 404), ("POST", "/_health", 405)],
)
async def test_nothing_else_is_served(
    provider: AutomanagedProvider, port: int, method: str, path: str, status: int
) -> None:
    async with provider.join("shop", ME):
        assert (await asyncio.to_thread(get, port, path, method))[0] == status


async def test_a_client_cannot_join_and_is_told_what_is_missing() -> None:
    client = AutomanagedProvider(["127.0.0.1:6331"])
    with pytest.raises(NoPort, match="port="):
        await client.join("shop", ME).__aenter__()
    assert threads() == []


async def test_a_taken_port_is_one_clear_error_and_leaves_nothing(
    provider: AutomanagedProvider, port: int
) -> None:
    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(CannotListen, match=f"127.0.0.1:{port}.*another port=") as caught,
    ):
        await provider.join("shop", ME).__aenter__()
    assert isinstance(caught.value, OSError)
    assert isinstance(caught.value, ClusterError)
    assert caught.value.errno == errno.EADDRINUSE
    assert threads() == []
    async with provider.join("shop", ME):
        assert (await asyncio.to_thread(get, port))[0] == 200


async def test_an_address_of_another_machine_cannot_be_bound(port: int) -> None:
    provider = AutomanagedProvider([f"127.0.0.1:{port}"], port, bind="192.0.2.1")
    with pytest.raises(CannotListen, match="bind="):
        await provider.join("shop", ME).__aenter__()


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6 loopback")
async def test_the_endpoint_is_reached_by_ipv6(port: int) -> None:
    provider = AutomanagedProvider([f"[::1]:{port}"], port, interval=0.05, bind="::1")
    async with provider.join("shop", ME), ViewLog(provider, "shop", me=ME) as views:
        await views.until(ME)
    client = AutomanagedProvider([f"[::1]:{port}"], interval=0.05)
    async with provider.join("shop", ME), ViewLog(client, "shop") as views:
        await views.until(ME)


async def test_one_provider_joins_once_at_a_time(provider: AutomanagedProvider) -> None:
    async with provider.join("shop", ME):
        with pytest.raises(ClusterError, match="use another one"):
            await provider.join("shop", ME).__aenter__()


async def test_the_endpoint_goes_with_the_block(
    provider: AutomanagedProvider, port: int
) -> None:
    async with provider.join("shop", ME):
        assert not is_closed(port)
    assert is_closed(port)
    assert threads() == []


async def test_the_endpoint_goes_when_the_block_raises(
    provider: AutomanagedProvider, port: int
) -> None:
    with pytest.raises(LookupError):
        async with provider.join("shop", ME):
            raise LookupError
    assert is_closed(port)
    assert threads() == []


async def test_the_endpoint_goes_when_the_block_is_cancelled_twice(
    provider: AutomanagedProvider, port: int
) -> None:
    async def stays() -> None:
        async with provider.join("shop", ME):
            inside.set()
            await asyncio.Event().wait()

    inside = asyncio.Event()
    staying = asyncio.create_task(stays())
    await inside.wait()
    for _ in range(3):
        staying.cancel()
        await asyncio.sleep(0)
    await asyncio.wait([staying])
    assert staying.cancelled()
    await until(lambda: is_closed(port) and threads() == [])


async def test_a_join_that_is_cancelled_leaves_nothing(
    provider: AutomanagedProvider, port: int
) -> None:
    for turns in range(20):
        joining = asyncio.create_task(provider.join("shop", ME).__aenter__())
        for _ in range(turns):
            await asyncio.sleep(0)
        if joining.cancel():
            await asyncio.wait([joining])
            assert joining.cancelled()
    await until(lambda: is_closed(port) and threads() == [])


async def test_the_endpoint_stays_while_only_a_watch_is_closed(
    provider: AutomanagedProvider, port: int
) -> None:
    async with provider.join("shop", ME):
        async with aclosing(provider.watch("shop")) as views:
            await anext(views)
        assert (await asyncio.to_thread(get, port))[0] == 200


async def test_a_watch_outlives_the_membership(provider: AutomanagedProvider) -> None:
    async with ViewLog(provider, "shop") as views:
        assert (await views.first()).members == ()
        async with provider.join("shop", ME):
            await views.until(ME)
            await views.quiet(0.3)  # its own polls have found it, too
        await views.until()
        await views.quiet(0.3)


async def test_connections_that_arrive_at_the_end_are_closed(
    provider: AutomanagedProvider, port: int
) -> None:
    """A socket that nobody closed is an error of this test, once it is garbage."""

    def connect() -> None:
        while not over.is_set():
            with contextlib.suppress(OSError):
                get(port)

    over = threading.Event()
    connecting = [threading.Thread(target=connect) for _ in range(3)]
    for thread in connecting:
        thread.start()
    for _ in range(30):
        async with provider.join("shop", ME):
            pass
    over.set()
    for thread in connecting:
        await asyncio.to_thread(thread.join)
    gc.collect()


async def test_two_providers_in_one_process_do_not_know_each_other(port: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        other_port: int = probe.getsockname()[1]
    hosts = [f"127.0.0.1:{port}", f"127.0.0.1:{other_port}"]
    you = Member("you", "127.0.0.1", 8081)
    a = AutomanagedProvider(hosts, port, interval=0.05)
    b = AutomanagedProvider(hosts, other_port, interval=0.05)
    async with a.join("shop", ME):
        async with b.join("bank", you):
            pass
        assert json.loads((await asyncio.to_thread(get, port))[2])["id"] == "me"


def sleeps(seconds: float) -> None:
    time.sleep(seconds)


def spins(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


@pytest.mark.parametrize("block", [sleeps, spins])
async def test_it_answers_within_100_ms_while_the_loop_is_blocked(
    provider: AutomanagedProvider, port: int, block: Callable[[float], None]
) -> None:
    latencies: list[float] = []

    def ask() -> None:
        while not blocked_over.is_set():
            began = time.monotonic()
            assert get(port)[0] == 200
            latencies.append(time.monotonic() - began)

    blocked_over = threading.Event()
    async with provider.join("shop", ME):
        asking = threading.Thread(target=ask)
        asking.start()
        block(1.0)
        blocked_over.set()
        asking.join()
    assert len(latencies) >= 5
    assert statistics.median(latencies) < 0.1


async def test_it_stops_answering_when_the_loop_is_blocked_for_too_long(
    port: int,
) -> None:
    hosts = [f"127.0.0.1:{port}"]
    provider = AutomanagedProvider(hosts, port, stall_limit=0.5)
    statuses: list[tuple[float, int]] = []

    def ask() -> None:
        while time.monotonic() < began + 1.5:
            statuses.append((time.monotonic() - began, get(port)[0]))

    async with provider.join("shop", ME):
        began = time.monotonic()
        asking = threading.Thread(target=ask)
        asking.start()
        time.sleep(1.0)  # noqa: ASYNC251 (the point of it)
        await asyncio.to_thread(asking.join)
        assert (await asyncio.to_thread(get, port))[0] == 200
    early = {status for moment, status in statuses if moment < 0.4}
    late = {status for moment, status in statuses if 0.6 < moment < 0.9}
    assert (early, late) == ({200}, {503})


async def test_an_endpoint_dies_with_a_loop_that_nobody_closed_properly(
    port: int,
) -> None:
    provider = AutomanagedProvider([f"127.0.0.1:{port}"], port, interval=0.05)

    def run_and_forget() -> None:
        loop = asyncio.new_event_loop()
        joining = provider.join("shop", ME)
        kept.append(joining)  # or it would be left as garbage
        loop.run_until_complete(joining.__aenter__())
        loop.close()

    kept: list[object] = []
    await asyncio.to_thread(run_and_forget)
    await until(lambda: is_closed(port) and threads() == [])


async def until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(5.0):
        while not reached():  # noqa: ASYNC110 (nobody announces it)
            await asyncio.sleep(0.01)
