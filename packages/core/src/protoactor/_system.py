"""The actors of one process, and everything they share."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self, TypeVar

from opentelemetry.metrics import MeterProvider
from opentelemetry.trace import TracerProvider

from protoactor._cell import ActorCell
from protoactor._dead_letter import DeadLetters
from protoactor._dispatcher import Dispatcher
from protoactor._event_stream import EventStream
from protoactor._extensions import Extensible
from protoactor._metrics import SystemMetrics
from protoactor._pid import PID
from protoactor._post_office import check_pid
from protoactor._process import Process
from protoactor._props import PLAIN, Props, Spawnable, check_producer
from protoactor._pump import PumpDispatcher
from protoactor._registry import ProcessRegistry
from protoactor._requests import Requests
from protoactor._scheduler import Scheduler
from protoactor._shutdown import Shutdown
from protoactor._spawn import start_actor
from protoactor._statistics import SystemStatistics
from protoactor._supervision import DEFAULT_STRATEGY, SupervisorStrategy
from protoactor._supervisor import Guardian
from protoactor._system_messages import Stop
from protoactor._system_sender import SystemSender
from protoactor._termination import watch_end
from protoactor._watchdog import Watchdog
from protoactor.errors import NotSent, SystemClosed
from protoactor.messages import PoisonPill
from protoactor.middleware import SendMiddleware
from protoactor.telemetry import Telemetry

__all__ = ["ActorSystem"]

R = TypeVar("R")
NOT_STARTED = "not started: use `async with ActorSystem() as system`"
NOTHING_STARTS = "the actor system was shut down: nothing can start"
logger = logging.getLogger("protoactor.system")


class ActorSystem(SystemSender, Extensible):
    """Spawns actors and sends them messages from outside.

    An async context manager: leaving the block stops every actor, children
    first, for at most `shutdown_timeout` seconds. Times are in seconds.

    >>> async with ActorSystem() as system:
    ...     greeter = system.spawn(Greeter)
    ...     reply = await system.request(greeter, Greet("Ann"), timeout=1.0)
    """

    def __init__(
        self,
        *,
        request_timeout: float = 5.0,
        shutdown_timeout: float = 10.0,
        stall_warning: float | None = 1.0,
        dispatcher: Callable[[], Dispatcher] = PumpDispatcher,
        configure_props: Callable[[Props], Props] | None = None,
        send_middleware: Sequence[SendMiddleware] = (),
        headers: Mapping[str, str] | None = None,
        dead_letter_logs: int = 3,
        dead_letter_period: float = 1.0,
        threads: int | None = None,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
    ) -> None:
        SystemSender.__init__(self, send_middleware, headers)
        Extensible.__init__(self)
        self.request_timeout = request_timeout
        self.shutdown_timeout = shutdown_timeout
        self.events = EventStream()
        self.statistics = SystemStatistics()
        self.dead_letters = DeadLetters(self, dead_letter_logs, dead_letter_period)
        self.registry = ProcessRegistry(self.dead_letters)
        self.requests = Requests(self)
        self.scheduler = Scheduler(self, None)
        self.telemetry = Telemetry(self.id, tracer_provider, meter_provider)
        self.root_guardian = Guardian(self, DEFAULT_STRATEGY)
        self._stall_warning = stall_warning
        self._new_dispatcher = dispatcher
        self._configure_props = configure_props
        self._threads = threads
        self._executor: ThreadPoolExecutor | None = None
        self._guardians: dict[int, tuple[SupervisorStrategy, PID]] = {}
        self.background: set[asyncio.Task[Any]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watchdog: Watchdog | None = None
        self._metrics: SystemMetrics | None = None
        self._shutdown: Shutdown | None = None

    # -- lifetime ----------------------------------------------------------

    async def __aenter__(self) -> Self:
        if self._loop is not None:
            raise SystemClosed("an actor system can be entered only once")
        loop = self._loop = asyncio.get_running_loop()
        self.dispatcher = self._new_dispatcher()
        self.requests.open(self.dispatcher)
        self.registry.add(self.requests.id, self.requests)
        if loop.get_debug():
            self.registry.bind_to_thread()
        self._metrics = self.telemetry.observe_system(self)
        if self._stall_warning is not None:
            self._watchdog = Watchdog(
                loop, self._stall_warning, self.events.publish, self.statistics
            )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.shutdown()

    async def shutdown(self, reason: str = "") -> None:
        """Stop every actor, then everything else; safe to call more than once.

        What does not stop within `shutdown_timeout` seconds is cancelled, and given
        up a second later: its messages become dead letters. A handler, which would
        be waited for, must not await this: there it raises `RuntimeError`.
        """
        task = asyncio.current_task(self.loop)
        if self.dispatcher.runs(task):
            raise RuntimeError(
                "shutdown() waits for all handlers, so no handler can await it: "
                'use start_background(system.shutdown(), "shutdown")'
            )
        if self._shutdown is None:
            logger.debug("system %s shuts down: %s", self.id, reason or "asked to")
            self._shutdown = Shutdown(self)
            await self._shutdown.run()
        else:
            await asyncio.shield(self._shutdown.done)

    @property
    def stopped(self) -> bool:
        """Whether a shutdown has begun."""
        return self._shutdown is not None

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop that owns all state of this system."""
        if self._loop is None:
            raise SystemClosed(NOT_STARTED)
        return self._loop

    @property
    def id(self) -> str:
        """Different for every system that ever starts."""
        return self.registry.system_id

    @property
    def address(self) -> str:
        """`nonhost`, or `host:port` while remoting runs."""
        return self.registry.address

    # -- stopping -----------------------------------------------------------

    def stop(self, target: PID) -> asyncio.Future[None]:
        """As `Context.stop`."""
        check_pid(target)
        gone = watch_end(self, target)
        self.post_system(target, Stop())
        return gone

    def poison(self, target: PID) -> asyncio.Future[None]:
        """As `Context.poison`."""
        check_pid(target)
        gone = watch_end(self, target)
        self.deliver(target, PoisonPill())
        return gone

    # -- spawning ------------------------------------------------------------

    def spawn(self, actor: Spawnable) -> PID:
        """Start an actor under a generated name."""
        return self.spawn_named(actor, self.registry.next_id())

    def spawn_prefix(self, actor: Spawnable, prefix: str) -> PID:
        """Start an actor under `prefix` and a generated ending."""
        return self.spawn_named(actor, prefix + self.registry.next_id())

    def spawn_named(self, actor: Spawnable, name: str) -> PID:
        """Start an actor under this name; raises `NameTaken`."""
        if self._shutdown is not None:
            raise SystemClosed(NOTHING_STARTS)
        guardian = actor.guardian if isinstance(actor, Props) else None
        parent = self._guardian(guardian) if guardian else None
        return self.start_actor(name, actor, parent)

    def start_actor(self, id: str, actor: Spawnable, parent: PID | None) -> PID:
        """What every spawn ends in: the whole id, and who supervises."""
        if self._loop is None:
            raise SystemClosed(NOT_STARTED)
        if self._shutdown is not None and self._shutdown.done.done():
            raise SystemClosed(NOTHING_STARTS)
        if not id:
            raise NotSent("an actor's name must not be empty")
        if self._configure_props is not None:
            actor = self._configure_props(Props.of(actor))
        if not isinstance(actor, Props):
            return start_actor(self, id, PLAIN, parent, check_producer(actor))
        if actor.spawner is not None:
            return actor.spawner(self, id, actor, parent)
        return start_actor(self, id, actor, parent)

    def _guardian(self, strategy: SupervisorStrategy) -> PID:
        known = self._guardians.get(id(strategy))
        if known is None:
            pid = self.registry.pid(f"guardian{self.registry.next_id()}")
            self.registry.add(pid.id, Guardian(self, strategy))
            known = self._guardians[id(strategy)] = (strategy, pid)
        return known[1]

    # -- threads and background work -----------------------------------------

    async def run_blocking(self, function: Callable[[], R]) -> R:
        """Run a function that blocks in a thread of this system."""
        if self._executor is None:
            self._executor = ThreadPoolExecutor(self._threads, "protoactor")
        context = contextvars.copy_context()
        return await self.loop.run_in_executor(self._executor, context.run, function)

    def start_background(
        self, work: Coroutine[Any, Any, R], name: str
    ) -> asyncio.Task[R]:
        """A task that this system holds, and cancels and awaits at shutdown."""
        task = self.loop.create_task(work, name=name, context=contextvars.Context())
        self.background.add(task)
        task.add_done_callback(self.background.discard)
        return task

    def release(self) -> None:
        """Let go of everything that is not an actor."""
        self.scheduler.cancel_all()
        self.dead_letters.close()
        if self._watchdog is not None:
            self._watchdog.close()
        if self._metrics is not None:
            self._metrics.close()
        if self._executor is not None:
            executor, self._executor = self._executor, None
            executor.shutdown(wait=False, cancel_futures=True)

    def new_scheduler(self, owner: PID) -> Scheduler:
        return Scheduler(self, owner)

    # -- for the layers within -----------------------------------------------

    def supervisor_of(self, cell: ActorCell) -> Process:
        parent = cell.parent
        return self.root_guardian if parent is None else self.registry.find(parent)

    def children_of(self, guardian: Guardian) -> list[PID]:
        return [c.self for c in self.cells() if self.supervisor_of(c) is guardian]

    def cells(self) -> list[ActorCell]:
        return [p for p in self.registry.all() if isinstance(p, ActorCell)]
