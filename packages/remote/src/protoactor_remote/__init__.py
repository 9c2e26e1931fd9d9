"""Messages between processes: actors of one system reach those of another by PID.

Which way imports point, lowest first:
  errors, events, transport and serializer (seams), wire (schema)
  _message, _protobuf, _json, _msgpack (formats), _serialization
  _batch_encoder, _frame (frames), _handshake
  _grpc_* and memory (transports)
  _endpoint (a connection we dialled), _caller (one that a peer dialled)
  _endpoints, _callers (all of them), _remote (everything together)
"""

from protoactor_remote._abilities import Abilities
from protoactor_remote._backoff import Backoff
from protoactor_remote._inbound import Undecodable
from protoactor_remote._json import JsonMessage
from protoactor_remote._message import message
from protoactor_remote._options import RemoteOptions
from protoactor_remote._remote import Remote
from protoactor_remote._serializers import (
    json_serializer,
    msgpack_serializer,
    protobuf_serializer,
)
from protoactor_remote.block_list import BlockList
from protoactor_remote.errors import (
    CallRefused,
    ConnectionLost,
    MessageTooLarge,
    NotOffered,
    PeerBlocked,
    PeerUnreachable,
    SpawnFailed,
    SpawnRefused,
    UnknownMessage,
)
from protoactor_remote.events import (
    EndpointConnected,
    EndpointTerminated,
    HandshakeRefused,
    MemberBlocked,
    PeerLeaving,
    TerminationReason,
)
from protoactor_remote.serializer import Decoder, Encoder, Serializer
from protoactor_remote.tls import TLS

__all__ = [
    "TLS",
    "Abilities",
    "Backoff",
    "BlockList",
    "CallRefused",
    "ConnectionLost",
    "Decoder",
    "Encoder",
    "EndpointConnected",
    "EndpointTerminated",
    "HandshakeRefused",
    "JsonMessage",
    "MemberBlocked",
    "MessageTooLarge",
    "NotOffered",
    "PeerBlocked",
    "PeerLeaving",
    "PeerUnreachable",
    "Remote",
    "RemoteOptions",
    "Serializer",
    "SpawnFailed",
    "SpawnRefused",
    "TerminationReason",
    "Undecodable",
    "UnknownMessage",
    "json_serializer",
    "message",
    "msgpack_serializer",
    "protobuf_serializer",
]
