"""Stands in for `etcd3.etcdrpc`, whose shipped code does not import under protobuf >= 4.

Import it before `etcd3`.
"""

import sys

from protoactor_provider_etcd.wire.rpc_pb2 import *  # noqa: F403
from protoactor_provider_etcd.wire.rpc_pb2_grpc import *  # noqa: F403

sys.modules.setdefault("etcd3.etcdrpc", sys.modules[__name__])
