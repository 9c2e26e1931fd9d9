"""For packages that extend the core: processes, system messages, pending requests.

Programs do not need this. It changes only with the minor version of the core.
"""

from protoactor._envelope import QUEUED, TAKEN, WITHDRAWN
from protoactor._pending_request import PendingRequest
from protoactor._process import Process
from protoactor._registry import AddressResolver, ProcessRegistry, base64_digits
from protoactor._requests import Requests
from protoactor._system_messages import (
    Continuation,
    Failure,
    Restart,
    Resume,
    Stop,
    SystemMessage,
    Unwatch,
    Watch,
)
from protoactor._throttle import Throttle

__all__ = [
    "QUEUED",
    "TAKEN",
    "WITHDRAWN",
    "AddressResolver",
    "Continuation",
    "Failure",
    "PendingRequest",
    "Process",
    "ProcessRegistry",
    "Requests",
    "Restart",
    "Resume",
    "Stop",
    "SystemMessage",
    "Throttle",
    "Unwatch",
    "Watch",
    "base64_digits",
]
