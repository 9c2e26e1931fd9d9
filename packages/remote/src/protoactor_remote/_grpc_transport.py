"""gRPC as the transport: what runs in production, and what protoactor-go speaks."""

from __future__ import annotations

import asyncio
import errno
import socket
from functools import partial
from typing import Any, cast

from protoactor_remote._grpc import grpc
from protoactor_remote._grpc_credentials import Credentials
from protoactor_remote._grpc_listener import RECEIVE, SERVICE, GrpcListener
from protoactor_remote._grpc_stream import (
    Explain,
    GrpcStream,
    closed,
    described,
    is_connected,
)
from protoactor_remote._options import ChannelOptions, RemoteOptions
from protoactor_remote._tls_watch import TLSWatch
from protoactor_remote.transport import NotConnected

__all__ = ["GrpcTransport"]

HUNG_UP = "Socket closed"
COMPRESSION = {
    None: grpc.Compression.NoCompression,
    "gzip": grpc.Compression.Gzip,
    "deflate": grpc.Compression.Deflate,
}


class GrpcTransport:
    """Raw frames on a bidirectional stream; a channel per connection."""

    def __init__(self, options: RemoteOptions, credentials: Credentials | None) -> None:
        self._credentials = credentials
        self._patience = options.handshake_timeout
        self._compression = COMPRESSION[options.compression]
        self._client_options = _merged(
            _client_options(options), options.channel_options
        )
        self._server_options = _merged(_server_options(options), options.server_options)

    async def listen(self, host: str, port: int) -> GrpcListener:
        server = grpc.aio.server(
            options=self._server_options, compression=self._compression
        )
        where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        if port:
            await _refuse_taken(host, port, where)
        watch, credentials = None, None
        if self._credentials is not None:
            watch = TLSWatch(self._patience)
            credentials = await self._credentials.server(watch.begun)
        try:
            bound = (
                server.add_secure_port(where, credentials)
                if credentials
                else server.add_insecure_port(where)
            )
        except RuntimeError as error:
            raise _cannot_listen(where) from error
        return GrpcListener(server, bound, watch)

    async def connect(self, address: str) -> GrpcStream:
        channel = await self._channel(address)
        return GrpcStream(channel, RECEIVE, self._explain(address))

    async def call(
        self, address: str, method: str, request: bytes, timeout: float
    ) -> bytes:
        channel, connected = await self._channel(address), False
        path = f"/{method}" if "/" in method else f"/{SERVICE}/{method}"
        try:
            async with asyncio.timeout(timeout):
                connected = await is_connected(channel)
                response: bytes = await cast(Any, channel).unary_unary(path)(request)
                return response
        except grpc.aio.AioRpcError as error:
            if connected:
                raise closed(error) from error
            explanation = await self._explain(address)(error.details() or "")
            raise NotConnected(described(error, explanation)) from error
        except TimeoutError:
            if connected:
                raise
            raise NotConnected(f"no connection within {timeout:g} s") from None
        finally:
            await channel.close()

    def _explain(self, address: str) -> Explain:
        if self._credentials is None:
            return _suspect_tls
        return partial(self._credentials.explain, address)

    async def _channel(self, address: str) -> grpc.aio.Channel:
        if self._credentials is None:
            return grpc.aio.insecure_channel(
                address, options=self._client_options, compression=self._compression
            )
        return grpc.aio.secure_channel(
            address,
            await self._credentials.channel(),
            options=[*self._client_options, *self._credentials.channel_options()],
            compression=self._compression,
        )


async def _suspect_tls(details: str) -> str:
    """All that a plain client hears of a server that wants TLS."""
    return "the peer hung up at once: does it expect TLS?" if HUNG_UP in details else ""


def _merged(ours: ChannelOptions, theirs: ChannelOptions) -> list[tuple[str, Any]]:
    """One value for each name: the user's where there is one."""
    return list({**dict(ours), **dict(theirs)}.items())


def _client_options(options: RemoteOptions) -> list[tuple[str, int]]:
    common = [
        # A fresh connection tries at once; a shared one would wait out the pause
        # that an earlier failure to the same address has left.
        ("grpc.use_local_subchannel_pool", 1),
        ("grpc.enable_http_proxy", 0),
        ("grpc.enable_retries", 0),
        ("grpc.max_send_message_length", -1),
        ("grpc.max_receive_message_length", options.max_receive_bytes),
    ]
    if options.keepalive is not None:
        common.append(("grpc.keepalive_time_ms", int(options.keepalive * 1000)))
    return common


def _server_options(options: RemoteOptions) -> list[tuple[str, int]]:
    return [
        ("grpc.so_reuseport", 0),
        # Finds out about callers whose machine is gone; costs a ping a minute.
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.http2.max_pings_without_data", 0),
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        ("grpc.max_send_message_length", -1),
        ("grpc.max_receive_message_length", options.max_receive_bytes),
    ]


async def _refuse_taken(host: str, port: int, where: str) -> None:
    """Find out before gRPC does, which would write to standard error."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise OSError(error.errno, f"cannot listen on {where}: {error}") from error
    for family, kind, protocol, _, address in found:
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(address)
            except OSError as error:
                raise _cannot_listen(where) from error


def _cannot_listen(where: str) -> OSError:
    text = f"cannot listen on {where}: is the port taken?"
    return OSError(errno.EADDRINUSE, text)
