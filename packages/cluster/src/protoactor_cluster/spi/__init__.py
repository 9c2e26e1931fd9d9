"""For packages that offer a cluster provider: what they have in common.

A provider whose members meet at a service (etcd, ZooKeeper, Consul, Kubernetes)
describes it as a `Store` and is a `StoreProvider`. From the outside in: `keeper` (a
thread) keeps a `Claim` of the own member; `watch` and its `mirror` (a thread) follow a
`Source`; `roster` knows who counts, `contact` whether the service is within reach,
`tenure` what the end of a lease means.

Programs do not need this. It changes only with the minor version of the cluster.
"""

from protoactor_cluster._clock import Clock, now
from protoactor_cluster.spi.backoff import Backoff
from protoactor_cluster.spi.contact import Contact
from protoactor_cluster.spi.endpoint import (
    Endpoint,
    endpoints_text,
    parse_endpoint,
    parse_endpoints,
)
from protoactor_cluster.spi.fault import Evicted, Fault, Refused, Unavailable
from protoactor_cluster.spi.pulse import Pulse
from protoactor_cluster.spi.record import (
    MAX_RECORD,
    NotARecord,
    decode_record,
    encode_record,
)
from protoactor_cluster.spi.roster import Listed, Roster
from protoactor_cluster.spi.seconds import positive_seconds
from protoactor_cluster.spi.settings import Settings
from protoactor_cluster.spi.skips import Skips
from protoactor_cluster.spi.store import Claim, Picture, Source, Store, Timing
from protoactor_cluster.spi.store_provider import StoreProvider
from protoactor_cluster.spi.tenure import Tenure
from protoactor_cluster.spi.tls import ServiceTLS
from protoactor_cluster.spi.url import parse_url

__all__ = [
    "MAX_RECORD",
    "Backoff",
    "Claim",
    "Clock",
    "Contact",
    "Endpoint",
    "Evicted",
    "Fault",
    "Listed",
    "NotARecord",
    "Picture",
    "Pulse",
    "Refused",
    "Roster",
    "ServiceTLS",
    "Settings",
    "Skips",
    "Source",
    "Store",
    "StoreProvider",
    "Tenure",
    "Timing",
    "Unavailable",
    "decode_record",
    "encode_record",
    "endpoints_text",
    "now",
    "parse_endpoint",
    "parse_endpoints",
    "parse_url",
    "positive_seconds",
]
