"""An actor whose process passes messages on to its routees."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

from protoactor._actor import Actor
from protoactor._cell import ActorCell
from protoactor._context import Context
from protoactor._envelope import TAKEN, Envelope
from protoactor._pid import PID
from protoactor._props import Props
from protoactor._spawn import start_actor
from protoactor._system_messages import Stop
from protoactor.messages import PoisonPill, Started, Terminated
from protoactor.routing._messages import (
    AddRoutee,
    AdjustPoolSize,
    BroadcastMessage,
    GetRoutees,
    RemoveRoutee,
    Routees,
)
from protoactor.routing._strategy import RoutingStrategy, Unroutable

if TYPE_CHECKING:
    from protoactor._system import ActorSystem

__all__ = ["Router", "spawn_router"]

logger = logging.getLogger("protoactor.routing")


class Router(Actor):
    """Keeps the routees; in a turn of its own it handles what is meant for it."""

    poison: object = PoisonPill()
    """What a poison pill becomes in the router's mailbox."""

    def __init__(self, strategy: RoutingStrategy) -> None:
        self.strategy = strategy
        self.routees: tuple[PID, ...] = ()

    def receive(self, context: Context) -> None:
        match context.message:
            case Started():
                self.start(context)
            case AddRoutee(pid):
                self.add(context, pid)
            case RemoveRoutee(pid):
                self.remove(context, pid)
            case AdjustPoolSize(change):
                self.adjust(context, change)
            case GetRoutees():
                context.respond(Routees(self.routees))
            case Terminated(who):
                self.forget(context, who)
            case _:
                pass

    def start(self, context: Context) -> None:
        """Provide for routees; called at spawn and again with every `Started`."""

    def add(self, context: Context, pid: PID) -> None:
        if pid not in self.routees:
            self.routees = (*self.routees, pid)
        context.watch(pid)

    def remove(self, context: Context, pid: PID) -> None:
        self.forget(context, pid)
        context.unwatch(pid)

    def adjust(self, context: Context, change: int) -> None:
        reason = "only pools have a size to adjust"
        context.system.dead_letter(context.self, AdjustPoolSize(change), reason)

    def forget(self, context: Context, pid: PID) -> None:
        """Drop a routee, known perhaps by the address from before remoting began."""
        local = context.system.registry.is_local
        self.routees = tuple(
            routee
            for routee in self.routees
            if routee.id != pid.id
            or (routee.address != pid.address and not (local(routee) and local(pid)))
        )


FOR_ITSELF = (AddRoutee, RemoveRoutee, GetRoutees, AdjustPoolSize)


class RouterCell(ActorCell):
    """A router as a process: only what is meant for itself enters its mailbox."""

    __slots__ = ("_routing",)

    def __init__(
        self,
        system: ActorSystem,
        props: Props,
        pid: PID,
        parent: PID | None,
        producer: Callable[..., Actor],
    ) -> None:
        super().__init__(system, props, pid, parent, producer)
        self._routing = False

    def post(self, target: PID, item: object) -> None:
        router = cast(Router, self.actor)
        message = item.message if isinstance(item, Envelope) else item
        if isinstance(message, FOR_ITSELF):
            super().post(target, item)
        elif isinstance(message, PoisonPill):
            super().post(target, router.poison)
        elif self._routing:
            self._refuse(item, "routers form a circle")
        elif not router.routees:
            self._refuse(item, "router has no routees")
        elif isinstance(message, BroadcastMessage):
            self._deliver(router.routees, item, message.message)
        else:
            self._route(router, item, message)

    def _route(self, router: Router, item: object, message: object) -> None:
        try:
            picked = router.strategy.pick(router.routees, message)
        except Unroutable as error:
            self._refuse(item, str(error))
        except Exception as error:  # nothing of it may reach whoever sends
            logger.error("%s cannot route", self.self, exc_info=error)
            self._refuse(item, "routing strategy failed")
        else:
            self._deliver(picked, item, message)

    def _deliver(self, routees: Sequence[PID], item: object, message: object) -> None:
        self._routing = True
        try:
            for routee in routees:
                self.system.deliver(routee, _for_one_of(routees, item, message))
        finally:
            self._routing = False

    def _refuse(self, item: object, reason: str) -> None:
        self.system.dead_letter(self.self, item, reason)


def _for_one_of(routees: Sequence[PID], item: object, message: object) -> object:
    """The item itself for a single routee; else a copy, as it cannot be withdrawn."""
    if not isinstance(item, Envelope):
        return message
    if len(routees) == 1 and item.message is message:
        return item
    item.state = TAKEN
    return Envelope(message, item.sender, item.headers, item.deadline)


def spawn_router(system: ActorSystem, id: str, props: Props, parent: PID | None) -> PID:
    """Spawn a router whose routees are there before it gets its first message."""
    pid = start_actor(system, id, props, parent, new_cell=RouterCell)
    cell = cast(RouterCell, system.registry.local(id))
    try:
        cast(Router, cell.actor).start(cell)
    except BaseException:
        cell.post_system(pid, Stop())
        raise
    return pid
