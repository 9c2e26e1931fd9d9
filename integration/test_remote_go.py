"""A real protoactor-go process on the other side."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from go_member import build
from google.protobuf.wrappers_pb2 import BytesValue, Int32Value, StringValue

from protoactor import (
    PID,
    Actor,
    ActorSystem,
    Context,
    DeadLetter,
    NotDelivered,
    OutcomeUnknown,
    Terminated,
    TerminatedReason,
    Touch,
    Touched,
)
from protoactor_remote import (
    Backoff,
    EndpointConnected,
    EndpointTerminated,
    Remote,
    RemoteOptions,
    SpawnFailed,
    TerminationReason,
)
from protoactor_testkit import Probe

INTEROP = Path(__file__).parent / "interop"
PATIENCE = 15.0
OPTIONS = RemoteOptions(backoff=Backoff(first=0.05, longest=0.2), connect_attempts=5)


@pytest.fixture(scope="session")
def binary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """protoactor-go with a command line; built once."""
    return build(INTEROP, tmp_path_factory.mktemp("go"))


class GoPeer:
    """A process that obeys lines and says what happens to it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._lines: list[str] = []
        self._arrived = asyncio.Event()
        self._reading = asyncio.create_task(self._read())
        self.address = ""

    def pid(self, id: str) -> PID:
        return PID(self.address, id)

    def tell(self, *words: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write((" ".join(map(str, words)) + "\n").encode())

    async def says(self, beginning: str) -> str:
        """The rest of the first line that begins so; it is taken off the list."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for line in self._lines:
                    if line.startswith(beginning):
                        self._lines.remove(line)
                        return line[len(beginning) :].strip()
                self._arrived.clear()
                await self._arrived.wait()

    async def ends(self) -> int:
        async with asyncio.timeout(PATIENCE):
            return await self._process.wait()

    async def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        await self._reading

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self._lines.append(line.decode().rstrip())
            self._arrived.set()


Start = Callable[..., Awaitable[GoPeer]]


@pytest_asyncio.fixture
async def start_go(binary: Path) -> AsyncIterator[Start]:
    async with AsyncExitStack() as stack:

        async def start(port: int = 0) -> GoPeer:
            process = await asyncio.create_subprocess_exec(
                str(binary),
                str(port),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
            peer = GoPeer(process)
            stack.push_async_callback(peer.kill)
            peer.address = await peer.says("ready")
            return peer

        yield start


@pytest_asyncio.fixture
async def go(start_go: Start) -> GoPeer:
    return await start_go()


class Echo(Actor):
    """Answers texts, and stops when told so by one."""

    def receive(self, context: Context) -> None:
        match context.message:
            case StringValue(value=text) if context.sender is not None:
                context.respond(StringValue(value=f"python:{text}"))
            case _:
                pass


class Hoarder(Actor):
    """Answers when so many texts have come, all at once."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._requests: list[tuple[PID, str]] = []
        self.answered = asyncio.Event()

    def receive(self, context: Context) -> None:
        match context.message:
            case StringValue(value=text) if context.sender is not None:
                self._requests.append((context.sender, text))
                if len(self._requests) == self._count:
                    self._answer(context)
            case _:
                pass

    def _answer(self, context: Context) -> None:
        for sender, text in self._requests:
            context.send(sender, StringValue(value=f"python:{text}"))
        self.answered.set()


@dataclass(frozen=True)
class Here:
    system: ActorSystem
    remote: Remote

    @property
    def address(self) -> str:
        return self.remote.address

    async def ask(self, target: PID, text: str, timeout: float = PATIENCE) -> str:
        reply = await self.system.request(
            target, StringValue(value=text), returns=StringValue, timeout=timeout
        )
        return reply.value


@pytest_asyncio.fixture
async def here() -> AsyncIterator[Here]:
    async with (
        ActorSystem() as system,
        Remote(system, kinds={"echo": Echo}, options=OPTIONS) as remote,
    ):
        yield Here(system, remote)


def test_golden_vectors_are_what_go_writes(binary: Path) -> None:
    said = subprocess.run([binary, "0", "vectors"], capture_output=True, check=True)
    vectors = dict(line.split() for line in said.stdout.decode().splitlines())
    assert vectors == {
        "connect": "121712150a03707931120e3132372e302e302e313a39303030",
        "response": "1a051203676f31",
        "blocked": "1a071203676f311801",
        "disconnect": "2200",
        "touch": "0a330a0b6163746f722e546f75636812046563686f1a022001221a"
        "0a0e3132372e302e302e313a3930303012086675747572652431",
        "watch": "0a2f0a0b6163746f722e576174636812046563686f1a1a"
        "12160a140a0e3132372e302e302e313a39303030120224373805",
    }


async def test_messages_and_requests_in_both_directions(here: Here, go: GoPeer) -> None:
    assert await here.ask(go.pid("echo"), "ping") == "go:ping"
    here.system.send(go.pid("echo"), StringValue(value="hello"))
    assert await go.says("got") == "hello"
    echo = here.system.spawn_named(Echo, "echo")
    go.tell("request", echo.address, echo.id, "ping")
    assert await go.says("reply") == "python:ping"
    probe = Probe(here.system)
    go.tell("send", probe.pid.address, probe.pid.id, "hello")
    assert (await probe.expect(StringValue)).value == "hello"


async def test_many_requests_find_their_own_replies(here: Here, go: GoPeer) -> None:
    replies = await asyncio.gather(
        *(here.ask(go.pid("echo"), str(n)) for n in range(500))
    )
    assert replies == [f"go:{n}" for n in range(500)]


async def test_headers_carry_the_time_left(here: Here, go: GoPeer) -> None:
    left = await here.ask(go.pid("echo"), "timeout", timeout=4.0)
    assert 3000 < int(left) <= 4000


async def test_an_actor_of_go_answers_a_touch(here: Here, go: GoPeer) -> None:
    touched = await here.system.request(go.pid("echo"), Touch(), returns=Touched)
    assert touched.who == go.pid("echo")


async def test_a_request_to_nobody_is_answered(here: Here, go: GoPeer) -> None:
    with pytest.raises(DeadLetter):
        await here.ask(go.pid("nobody"), "?")
    go.tell("request", here.address, "nobody", "?")
    assert "dead letter" in await go.says("reply")


async def test_trap_57_python_watches_go(here: Here, go: GoPeer) -> None:
    pid = await here.remote.spawn(go.address, kind="echo", timeout=PATIENCE)
    probe = Probe(here.system)
    probe.watch(pid)
    assert await here.ask(pid, "there?") == "go:there?"
    here.system.stop(pid)
    gone = await probe.expect(Terminated, timeout=PATIENCE)
    assert gone == Terminated(pid, TerminatedReason.STOPPED)


async def test_trap_42_go_watches_python(here: Here, go: GoPeer) -> None:
    echo = here.system.spawn(Echo)
    go.tell("watch", echo.address, echo.id)
    assert await go.says("watching") == echo.id
    go.tell("request", echo.address, echo.id, "there?")
    assert await go.says("reply") == "python:there?"
    await here.system.stop(echo)
    assert await go.says("terminated") == f"{echo.id} Stopped"


async def test_trap_22_two_waits_for_the_end_of_one_go_actor(
    here: Here, go: GoPeer
) -> None:
    pid = await here.remote.spawn(go.address, kind="echo", timeout=PATIENCE)
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(here.system.stop(pid), here.system.stop(pid))


async def test_spawn_in_both_directions(here: Here, go: GoPeer) -> None:
    pid = await here.remote.spawn(
        go.address, kind="echo", name="mine", timeout=PATIENCE
    )
    assert pid == go.pid("activator/Remote$mine")
    assert await here.ask(pid, "hi") == "go:hi"
    go.tell("spawn", here.address, "echo")
    code, id = (await go.says("spawned")).split()
    assert code == "0"
    assert id.startswith("activator/Remote$")
    go.tell("request", here.address, id, "hi")
    assert await go.says("reply") == "python:hi"


async def test_unknown_kinds_are_refused_in_both_directions(
    here: Here, go: GoPeer
) -> None:
    with pytest.raises(SpawnFailed, match="ERROR"):
        await here.remote.spawn(go.address, kind="ghost", timeout=PATIENCE)
    go.tell("spawn", here.address, "ghost")
    assert await go.says("spawned") == "4"


async def test_stop_and_poison_in_both_directions(here: Here, go: GoPeer) -> None:
    for end in (here.system.stop, here.system.poison):
        pid = await here.remote.spawn(go.address, kind="echo", timeout=PATIENCE)
        async with asyncio.timeout(PATIENCE):
            await end(pid)
        assert await go.says("stopped") == pid.id
    for word in ("stop", "poison"):
        echo, probe = here.system.spawn(Echo), Probe(here.system)
        probe.watch(echo)
        go.tell(word, echo.address, echo.id)
        assert await probe.expect(Terminated, timeout=PATIENCE) == Terminated(echo)


async def test_trap_52_a_thousand_times_ten_kilobytes(here: Here, go: GoPeer) -> None:
    for _ in range(1000):
        here.system.send(go.pid("echo"), BytesValue(value=b"x" * 10 * 1024))
    assert await here.ask(go.pid("echo"), "count") == f"1000 {1000 * 10 * 1024}"
    probe = Probe(here.system)
    go.tell("flood", probe.pid.address, probe.pid.id, 1000, 10 * 1024)
    for _ in range(1000):
        received = await probe.expect(BytesValue, timeout=PATIENCE)
        assert len(received.value) == 10 * 1024


async def test_trap_46_go_leaves_and_the_connection_ends_at_once(
    here: Here, go: GoPeer
) -> None:
    await here.ask(go.pid("echo"), "hi")
    ended = asyncio.create_task(
        here.system.events.first(EndpointTerminated, timeout=PATIENCE)
    )
    await asyncio.sleep(0)
    go.tell("leave")
    assert (await ended).reason is TerminationReason.DISCONNECTED
    assert int(await go.says("left")) < 9_000
    assert await go.ends() == 0


async def test_trap_45_python_leaves_and_go_reaches_its_successor(go: GoPeer) -> None:
    port = 0
    for round in range(3):
        async with (
            ActorSystem() as system,
            Remote(system, port=port, options=OPTIONS) as remote,
        ):
            port = int(remote.address.rpartition(":")[2])
            system.spawn_named(Echo, "echo")
            go.tell("request", remote.address, "echo", round)
            assert await go.says("reply") == f"python:{round}"
        assert await go.says("disconnected") == remote.address


@pytest.mark.parametrize("count", [1, 50])
async def test_python_answers_go_before_it_leaves(go: GoPeer, count: int) -> None:
    """Its first connection to Go is the one that the answers need."""
    hoarder = Hoarder(count)
    async with ActorSystem() as system, Remote(system, options=OPTIONS) as remote:
        system.spawn_named(lambda: hoarder, "hoarder")
        for n in range(count):
            go.tell("request", remote.address, "hoarder", n)
        async with asyncio.timeout(PATIENCE):
            await hoarder.answered.wait()
    replies = {await go.says("reply") for _ in range(count)}
    assert replies == {f"python:{n}" for n in range(count)}


async def test_go_is_killed_and_comes_back(here: Here, start_go: Start) -> None:
    go = await start_go()
    port = int(go.address.rpartition(":")[2])
    await here.ask(go.pid("echo"), "hi")
    probe = Probe(here.system)
    probe.watch(go.pid("echo"))
    await here.ask(go.pid("echo"), "hi")
    await go.kill()
    gone = await probe.expect(Terminated, timeout=PATIENCE)
    assert gone == Terminated(go.pid("echo"), TerminatedReason.ADDRESS_TERMINATED)
    with pytest.raises((NotDelivered, OutcomeUnknown)):
        await here.ask(go.pid("echo"), "hi")
    go = await start_go(port)
    assert await here.ask(go.pid("echo"), "again") == "go:again"


async def test_python_is_killed_and_comes_back(go: GoPeer) -> None:
    """Python runs in a process of its own here, as only a process can be killed."""
    port = free_port()
    for round in range(2):
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", CHILD, str(port), stdout=asyncio.subprocess.PIPE
        )
        assert child.stdout is not None
        assert await child.stdout.readline() == b"ready\n"
        go.tell("watch", f"127.0.0.1:{port}", "echo")
        await go.says("watching")
        go.tell("request", f"127.0.0.1:{port}", "echo", round)
        assert await go.says("reply") == f"python:{round}"
        child.kill()
        await child.wait()
        assert await go.says("terminated") == "echo AddressTerminated"


async def test_trap_49_nothing_that_go_cannot_decode_is_sent(
    here: Here, go: GoPeer
) -> None:
    from protoactor_remote.wire.health_pb2 import HealthCheckRequest

    for message in ("a text", {"a": 1}, Undeclared()):
        here.system.send(go.pid("echo"), message)
    here.system.send(go.pid("echo"), Int32Value(value=1))
    assert await here.ask(go.pid("echo"), "alive") == "go:alive"
    counts = here.system.dead_letters.counts
    assert counts["type cannot be sent to this peer"] == 3
    # What a type that Go does not link does, and why there is a list of types.
    connected = here.remote._node.statistics.connected
    here.system.send(go.pid("echo"), HealthCheckRequest())
    await here.system.events.first(EndpointTerminated, timeout=PATIENCE)
    assert await here.ask(go.pid("echo"), "alive") == "go:alive"
    assert here.remote._node.statistics.connected == connected + 1


async def test_a_list_of_types_protects_the_connection(go: GoPeer) -> None:
    from protoactor_remote.wire.health_pb2 import HealthCheckRequest

    options = RemoteOptions(go_types=["google.protobuf.*"])
    async with ActorSystem() as system, Remote(system, options=options) as remote:
        here = Here(system, remote)
        system.send(go.pid("echo"), HealthCheckRequest())
        assert await here.ask(go.pid("echo"), "alive") == "go:alive"
        assert remote._node.statistics.connected == 1


async def test_go_hears_of_connections(here: Here, go: GoPeer) -> None:
    probe = Probe(here.system)
    go.tell("send", probe.pid.address, probe.pid.id, "hi")
    assert await go.says("connected") == here.address
    await probe.expect(StringValue)


@pytest.mark.long
async def test_trap_59_an_idle_link_stays_open_for_ten_minutes(
    here: Here, go: GoPeer
) -> None:
    ended: list[EndpointTerminated] = []
    here.system.events.subscribe(ended.append, EndpointTerminated)
    connected = asyncio.create_task(here.system.events.first(EndpointConnected))
    await asyncio.sleep(0)
    await here.ask(go.pid("echo"), "hi")
    await connected
    await asyncio.sleep(610.0)
    assert await here.ask(go.pid("echo"), "hi") == "go:hi"
    assert ended == []


class Undeclared:
    """A class without a wire name."""


def free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port: int = server.getsockname()[1]
        return port


CHILD = """
import asyncio, sys
from google.protobuf.wrappers_pb2 import StringValue
from protoactor import Actor, ActorSystem
from protoactor_remote import Remote

class Echo(Actor):
    def receive(self, context):
        if isinstance(context.message, StringValue) and context.sender:
            context.respond(StringValue(value="python:" + context.message.value))

async def main():
    async with ActorSystem() as system, Remote(system, port=int(sys.argv[1])):
        system.spawn_named(Echo, "echo")
        print("ready", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""
