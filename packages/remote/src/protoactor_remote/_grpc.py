"""gRPC, told to log errors only unless the environment says otherwise.

It decides when it is first imported; its informational lines on standard error
(a peer that goes away, say) would look like trouble in a user's terminal.
"""

import os

os.environ.setdefault("GRPC_VERBOSITY", "ERROR")

import grpc

__all__ = ["grpc"]
