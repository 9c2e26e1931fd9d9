"""Opens the connections of kazoo."""

from __future__ import annotations

import socket
import ssl

from protoactor_cluster.spi import ServiceTLS

__all__ = ["Dialler"]


class Dialler:
    """In place of kazoo's own, which trusts every authority that the machine knows.

    It also forgets to close a connection whose TLS handshake has failed.
    """

    def __init__(self, tls: ServiceTLS | None) -> None:
        """Raises `OSError` or `ssl.SSLError` when a file cannot be used."""
        self._context = None if tls is None else _context(tls)

    def __call__(
        self,
        address: tuple[str, int],
        hostname: str | None = None,
        timeout: float | None = None,
        **_: object,
    ) -> socket.socket:
        connection = socket.create_connection(address, timeout)
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context is None:
                return connection
            return self._context.wrap_socket(connection, server_hostname=hostname)
        except BaseException:
            connection.close()
            raise


def _context(tls: ServiceTLS) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=tls.ca)
    if tls.certificate is not None:
        context.load_cert_chain(tls.certificate, tls.key)
    return context
