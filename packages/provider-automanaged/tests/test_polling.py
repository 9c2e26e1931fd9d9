"""What a poll makes of hosts that are silent, new, foreign, broken, slow or hostile."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import sys
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from protoactor_cluster.provider import Member
from protoactor_provider_automanaged import AutomanagedProvider
from protoactor_testkit.contracts import ViewLog

INTERVAL = 0.05
TIMEOUT = 0.5
PATIENCE = 30.0
A, B, C = (Member(id, "10.0.0.1", ord(id), frozenset({"Counter"})) for id in "abc")

Answer = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


def body(member: Member, cluster: str = "shop", **changes: object) -> bytes:
    fields = {
        "id": member.id,
        "address": member.host,
        "auto_manage_port": 1,
        "port": member.port,
        "kinds": sorted(member.kinds),
        "cluster_name": cluster,
    }
    return json.dumps(fields | changes).encode()


def response(content: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + content


def ok(member: Member, cluster: str = "shop") -> bytes:
    return response(body(member, cluster))


FAILURE = response(b"", "500 Internal Server Error")


class Host:
    """A host whose answers the test decides, and where it counts what arrives."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.next_answers: deque[Answer] = deque()
        self.requests = 0
        self.connections = 0
        self.most_at_once = 0
        self._at_once = 0

    @asynccontextmanager
    async def serving(self, address: str = "127.0.0.1") -> AsyncGenerator[None, None]:
        server = await asyncio.start_server(self._serve, address, 0)
        self.port: int = server.sockets[0].getsockname()[1]
        self._writers: set[asyncio.StreamWriter] = set()
        try:
            yield
        finally:
            server.close()
            for writer in list(self._writers):
                writer.close()
            await server.wait_closed()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._writers.add(writer)
        self.connections += 1
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                await self._answer(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter) -> None:
        self.requests += 1
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        answer = self.next_answers.popleft() if self.next_answers else self.answer
        try:
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(writer)
        finally:
            self._at_once -= 1


@pytest.fixture
async def a() -> AsyncGenerator[Host, None]:
    host = Host(ok(A))
    async with host.serving():
        yield host


@pytest.fixture
async def b() -> AsyncGenerator[Host, None]:
    host = Host(ok(B))
    async with host.serving():
        yield host


def client(*hosts: Host | str, misses: int = 2, timeout: float = TIMEOUT) -> ViewLog:
    """What a client sees that polls these hosts."""
    names = [host if isinstance(host, str) else host.address for host in hosts]
    provider = AutomanagedProvider(
        names, interval=INTERVAL, request_timeout=timeout, misses=misses
    )
    return ViewLog(provider, "shop")


async def test_one_miss_drops_nobody(a: Host, b: Host) -> None:
    async with client(a, b) as views:
        await views.until(A, B)
        b.next_answers.append(FAILURE)
        await views.quiet(10 * INTERVAL)
        assert not b.next_answers


@pytest.mark.parametrize("misses", [1, 2, 3])
async def test_a_member_is_dropped_after_so_many_misses_in_a_row(
    a: Host, b: Host, misses: int
) -> None:
    async with client(a, b, misses=misses) as views:
        await views.until(A, B)
        b.next_answers.extend([FAILURE] * (misses - 1))
        await views.quiet(10 * INTERVAL)
        b.next_answers.extend([FAILURE] * misses)
        await views.until(A)
        await views.until(A, B)


async def test_who_missed_a_poll_is_asked_again_sooner(a: Host, b: Host) -> None:
    provider = AutomanagedProvider([a.address, b.address], interval=1.0)
    async with ViewLog(provider, "shop") as views:
        await views.until(A, B)
        b.answer = FAILURE
        await views.until(A, within=1.6)  # 1.0 to the first miss, 0.25 to the second


async def test_a_new_id_at_a_host_replaces_the_old_one_in_one_step(
    a: Host, b: Host
) -> None:
    async with client(a, b) as views:
        await views.until(A, B)
        b.answer = ok(C)
        await views.until(A, C)
        assert [len(view.members) for view in views.history] == [2, 2]


async def test_another_cluster_is_ignored(a: Host, b: Host) -> None:
    b.answer = ok(B, "shop2")
    async with client(a, b) as views:
        await views.until(A)
        await views.quiet(5 * INTERVAL)
        b.answer = ok(B)
        await views.until(A, B)
        b.answer = ok(B, "bank")
        await views.until(A)


async def test_when_nobody_answers_the_old_view_stays(a: Host, b: Host) -> None:
    async with client(a, b) as views:
        await views.until(A, B)
        a.answer = b.answer = FAILURE
        await views.quiet(10 * INTERVAL)
        a.answer = ok(A)
        await views.until(A)


async def test_a_client_that_never_heard_of_anybody_sees_an_empty_view(a: Host) -> None:
    a.answer = FAILURE
    async with client(a) as views:
        assert (await views.first()).members == ()
        await views.quiet(5 * INTERVAL)
        a.answer = ok(A)
        await views.until(A)


async def test_an_isolated_member_keeps_itself(a: Host, b: Host) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    hosts = [a.address, b.address, f"127.0.0.1:{port}"]
    provider = AutomanagedProvider(hosts, port, interval=INTERVAL)
    async with provider.join("shop", C), ViewLog(provider, "shop", me=C) as views:
        await views.until(A, B, C)
        a.answer = b.answer = FAILURE
        await views.until(C)
        a.answer = ok(A)
        await views.until(A, C)


async def test_a_member_that_is_not_in_its_own_hosts_sees_itself(a: Host) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    provider = AutomanagedProvider([a.address], port, interval=INTERVAL)
    async with provider.join("shop", C), ViewLog(provider, "shop", me=C) as views:
        await views.until(A, C)
        await views.quiet(5 * INTERVAL)


async def test_an_older_member_of_its_own_address_is_not_listed_beside_it(
    a: Host, b: Host
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    hosts = [a.address, b.address, f"127.0.0.1:{port}"]
    b.answer = ok(Member("before", C.host, C.port))
    provider = AutomanagedProvider(hosts, port, interval=INTERVAL)
    async with provider.join("shop", C), ViewLog(provider, "shop", me=C) as views:
        await views.until(A, C)
        await views.quiet(5 * INTERVAL)


async def test_a_member_under_two_names_is_listed_once(a: Host) -> None:
    async with client(a, f"localhost:{a.port}") as views:
        await views.until(A)
        await views.quiet(5 * INTERVAL)


async def hangs(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3 * TIMEOUT)


async def closes(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def drips(writer: asyncio.StreamWriter) -> None:
    """A byte now and then: each in time, the answer never complete."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(30):
        writer.write(b" ")
        await asyncio.sleep(TIMEOUT / 10)


async def floods(writer: asyncio.StreamWriter) -> None:
    """As much as anybody takes, without saying how much there will be."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    for _ in range(200):
        writer.write(chunk)
        await writer.drain()


BAD: dict[str, Answer] = {
    "garbage": response(b"<html>it works</html>"),
    "empty": response(b""),
    "null": response(b"null"),
    "binary": response(b"\x00\xff" * 50),
    "nested": response(b"[" * 500_000),
    "wrong types": response(body(B, kinds="Counter")),
    "port as text": response(body(B, port="8080")),
    "two MB": response(b" " * 2_000_000 + body(B)),
    "flood": floods,
    "gzip": response(gzip.compress(body(B)), "200 OK", "Content-Encoding: gzip"),
    "201": response(body(B), "201 Created"),
    "404": response(body(B), "404 Not Found"),
    "500": response(body(B), "500 Internal Server Error"),
    "503": response(body(B), "503 Service Unavailable"),
    "redirect": response(b"", "302 Found", "Location: /elsewhere"),
    "truncated": response(body(B))[:-5],
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n",
    "bad header": b"HTTP/1.1 200 OK\r\n\x00: \x00\r\n\r\n",
    "long header": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
    "hangs": hangs,
    "closes": closes,
    "drips": drips,
}


@pytest.mark.parametrize("answer", BAD.values(), ids=BAD.keys())
async def test_a_bad_answer_costs_nobody_else_anything(
    a: Host, b: Host, answer: Answer
) -> None:
    b.answer = answer
    async with client(a, b) as views:
        await views.until(A)
        while b.requests < 3:
            await views.quiet(INTERVAL)
        b.answer = ok(B)
        await views.until(A, B)
        b.answer = answer
        await views.until(A)


async def test_redirects_are_not_followed(a: Host, b: Host) -> None:
    other = Host(response(b"", "302 Found", f"Location: http://{b.address}/_health"))
    async with other.serving(), client(a, other) as views:
        await views.until(A)
        while other.requests < 3:
            await views.quiet(INTERVAL)
    assert b.requests == 0


@pytest.mark.parametrize(
    "name", [f"{'x' * 64}:1", "no-such-host.invalid:1", "127.0.0.1:1"]
)
async def test_a_host_that_cannot_be_reached_costs_nobody_else_anything(
    a: Host, name: str
) -> None:
    async with client(a, name) as views:
        await views.until(A)
        await views.quiet(5 * INTERVAL)


async def test_connections_are_kept(a: Host) -> None:
    async with client(a) as views:
        await views.until(A)
        while a.requests < 10:
            await views.quiet(INTERVAL)
    assert a.connections == 1


async def test_hosts_are_asked_at_the_same_time() -> None:
    everybody = asyncio.Barrier(20)

    async def answers_with_the_others(writer: asyncio.StreamWriter) -> None:
        await everybody.wait()
        writer.write(ok(A))

    hosts = [Host(answers_with_the_others) for _ in range(20)]
    async with AsyncExitStack() as stack:
        for host in hosts:
            await stack.enter_async_context(host.serving())
        async with client(*hosts, timeout=PATIENCE) as views:
            await views.until(A)


@pytest.mark.skipif(sys.platform != "linux", reason="needs all of 127.0.0.0/8")
async def test_not_all_of_many_hosts_are_asked_at_the_same_time() -> None:
    async def answers_late(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.05)
        writer.write(ok(A))

    host = Host(answers_late)
    async with host.serving("0.0.0.0"):
        names = [f"127.0.1.{n}:{host.port}" for n in range(1, 201)]
        async with client(*names, timeout=PATIENCE) as views:
            await views.until(A)
            while host.requests < 400:
                await views.quiet(INTERVAL)
    assert 1 < host.most_at_once <= 64


async def test_proxies_of_the_environment_are_not_asked(
    a: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    async with client(a) as views:
        await views.until(A)


async def test_polls_are_not_missed_because_the_loop_was_blocked() -> None:
    """The polls have a thread of their own, so peers are judged by their answers."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    provider = AutomanagedProvider(
        [f"127.0.0.1:{port}"], port, interval=INTERVAL, request_timeout=0.2
    )
    async with provider.join("shop", A):
        watcher = AutomanagedProvider(
            [f"127.0.0.1:{port}"], interval=INTERVAL, request_timeout=0.2
        )
        async with ViewLog(watcher, "shop") as views:
            await views.until(A)
            time.sleep(1.0)  # noqa: ASYNC251 (the point of it)
            await views.quiet(5 * INTERVAL)
