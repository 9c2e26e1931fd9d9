"""Keys, exactly as protoactor-go has them."""

from __future__ import annotations

from dataclasses import dataclass

from protoactor_cluster.spi import NotARecord

__all__ = ["Folder"]


@dataclass(frozen=True, slots=True)
class Folder:
    """Where one cluster's members lie: `<prefix>/<cluster>/<member id>`."""

    prefix: str
    cluster: str

    @property
    def path(self) -> str:
        """Ends with `/`, and no other cluster's path begins with it."""
        return f"{self.prefix}/{self._escaped}/"

    def key(self, member_id: str) -> str:
        return self.path + member_id

    def mark(self, member_id: str) -> str:
        """The key that says that others have dropped this member.

        Outside of every cluster's path: `%` in a cluster's name is escaped.
        """
        return f"{self.prefix}/%evicted/{self._escaped}/{member_id}"

    def member_id(self, key: bytes) -> str:
        """The last segment of a key in this folder; raises `NotARecord`."""
        try:
            member_id = key.decode().removeprefix(self.path)
        except UnicodeDecodeError as error:
            raise NotARecord("the key is not UTF-8") from error
        if not member_id or "/" in member_id:
            raise NotARecord("the key does not end with a member id")
        return member_id

    @property
    def _escaped(self) -> str:
        return self.cluster.replace("%", "%25").replace("/", "%2F")
