"""Routers: actors that pass messages on to others, picked by a strategy.

A pool spawns its routees, a group is given them. Messages are passed on in the
turn of whoever sends, so a router is never a bottleneck; only what is meant for the
router itself (`AddRoutee`, `GetRoutees` and so on) waits in its mailbox.
"""

from protoactor.routing._consistent_hash import (
    ConsistentHash,
    ConsistentHashable,
    HashRing,
)
from protoactor.routing._group import (
    BroadcastGroup,
    ConsistentHashGroup,
    Group,
    RandomGroup,
    RoundRobinGroup,
)
from protoactor.routing._messages import (
    AddRoutee,
    AdjustPoolSize,
    BroadcastMessage,
    GetRoutees,
    RemoveRoutee,
    Routees,
)
from protoactor.routing._pool import (
    BroadcastPool,
    ConsistentHashPool,
    Pool,
    RandomPool,
    RoundRobinPool,
)
from protoactor.routing._strategy import (
    Broadcasting,
    RandomPick,
    RoundRobin,
    RoutingStrategy,
    Unroutable,
)

__all__ = [
    "AddRoutee",
    "AdjustPoolSize",
    "BroadcastGroup",
    "BroadcastMessage",
    "BroadcastPool",
    "Broadcasting",
    "ConsistentHash",
    "ConsistentHashGroup",
    "ConsistentHashPool",
    "ConsistentHashable",
    "GetRoutees",
    "Group",
    "HashRing",
    "Pool",
    "RandomGroup",
    "RandomPick",
    "RandomPool",
    "RemoveRoutee",
    "RoundRobin",
    "RoundRobinGroup",
    "RoundRobinPool",
    "Routees",
    "RoutingStrategy",
    "Unroutable",
]
