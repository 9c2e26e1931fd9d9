"""Certificates: who proves who he is, and what those hear who cannot."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from protoactor import Touch, Touched
from protoactor_remote import (
    TLS,
    Backoff,
    HandshakeRefused,
    PeerUnreachable,
    RemoteOptions,
)

if TYPE_CHECKING:
    from conftest import Node, Nodes

QUICK = RemoteOptions(
    handshake_timeout=0.5, connect_attempts=1, backoff=Backoff(first=0.01)
)


class Authority:
    """Signs certificates for 127.0.0.1."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        ca = x509.BasicConstraints(ca=True, path_length=None)
        builder = self._builder(self._name, self._key, days=9)
        certificate = builder.add_extension(ca, True).sign(self._key, hashes.SHA256())
        self.ca = folder / f"{name}.pem"
        self.ca.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, name: str, days: int = 5, host: str = "127.0.0.1") -> TLS:
        """A certificate that is valid from last week until `days` from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        hosts = x509.SubjectAlternativeName(
            [x509.IPAddress(ipaddress.ip_address(host)), x509.DNSName(f"{name}.test")]
        )
        builder = self._builder(subject, key, days).add_extension(hosts, False)
        certificate = builder.sign(self._key, hashes.SHA256())
        files = self._folder / f"{name}.crt", self._folder / f"{name}.key"
        files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        files[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return TLS(*files, ca=self.ca)

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, days: int
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=7))
            .not_valid_after(now + timedelta(days=days))
        )


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "ours")


async def touch(a: Node, b: Node) -> None:
    reply = await a.system.request(b.pid("activator"), Touch(), returns=Touched)
    assert reply.who == b.pid("activator")


async def test_nodes_with_certificates_of_one_authority_talk(
    grpc_nodes: Nodes, authority: Authority
) -> None:
    a = await grpc_nodes.start(tls=authority.issue("a"))
    b = await grpc_nodes.start(tls=authority.issue("b"))
    await touch(a, b)
    await touch(b, a)


async def refused(a: Node, b: Node) -> tuple[str, str]:
    """What the caller and the called are told."""
    told = asyncio.create_task(b.system.events.first(HandshakeRefused))
    await asyncio.sleep(0)
    with pytest.raises(PeerUnreachable) as caught:
        await a.system.request(b.pid("activator"), Touch())
    event = await told
    assert b.remote._node.statistics.received == {}
    assert b.remote._node.statistics.refused_handshakes >= 1
    return str(caught.value), event.reason


async def test_a_peer_without_a_certificate_is_refused(
    grpc_nodes: Nodes, authority: Authority
) -> None:
    b = await grpc_nodes.start(tls=authority.issue("b"), options=QUICK)
    a = await grpc_nodes.start(options=QUICK)
    here, there = await refused(a, b)
    assert "cannot be reached" in here
    assert "no certificate" in there


async def test_a_peer_of_another_authority_is_refused(
    grpc_nodes: Nodes, authority: Authority, tmp_path: Path
) -> None:
    stranger = Authority(tmp_path, "theirs").issue("a")
    stranger = TLS(stranger.certificate, stranger.key, ca=authority.ca)
    b = await grpc_nodes.start(tls=authority.issue("b"), options=QUICK)
    a = await grpc_nodes.start(tls=stranger, options=QUICK)
    here, there = await refused(a, b)
    assert "a.crt: unable to get local issuer certificate" in here
    assert "another authority" in there


async def test_a_peer_whose_certificate_has_expired_is_refused(
    grpc_nodes: Nodes, authority: Authority
) -> None:
    b = await grpc_nodes.start(tls=authority.issue("b"), options=QUICK)
    a = await grpc_nodes.start(tls=authority.issue("a", days=-1), options=QUICK)
    here, there = await refused(a, b)
    assert "a.crt: certificate has expired" in here
    assert "expired" in there


async def test_a_server_of_another_authority_is_refused(
    grpc_nodes: Nodes, authority: Authority, tmp_path: Path
) -> None:
    b = await grpc_nodes.start(
        tls=Authority(tmp_path, "theirs").issue("b"), options=QUICK
    )
    a = await grpc_nodes.start(tls=authority.issue("a"), options=QUICK)
    here, _ = await refused(a, b)
    assert "unable to get local issuer certificate" in here


async def test_a_certificate_for_another_host_needs_its_name(
    grpc_nodes: Nodes, authority: Authority
) -> None:
    b = await grpc_nodes.start(tls=authority.issue("b", host="10.1.2.3"), options=QUICK)
    plain = authority.issue("a")
    a = await grpc_nodes.start(tls=plain, options=QUICK)
    with pytest.raises(PeerUnreachable):
        await a.system.request(b.pid("activator"), Touch())
    named = TLS(plain.certificate, plain.key, plain.ca, server_name="b.test")
    await touch(await grpc_nodes.start(tls=named, options=QUICK), b)


async def test_without_an_authority_only_servers_prove_who_they_are(
    grpc_nodes: Nodes, authority: Authority
) -> None:
    issued = authority.issue("b")
    b = await grpc_nodes.start(tls=TLS(issued.certificate, issued.key), options=QUICK)
    stranger = Authority(authority.ca.parent, "theirs").issue("a")
    trusting = TLS(stranger.certificate, stranger.key, ca=authority.ca)
    a = await grpc_nodes.start(tls=trusting, options=QUICK)
    probe = b.probe()
    a.system.send(probe.pid, "hello")
    assert await probe.expect(str) == "hello"


async def test_a_renewed_certificate_is_used_without_a_restart(
    grpc_nodes: Nodes, authority: Authority
) -> None:
    expired, fresh = authority.issue("old", days=-1), authority.issue("new")
    b = await grpc_nodes.start(tls=expired, options=QUICK)
    a = await grpc_nodes.start(tls=authority.issue("a"), options=QUICK)
    with pytest.raises(PeerUnreachable, match="expired"):
        await a.system.request(b.pid("activator"), Touch())
    shutil.copy(fresh.key, expired.key)
    shutil.copy(fresh.certificate, expired.certificate)
    for file in (expired.key, expired.certificate):
        os.utime(file, (1, 1))
    await touch(a, b)


def test_a_missing_file_is_an_error_at_once(authority: Authority) -> None:
    issued = authority.issue("a")
    with pytest.raises(FileNotFoundError, match="ca"):
        TLS(issued.certificate, issued.key, ca="nowhere.pem")
