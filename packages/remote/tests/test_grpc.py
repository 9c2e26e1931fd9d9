"""What only gRPC has: health checks, compression, options, addresses."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from typing import TYPE_CHECKING, Any, cast

import grpc
import pytest

from protoactor import PID, ActorSystem, Touch, Touched
from protoactor_remote import Backoff, EndpointTerminated, Remote, RemoteOptions
from protoactor_remote._address import advertised_address, is_loopback
from protoactor_remote._backoff import Backoff as BackoffClass
from protoactor_remote.wire import health_pb2

if TYPE_CHECKING:
    from .conftest import Node, Nodes

Status = health_pb2.HealthCheckResponse.ServingStatus


async def check(address: str, service: str = "") -> int:
    async with grpc.aio.insecure_channel(address) as channel:
        call = cast(Any, channel).unary_unary(
            "/grpc.health.v1.Health/Check",
            health_pb2.HealthCheckRequest.SerializeToString,
            health_pb2.HealthCheckResponse.FromString,
        )
        response = await call(health_pb2.HealthCheckRequest(service=service))
        status: int = response.status
        return status


async def touch(a: Node, b: Node) -> None:
    reply = await a.system.request(b.pid("activator"), Touch(), returns=Touched)
    assert reply.who == b.pid("activator")


async def test_the_health_service_says_serving(grpc_nodes: Nodes) -> None:
    a = await grpc_nodes.start()
    assert await check(a.address) == Status.SERVING
    assert await check(a.address, "remote.Remoting") == Status.SERVING
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await check(a.address, "no.Such")
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


async def test_who_watches_health_hears_of_the_leaving(grpc_nodes: Nodes) -> None:
    options = RemoteOptions(leave_timeout=0.3)
    a, peer = await grpc_nodes.start(options=options), await grpc_nodes.fake()
    stream = await peer.dial(a.address)  # keeps the node waiting, and so answering
    async with grpc.aio.insecure_channel(a.address) as channel:
        watch = cast(Any, channel).unary_stream(
            "/grpc.health.v1.Health/Watch",
            health_pb2.HealthCheckRequest.SerializeToString,
            health_pb2.HealthCheckResponse.FromString,
        )
        call = watch(health_pb2.HealthCheckRequest())
        assert (await call.read()).status == Status.SERVING
        leaving = asyncio.create_task(grpc_nodes.stop(a))
        assert (await call.read()).status == Status.NOT_SERVING
        call.cancel()
        await leaving
    await stream.close()


class Relay:
    """Passes bytes on to a node, and counts those that go there."""

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._target = host, int(port)
        self._tasks: set[asyncio.Task[None]] = set()
        self.passed = 0

    async def listen(self) -> str:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self._server = server
        return f"127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        self._server.close()
        await asyncio.gather(*self._tasks)

    async def _accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        there, to_there = await asyncio.open_connection(*self._target)
        for source, sink in ((reader, to_there), (there, writer)):
            self._tasks.add(asyncio.create_task(self._pass(source, sink)))

    async def _pass(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await source.read(1 << 16):
                self.passed += len(data)
                sink.write(data)
                await sink.drain()
        sink.close()


@pytest.mark.parametrize("compression", [None, "gzip", "deflate"])
async def test_frames_may_be_compressed(
    grpc_nodes: Nodes, compression: str | None
) -> None:
    options = RemoteOptions(compression=compression)
    a, b = await grpc_nodes.start(options=options), await grpc_nodes.start()
    relay, probe = Relay(b.address), b.probe()
    address = await relay.listen()
    a.system.send(PID(address, probe.pid.id), "x" * 100_000)
    assert await probe.expect(str) == "x" * 100_000
    assert (relay.passed > 50_000) is (compression is None)
    await touch(b, a)
    for node in (a, b):
        await grpc_nodes.stop(node)
    await relay.close()


async def test_a_frame_above_the_receive_limit_costs_its_sender_the_stream(
    grpc_nodes: Nodes,
) -> None:
    small = RemoteOptions(max_receive_bytes=10_000)
    a, b, c = (
        await grpc_nodes.start(),
        await grpc_nodes.start(options=small),
        await grpc_nodes.start(),
    )
    await touch(a, b)
    await touch(c, b)
    ended = asyncio.create_task(a.system.events.first(EndpointTerminated, timeout=30.0))
    lost: list[EndpointTerminated] = []
    c.system.events.subscribe(lost.append, EndpointTerminated)
    await asyncio.sleep(0)
    a.system.send(b.pid("x"), "x" * 20_000)
    assert "10000" in (await ended).detail
    await touch(c, b)
    await touch(a, b)
    assert lost == []


@pytest.mark.parametrize(
    ("size", "limit"), [(6_000, "larger than max (6"), (9_000, "Internal error")]
)
async def test_channel_and_server_options_reach_grpc(
    grpc_nodes: Nodes, size: int, limit: str
) -> None:
    receive = RemoteOptions(server_options=[("grpc.max_receive_message_length", 5_000)])
    send = RemoteOptions(channel_options=[("grpc.max_send_message_length", 8_000)])
    b, a = await grpc_nodes.start(options=receive), await grpc_nodes.start(options=send)
    ended = asyncio.create_task(a.system.events.first(EndpointTerminated, timeout=30.0))
    await asyncio.sleep(0)
    a.system.send(b.pid("x"), "x" * size)
    assert limit in (await ended).detail
    await touch(a, b)


async def test_the_advertised_address_is_the_one_peers_use(grpc_nodes: Nodes) -> None:
    a = await grpc_nodes.start(host="0.0.0.0", advertised="localhost")
    host, _, port = a.address.rpartition(":")
    assert host == "localhost"
    assert int(port) > 0
    b = await grpc_nodes.start()
    await touch(b, a)
    await touch(a, b)


async def test_plaintext_on_all_interfaces_is_warned_of(
    grpc_nodes: Nodes, caplog: pytest.LogCaptureFixture
) -> None:
    await grpc_nodes.start(host="0.0.0.0", advertised="127.0.0.1")
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert not is_loopback("10.0.0.1")
    assert all(map(is_loopback, ("localhost", "127.0.0.2", "::1")))


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"host": "0.0.0.0"}, "advertised"),
        ({"host": "::"}, "advertised"),
        ({"advertised": "0.0.0.0:80"}, "no host"),
        ({"advertised": ":80"}, "no host"),
    ],
)
def test_an_address_that_nobody_can_call_is_refused(
    settings: dict[str, str], problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        Remote(ActorSystem(), **settings)  # type: ignore[arg-type] # pyright: ignore


def test_addresses_are_put_together() -> None:
    assert advertised_address("127.0.0.1", 80, None) == "127.0.0.1:80"
    assert advertised_address("::1", 80, None) == "[::1]:80"
    assert advertised_address("0.0.0.0", 80, "shop") == "shop:80"
    assert advertised_address("0.0.0.0", 80, "shop:90") == "shop:90"
    assert advertised_address("0.0.0.0", 80, "[::1]") == "[::1]:80"


@pytest.mark.parametrize(
    "wrong",
    [{"compression": "zip"}, {"queue_size": 0}, {"batch_size": 0}],
)
def test_options_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        RemoteOptions(**wrong)


def test_pauses_grow_up_to_the_longest() -> None:
    steady = Backoff(first=0.1, longest=1.0, factor=2.0, jitter=0.0)
    assert [steady.pause(n) for n in range(1, 6)] == [0.1, 0.2, 0.4, 0.8, 1.0]
    jittered = BackoffClass(first=1.0, longest=1.0, jitter=0.5)
    assert all(0.5 <= jittered.pause(1) <= 1.0 for _ in range(100))


def test_trap_59_nothing_pings_a_server_unless_asked_to() -> None:
    from protoactor_remote._grpc_transport import _client_options

    named = dict(_client_options(RemoteOptions()))
    assert not any("keepalive" in name for name in named)
    asked = dict(_client_options(RemoteOptions(keepalive=300.0)))
    assert asked["grpc.keepalive_time_ms"] == 300_000


USER = """
import asyncio
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from protoactor import PID, Actor, ActorSystem, Touch, Touched
from protoactor_remote import Remote
from protoactor_testkit import Probe

# A user's own copy of protoactor-go's actor.proto, and a message that imports it.
def pid_file():
    file = descriptor_pb2.FileDescriptorProto(name="actor.proto", package="actor", syntax="proto3")
    pid = file.message_type.add(name="PID")
    for number, name in enumerate(("Address", "Id"), 1):
        pid.field.add(name=name, number=number, type=9, label=1)
    file.message_type.add(name="Touch")
    return file

def shop_file():
    file = descriptor_pb2.FileDescriptorProto(
        name="shop.proto", package="shop", syntax="proto3", dependency=["actor.proto"])
    order = file.message_type.add(name="Order")
    order.field.add(name="who", number=1, type=11, type_name=".actor.PID", label=1)
    return file

pool = descriptor_pool.Default()
pool.AddSerializedFile(pid_file().SerializeToString())
pool.AddSerializedFile(shop_file().SerializeToString())
Order = message_factory.GetMessageClass(pool.FindMessageTypeByName("shop.Order"))
TheirTouch = message_factory.GetMessageClass(pool.FindMessageTypeByName("actor.Touch"))

async def main():
    async with ActorSystem() as a, Remote(a), ActorSystem() as b, Remote(b) as there:
        probe = Probe(b)
        order = Order(); order.who.Id = "x"
        a.send(probe.pid, order)
        assert (await probe.expect(Order)).who.Id == "x"
        reply = await a.request(PID(there.address, "activator"), TheirTouch())
        assert reply == Touched(PID(there.address, "activator")), reply

asyncio.run(main())
"""


def test_trap_65_a_users_copy_of_the_schema_loads_beside_ours() -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", USER], check=True, timeout=60)
