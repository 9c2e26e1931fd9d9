"""The knobs of remoting, with the defaults that suit nearly everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from protoactor_remote._backoff import Backoff

__all__ = ["ChannelOptions", "RemoteOptions"]

ChannelOptions: TypeAlias = Sequence[tuple[str, int | str]]
"""gRPC channel arguments, such as `("grpc.max_send_message_length", -1)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteOptions:
    """Sizes are in bytes, times in seconds."""

    handshake_timeout: float = 5.0
    """For connecting and shaking hands together, per attempt."""
    connect_attempts: int = 5
    """After the last one what was queued is dead letters; the next send starts over."""
    backoff: Backoff = field(default_factory=Backoff)
    """The pauses between attempts: together 1.1 to 1.5 s where nobody listens, so that
    a peer that is just being restarted is not missed."""
    cool_down: float = 0.0
    """After a failed connection, refuse messages to that address for so long.

    By default every message that comes later makes its own attempts: a peer may be
    there again at any moment. Raise it where many are sent to peers that are gone.
    """
    queue_size: int = 1_000_000
    """Messages that may wait for one peer; more are dead letters."""
    batch_size: int = 1000
    """Messages in one frame at most."""
    max_frame_bytes: int = 3 * 1024 * 1024
    """protoactor-go receives 4 MiB by default. A larger message is not sent at all."""
    max_receive_bytes: int = 64 * 1024 * 1024
    """A peer that sends a larger frame loses its stream."""
    flush_timeout: float = 2.0
    """How long to go on sending what is queued when this node closes."""
    leave_timeout: float = 5.0
    """How long to wait for peers to leave when this node closes."""
    diagnostics: bool = False
    """Whether peers may list the processes of this system."""
    go_types: Sequence[str] | None = None
    """Protobuf types that protoactor-go peers link, beyond `actor.*` and `remote.*`.

    `shop.*` means a whole package. Such a peer drops the connection over a type it
    does not know. None: your protobuf messages may be sent to every peer.
    """
    peer_types: Mapping[str, Sequence[str]] = field(
        default_factory=dict[str, Sequence[str]]
    )
    """The same for single addresses, whatever runs there; it replaces `go_types`."""
    abilities: Sequence[str] = ()
    """Names to announce to peers beside those of this library."""
    spin: float = 0.0
    """Keep the event loop turning for so long after a request, instead of sleeping.

    A sequence of requests then takes half the time on one machine, and a whole CPU:
    200e-6 is a good value, on one side only.
    """
    compression: str | None = None
    """`gzip` or `deflate`; None sends frames as they are."""
    keepalive: float | None = None
    """Seconds between gRPC pings to a peer that we dialled. protoactor-go's servers
    take pings more often than every 300 s for an attack."""
    channel_options: ChannelOptions = ()
    """For connections that we dial."""
    server_options: ChannelOptions = ()
    """For the port that we open."""

    def __post_init__(self) -> None:
        for name in ("connect_attempts", "queue_size", "batch_size", "max_frame_bytes"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")
        if self.compression not in (None, "gzip", "deflate"):
            raise ValueError(
                f"compression {self.compression!r}: use 'gzip' or 'deflate'"
            )
