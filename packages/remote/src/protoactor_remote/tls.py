"""Who may talk to whom: certificates for both sides of every connection."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["TLS"]


@dataclass(frozen=True, slots=True)
class TLS:
    """A certificate, its key, and the authority that signs those of all peers.

    With `ca` both sides prove who they are (mutual TLS). Without it only servers
    do, against the authorities that the machine trusts. Files are PEM; they are
    read again when they change, so certificates are renewed without a restart.
    """

    certificate: Path
    key: Path
    ca: Path | None = None
    server_name: str | None = None
    """The name to expect in peers' certificates, where it is not their host."""

    def __init__(
        self,
        certificate: str | Path,
        key: str | Path,
        ca: str | Path | None = None,
        server_name: str | None = None,
    ) -> None:
        """Raises `FileNotFoundError` for a file that is not there."""
        object.__setattr__(self, "certificate", _existing(certificate, "certificate"))
        object.__setattr__(self, "key", _existing(key, "key"))
        object.__setattr__(self, "ca", _existing(ca, "ca") if ca else None)
        object.__setattr__(self, "server_name", server_name)

    @property
    def mutual(self) -> bool:
        return self.ca is not None


def _existing(path: str | Path, role: str) -> Path:
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"TLS {role}: there is no file {path}")
    return path
