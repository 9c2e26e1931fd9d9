"""Wire formats of the cluster layer, generated from the .proto files beside this.

They join the descriptor pool of `protoactor.wire`. Gossip values are
`google.protobuf.Any`, so that pool learns the well-known file too.
"""

from google.protobuf import any_pb2

from protoactor.wire import POOL

POOL.AddSerializedFile(any_pb2.DESCRIPTOR.serialized_pb)
