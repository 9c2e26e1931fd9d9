"""python-etcd3 runs on our generated code, and nobody else is bothered by it."""

from __future__ import annotations

import importlib

import pytest
from google.protobuf import descriptor_pool

import protoactor_provider_etcd
from protoactor_provider_etcd.wire import POOL, rpc_pb2


def test_python_etcd3_uses_our_stubs() -> None:
    assert protoactor_provider_etcd.EtcdProvider
    etcd3 = importlib.import_module("etcd3")
    assert etcd3.etcdrpc.RangeRequest is rpc_pb2.RangeRequest
    assert etcd3.client(port=1).kvstub


def test_the_default_pool_stays_clean() -> None:
    name = "etcdserverpb.RangeRequest"
    assert POOL.FindMessageTypeByName(name) is rpc_pb2.RangeRequest.DESCRIPTOR
    with pytest.raises(KeyError):
        descriptor_pool.Default().FindMessageTypeByName(name)
