"""Certificates that are made for one test."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import trustme

__all__ = ["Certificates"]


@dataclass(frozen=True)
class Certificates:
    """An authority, a server's pair, and a client's pair, in files."""

    ca: Path
    server: tuple[Path, Path]
    client: tuple[Path, Path]

    @classmethod
    def make(cls, folder: Path) -> Certificates:
        ca = trustme.CA()
        ca.cert_pem.write_to_path(str(folder / "ca.pem"))
        pairs = [_pair(folder, ca, name) for name in ("server", "client")]
        return cls(folder / "ca.pem", *pairs)


def _pair(folder: Path, ca: trustme.CA, name: str) -> tuple[Path, Path]:
    issued = ca.issue_cert("127.0.0.1", "localhost")
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    issued.private_key_pem.write_to_path(str(key))
    return certificate, key
