"""Certificates as `ssl` wants them, renewed when their files change."""

from __future__ import annotations

import asyncio
import logging
import ssl

from protoactor_remote import TLS

__all__ = ["TLSContexts"]

logger = logging.getLogger("protoactor.cluster.automanaged")


class TLSContexts:
    """One context for each side; with a `ca` both sides must prove who they are."""

    def __init__(self, tls: TLS) -> None:
        """Raises `OSError` or `ssl.SSLError` when a file cannot be used."""
        self._tls = tls
        self.server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=tls.ca)
        self.client = ssl.create_default_context(cafile=tls.ca)
        self.myself = ssl.create_default_context(cafile=tls.ca)
        self.myself.check_hostname = False  # asked by the address it listens on
        if tls.ca is not None:
            self.server.verify_mode = ssl.CERT_REQUIRED
        else:
            self.myself.verify_mode = ssl.CERT_NONE
        self._modified: tuple[float, ...] = ()
        self._read_again()

    @property
    def server_name(self) -> str | None:
        return self._tls.server_name

    async def keep_fresh(self, every: float) -> None:
        """Look for renewed certificates, every so many seconds, until cancelled."""
        while True:
            await asyncio.sleep(every)
            try:
                self._read_again()
            except (
                OSError,
                ssl.SSLError,
            ) as error:  # half replaced: the old one serves
                logger.warning("cannot read renewed certificates: %s", error)

    def _read_again(self) -> None:
        files = (self._tls.certificate, self._tls.key)
        modified = tuple(file.stat().st_mtime for file in files)
        if modified != self._modified:
            for context in (self.server, self.client, self.myself):
                context.load_cert_chain(*files)
            self._modified = modified
