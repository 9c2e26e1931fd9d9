"""HTTPS on both sides: who proves what to whom, and certificates that are renewed."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import urllib.request
from pathlib import Path

import pytest
import trustme

from protoactor_cluster.provider import Member
from protoactor_provider_automanaged import AutomanagedProvider
from protoactor_remote import TLS
from protoactor_testkit.contracts import ViewLog

A, B = Member("a", "127.0.0.1", 1), Member("b", "127.0.0.1", 2)


def issue(folder: Path, ca: trustme.CA, *names: str) -> TLS:
    """A certificate for these names, with its authority, in files."""
    folder.mkdir(exist_ok=True)
    issued = ca.issue_cert(*names)
    certificate, key = folder / "cert.pem", folder / "key.pem"
    certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    issued.private_key_pem.write_to_path(str(key))
    ca.cert_pem.write_to_path(str(folder / "ca.pem"))
    return TLS(certificate, key, folder / "ca.pem")


@pytest.fixture
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ports() -> tuple[int, int]:
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as two,
    ):
        return one.getsockname()[1], two.getsockname()[1]


def provider(
    ports: tuple[int, int], tls: TLS | None, port: int | None = None
) -> AutomanagedProvider:
    hosts = [f"127.0.0.1:{each}" for each in ports]
    return AutomanagedProvider(hosts, port, interval=0.05, tls=tls)


async def test_members_with_certificates_of_one_authority_see_each_other(
    tmp_path: Path, ca: trustme.CA, ports: tuple[int, int]
) -> None:
    one, two = (issue(tmp_path / name, ca, "127.0.0.1") for name in "ab")
    a, b = provider(ports, one, ports[0]), provider(ports, two, ports[1])
    async with a.join("shop", A), b.join("shop", B), ViewLog(a, "shop", me=A) as views:
        await views.until(A, B)


async def test_another_authority_is_not_believed(
    tmp_path: Path, ca: trustme.CA, ports: tuple[int, int]
) -> None:
    one = issue(tmp_path / "a", ca, "127.0.0.1")
    two = issue(tmp_path / "b", trustme.CA(), "127.0.0.1")
    a, b = provider(ports, one, ports[0]), provider(ports, two, ports[1])
    async with a.join("shop", A), b.join("shop", B), ViewLog(a, "shop", me=A) as views:
        await views.until(A)
        await views.quiet(0.3)


async def test_a_certificate_for_another_host_is_not_believed_unless_it_is_expected(
    tmp_path: Path, ca: trustme.CA, ports: tuple[int, int]
) -> None:
    files = issue(tmp_path, ca, "members.shop")
    expecting = TLS(files.certificate, files.key, files.ca, "members.shop")
    async with provider(ports, files, ports[0]).join("shop", A):
        async with ViewLog(provider(ports, files), "shop") as views:
            assert (await views.first()).members == ()
        async with ViewLog(provider(ports, expecting), "shop") as views:
            await views.until(A)


async def test_who_shows_no_certificate_learns_nothing(
    tmp_path: Path, ca: trustme.CA, ports: tuple[int, int]
) -> None:
    anonymous = ssl.create_default_context(cadata=ca.cert_pem.bytes().decode())
    url = f"https://127.0.0.1:{ports[0]}/_health"

    def ask() -> None:
        urllib.request.urlopen(url, context=anonymous, timeout=5.0)

    files = issue(tmp_path, ca, "127.0.0.1")
    async with provider(ports, files, ports[0]).join("shop", A):
        with pytest.raises(OSError, match=r"certificate|reset|closed|EOF"):
            await asyncio.to_thread(ask)


async def test_plaintext_and_https_do_not_mix(
    tmp_path: Path, ca: trustme.CA, ports: tuple[int, int]
) -> None:
    files = issue(tmp_path, ca, "127.0.0.1")
    async with (
        provider(ports, files, ports[0]).join("shop", A),
        provider(ports, None, ports[1]).join("shop", B),
        ViewLog(provider(ports, files), "shop") as encrypted,
        ViewLog(provider(ports, None), "shop") as plain,
    ):
        await encrypted.until(A)
        await plain.until(B)


async def test_without_an_authority_only_the_server_proves_itself(
    tmp_path: Path,
    ca: trustme.CA,
    ports: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = issue(tmp_path, ca, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(files.ca))  # what this machine trusts
    one_sided = TLS(files.certificate, files.key, None)
    async with (
        provider(ports, one_sided, ports[0]).join("shop", A),
        ViewLog(provider(ports, one_sided), "shop") as views,
    ):
        await views.until(A)


async def test_renewed_certificates_are_used_without_a_restart(
    tmp_path: Path, ca: trustme.CA, ports: tuple[int, int]
) -> None:
    files = issue(tmp_path, ca, "before.shop")
    async with provider(ports, files, ports[0]).join("shop", A):
        issue(tmp_path, ca, "127.0.0.1")
        os.utime(files.certificate, (1, 1))  # whatever the clock's resolution is
        other = issue(tmp_path / "client", ca, "127.0.0.1")
        async with ViewLog(provider(ports, other), "shop") as views:
            await views.until(A)


def test_certificates_that_cannot_be_read_are_refused_at_once(
    tmp_path: Path, ca: trustme.CA
) -> None:
    files = issue(tmp_path, ca, "127.0.0.1")
    files.certificate.unlink()
    with pytest.raises(FileNotFoundError):
        AutomanagedProvider(["127.0.0.1:1"], tls=files)
