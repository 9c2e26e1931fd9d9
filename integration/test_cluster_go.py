"""A cluster shared with protoactor-go: its generated client and grain, and ours."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from go_member import go_command
from programs import EXAMPLES, free_ports
from protos_grains import PongerGrain
from protos_pb2 import PingMessage, PongMessage

from protoactor_cluster import Cluster, Dialect, GrainError, connect, join
from protoactor_provider_automanaged import AutomanagedProvider

INTEROP = Path(__file__).parent / "interop"
MODULE = "protoactor.invalid/interop/pingpong"
PINGPONG = EXAMPLES / "pingpong"
PATIENCE = 20.0


class Ponger(PongerGrain, idle_timeout=0):
    """As the Go one: 1000 for every earlier call, and no 13."""

    def __init__(self) -> None:
        self._calls = 0

    async def ping(self, request: PingMessage) -> PongMessage:
        if request.cnt == 13:
            raise GrainError("OUT_OF_RANGE", "not 13", {"cnt": "13"})
        pong = PongMessage(cnt=request.cnt + 1000 * self._calls)
        self._calls += 1
        return pong


@pytest.fixture(scope="session")
def member(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Go member, its grain made by protoactor-go's own generator; built once."""
    go = go_command()
    folder = tmp_path_factory.mktemp("member")
    module = folder / "interop"
    shutil.copytree(INTEROP, module)
    plugins = {
        "protoc-gen-go": "google.golang.org/protobuf/cmd/protoc-gen-go",
        "protoc-gen-go-grain": (
            "github.com/asynkron/protoactor-go/protobuf/protoc-gen-go-grain"
        ),
    }
    for name, package in plugins.items():
        build = [go, "build", "-o", str(folder / name), package]
        subprocess.run(build, cwd=module, check=True)
    generated = module / "pingpong"
    generated.mkdir()
    options = f"paths=source_relative,Mprotos.proto={MODULE}"
    protoc = [sys.executable, "-m", "grpc_tools.protoc", f"-I{PINGPONG}"]
    for name in ("go", "go-grain"):
        protoc += [f"--{name}_out={generated}", f"--{name}_opt={options}"]
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        [*protoc, "protos.proto"], env={**os.environ, "PATH": path}, check=True
    )
    binary = folder / "member"
    subprocess.run([go, "build", "-o", str(binary), "./member"], cwd=module, check=True)
    return binary


class GoMember:
    """A process that obeys lines and says what came of them."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def ask(self, *words: object) -> list[str]:
        """Give an order; returns the words of its answer."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write((" ".join(map(str, words)) + "\n").encode())
        return await self.says()

    async def says(self) -> list[str]:
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            async for line in self._process.stdout:
                if line.startswith(b">"):  # its libraries write there too
                    return line.decode().split()[1:]
        raise AssertionError("the Go process has ended")

    async def until_members(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                _, seen = await self.ask("members")
                if seen == str(count):
                    return
                await asyncio.sleep(0.1)  # it polls, so do we

    async def end(self, *, kill: bool = False) -> None:
        if self._process.returncode is None:
            if kill:
                self._process.kill()
            elif self._process.stdin is not None:
                self._process.stdin.write(b"leave\n")
        async with asyncio.timeout(PATIENCE):
            await self._process.wait()


@asynccontextmanager
async def go_member(
    binary: Path, manage: int, hosts: list[str], *flags: str
) -> AsyncGenerator[GoMember, None]:
    process = await asyncio.create_subprocess_exec(
        *(str(binary), "-cluster", "mixed", "-manage", str(manage)),
        *("-hosts", ",".join(hosts), *flags),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    go = GoMember(process)
    try:
        assert (await go.says())[0] == "started"
        yield go
    finally:
        await go.end(kill=True)


def addresses(ports: list[int]) -> list[str]:
    return [f"127.0.0.1:{port}" for port in ports]


async def python_sees(cluster: Cluster, count: int) -> None:
    async with asyncio.timeout(PATIENCE), cluster.system.events.stream(object) as news:
        while len(cluster.topology) != count:
            await anext(news)


async def test_a_python_client_of_a_go_grain(member: Path) -> None:
    ports = free_ports(1)
    hosts = addresses(ports)
    client = AutomanagedProvider(hosts=hosts)
    async with (
        go_member(member, ports[0], hosts),
        connect("mixed", provider=client, dialect=Dialect.GO) as cluster,
    ):
        ponger = cluster.grain(PongerGrain, "ponger-1", timeout=PATIENCE)
        assert (await ponger.ping(PingMessage(cnt=1))).cnt == 1
        assert (await ponger.ping(PingMessage(cnt=2))).cnt == 1002
        with pytest.raises(GrainError) as caught:
            await ponger.ping(PingMessage(cnt=13))
        error = caught.value
        assert (error.reason, error.message) == ("OUT_OF_RANGE", "not 13")
        assert error.metadata == {"cnt": "13"}
        assert (await ponger.ping(PingMessage(cnt=3))).cnt == 2003


async def test_a_go_client_of_a_python_grain(member: Path) -> None:
    ports = free_ports(2)
    hosts = addresses(ports[:1])
    provider = AutomanagedProvider(hosts=hosts, port=ports[0])
    async with (
        join("mixed", provider=provider, kinds=[Ponger], dialect=Dialect.GO),
        go_member(member, ports[1], hosts, "-client") as go,
    ):
        await go.until_members(1)
        assert await go.ask("ping", "ponger-1", 1) == ["pong", "ponger-1", "1"]
        assert await go.ask("ping", "ponger-1", 2) == ["pong", "ponger-1", "1002"]
        answer = " ".join(await go.ask("ping", "ponger-1", 13))
        assert answer == "error ponger-1 OUT_OF_RANGE not 13 map[cnt:13]"


async def test_both_host_and_agree_on_every_owner(member: Path) -> None:
    ports = free_ports(2)
    hosts = addresses(ports)
    provider = AutomanagedProvider(hosts=hosts, port=ports[0])
    names = [f"ponger-{number}" for number in range(60)]
    async with (
        go_member(member, ports[1], hosts) as go,
        join("mixed", provider=provider, kinds=[Ponger], dialect=Dialect.GO) as cluster,
    ):
        await python_sees(cluster, 2)
        await go.until_members(2)
        for name in names:
            pong = await cluster.grain(PongerGrain, name).ping(PingMessage(cnt=1))
            assert pong.cnt == 1, name
        for name in names:  # the same activation answers, whoever asks
            assert await go.ask("ping", name, 2) == ["pong", name, "1002"]
        assert 0 < cluster.activations < len(names)
        await go.end()
        await python_sees(cluster, 1)
        for name in names:
            await cluster.grain(PongerGrain, name).ping(PingMessage(cnt=1))
        assert cluster.activations == len(names)
