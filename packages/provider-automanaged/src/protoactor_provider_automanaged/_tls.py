"""Certificates as `ssl` wants them, renewed when their files change."""

from __future__ import annotations

import asyncio
import logging
import ssl
from pathlib import Path
from typing import Protocol

__all__ = ["TLSContexts", "TLSFiles"]

logger = logging.getLogger("protoactor.cluster.automanaged")


class TLSFiles(Protocol):
    """What `protoactor_remote.TLS` says: PEM files, and whom to expect in them."""

    @property
    def certificate(self) -> Path: ...
    @property
    def key(self) -> Path: ...
    @property
    def ca(self) -> Path | None: ...
    @property
    def server_name(self) -> str | None: ...


class TLSContexts:
    """One context for each side; with a `ca` both sides must prove who they are."""

    def __init__(self, files: TLSFiles) -> None:
        """Raises `OSError` or `ssl.SSLError` when a file cannot be used."""
        self._files = files
        self.server = ssl.create_default_context(
            ssl.Purpose.CLIENT_AUTH, cafile=files.ca
        )
        self.client = ssl.create_default_context(cafile=files.ca)
        self.myself = ssl.create_default_context(cafile=files.ca)
        self.myself.check_hostname = False  # asked by the address it listens on
        if files.ca is not None:
            self.server.verify_mode = ssl.CERT_REQUIRED
        else:
            self.myself.verify_mode = ssl.CERT_NONE
        self._modified: tuple[float, ...] = ()
        self._read_again()

    @property
    def server_name(self) -> str | None:
        return self._files.server_name

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
        files = (self._files.certificate, self._files.key)
        modified = tuple(file.stat().st_mtime for file in files)
        if modified != self._modified:
            for context in (self.server, self.client, self.myself):
                context.load_cert_chain(*files)
            self._modified = modified
