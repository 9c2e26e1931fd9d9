"""protoactor-go and we find each other in one etcd."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from etcd_server import EtcdServer

from protoactor_cluster.provider import Member
from protoactor_provider_etcd import EtcdProvider
from protoactor_testkit.contracts import ViewLog

INTEROP = Path(__file__).parent / "interop_etcd"
CLUSTER = "cluster-example"
PATIENCE = 15.0
GO_TTL = 3.0
OURS = Member("py-1", "127.0.0.1", 7777, frozenset({"Py", "Ping"}), (("lookup", "x"),))


@pytest.fixture(scope="session")
def binary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A member of protoactor-go; built once."""
    go = shutil.which("go")
    if go is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI=true, and Go is not installed")
        pytest.skip("Go is not installed: https://go.dev/dl")
    path = tmp_path_factory.mktemp("go") / "member"
    subprocess.run([go, "build", "-o", str(path), "."], cwd=INTEROP, check=True)
    return path


class GoMember:
    """A running process and the last members it told of."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._lines: list[str] = []
        self._arrived = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    async def joined(self) -> str:
        """Its member id."""
        await self._until(lambda: self._last("joined") is not None)
        return self._last("joined") or ""

    async def sees(self, *members: Member) -> None:
        """Wait until it sees exactly these members, besides itself."""
        own = await self.joined()
        await self._until(lambda: self._others(own) == sorted(map(_describe, members)))

    async def kill(self) -> None:
        self._process.kill()
        await self._process.wait()

    async def leave(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        async with asyncio.timeout(PATIENCE):
            await self._process.wait()
            await self._reading

    def _last(self, word: str) -> str | None:
        told = [line for line in self._lines if line.startswith(word)]
        return told[-1].removeprefix(word).strip() if told else None

    def _others(self, own: str) -> list[str]:
        told = (self._last("members") or "").split()
        return [each for each in told if not each.startswith(own)]

    async def _until(self, reached: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while not reached():
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            raise AssertionError(f"protoactor-go said {self._lines}") from None

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self._lines.append(line.decode().rstrip())
            self._arrived.set()


def _describe(member: Member) -> str:
    return f"{member.id}@{member.address}/{','.join(sorted(member.kinds))}"


@asynccontextmanager
async def go_member(binary: Path, etcd: EtcdServer) -> AsyncGenerator[GoMember, None]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        binary,
        etcd.endpoint,
        CLUSTER,
        stdin=pipe,
        stdout=pipe,
        stderr=subprocess.DEVNULL,
    )
    member = GoMember(process)
    try:
        yield member
    finally:
        if process.returncode is None:
            await member.kill()
        await member._reading


def one_from_go(views: ViewLog) -> Member:
    (member,) = (each for each in views.members if each.id != OURS.id)
    return member


async def test_members_of_both_see_each_other(binary: Path, etcd: EtcdServer) -> None:
    provider = EtcdProvider(etcd.endpoint, lease_ttl=2)
    async with go_member(binary, etcd) as go:
        own = await go.joined()
        async with provider.join(CLUSTER, OURS), ViewLog(provider, CLUSTER) as views:
            await go.sees(OURS)
            await views.first()
            assert one_from_go(views).id == own
            assert one_from_go(views).kinds == {"Go", "prototopic"}
            other = Member("py-2", "127.0.0.1", 7778)
            async with EtcdProvider(etcd.endpoint).join(CLUSTER, other):
                await go.sees(OURS, other)
                await views.until_listed(other)
            await go.sees(OURS)
            await go.leave()
            await views.until(OURS)


async def test_marks_of_evictions_do_not_bother_go(
    binary: Path, etcd: EtcdServer
) -> None:
    provider = EtcdProvider(etcd.endpoint, lease_ttl=2)
    async with provider.join(CLUSTER, OURS), ViewLog(provider, CLUSTER) as views:
        async with go_member(binary, etcd) as dead:
            own = await dead.joined()
            await dead.sees(OURS)
            await dead.kill()
            await views.until(OURS, within=GO_TTL + PATIENCE)
        assert f"/protoactor/%evicted/{CLUSTER}/{own}" in etcd.list_keys()
        async with go_member(binary, etcd) as go:
            await go.sees(OURS)
