"""A node: an actor system that others can reach."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, AsyncExitStack
from typing import Self

from protoactor import PID, ActorSystem, NameTaken, Props, Spawnable, SystemClosed
from protoactor_remote._abilities import Abilities
from protoactor_remote._activator import ACTIVATOR, Activator, SpawnStatus
from protoactor_remote._address import advertised_address, check_host, is_loopback
from protoactor_remote._callers import Callers
from protoactor_remote._core_messages import CoreMessages
from protoactor_remote._diagnostics import Diagnostics, DiagnosticsClient
from protoactor_remote._endpoints import Endpoints
from protoactor_remote._grpc_credentials import Credentials
from protoactor_remote._grpc_transport import GrpcTransport
from protoactor_remote._message import MessageTypes
from protoactor_remote._metrics import RemoteMetrics
from protoactor_remote._node import Node
from protoactor_remote._offered_services import Answer, OfferedServices
from protoactor_remote._options import RemoteOptions
from protoactor_remote._serializers import new_serialization
from protoactor_remote._service import NodeService
from protoactor_remote._unary_call import unary_call
from protoactor_remote.block_list import BlockList
from protoactor_remote.errors import PeerUnreachable, SpawnFailed
from protoactor_remote.events import MemberBlocked, TerminationReason
from protoactor_remote.gate import Gate
from protoactor_remote.serializer import Serializer
from protoactor_remote.tls import TLS
from protoactor_remote.transport import Listener, Transport
from protoactor_remote.wire.remote_pb2 import ActorPidRequest, ActorPidResponse

__all__ = ["Remote"]

logger = logging.getLogger("protoactor.remote")


class Remote:
    """Lets the actors of a system exchange messages with those of other processes.

    An async context manager inside the system's: entering it opens a port, leaving
    it asks peers to leave, writes what is queued and closes.

    >>> async with ActorSystem() as system, Remote(system, port=8090) as remote:
    ...     there = PID("127.0.0.1:8091", "echo")
    ...     pong = await system.request(there, PingMessage(cnt=1), returns=PongMessage)
    """

    def __init__(
        self,
        system: ActorSystem,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        advertised: str | None = None,
        kinds: Mapping[str, Spawnable] | None = None,
        tls: TLS | None = None,
        messages: Iterable[type] = (),
        serializers: Iterable[Serializer | str] = (),
        transport: Transport | None = None,
        options: RemoteOptions | None = None,
    ) -> None:
        """Raises `ValueError` for settings that contradict each other."""
        check_host(host, advertised)
        options = options or RemoteOptions()
        types = MessageTypes()
        for cls in messages:
            types.add(cls)
        self._core = CoreMessages(lambda: system.address)
        self._kinds = {kind: Props.of(actor) for kind, actor in (kinds or {}).items()}
        self._host = host
        self._port = port
        self._advertised = advertised
        self._plain = tls is None and transport is None
        credentials = Credentials(tls) if tls else None
        self._node = Node.of(
            system,
            transport or GrpcTransport(options, credentials),
            options,
            new_serialization(self._core, types, serializers),
        )
        self._callers = Callers(self._node, self._forget_watch)
        self._endpoints = Endpoints(self._node, self._callers)
        self._offered = OfferedServices()
        self._listener: Listener | None = None
        self._entered = False
        self._exit = AsyncExitStack()

    # -- lifetime ------------------------------------------------------------

    async def __aenter__(self) -> Self:
        """Raises `OSError` if the port is taken or a certificate cannot be read."""
        if self._entered:
            raise SystemClosed("a Remote can be entered only once")
        self._entered = True
        try:
            await self._open()
        except BaseException:
            await self._exit.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._exit.aclose()

    async def _open(self) -> None:
        system, exits = self.system, self._exit
        self._warn_if_open_to_all()
        listener = await self._node.transport.listen(self._host, self._port)
        exits.push_async_callback(listener.close, 0.0)
        self._listener = listener
        system.registry.address = advertised_address(
            self._host, listener.port, self._advertised
        )
        self._attach()
        exits.push_async_callback(self._endpoints.close)
        await self._start_activator()
        exits.push_async_callback(self.dismiss_peers)
        diagnostics = Diagnostics(system, self._core, self._node.options.diagnostics)
        service = NodeService(self._node, self._callers, diagnostics, self._offered)
        await listener.serve(service)

    def _attach(self) -> None:
        """Let the system know of this node, until it is left."""
        system, exits = self.system, self._exit
        exits.callback(self._node.log.close)
        system.register(self)
        exits.callback(system.unregister, self)
        if (meter := system.telemetry.meter) is not None:
            exits.callback(RemoteMetrics(self._node, self._endpoints, meter).close)
        for end_blocked in (self._endpoints.end_blocked, self._callers.end_blocked):
            exits.callback(system.events.subscribe(end_blocked, MemberBlocked).cancel)
        system.registry.add_resolver(self._endpoints.resolve)
        exits.callback(system.registry.remove_resolver, self._endpoints.resolve)

    async def _start_activator(self) -> None:
        activator = Activator(
            self._kinds, self._core, self._node.statistics, self._node.log
        )
        pid = self.system.spawn_named(Props(lambda: activator), ACTIVATOR)

        async def stop() -> None:
            await self.system.stop(pid)

        self._exit.push_async_callback(stop)

    def _warn_if_open_to_all(self) -> None:
        if self._plain and not is_loopback(self._host):
            logger.warning(
                "remoting on %s is neither encrypted nor authenticated: pass tls=TLS(...)",
                self._host,
            )

    def _forget_watch(self, watcher: PID, watchee: PID) -> None:
        self._endpoints.forget_watch(watcher, watchee)

    # -- what users ask of it ------------------------------------------------

    @property
    def system(self) -> ActorSystem:
        return self._node.system

    @property
    def address(self) -> str:
        """`host:port` under which peers reach this node."""
        return self.system.address

    @property
    def block_list(self) -> BlockList:
        """The systems that this node refuses to talk to."""
        return self._node.block_list

    @property
    def kinds(self) -> Sequence[str]:
        """What other nodes may spawn here."""
        return tuple(self._kinds)

    def register(self, kind: str, actor: Spawnable) -> None:
        """Let other nodes spawn this kind here from now on."""
        self._kinds[kind] = Props.of(actor)

    async def spawn(
        self, address: str, *, kind: str, name: str | None = None, timeout: float = 5.0
    ) -> PID:
        """Start an actor of a registered kind on another node.

        Raises `NameTaken`, `SpawnFailed`, and what `request` raises.
        """
        request = ActorPidRequest(name=name or "", kind=kind)
        activator = PID(address, ACTIVATOR)
        response = await self.system.request(
            activator, request, returns=ActorPidResponse, timeout=timeout
        )
        pid = PID(response.pid.Address or address, response.pid.Id)
        if response.status_code == SpawnStatus.OK and pid.id:
            return pid
        if response.status_code == SpawnStatus.NAME_TAKEN:
            raise NameTaken(pid)
        raise SpawnFailed(address, kind, response.status_code, _status(response))

    async def drain(self, address: str) -> None:
        """Wait until what is queued for an address now is written to the network.

        Raises `PeerUnreachable` if the connection ends before.
        """
        endpoint = self._endpoints.current(address)
        if endpoint is not None and not await endpoint.drained():
            raise PeerUnreachable(address, "the connection ended with messages queued")

    def disconnect(self, address: str, reason: str = "") -> None:
        """Drop the connection to a peer that is gone; what is queued is dead letters."""
        endpoint = self._endpoints.current(address)
        if endpoint is not None:
            endpoint.end(TerminationReason.LOST, reason or "dropped by this node")

    def start_over(self) -> None:
        """Be another system for all peers from now on, on the same port.

        Takes a new system id and drops every connection: what is queued is dead
        letters, and requests that wait for remote replies end in `ConnectionLost`.
        """
        self.system.registry.renew()
        self._endpoints.drop_all("this node took a new system id")
        self._callers.drop_all("this node took a new system id")

    @property
    def gate(self) -> Gate:
        """Asked before every frame of messages that leaves."""
        return self._node.gate

    def abilities_of(self, address: str) -> Abilities | None:
        """What a connected peer announced; None while there is no connection."""
        endpoint = self._endpoints.current(address)
        return endpoint.abilities if endpoint and endpoint.system_id else None

    async def dismiss_peers(self) -> None:
        """Take no new callers, ask those present to write what they have and leave.

        Waits `leave_timeout` seconds at most. This node can go on sending.
        """
        if self._listener is not None:
            self._listener.leave()
        await self._callers.dismiss(self._node.options.leave_timeout)

    async def processes(
        self, address: str, pattern: str = "", *, timeout: float = 5.0
    ) -> list[PID]:
        """The processes of a node that allows diagnostics, whose id holds `pattern`."""
        return await DiagnosticsClient(self._node).processes(address, pattern, timeout)

    async def describe(self, pid: PID, *, timeout: float = 5.0) -> str:
        """What an actor says about itself, on a node that allows diagnostics."""
        return await DiagnosticsClient(self._node).describe(pid, timeout)

    def offering(self, service: str, answer: Answer) -> AbstractContextManager[None]:
        """Serve a unary gRPC service on this node's port while inside.

        `answer` takes a method's name and the bytes of a request, and returns those
        of the response. Raises `ValueError` if the service is offered already.
        """
        return self._offered.offering(service, answer)

    async def call(
        self, address: str, method: str, request: bytes, *, timeout: float = 5.0
    ) -> bytes:
        """Call `service/method` of another node.

        Raises `NotOffered`, `CallRefused` or `PeerUnreachable` if nothing ran there,
        `RequestTimeout` or `ConnectionLost` if it may have, `HandlerFailed` if it did.
        """
        return await unary_call(self._node.transport, address, method, request, timeout)


def _status(response: ActorPidResponse) -> str:
    if response.status_code in tuple(SpawnStatus):
        return SpawnStatus(response.status_code).name
    return f"status {response.status_code}"
