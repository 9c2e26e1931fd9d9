"""The only place that knows kazoo: one session with ZooKeeper, in our words.

Every call blocks: these are for threads of the provider, never for the event loop.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from protoactor_cluster.spi import Refused, Settings, Unavailable, endpoints_text, now
from protoactor_provider_zookeeper._dialler import Dialler
from protoactor_provider_zookeeper._log import KazooLog

__all__ = ["Children", "NoNode", "Node", "Session", "Transaction"]

_kazoo = importlib.import_module("kazoo.client")
_errors = importlib.import_module("kazoo.exceptions")
_security = importlib.import_module("kazoo.security")
_states = importlib.import_module("kazoo.protocol.states")
_threading = importlib.import_module("kazoo.handlers.threading")


class NoNode(Exception):
    """A node that the call needs does not exist."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node's data, when it was created, and by which session if it ends with it."""

    value: bytes
    created: int
    created_at: float
    owner: int


@dataclass(frozen=True, slots=True)
class Children:
    """The names of a node's children, and when one last came or went."""

    names: Sequence[str]
    revision: int


class Transaction(Protocol):
    """All of it is done or nothing."""

    def create(
        self,
        path: str,
        value: bytes = b"",
        *,
        ephemeral: bool = False,
        sequence: bool = False,
    ) -> None: ...
    def delete(self, path: str) -> None: ...
    def commit_async(self) -> Any: ...


class Session:
    """Begins when it is made; kazoo keeps it alive, and finds another server for it.

    `changed` is called, from threads of kazoo, when the connection breaks or returns.
    """

    def __init__(self, settings: Settings, changed: Callable[[], None]) -> None:
        self._settings = settings
        self._changed = changed
        self._log = KazooLog()
        self._endpoint = endpoints_text(settings.endpoints)
        self._left = now()
        self._closing = False
        self._client = _kazoo.KazooClient(**_options(settings, self._log))
        self._client.add_listener(self._listen)
        self._start()

    @property
    def id(self) -> int | None:
        """Of the session; another one after the session has ended."""
        client_id = self._client.client_id
        return None if client_id is None else int(client_id[0])

    @property
    def connected(self) -> bool:
        return bool(self._client.connected)

    @property
    def away(self) -> float:
        """For how many seconds there has been no connection."""
        return 0.0 if self.connected else now() - self._left

    @property
    def revision(self) -> int:
        """The newest one of the store that was heard of."""
        return int(self._client.last_zxid)

    def unavailable(self) -> Unavailable:
        """What to raise while there is no connection."""
        return Unavailable(self._endpoint, self._log.trouble)

    def children(self, path: str, watch: Callable[[Any], None]) -> Children:
        """Calls `watch` once, when they change or the connection breaks."""
        call = self._client.get_children_async(path, watch, include_data=True)
        names, stat = self._answer(call)
        return Children(names, stat.pzxid)

    def get(self, path: str, watch: Callable[[Any], None] | None = None) -> Node:
        """Calls `watch` once, when it changes or the connection breaks."""
        value, stat = self._answer(self._client.get_async(path, watch))
        return Node(value, stat.czxid, stat.ctime / 1000, stat.ephemeralOwner)

    def exists(self, path: str, watch: Callable[[Any], None] | None = None) -> bool:
        return self._answer(self._client.exists_async(path, watch)) is not None

    def make(self, path: str) -> None:
        """Create a node and those above it, where they do not exist."""
        try:
            self._answer(self._client.create_async(path))
        except NoNode:
            self.make(path.rpartition("/")[0])
            self.make(path)
        except _errors.NodeExistsError:
            pass

    def delete(self, path: str) -> None:
        """Delete a node, if it exists."""
        with contextlib.suppress(NoNode):
            self._answer(self._client.delete_async(path))

    def transaction(self) -> Transaction:
        """To be filled and handed to `commit`."""
        transaction: Transaction = self._client.transaction()
        return transaction

    def commit(self, transaction: Transaction) -> int | None:
        """Do it; None if it was done, else which operation could not be.

        Raises `NoNode` if something is to be created where there is no folder.
        """
        results = self._answer(transaction.commit_async())
        for number, result in enumerate(results):
            if isinstance(result, _errors.NodeExistsError):
                return number
            if isinstance(result, Exception) and not isinstance(result, _ROLLED_BACK):
                self._raise(result)
        return None

    def close(self) -> None:
        """End the session, if ZooKeeper can be reached; bounded by its timeout."""
        self._closing = True
        self._client.stop()
        self._client.close()

    def _start(self) -> None:
        self._client.start_async().wait(self._settings.call_timeout)
        if not self.connected:
            trouble = self.unavailable()
            self.close()
            raise trouble

    def _listen(self, state: str) -> None:
        if state == _states.KazooState.SUSPENDED:
            self._left = now()
        if not self._closing:
            self._changed()

    def _answer(self, call: Any) -> Any:
        try:
            return call.get(timeout=self._settings.call_timeout)
        except _threading.KazooTimeoutError:
            reason = f"no answer within {self._settings.call_timeout:g} s"
            raise Unavailable(self._endpoint, reason) from None
        except _errors.NodeExistsError:
            raise
        except _errors.KazooException as error:
            self._raise(error)

    def _raise(self, error: Exception) -> NoReturn:
        reason = f"{type(error).__name__} {error}".strip()
        if isinstance(error, _errors.NoNodeError):
            raise NoNode from error
        if isinstance(error, _REFUSED):
            raise Refused(self._endpoint, reason) from error
        raise Unavailable(self._endpoint, reason) from error


_ROLLED_BACK = (_errors.RolledBackError, _errors.RuntimeInconsistency)
_REFUSED = (_errors.AuthFailedError, _errors.InvalidACLError, _errors.NoAuthError)


def _options(settings: Settings, log: KazooLog) -> dict[str, Any]:
    longest = settings.timing.interval
    handler = _threading.SequentialThreadingHandler()
    handler.create_connection = Dialler(settings.tls)
    options: dict[str, Any] = {
        "hosts": endpoints_text(settings.endpoints).replace(" ", ""),
        "timeout": settings.timing.ttl,
        "connection_retry": {
            "max_tries": -1,
            "delay": min(0.5, longest),
            "max_delay": longest,
        },
        "handler": handler,
        "logger": log,
    }
    if settings.user is not None:
        options["auth_data"] = [("digest", f"{settings.user}:{settings.password}")]
        options["default_acl"] = _security.CREATOR_ALL_ACL
    return options
