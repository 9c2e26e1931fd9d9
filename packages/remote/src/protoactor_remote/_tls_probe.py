"""Finds out why a TLS connection fails: gRPC only says that the socket was closed."""

from __future__ import annotations

import asyncio
import ssl

from protoactor_remote.tls import TLS

__all__ = ["explain_handshake"]

PATIENCE = 1.0


async def explain_handshake(tls: TLS, address: str) -> str:
    """The reason in OpenSSL's words; empty if there is none to be found."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    try:
        context = await asyncio.to_thread(_context, tls)
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(
                host, int(port), ssl=context, server_hostname=tls.server_name or host
            )
            try:
                await reader.read(1)  # a server refuses our certificate only now
            finally:
                writer.transport.abort()
    except ssl.SSLError as error:
        return error.reason or str(error)
    except (OSError, ValueError):
        return ""
    return ""


def _context(tls: TLS) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=tls.ca)
    context.load_cert_chain(tls.certificate, tls.key)
    context.set_alpn_protocols(["h2"])
    return context
