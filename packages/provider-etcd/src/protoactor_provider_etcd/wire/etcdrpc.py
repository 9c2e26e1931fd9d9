"""A stand-in for `etcd3.etcdrpc`, whose own code does not import under protobuf >= 4."""

import sys
from types import ModuleType

from protoactor_provider_etcd.wire import rpc_pb2, rpc_pb2_grpc

__all__ = ["register"]


def register() -> None:
    """Let python-etcd3, once it is imported, find our generated code as its own."""
    module = ModuleType("etcd3.etcdrpc", __doc__)
    for part in (rpc_pb2, rpc_pb2_grpc):
        names = {name: value for name, value in vars(part).items() if name[0] != "_"}
        vars(module).update(names)
    sys.modules.setdefault(module.__name__, module)
