"""Spawning: names, producers, hooks, and clear errors for bad input."""

import asyncio
from collections.abc import Callable

import pytest

from protoactor import (
    PID,
    Actor,
    ActorSystem,
    Context,
    HandlerFailed,
    NameTaken,
    NotSent,
    Props,
    Started,
)
from protoactor_testkit import Probe

pytestmark = pytest.mark.virtual_time


class Echo(Actor):
    def receive(self, context: Context) -> None:
        if isinstance(context.message, str):
            context.respond(context.message)


def echo() -> Actor:
    return Echo()


@pytest.mark.parametrize(
    "spawnable", [Echo, echo, lambda: Echo(), Props(Echo), Props(echo)]
)
async def test_what_can_be_spawned(
    system: ActorSystem, spawnable: Callable[[], Actor] | Props
) -> None:
    assert await system.request(system.spawn(spawnable), "hello") == "hello"


async def test_a_function_as_actor(system: ActorSystem) -> None:
    async def receive(context: Context) -> None:
        if isinstance(context.message, str):
            await asyncio.sleep(1.0)
            context.respond(context.message)

    assert await system.request(system.spawn(Props.from_function(receive)), "a") == "a"


async def test_a_producer_that_is_given_the_context(system: ActorSystem) -> None:
    class Named(Actor):
        def __init__(self, name: str) -> None:
            self.name = name

        def receive(self, context: Context) -> None:
            if context.message == "name":
                context.respond(self.name)

    pid = system.spawn_named(Props.from_context(lambda c: Named(c.self.id)), "me")
    assert await system.request(pid, "name") == "me"


async def test_names(system: ActorSystem) -> None:
    assert system.spawn_named(Echo, "echo") == PID(system.address, "echo")
    assert system.spawn_prefix(Echo, "echo-").id.startswith("echo-$")
    assert system.spawn(Echo).id.startswith("$")


async def test_a_childs_id_starts_with_its_parents(
    system: ActorSystem, probe: Probe
) -> None:
    def receive(context: Context) -> None:
        if isinstance(context.message, Started):
            context.send(probe.pid, context.spawn_named(Echo, "child"))
            context.send(probe.pid, context.spawn_prefix(Echo, "many-"))

    system.spawn_named(Props.from_function(receive), "parent")
    assert (await probe.expect(PID)).id == "parent/child"
    assert (await probe.expect(PID)).id.startswith("parent/many-$")


async def test_a_taken_name_is_refused(system: ActorSystem) -> None:
    made: list[Actor] = []

    def make() -> Actor:
        made.append(Echo())
        return made[-1]

    pid = system.spawn_named(make, "echo")
    with pytest.raises(NameTaken, match="'echo' lives already") as refused:
        system.spawn_named(make, "echo")
    assert refused.value.pid == pid
    assert len(made) == 1
    assert await system.request(pid, "hello") == "hello"


async def test_a_child_name_that_is_taken_leaves_the_parent_as_it_was(
    system: ActorSystem,
) -> None:
    def receive(context: Context) -> None:
        if context.message == "spawn":
            first = context.spawn_named(Echo, "child")
            with pytest.raises(NameTaken):
                context.spawn_named(Echo, "child")
            assert context.children == (first,)
            context.respond("refused")

    pid = system.spawn(Props.from_function(receive))
    assert await system.request(pid, "spawn") == "refused"


async def test_a_producer_that_takes_the_name_itself(system: ActorSystem) -> None:
    def make() -> Actor:
        system.spawn_named(Echo, "contested")
        return Echo()

    with pytest.raises(NameTaken):
        system.spawn_named(make, "contested")
    assert await system.request(PID(system.address, "contested"), "a") == "a"


async def test_a_producer_that_raises_leaves_nothing(system: ActorSystem) -> None:
    def fail() -> Actor:
        raise ConnectionError("no database")

    for _ in range(2):
        with pytest.raises(ConnectionError, match="no database"):
            system.spawn_named(fail, "name")
    assert system.registry.local("name") is None
    system.spawn_named(Echo, "name")


async def test_a_hook_that_raises_leaves_nothing(
    system: ActorSystem, probe: Probe
) -> None:
    seen: list[object] = []

    def hook(context: Context) -> None:
        context.spawn(Echo)
        context.set_receive_timeout(1.0)
        context.scheduler.send_once(1.0, probe.pid, "from a hook")
        raise ConnectionError("no database")

    def receive(context: Context) -> None:
        seen.append(context.message)

    before = len(system.registry)
    for _ in range(2):
        with pytest.raises(ConnectionError, match="no database"):
            system.spawn_named(Props.from_function(receive, on_spawn=[hook]), "name")
    await probe.expect_nothing(within=60.0)
    assert seen == []
    assert len(system.registry) == before


async def test_hooks_run_before_started(system: ActorSystem) -> None:
    seen: list[object] = []

    def hook(context: Context) -> None:
        context.send(context.self, "from the hook")
        seen.append("hook")

    props = Props.from_function(lambda c: seen.append(c.message), on_spawn=[hook])
    system.spawn(props)
    await asyncio.sleep(1.0)
    assert seen == ["hook", Started(), "from the hook"]


async def test_an_instance_is_no_spawnable(system: ActorSystem) -> None:
    with pytest.raises(TypeError, match="pass its class"):
        system.spawn(Echo())  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


async def make_later() -> Actor:
    return Echo()


async def test_a_producer_must_make_an_actor(system: ActorSystem) -> None:
    for wrong in (lambda: 42, lambda: None):
        with pytest.raises(TypeError, match="which has no receive method"):
            system.spawn(wrong)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    assert len(system.registry) == 1


async def test_an_actor_needs_a_name(system: ActorSystem) -> None:
    with pytest.raises(NotSent, match="name must not be empty"):
        system.spawn_named(Echo, "")


async def test_an_actor_without_receive_says_so(system: ActorSystem) -> None:
    class Forgetful(Actor):
        pass

    with pytest.raises(TypeError, match=r"Forgetful .* has no receive method"):
        system.spawn(Forgetful)


async def test_props_may_be_configured_by_the_system(dispatcher: type) -> None:
    seen: list[Props] = []

    def configure(props: Props) -> Props:
        seen.append(props)
        return props

    async with ActorSystem(
        stall_warning=None, dispatcher=dispatcher, configure_props=configure
    ) as system:
        system.spawn(Echo)
    assert [props.producer for props in seen] == [Echo]


async def test_a_spawner_replaces_the_spawning(system: ActorSystem) -> None:
    elsewhere = PID("elsewhere", "actor")
    calls: list[tuple[str, PID | None]] = []

    def spawner(_: ActorSystem, id: str, props: Props, parent: PID | None) -> PID:
        calls.append((id, parent))
        return elsewhere

    assert system.spawn_named(Props(Echo, spawner=spawner), "name") == elsewhere
    assert calls == [("name", None)]


@pytest.mark.parametrize("target", [None, "echo", 42, ("nonhost", "echo")])
async def test_the_target_must_be_a_pid(system: ActorSystem, target: PID) -> None:
    calls: list[Callable[[], object]] = [
        lambda: system.send(target, "hello"),
        lambda: system.stop(target),
        lambda: system.poison(target),
    ]
    before = len(system.registry)
    for call in calls:
        with pytest.raises(NotSent, match="the target must be a PID"):
            call()
    with pytest.raises(NotSent, match="the target must be a PID"):
        await system.request(target, "hello")
    assert len(system.registry) == before
    assert len(system.requests) == 0


async def test_none_is_no_message(system: ActorSystem) -> None:
    def receive(context: Context) -> None:
        if context.message == "send":
            context.send(pid, None)

    pid = system.spawn(Props.from_function(receive))
    for call in (
        lambda: system.send(pid, None),
        lambda: system.send(pid, None, sender=pid),
        lambda: system.post_threadsafe(pid, None),
    ):
        with pytest.raises(NotSent, match="must not be None"):
            call()
    with pytest.raises(NotSent, match="must not be None"):
        await system.request(pid, None)
    with pytest.raises(HandlerFailed, match="must not be None"):
        await system.request(pid, "send")
