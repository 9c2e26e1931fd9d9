"""What one member process is to do, as its parent tells it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Self

from protoactor_remote import TLS

__all__ = ["Assignment"]


@dataclass(frozen=True, slots=True)
class Assignment:
    """One member of a program; travels as JSON on the command line."""

    number: int
    target: str
    cluster: str
    provider: str
    host: str
    port: int
    drain_timeout: float
    introspection: bool = False
    tls: Sequence[str] = ()
    """Certificate, key and perhaps authority."""
    tls_server_name: str | None = None

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        return cls(**json.loads(text))

    def read_tls(self) -> TLS | None:
        """Raises `FileNotFoundError`."""
        if not self.tls:
            return None
        certificate, key, *authority = self.tls
        ca = authority[0] if authority else None
        return TLS(certificate, key, ca, self.tls_server_name)
