"""The actors of one process, and everything they share."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self, TypeVar, cast, overload

from opentelemetry.metrics import MeterProvider
from opentelemetry.trace import TracerProvider

from protoactor._cancellation import cancel_all
from protoactor._cell import ActorCell
from protoactor._dead_letter import DeadLetters
from protoactor._dispatcher import Dispatcher
from protoactor._ending import abandon
from protoactor._envelope import Envelope
from protoactor._event_stream import EventStream
from protoactor._metrics import SystemMetrics
from protoactor._pid import PID
from protoactor._process import Process
from protoactor._props import PLAIN, Props, Spawnable, check_producer
from protoactor._pump import PumpDispatcher
from protoactor._registry import ProcessRegistry
from protoactor._requests import Requests
from protoactor._scheduler import Scheduler
from protoactor._spawn import start_actor
from protoactor._statistics import SystemStatistics
from protoactor._supervision import DEFAULT_STRATEGY, SupervisorStrategy
from protoactor._supervisor import Guardian
from protoactor._system_messages import Stop, SystemMessage
from protoactor._termination import watch_end
from protoactor._watchdog import Watchdog
from protoactor.errors import NotSent, SystemClosed
from protoactor.messages import PoisonPill, Request
from protoactor.middleware import SendMiddleware, Sent, chain
from protoactor.telemetry import Telemetry

__all__ = ["ActorSystem"]

R = TypeVar("R")
ExtensionT = TypeVar("ExtensionT")
NOT_STARTED = "not started: use `async with ActorSystem() as system`"
NOTHING_STARTS = "the actor system was shut down: nothing can start"
logger = logging.getLogger("protoactor.system")


class ActorSystem:
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
        self.request_timeout = request_timeout
        self.shutdown_timeout = shutdown_timeout
        self.headers = headers
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
        self._send = chain(send_middleware, self.deliver_sent)
        self._has_send_middleware = bool(send_middleware)
        self._threads = threads
        self._executor: ThreadPoolExecutor | None = None
        self._guardians: dict[int, tuple[SupervisorStrategy, PID]] = {}
        self._extensions: dict[type, object] = {}
        self._background: set[asyncio.Task[Any]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watchdog: Watchdog | None = None
        self._metrics: SystemMetrics | None = None
        self._stopped: asyncio.Future[str] | None = None

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
        loop = self.loop
        if self.dispatcher.runs(asyncio.current_task()):
            raise RuntimeError(
                "shutdown() waits for all handlers, so no handler can await it: "
                'use start_background(system.shutdown(), "shutdown")'
            )
        if self._stopped is not None:
            await asyncio.shield(self._stopped)
            return
        self._stopped = loop.create_future()
        logger.debug("system %s shuts down: %s", self.id, reason or "asked to")
        try:
            await self._stop_actors()
        finally:
            try:
                await self._close()
            finally:
                self._stopped.set_result(reason)

    @property
    def stopped(self) -> bool:
        """Whether a shutdown has begun."""
        return self._stopped is not None

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

    async def _stop_actors(self) -> None:
        self.scheduler.cancel_all()
        roots = [cell.self for cell in self._cells() if self._is_root(cell)]
        if not roots:
            return
        _, left = await asyncio.wait(
            [self.stop(root) for root in roots], timeout=self.shutdown_timeout
        )
        if left:
            logger.warning(
                "%d actors did not stop within %g s", len(left), self.shutdown_timeout
            )

    async def _close(self) -> None:
        self.requests.close()
        try:
            await self.dispatcher.close()
            await cancel_all(self._background)
        finally:
            for cell in self._cells():
                abandon(cell)
            self._release()

    def _release(self) -> None:
        self.scheduler.cancel_all()
        self.dead_letters.close()
        if self._watchdog is not None:
            self._watchdog.close()
        if self._metrics is not None:
            self._metrics.close()
        if self._executor is not None:
            executor, self._executor = self._executor, None
            executor.shutdown(wait=False, cancel_futures=True)

    # -- messages from outside of actors -------------------------------------

    def send(
        self,
        target: PID,
        message: object,
        *,
        sender: PID | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """As `Context.send`; from other threads use `post_threadsafe`.

        In asyncio's debug mode a call from another thread raises `RuntimeError`.
        """
        if self._has_send_middleware:
            self._post(target, self._outgoing(message, sender, headers))
        elif sender is not None or headers is not None or self.headers is not None:
            self.deliver(target, self._outgoing(message, sender, headers))
        elif message is None:
            raise NotSent("a message must not be None")
        else:
            self.deliver(target, message)

    def _outgoing(
        self, message: object, sender: PID | None, headers: Mapping[str, str] | None
    ) -> Envelope:
        if message is None:
            raise NotSent("a message must not be None")
        return Envelope(message, sender, self.headers if headers is None else headers)

    def _post(self, target: PID, item: object) -> None:
        if self._has_send_middleware:
            envelope = item if isinstance(item, Envelope) else Envelope(item)
            self._send(Sent(self, None, target, envelope))
        else:
            self.deliver(target, item)

    def post_threadsafe(self, target: PID, message: object) -> None:
        """As `send`, from any thread."""
        if message is None:
            raise NotSent("a message must not be None")
        self.loop.call_soon_threadsafe(self.send, target, message)

    @overload
    async def request(
        self,
        target: PID,
        message: Request[R],
        *,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> R: ...

    @overload
    async def request(
        self,
        target: PID,
        message: object,
        *,
        returns: type[R],
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> R: ...

    @overload
    async def request(
        self,
        target: PID,
        message: object,
        *,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> object: ...

    def request(
        self,
        target: PID,
        message: object,
        *,
        returns: type[Any] | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Coroutine[Any, Any, Any]:
        """As `Context.request`."""
        if headers is None:
            headers = self.headers
        deliver = self._post if self._has_send_middleware else self.deliver
        return self.requests.ask(deliver, target, message, returns, timeout, headers)

    def stop(self, target: PID) -> asyncio.Future[None]:
        """As `Context.stop`."""
        _check_pid(target)
        gone = watch_end(self, target)
        self.post_system(target, Stop())
        return gone

    def poison(self, target: PID) -> asyncio.Future[None]:
        """As `Context.poison`."""
        _check_pid(target)
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
        if self._stopped is not None:
            raise SystemClosed(NOTHING_STARTS)
        guardian = actor.guardian if isinstance(actor, Props) else None
        parent = self._guardian(guardian) if guardian else None
        return self.start_actor(name, actor, parent)

    def start_actor(self, id: str, actor: Spawnable, parent: PID | None) -> PID:
        """What every spawn ends in: the whole id, and who supervises."""
        if self._loop is None:
            raise SystemClosed(NOT_STARTED)
        if self._stopped is not None and self._stopped.done():
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

    # -- extensions and threads ----------------------------------------------

    def register(self, extension: object) -> None:
        """Make an extension findable by its class; one of each class."""
        if self._extensions.setdefault(type(extension), extension) is not extension:
            name = type(extension).__qualname__
            raise ValueError(f"a {name} is registered with this system already")

    def unregister(self, extension: object) -> None:
        self._extensions.pop(type(extension), None)

    def extension(self, kind: type[ExtensionT]) -> ExtensionT:
        """The registered extension of this class; raises `LookupError`."""
        found = self._extensions.get(kind)
        if found is None:
            raise LookupError(f"no {kind.__qualname__} runs on this actor system")
        return cast(ExtensionT, found)

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
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

    def new_scheduler(self, owner: PID) -> Scheduler:
        return Scheduler(self, owner)

    # -- for the layers above and within -----------------------------------

    def deliver(self, target: PID, item: object) -> None:
        """Hand a message or envelope to the target's process."""
        registry = self.registry
        try:
            here = target.address == registry.address
            process = registry.processes.get(target.id) if here else None
            if process is None:
                process = registry.find(target)
        except AttributeError:
            _check_pid(target)
            raise
        process.post(target, item)

    def deliver_sent(self, call: Sent) -> None:
        """The innermost handler of send middleware."""
        self.deliver(call.target, call.envelope)

    def post_system(self, target: PID, message: SystemMessage) -> None:
        try:
            process = self.registry.find(target)
        except AttributeError:
            _check_pid(target)
            raise
        process.post_system(target, message)

    def dead_letter(self, target: PID | None, item: object, reason: str) -> None:
        """Count, publish and answer a message that cannot be delivered."""
        self.dead_letters.take(target, item, reason)

    def refuse(self, target: PID, item: object, *, overloaded: bool) -> None:
        """What a full mailbox gave up."""
        self.dead_letters.take(target, item, "mailbox is full", refused=overloaded)

    def supervisor_of(self, cell: ActorCell) -> Process:
        parent = cell.parent
        return self.root_guardian if parent is None else self.registry.find(parent)

    def children_of(self, guardian: Guardian) -> list[PID]:
        return [c.self for c in self._cells() if self.supervisor_of(c) is guardian]

    def _cells(self) -> list[ActorCell]:
        return [p for p in self.registry.all() if isinstance(p, ActorCell)]

    def _is_root(self, cell: ActorCell) -> bool:
        return not isinstance(self.supervisor_of(cell), ActorCell)


def _check_pid(target: object) -> None:
    if not isinstance(target, PID):
        raise NotSent(f"the target must be a PID, not {target!r}")
