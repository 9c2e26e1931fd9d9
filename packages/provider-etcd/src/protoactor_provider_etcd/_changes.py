"""A watch of etcd that notices when it has gone quiet.

python-etcd3's own watcher is not used: it never recovers from a broken connection,
does not see a silent one, and its thread never ends.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import grpc

from protoactor_cluster.spi import Unavailable, now
from protoactor_provider_etcd._entry import Change, Entry
from protoactor_provider_etcd._fault import Compacted, fault
from protoactor_provider_etcd.wire import rpc_pb2
from protoactor_provider_etcd.wire.kv_pb2 import Event

__all__ = ["Changes"]


class Changes:
    """The changes under a prefix, batch by batch, for the thread that iterates.

    An empty batch is a sign of life. Raises `Compacted`, or another `Fault` when the
    stream breaks or says nothing for `patience` seconds: then it is asked for its
    progress twice without an answer.
    """

    def __init__(
        self,
        channel: grpc.Channel,
        metadata: Sequence[tuple[str, str]],
        endpoint: str,
        create: rpc_pb2.WatchCreateRequest,
        patience: float,
    ) -> None:
        self._endpoint = endpoint
        self._create = create
        self._patience = patience
        self._closed = threading.Event()
        self._silent = False
        self._heard = now()
        watch = channel.stream_stream(
            "/etcdserverpb.Watch/Watch",
            request_serializer=rpc_pb2.WatchRequest.SerializeToString,
            response_deserializer=rpc_pb2.WatchResponse.FromString,
        )
        # `hasleader`: a node that lost its cluster ends the stream.
        self._call = watch(
            self._requests(), metadata=(*metadata, ("hasleader", "true"))
        )

    def __iter__(self) -> Iterator[Sequence[Change]]:
        try:
            for response in self._call:
                self._heard = now()
                self._check(response)
                yield [_change(event) for event in response.events]
        except grpc.RpcError as error:
            if self._silent:
                reason = f"the watch was silent for {self._patience:g} s"
                raise Unavailable(self._endpoint, reason) from None
            raise fault(self._endpoint, error) from error
        finally:
            self.close()
        raise Unavailable(self._endpoint, "etcd ended the watch")

    def close(self) -> None:
        """End the iteration, from any thread; does not block."""
        self._closed.set()
        self._call.cancel()

    def _requests(self) -> Iterator[rpc_pb2.WatchRequest]:
        """Runs in a thread of gRPC: one request, then questions until closed."""
        yield rpc_pb2.WatchRequest(create_request=self._create)
        while not self._closed.wait(self._patience / 2):
            if now() - self._heard >= self._patience:
                self._silent = True
                self._call.cancel()
                return
            progress = rpc_pb2.WatchProgressRequest()
            yield rpc_pb2.WatchRequest(progress_request=progress)

    def _check(self, response: rpc_pb2.WatchResponse) -> None:
        if response.compact_revision:
            raise Compacted(self._endpoint, f"up to {response.compact_revision}")
        if response.canceled:
            reason = response.cancel_reason or "no reason given"
            raise Unavailable(self._endpoint, f"etcd cancelled the watch: {reason}")


def _change(event: Event) -> Change:
    kv = event.kv
    if event.type == Event.EventType.DELETE:
        return Change(kv.key, None, kv.mod_revision)
    return Change(kv.key, Entry(kv.key, kv.value, kv.create_revision), kv.mod_revision)
