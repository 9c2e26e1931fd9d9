"""The only place that knows python-etcd3: one connection to one etcd, in our words.

Every call blocks: these are for threads of the provider, never for the event loop.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Generator, Iterator, Sequence
from typing import Protocol

import grpc

from protoactor_cluster.spi import Fault, Settings, Unavailable
from protoactor_provider_etcd._changes import Changes
from protoactor_provider_etcd._entry import Entry, Listing, Renewal
from protoactor_provider_etcd._fault import Oversized, fault
from protoactor_provider_etcd.wire import etcdrpc, rpc_pb2
from protoactor_provider_etcd.wire.kv_pb2 import KeyValue

__all__ = ["Etcd"]

etcdrpc.register()
_etcd3 = importlib.import_module("etcd3")


class _Lease(Protocol):
    id: int


class _Comparable(Protocol):
    def __lt__(self, value: str) -> object: ...


class _Transactions(Protocol):
    def mod(self, key: str) -> _Comparable: ...
    def put(self, key: str, value: bytes, lease: int) -> object: ...
    def delete(self, key: str) -> object: ...


class _Client(Protocol):
    """What we use of `etcd3.Etcd3Client`, which has no types."""

    channel: grpc.Channel
    transactions: _Transactions
    metadata: tuple[tuple[str, str], ...] | None

    def get_response(self, key: bytes) -> rpc_pb2.RangeResponse: ...
    def get_prefix_response(
        self, key_prefix: str, *, keys_only: bool = False
    ) -> rpc_pb2.RangeResponse: ...
    def transaction(
        self,
        compare: Sequence[object],
        success: Sequence[object],
        failure: Sequence[object],
    ) -> tuple[bool, Sequence[rpc_pb2.ResponseOp]]: ...
    def delete(self, key: str) -> bool: ...
    def lease(self, ttl: int) -> _Lease: ...
    def refresh_lease(
        self, lease_id: int
    ) -> Iterator[rpc_pb2.LeaseKeepAliveResponse]: ...
    def revoke_lease(self, lease_id: int) -> None: ...
    def close(self) -> None: ...


class Etcd:
    """A connection to one endpoint; logs in when it is made."""

    def __init__(self, endpoint: tuple[str, int], settings: Settings) -> None:
        host, port = endpoint
        self.name = f"{host}:{port}"
        self._settings = settings
        self._client: _Client = _etcd3.client(
            host=host,
            port=port,
            timeout=settings.call_timeout,
            grpc_options=_channel_options(settings),
            **_tls_files(settings),
        )
        if settings.user is not None:
            self._log_in(settings.user, settings.password or "")

    def listing(self, prefix: str) -> Listing:
        """Everything under `prefix`; values too large to receive come out empty."""
        try:
            with _our_faults(self.name):
                found = self._client.get_prefix_response(prefix)
        except Oversized:
            return self._list_one_by_one(prefix)
        entries = tuple(map(_entry, found.kvs))
        return Listing(entries, found.header.revision)

    def grant(self, ttl: int) -> int:
        """The id of a new lease of `ttl` seconds."""
        with _our_faults(self.name):
            return self._client.lease(ttl).id

    def put(self, key: str, value: bytes, lease: int, *, delete: str) -> int:
        """Write a key that ends with the lease, and delete another one.

        Returns the store's revision; raises `LeaseGone`.
        """
        build = self._client.transactions
        operations = [build.put(key, value, lease), build.delete(delete)]
        with _our_faults(self.name):
            _, (written, *_) = self._client.transaction([], operations, [])
        return written.response_put.header.revision

    def put_unless(
        self, other: str, since: int, key: str, value: bytes, lease: int
    ) -> int | None:
        """Write a key that ends with the lease.

        Returns the store's revision; None if the other key was written after `since`
        (ever, if that is 0) and still exists. Raises `LeaseGone`.
        """
        build = self._client.transactions
        unchanged = build.mod(other) < str(since + 1)
        operation = build.put(key, value, lease)
        with _our_faults(self.name):
            done, written = self._client.transaction([unchanged], [operation], [])
        return written[0].response_put.header.revision if done else None

    def renew(self, lease: int) -> Renewal:
        """Let the lease start anew, if it still exists."""
        with _our_faults(self.name):
            answers = list(self._client.refresh_lease(lease))
        if not answers:
            raise Unavailable(self.name, "no answer to the renewal of a lease")
        return Renewal(answers[-1].TTL > 0, answers[-1].header.revision)

    def revoke(self, lease: int) -> None:
        """End the lease and delete its keys; raises `LeaseGone`."""
        with _our_faults(self.name):
            self._client.revoke_lease(lease)

    def delete(self, key: str) -> None:
        """Delete the key, if it exists."""
        with _our_faults(self.name):
            self._client.delete(key)

    def changes(self, prefix: str, revision: int) -> Changes:
        """What changes under `prefix`, from `revision` on."""
        start = prefix.encode()
        create = rpc_pb2.WatchCreateRequest(
            key=start,
            range_end=start[:-1] + bytes([start[-1] + 1]),
            start_revision=revision,
        )
        metadata = self._client.metadata or ()
        patience = self._settings.timing.ttl / 2
        return Changes(self._client.channel, metadata, self.name, create, patience)

    def close(self) -> None:
        self._client.close()

    def _log_in(self, user: str, password: str) -> None:
        """Get a token for every later call.

        Not left to python-etcd3: it would add call credentials, which gRPC refuses
        to send over plaintext, and it leaks the channel when the login fails.
        """
        authenticate = self._client.channel.unary_unary(
            "/etcdserverpb.Auth/Authenticate",
            request_serializer=rpc_pb2.AuthenticateRequest.SerializeToString,
            response_deserializer=rpc_pb2.AuthenticateResponse.FromString,
        )
        request = rpc_pb2.AuthenticateRequest(name=user, password=password)
        try:
            with _our_faults(self.name):
                answer = authenticate(request, timeout=self._settings.call_timeout)
        except Fault:
            self.close()
            raise
        self._client.metadata = (("token", answer.token),)

    def _list_one_by_one(self, prefix: str) -> Listing:
        try:
            with _our_faults(self.name):
                found = self._client.get_prefix_response(prefix, keys_only=True)
        except Oversized as error:
            raise Unavailable(self.name, f"too many keys: {error.reason}") from error
        entries = [entry for kv in found.kvs for entry in self._get(kv)]
        return Listing(tuple(entries), found.header.revision)

    def _get(self, listed: KeyValue) -> Sequence[Entry]:
        try:
            with _our_faults(self.name):
                found = self._client.get_response(listed.key)
        except Oversized:
            return [_entry(listed)]  # it has no value
        return [_entry(kv) for kv in found.kvs]


def _entry(kv: KeyValue) -> Entry:
    return Entry(kv.key, kv.value, kv.create_revision)


@contextlib.contextmanager
def _our_faults(endpoint: str) -> Generator[None, None, None]:
    try:
        yield
    except grpc.RpcError as error:
        raise fault(endpoint, error) from error
    except _etcd3.Etcd3Exception as error:  # has no text; gRPC's error has
        raise fault(endpoint, error.__context__) from error


def _channel_options(settings: Settings) -> list[tuple[str, int]]:
    milliseconds = int(1000 * settings.call_timeout)
    return [
        ("grpc.use_local_subchannel_pool", 1),  # a new client is a new connection
        ("grpc.min_reconnect_backoff_ms", milliseconds),
        ("grpc.max_reconnect_backoff_ms", milliseconds),  # the default grows to 2 min
        ("grpc.enable_http_proxy", 0),
    ]


def _tls_files(settings: Settings) -> dict[str, str]:
    if settings.tls is None:
        return {}
    files = {"ca_cert": str(settings.tls.ca)}
    if settings.tls.certificate is not None:
        files["cert_cert"] = str(settings.tls.certificate)
        files["cert_key"] = str(settings.tls.key)
    return files
