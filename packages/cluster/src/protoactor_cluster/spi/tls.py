"""Certificates for a connection to a service."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["ServiceTLS"]


@dataclass(frozen=True, slots=True)
class ServiceTLS:
    """PEM files: who signs the service's certificate, and our own pair if it asks."""

    ca: str | Path
    certificate: str | Path | None = None
    key: str | Path | None = None

    def __post_init__(self) -> None:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("TLS: give both `certificate` and `key`, or neither")
        for path in (self.ca, self.certificate, self.key):
            if path is not None and not Path(path).is_file():
                raise ValueError(f"TLS: no such file: {path}")
