"""etcd's v3 API as python-etcd3 needs it, generated from the .proto files beside this.

The messages live in a descriptor pool of their own: a program that brings another
etcd client, with its own copy of `rpc.proto`, does not collide with ours.
"""

from google.protobuf.descriptor_pool import DescriptorPool

__all__ = ["POOL"]

POOL = DescriptorPool()
