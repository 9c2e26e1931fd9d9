"""TLS settings as gRPC wants them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from protoactor_remote._grpc import grpc
from protoactor_remote._tls_probe import explain_handshake
from protoactor_remote.tls import TLS

__all__ = ["Credentials"]


class Credentials:
    """Reads certificates, and again when their files change."""

    def __init__(self, tls: TLS) -> None:
        self._tls = tls

    async def server(self, handshake: Callable[[], None]) -> grpc.ServerCredentials:
        """`handshake` is called in a foreign thread whenever one begins.

        Raises `OSError` when a file cannot be read.
        """
        certificate = _RenewingCertificate(self._tls, handshake)
        first = await asyncio.to_thread(certificate.read)
        return grpc.dynamic_ssl_server_credentials(
            first,
            certificate.renewed,  # type: ignore[arg-type]  # None is "no change"
            require_client_authentication=self._tls.mutual,
        )

    async def channel(self) -> grpc.ChannelCredentials:
        """Raises `OSError` when a file cannot be read."""
        return await asyncio.to_thread(self._read_for_channel)

    async def explain(self, address: str, details: str) -> str:
        """Why a TLS connection to an address fails; empty if that is not the cause."""
        explanation = await explain_handshake(self._tls, address)
        return f"TLS handshake failed: {explanation}" if explanation else ""

    def channel_options(self) -> list[tuple[str, str]]:
        if self._tls.server_name is None:
            return []
        return [("grpc.ssl_target_name_override", self._tls.server_name)]

    def _read_for_channel(self) -> grpc.ChannelCredentials:
        tls = self._tls
        authority = tls.ca.read_bytes() if tls.ca else None
        return grpc.ssl_channel_credentials(
            authority, tls.key.read_bytes(), tls.certificate.read_bytes()
        )


class _RenewingCertificate:
    """Asked by gRPC, in a thread of its own, before each handshake."""

    def __init__(self, tls: TLS, handshake: Callable[[], None]) -> None:
        self._tls = tls
        self._handshake = handshake
        self._seen: tuple[float, ...] = ()

    def read(self) -> grpc.ServerCertificateConfiguration:
        self._seen = self._modified()
        tls = self._tls
        pair = (tls.key.read_bytes(), tls.certificate.read_bytes())
        authority = tls.ca.read_bytes() if tls.ca else None
        return grpc.ssl_server_certificate_configuration([pair], authority)

    def renewed(self) -> grpc.ServerCertificateConfiguration | None:
        self._handshake()
        try:
            return None if self._modified() == self._seen else self.read()
        except OSError:
            return None  # in the middle of being replaced: the old one still serves

    def _modified(self) -> tuple[float, ...]:
        tls = self._tls
        files: list[Path] = [tls.certificate, tls.key, *([tls.ca] if tls.ca else [])]
        return tuple(file.stat().st_mtime for file in files)
