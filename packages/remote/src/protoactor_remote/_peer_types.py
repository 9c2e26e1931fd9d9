"""Which messages may be sent to one peer."""

from __future__ import annotations

from collections.abc import Sequence

from protoactor_remote._abilities import PYTHON, Abilities
from protoactor_remote._serialization import GO_SERIALIZERS, Codec, Serialization
from protoactor_remote.errors import UnknownMessage

__all__ = ["PeerTypes"]

LINKED_BY_GO = ("actor.*", "remote.*")


class PeerTypes:
    """Refuses what the peer could not decode: a Go process drops the connection.

    `allowed` are names of types, or `package.*`; None allows all protobuf types.
    """

    def __init__(
        self,
        serialization: Serialization,
        abilities: Abilities,
        allowed: Sequence[str] | None,
    ) -> None:
        self._serialization = serialization
        self._abilities = abilities
        self._allowed = None if allowed is None else (*LINKED_BY_GO, *allowed)

    def codec(self, message_type: type) -> Codec:
        """Raises `UnknownMessage` for what this peer must not get."""
        codec = self._serialization.codec(message_type)
        known = GO_SERIALIZERS | self._abilities.serializers
        if codec.serializer_id not in known:
            raise UnknownMessage(
                f"the peer does not announce serializer {codec.serializer_id}, which "
                f"{message_type.__qualname__} needs: send it a protobuf message"
            )
        if isinstance(codec.type_name, str):
            self.check(codec.type_name)
        return codec

    def check(self, type_name: str) -> None:
        """Raises `UnknownMessage` for a type that this peer must not get."""
        if type_name.startswith(f"{PYTHON}.") and not self._abilities.python:
            raise UnknownMessage(f"only Python peers know {type_name}")
        if self._allowed is not None and not any(
            _matches(type_name, pattern) for pattern in self._allowed
        ):
            raise UnknownMessage(
                f"{type_name} is not among the types that this peer may get: "
                "add it to go_types or peer_types in RemoteOptions"
            )


def _matches(type_name: str, pattern: str) -> bool:
    if pattern.endswith(".*"):
        return type_name.startswith(pattern[:-1])
    return type_name == pattern
