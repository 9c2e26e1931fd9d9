"""Looking into a running cluster: what members answer, and how to ask them.

Off until `join(..., introspection=True)`. A member then offers a gRPC service on the
port it has anyway, with the TLS that it has.

  options             what is remembered
  _observer           everything below, for one member
  _activations, _report, _explanation, _history, _slow_calls, _span_memory, _tracer
  _service            answers requests
  inspector           asks members
"""

from protoactor_cluster.introspection.inspector import Inspector
from protoactor_cluster.introspection.options import Introspection

__all__ = ["Inspector", "Introspection"]
