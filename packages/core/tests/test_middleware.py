"""Middleware and decorators: order, coverage, and what happens when they raise."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import cast

import pytest

from protoactor import (
    PID,
    Actor,
    ActorSystem,
    Context,
    Envelope,
    HandlerFailed,
    PoisonPill,
    Props,
    Received,
    ReceiveHandler,
    ReceiveMiddleware,
    ReceiveTimeout,
    Restarting,
    SendHandler,
    SendMiddleware,
    Sent,
    Spawned,
    SpawnHandler,
    SpawnMiddleware,
    Started,
    Stopped,
    Stopping,
    Terminated,
)
from protoactor_testkit import Probe

pytestmark = pytest.mark.virtual_time


class Quiet(Actor):
    """Handles everything by ignoring it."""

    def receive(self, context: Context) -> None:
        pass


def receiving(name: str, log: list[str]) -> ReceiveMiddleware:
    async def middleware(call: Received, next: ReceiveHandler) -> None:
        if isinstance(call.envelope.message, str):
            log.append(f"{name} before")
        await next(call)
        if isinstance(call.envelope.message, str):
            log.append(f"{name} after")

    return middleware


def sending(name: str, log: list[str]) -> SendMiddleware:
    def middleware(call: Sent, next: SendHandler) -> None:
        log.append(f"{name} {call.envelope.message}")
        next(call)

    return middleware


async def test_trap_34_the_first_receive_middleware_is_the_outermost(
    system: ActorSystem,
) -> None:
    log: list[str] = []

    async def receive(context: Context) -> None:
        if isinstance(context.message, str):
            await asyncio.sleep(1.0)
            log.append("actor")

    middleware = [receiving("first", log), receiving("second", log)]
    pid = system.spawn(Props.from_function(receive, receive_middleware=middleware))
    system.send(pid, "hello")
    await system.poison(pid)
    inner = ["second before", "actor", "second after"]
    assert log == ["first before", *inner, "first after"]


async def test_trap_34_receive_middleware_sees_all_that_reaches_actors(
    system: ActorSystem,
) -> None:
    seen: list[type] = []

    async def note(call: Received, next: ReceiveHandler) -> None:
        seen.append(type(call.envelope.message))
        await next(call)

    def receive(context: Context) -> None:
        match context.message:
            case "watch":
                context.watch(PID(context.system.address, "nobody"))
            case "idle":
                context.set_receive_timeout(1.0)
            case ReceiveTimeout():
                context.set_receive_timeout(0)
            case "fail":
                raise ValueError
            case _:
                pass

    pid = system.spawn(Props.from_function(receive, receive_middleware=[note]))
    for message in ("watch", "idle"):
        system.send(pid, message)
    await asyncio.sleep(5.0)
    system.send(pid, "fail")
    await system.poison(pid)
    assert seen == [
        *(Started, str, Terminated, str, ReceiveTimeout),
        *(str, Restarting, Started, PoisonPill, Stopping, Stopped),
    ]


async def test_receive_middleware_may_change_or_swallow_the_message(
    system: ActorSystem,
) -> None:
    async def translate(call: Received, next: ReceiveHandler) -> None:
        envelope = call.envelope
        if envelope.message == "secret":
            return
        if isinstance(envelope.message, str):
            shouted = Envelope(envelope.message.upper(), envelope.sender)
            call = replace(call, envelope=shouted)
        await next(call)

    def echo(context: Context) -> None:
        if isinstance(context.message, str):
            context.respond(context.message)

    pid = system.spawn(Props.from_function(echo, receive_middleware=[translate]))
    assert await system.request(pid, "hello") == "HELLO"
    with pytest.raises(TimeoutError):
        await system.request(pid, "secret", timeout=1.0)


async def test_receive_middleware_that_raises_is_a_failure_of_the_actor(
    system: ActorSystem,
) -> None:
    seen: list[object] = []

    async def guard(call: Received, next: ReceiveHandler) -> None:
        if call.envelope.message == "forbidden":
            raise PermissionError("not you")
        await next(call)

    def receive(context: Context) -> None:
        seen.append(context.message)
        if context.message == "allowed":
            context.respond("done")

    pid = system.spawn(Props.from_function(receive, receive_middleware=[guard]))
    with pytest.raises(HandlerFailed, match="PermissionError: not you"):
        await system.request(pid, "forbidden")
    assert await system.request(pid, "allowed") == "done"
    assert seen == [Started(), Restarting(), Started(), "allowed"]


async def test_trap_34_the_first_send_middleware_is_the_outermost(
    system: ActorSystem, probe: Probe
) -> None:
    log: list[str] = []

    def receive(context: Context) -> None:
        if context.message == "go":
            context.send(probe.pid, "hello")

    middleware = [sending("first", log), sending("second", log)]
    pid = system.spawn(Props.from_function(receive, send_middleware=middleware))
    system.send(pid, "go")
    assert await probe.expect(str) == "hello"
    assert log == ["first hello", "second hello"]


async def test_trap_34_send_middleware_sees_messages_but_no_stop_poison_or_watch(
    system: ActorSystem, probe: Probe
) -> None:
    log: list[str] = []

    async def receive(context: Context) -> None:
        if context.message == "go":
            context.send(probe.pid, "sent")
            context.forward(probe.pid)
            await context.request(echoing, "asked")
            context.respond("answered")
            context.watch(probe.pid)
            context.unwatch(probe.pid)
            await context.poison(context.spawn(Quiet))
            await context.stop(context.spawn(Quiet))

    echoing = system.spawn(Props.from_function(lambda c: c.respond("echo")))
    props = Props.from_function(receive, send_middleware=[sending("saw", log)])
    await system.request(system.spawn(props), "go")
    await asyncio.sleep(1.0)
    assert log == ["saw sent", "saw go", "saw asked", "saw answered"]


async def test_the_system_has_send_middleware_too(
    dispatcher: type,
) -> None:
    log: list[str] = []
    async with ActorSystem(
        stall_warning=None,
        dispatcher=dispatcher,
        send_middleware=[sending("system", log)],
    ) as system:
        pid = system.spawn(Props.from_function(lambda c: c.respond("echo")))
        system.send(pid, "sent")
        assert await system.request(pid, "asked") == "echo"
        await system.poison(pid)
    assert log == ["system sent", "system asked"]


async def test_send_middleware_that_raises_raises_for_the_sender(
    system: ActorSystem, probe: Probe
) -> None:
    def refuse(call: Sent, next: SendHandler) -> None:
        raise PermissionError("not there")

    def receive(context: Context) -> None:
        if context.message == "go":
            context.send(probe.pid, "hello")

    pid = system.spawn(Props.from_function(receive, send_middleware=[refuse]))
    with pytest.raises(HandlerFailed, match="PermissionError: not there"):
        # The system itself has no middleware, so this request gets through.
        await system.request(pid, "go")
    await probe.expect_nothing()


async def test_a_request_through_raising_middleware_leaves_nothing(
    dispatcher: type,
) -> None:
    def refuse(call: Sent, next: SendHandler) -> None:
        raise PermissionError

    async with ActorSystem(
        stall_warning=None, dispatcher=dispatcher, send_middleware=[refuse]
    ) as system:
        with pytest.raises(PermissionError):
            await system.request(system.spawn(Quiet), "hello")
        assert len(system.requests) == 0


async def test_spawn_middleware_wraps_the_spawning_of_children(
    system: ActorSystem,
) -> None:
    log: list[str] = []

    def naming(name: str) -> SpawnMiddleware:
        def middleware(call: Spawned, next: SpawnHandler) -> PID:
            log.append(name)
            return next(replace(call, id=f"{call.id}-{name}"))

        return middleware

    def receive(context: Context) -> None:
        if context.message == "spawn":
            child = context.spawn_named(Props.from_function(lambda c: None), "child")
            context.respond(child)

    props = Props.from_function(
        receive, spawn_middleware=[naming("first"), naming("second")]
    )
    pid = system.spawn(props)
    child = await system.request(pid, "spawn", returns=PID)
    assert log == ["first", "second"]
    assert child.id == f"{pid.id}/child-first-second"


async def test_spawn_middleware_that_raises_raises_for_the_spawner(
    system: ActorSystem,
) -> None:
    def refuse(call: Spawned, next: SpawnHandler) -> PID:
        raise PermissionError("no children")

    def receive(context: Context) -> None:
        if context.message == "spawn":
            context.spawn(Quiet)
        elif context.message == "count":
            context.respond(len(context.children))

    pid = system.spawn(Props.from_function(receive, spawn_middleware=[refuse]))
    with pytest.raises(HandlerFailed, match="no children"):
        await system.request(pid, "spawn")
    assert await system.request(pid, "count") == 0


async def test_the_first_context_decorator_is_the_outermost(
    system: ActorSystem,
) -> None:
    class Decorated:
        def __init__(self, inner: Context, name: str) -> None:
            self._inner = inner
            self._name = name

        def __getattr__(self, attribute: str) -> object:
            return getattr(self._inner, attribute)

        def respond(self, message: str) -> None:
            self._inner.respond(f"{self._name}({message})")

    def decorate(name: str) -> Callable[[Context], Context]:
        return lambda inner: cast(Context, Decorated(inner, name))

    def receive(context: Context) -> None:
        if context.message == "ask":
            context.respond("reply")

    props = Props.from_function(
        receive, context_decorators=[decorate("outer"), decorate("inner")]
    )
    assert await system.request(system.spawn(props), "ask") == "inner(outer(reply))"


async def test_another_message_within_the_turn(system: ActorSystem) -> None:
    """Middleware may let the actor handle more than it received."""

    async def twice(call: Received, next: ReceiveHandler) -> None:
        await next(call)
        if call.envelope.message == "hello":
            await call.context.receive(Envelope("and again", call.envelope.sender))

    seen: list[tuple[object, object]] = []

    def receive(context: Context) -> None:
        seen.append((context.message, context.sender))

    pid = system.spawn(Props.from_function(receive, receive_middleware=[twice]))
    system.send(pid, "hello", sender=pid)
    await system.poison(pid)
    assert seen[1:3] == [("hello", pid), ("and again", pid)]
