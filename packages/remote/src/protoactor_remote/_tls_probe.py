"""Finds out why a TLS connection fails: gRPC only says that the socket was closed."""

from __future__ import annotations

import asyncio
import ssl

from protoactor_remote.tls import TLS

__all__ = ["explain_handshake"]

PATIENCE = 1.0


async def explain_handshake(tls: TLS, address: str) -> str:
    """What is wrong with one of the two certificates; empty if nothing is."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    try:
        context = await asyncio.to_thread(_client, tls)
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(
                host, int(port), ssl=context, server_hostname=tls.server_name or host
            )
            try:
                greeted = await reader.read(1)
            finally:
                writer.transport.abort()
    except ssl.SSLCertVerificationError as error:
        return f"the certificate of {address} is refused here: {error.verify_message}"
    except ssl.SSLError as error:
        return error.reason or str(error)
    except (OSError, ValueError):
        return ""
    return "" if greeted else await asyncio.to_thread(_explain_refusal, tls, address)


def _explain_refusal(tls: TLS, address: str) -> str:
    """A server that refuses a certificate hangs up without a word."""
    refused = f"{address} hung up when it saw our certificate {tls.certificate}"
    problem = _own_problem(tls)
    return f"{refused}: {problem}" if problem else refused


def _own_problem(tls: TLS) -> str:
    """What a peer with our own settings would have against our certificate."""
    if tls.ca is None:
        return ""
    client, server = _client(tls), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.verify_flags &= ~ssl.VERIFY_X509_STRICT
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    server.load_cert_chain(tls.certificate, tls.key)
    server.load_verify_locations(tls.ca)
    server.verify_mode = ssl.CERT_REQUIRED
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    dialler = client.wrap_bio(back, there)
    listener = server.wrap_bio(there, back, server_side=True)
    try:
        for _ in range(3):  # hello and its answer, our certificate, their verdict
            for side in (dialler, listener):
                try:
                    side.do_handshake()
                except ssl.SSLWantReadError:
                    continue
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    return ""


def _client(tls: TLS) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=tls.ca)
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # gRPC is not as strict
    context.load_cert_chain(tls.certificate, tls.key)
    context.set_alpn_protocols(["h2"])
    return context
