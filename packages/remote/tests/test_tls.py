"""Certificates: who proves who he is, and what those hear who cannot."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from protoactor import Touch, Touched
from protoactor_remote import (
    TLS,
    HandshakeRefused,
    PeerUnreachable,
    RemoteOptions,
)
from protoactor_remote._abilities import NO_ABILITIES
from protoactor_remote._grpc import grpc
from protoactor_remote._grpc_listener import RECEIVE
from protoactor_remote._grpc_stream import GrpcStream
from protoactor_remote._handshake import connect_request
from protoactor_remote.transport import StreamClosed

if TYPE_CHECKING:
    from .conftest import Node, Nodes

ONCE = RemoteOptions(connect_attempts=1, handshake_timeout=30.0)
"""For those who call."""
QUICK = RemoteOptions(handshake_timeout=0.5)
"""For those who are called: they soon tell of a handshake that came to nothing."""

CERTIFICATES = Path(__file__).parent / "certificates"
OURS = CERTIFICATES / "ours-ca.crt"


def issued(name: str, ca: Path | None = OURS, server_name: str | None = None) -> TLS:
    """The certificate of this name, for a node that trusts `ca`."""
    certificate, key = CERTIFICATES / f"{name}.crt", CERTIFICATES / f"{name}.key"
    return TLS(certificate, key, ca, server_name)


async def touch(a: Node, b: Node) -> None:
    reply = await a.system.request(b.pid("activator"), Touch(), returns=Touched)
    assert reply.who == b.pid("activator")


async def test_nodes_with_certificates_of_one_authority_talk(grpc_nodes: Nodes) -> None:
    a = await grpc_nodes.start(tls=issued("a"))
    b = await grpc_nodes.start(tls=issued("b"))
    await touch(a, b)
    await touch(b, a)


async def refused(a: Node, b: Node) -> tuple[str, str]:
    """What the caller and the called are told."""
    told = asyncio.create_task(b.system.events.first(HandshakeRefused, timeout=30.0))
    await asyncio.sleep(0)
    with pytest.raises(PeerUnreachable) as caught:
        await a.system.request(b.pid("activator"), Touch())
    event = await told
    assert b.remote._node.statistics.received == {}
    assert b.remote._node.statistics.refused_handshakes >= 1
    return str(caught.value), event.reason


async def test_a_peer_that_speaks_no_tls_is_refused(grpc_nodes: Nodes) -> None:
    b = await grpc_nodes.start(tls=issued("b"), options=QUICK)
    a = await grpc_nodes.start(options=ONCE)
    here, there = await refused(a, b)
    assert "does it expect TLS?" in here
    assert "does not speak TLS" in there


async def test_a_peer_without_a_certificate_is_refused(grpc_nodes: Nodes) -> None:
    """Our own nodes always have one: this is a bare gRPC client."""
    b = await grpc_nodes.start(tls=issued("b"), options=QUICK)
    told = asyncio.create_task(b.system.events.first(HandshakeRefused, timeout=30.0))
    credentials = grpc.ssl_channel_credentials(OURS.read_bytes())
    async with grpc.aio.secure_channel(b.address, credentials) as channel:
        stream = GrpcStream(channel, RECEIVE, nothing_to_add)
        with pytest.raises(StreamClosed, match="UNAVAILABLE"):
            await greet(stream)
    assert "no certificate" in (await told).reason
    assert len(b.remote._callers) == 0


async def greet(stream: GrpcStream) -> None:
    await stream.write(connect_request("x", "127.0.0.1:9", (), NO_ABILITIES))
    await stream.read()


async def nothing_to_add(details: str) -> str:
    return ""


async def test_a_peer_of_another_authority_is_refused(grpc_nodes: Nodes) -> None:
    b = await grpc_nodes.start(tls=issued("b"), options=QUICK)
    a = await grpc_nodes.start(tls=issued("stranger"), options=ONCE)
    here, there = await refused(a, b)
    assert "stranger.crt: unable to get local issuer certificate" in here
    assert "another authority" in there


async def test_a_peer_whose_certificate_has_expired_is_refused(
    grpc_nodes: Nodes,
) -> None:
    b = await grpc_nodes.start(tls=issued("b"), options=QUICK)
    a = await grpc_nodes.start(tls=issued("expired"), options=ONCE)
    here, there = await refused(a, b)
    assert "expired.crt: certificate has expired" in here
    assert "expired" in there


async def test_a_server_of_another_authority_is_refused(grpc_nodes: Nodes) -> None:
    b = await grpc_nodes.start(tls=issued("stranger"), options=QUICK)
    a = await grpc_nodes.start(tls=issued("a"), options=ONCE)
    here, there = await refused(a, b)
    assert "unable to get local issuer certificate" in here
    assert "another authority" in there


async def test_a_server_whose_certificate_has_expired_is_refused(
    grpc_nodes: Nodes,
) -> None:
    b = await grpc_nodes.start(tls=issued("expired"), options=QUICK)
    a = await grpc_nodes.start(tls=issued("a"), options=ONCE)
    here, there = await refused(a, b)
    assert "certificate has expired" in here
    assert "expired" in there


async def test_a_certificate_for_another_host_needs_its_name(grpc_nodes: Nodes) -> None:
    b = await grpc_nodes.start(tls=issued("elsewhere"), options=QUICK)
    a = await grpc_nodes.start(tls=issued("a"), options=ONCE)
    with pytest.raises(PeerUnreachable):
        await a.system.request(b.pid("activator"), Touch())
    named = issued("a", server_name="elsewhere.test")
    c, probe = await grpc_nodes.start(tls=named, options=ONCE), b.probe()
    c.system.send(probe.pid, "hello")
    assert await probe.expect(str) == "hello"


async def test_without_an_authority_only_servers_prove_who_they_are(
    grpc_nodes: Nodes,
) -> None:
    b = await grpc_nodes.start(tls=issued("b", ca=None), options=QUICK)
    a = await grpc_nodes.start(tls=issued("stranger"), options=ONCE)
    probe = b.probe()
    a.system.send(probe.pid, "hello")
    assert await probe.expect(str) == "hello"


async def test_a_renewed_certificate_is_used_without_a_restart(
    grpc_nodes: Nodes, tmp_path: Path
) -> None:
    files = tmp_path / "b.crt", tmp_path / "b.key"

    def install(name: str) -> None:
        for file in files:
            shutil.copy(CERTIFICATES / f"{name}{file.suffix}", file)
            os.utime(file, (len(name), len(name)))

    install("expired")
    b = await grpc_nodes.start(tls=TLS(*files, ca=OURS), options=QUICK)
    a = await grpc_nodes.start(tls=issued("a"), options=ONCE)
    with pytest.raises(PeerUnreachable, match="expired"):
        await a.system.request(b.pid("activator"), Touch())
    install("b")
    await touch(a, b)


def test_a_missing_file_is_an_error_at_once() -> None:
    with pytest.raises(FileNotFoundError, match="ca"):
        issued("a", ca=Path("nowhere.pem"))
