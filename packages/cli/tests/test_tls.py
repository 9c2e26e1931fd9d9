"""Commands that look into members which speak TLS, as programs of their own."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from protoactor_cluster import Grain, join
from protoactor_remote import TLS

PATIENCE = 60.0


class Counter(Grain):
    async def add(self, amount: int) -> int:
        return amount


@dataclass(frozen=True)
class Authority:
    """Issues certificates into a folder."""

    folder: Path
    ca: trustme.CA

    @classmethod
    def new(cls, folder: Path) -> Authority:
        folder.mkdir()
        authority = cls(folder, trustme.CA())
        authority.ca.cert_pem.write_to_path(str(authority.path))
        return authority

    @property
    def path(self) -> Path:
        return self.folder / "ca.pem"

    def issue(self, *names: str) -> tuple[Path, Path]:
        issued = self.ca.issue_cert(*names)
        certificate, key = self.folder / "own.pem", self.folder / "own.key"
        chain = b"".join(blob.bytes() for blob in issued.cert_chain_pems)
        certificate.write_bytes(chain)
        issued.private_key_pem.write_to_path(str(key))
        return certificate, key


@pytest.fixture
def ours(tmp_path: Path) -> Authority:
    return Authority.new(tmp_path / "ours")


@pytest.fixture
def strangers(tmp_path: Path) -> Authority:
    return Authority.new(tmp_path / "strangers")


@asynccontextmanager
async def a_member(tls: TLS | None) -> AsyncGenerator[tuple[str, ...], None]:
    """A cluster of one; how the command finds it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    url = f"automanaged://127.0.0.1:{port}?port={port}&interval=0.2"
    async with join(
        "shop", provider=url, kinds=[Counter], tls=tls, introspection=True
    ) as cluster:
        await cluster.grain(Counter, "visits").add(1)
        yield "--cluster", url, "--name", "shop"


def options(pair: tuple[Path, Path], authority: Path) -> tuple[str, ...]:
    certificate, key = map(str, pair)
    mine = ("--tls-certificate", certificate, "--tls-key", key)
    return (*mine, "--tls-ca", str(authority))


@dataclass(frozen=True)
class Ran:
    code: int
    output: str
    error: str


async def protoactor(*arguments: str) -> Ran:
    """Run the command."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "protoactor_cli", *arguments), stdout=pipe, stderr=pipe
    )
    async with asyncio.timeout(PATIENCE):
        output, error = await process.communicate()
    assert process.returncode is not None
    return Ran(process.returncode, output.decode(), error.decode())


async def refused(*arguments: str) -> str:
    """The one line that says why."""
    ran = await protoactor(*arguments)
    assert ran.code == 1
    (line,) = ran.error.splitlines()
    assert line.startswith("protoactor: ")
    return line


async def test_both_sides_prove_who_they_are(ours: Authority) -> None:
    pair = ours.issue("127.0.0.1")
    async with a_member(TLS(*pair, ours.path)) as where:
        secure = options(pair, ours.path)
        ran = await protoactor("members", *where, *secure, "--json")
        assert (ran.code, ran.error) == (0, "")
        (row,) = json.loads(ran.output)
        assert (row["state"], row["problem"]) == ("ready", "")


async def test_a_certificate_with_another_name(ours: Authority) -> None:
    pair = ours.issue("members.shop.example")
    tls = TLS(*pair, ours.path, server_name="members.shop.example")
    async with a_member(tls) as where:
        secure = options(pair, ours.path)
        named = (*secure, "--tls-server-name", "members.shop.example")
        ran = await protoactor("grains", *where, *named, "--json")
        assert (ran.code, ran.error) == (0, "")
        assert "127.0.0.1" in await refused("grains", *where, *secure)


async def test_the_authority_of_somebody_else(
    ours: Authority, strangers: Authority
) -> None:
    pair = ours.issue("127.0.0.1")
    async with a_member(TLS(*pair, ours.path)) as where:
        theirs = options(strangers.issue("127.0.0.1"), ours.path)
        assert "hung up when it saw our certificate" in await refused(
            "grains", *where, *theirs
        )
        wrong = options(pair, strangers.path)
        assert "is refused here" in await refused("members", *where, *wrong)


async def test_only_one_side_speaks_tls(ours: Authority) -> None:
    pair = ours.issue("127.0.0.1")
    async with a_member(TLS(*pair, ours.path)) as where:
        assert "does it expect TLS" in await refused("members", *where)
    async with a_member(None) as where:
        secure = options(pair, ours.path)
        assert "TLS handshake failed" in await refused("members", *where, *secure)
