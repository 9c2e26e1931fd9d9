"""Every metric and attribute name of this package.

Trace context travels in the headers of envelopes; the core writes and reads it.
"""

from __future__ import annotations

__all__ = ["METRICS"]

SERIALIZED = "protoremote_message_serialize_count"
DESERIALIZED = "protoremote_message_deserialize_count"
CONNECTED = "protoremote_endpoint_connected_count"
DISCONNECTED = "protoremote_endpoint_disconnected_count"
SPAWNED = "protoremote_spawn_count"
REFUSED_HANDSHAKES = "protoremote_handshake_refused_count"
BAD_MESSAGES = "protoremote_message_rejected_count"
BAD_FRAMES = "protoremote_frame_rejected_count"
ENDPOINTS = "protoremote_endpoint_count"
QUEUED = "protoremote_endpoint_queue_length"
WRITE_DURATION = "protoremote_write_duration"

METRICS = (
    SERIALIZED,
    DESERIALIZED,
    CONNECTED,
    DISCONNECTED,
    SPAWNED,
    REFUSED_HANDSHAKES,
    BAD_MESSAGES,
    BAD_FRAMES,
    ENDPOINTS,
    QUEUED,
    WRITE_DURATION,
)

MESSAGE_TYPE = "messagetype"
ADDRESS = "address"
