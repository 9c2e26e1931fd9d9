"""Proto.Actor for Python: actors with mailboxes and supervision in one process.

Which way imports point, lowest first:
  errors, _pid, _envelope, messages, _system_messages, _process, _registry
  _props, _context (protocols), middleware, _mailbox, _supervision
  _cell (one actor), _lifecycle and _turn (what happens to it), _pump (who runs it)
  _system (everything together)
"""

from protoactor._actor import Actor
from protoactor._behavior import Behavior
from protoactor._blocking import BlockingContext, ThreadDispatcher, blocking
from protoactor._context import Context, Sender, Spawner, Stopper
from protoactor._dead_letter import DeadLetterEvent, IgnoreDeadLetterLogging
from protoactor._dispatcher import TaskDispatcher
from protoactor._envelope import Envelope
from protoactor._event_stream import EventStream, Subscription
from protoactor._mailbox import (
    BatchingMailbox,
    BoundedMailbox,
    Dropped,
    Mailbox,
    MailboxStatistics,
    ObservedMailbox,
    Overflow,
    PriorityMailbox,
    UnboundedMailbox,
)
from protoactor._pid import LOCAL_ADDRESS, PID
from protoactor._props import Props, Spawnable
from protoactor._pump import PumpDispatcher
from protoactor._scheduler import Scheduler, Timer
from protoactor._supervision import (
    AllForOne,
    AlwaysRestart,
    Directive,
    ExponentialBackoff,
    OneForOne,
    SupervisorEvent,
    SupervisorStrategy,
)
from protoactor._system import ActorSystem
from protoactor._watchdog import LoopStalled
from protoactor.errors import (
    ActorError,
    ActorStopped,
    DeadLetter,
    Expired,
    HandlerCancelled,
    HandlerFailed,
    NameTaken,
    NotDelivered,
    NotSent,
    OutcomeUnknown,
    Overloaded,
    PluginError,
    PluginNotFound,
    RequestTimeout,
    SystemClosed,
    UnexpectedReply,
)
from protoactor.messages import (
    AutoRespond,
    DeadLetterResponse,
    MessageBatch,
    NotInfluenceReceiveTimeout,
    PoisonPill,
    Prioritized,
    ReceiveTimeout,
    Request,
    RequestFailed,
    Restarting,
    Started,
    Stopped,
    Stopping,
    Terminated,
    TerminatedReason,
    Touch,
    Touched,
)
from protoactor.middleware import (
    Received,
    ReceiveHandler,
    ReceiveMiddleware,
    SendHandler,
    SendMiddleware,
    Sent,
    Spawned,
    SpawnHandler,
    SpawnMiddleware,
)

__all__ = [
    "LOCAL_ADDRESS",
    "PID",
    "Actor",
    "ActorError",
    "ActorStopped",
    "ActorSystem",
    "AllForOne",
    "AlwaysRestart",
    "AutoRespond",
    "BatchingMailbox",
    "Behavior",
    "BlockingContext",
    "BoundedMailbox",
    "Context",
    "DeadLetter",
    "DeadLetterEvent",
    "DeadLetterResponse",
    "Directive",
    "Dropped",
    "Envelope",
    "EventStream",
    "Expired",
    "ExponentialBackoff",
    "HandlerCancelled",
    "HandlerFailed",
    "IgnoreDeadLetterLogging",
    "LoopStalled",
    "Mailbox",
    "MailboxStatistics",
    "MessageBatch",
    "NameTaken",
    "NotDelivered",
    "NotInfluenceReceiveTimeout",
    "NotSent",
    "ObservedMailbox",
    "OneForOne",
    "OutcomeUnknown",
    "Overflow",
    "Overloaded",
    "PluginError",
    "PluginNotFound",
    "PoisonPill",
    "Prioritized",
    "PriorityMailbox",
    "Props",
    "PumpDispatcher",
    "ReceiveHandler",
    "ReceiveMiddleware",
    "ReceiveTimeout",
    "Received",
    "Request",
    "RequestFailed",
    "RequestTimeout",
    "Restarting",
    "Scheduler",
    "SendHandler",
    "SendMiddleware",
    "Sender",
    "Sent",
    "SpawnHandler",
    "SpawnMiddleware",
    "Spawnable",
    "Spawned",
    "Spawner",
    "Started",
    "Stopped",
    "Stopper",
    "Stopping",
    "Subscription",
    "SupervisorEvent",
    "SupervisorStrategy",
    "SystemClosed",
    "TaskDispatcher",
    "Terminated",
    "TerminatedReason",
    "ThreadDispatcher",
    "Timer",
    "Touch",
    "Touched",
    "UnboundedMailbox",
    "UnexpectedReply",
    "blocking",
]
