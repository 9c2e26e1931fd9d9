"""A whole cluster of pure state machines, with every message delayed at will.

Views reach members at different times; requests, answers, pulls and chunks are
delivered in any order, twice or never; members join, crash, and are evicted
while they live on. At no time may two members host one identity.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from protoactor import PID
from protoactor_cluster.consensus import agreed
from protoactor_cluster.handover import (
    AbandonSpawns,
    AcceptActivations,
    Activation,
    AnnounceReady,
    Answer,
    AskPeer,
    Attach,
    BarrierReached,
    ChunkReceived,
    Completed,
    Effect,
    Event,
    Forward,
    Handover,
    HandoverChunk,
    HandoverTimeouts,
    Incomplete,
    OwnerTable,
    Placement,
    Pull,
    Refuse,
    Release,
    Spawn,
    Spawns,
    SpawnsSettled,
    StopDuplicate,
    TimePassed,
    TopologyChanged,
    Wait,
    decide,
)
from protoactor_cluster.identity import ClusterIdentity
from protoactor_cluster.member_list import MemberList
from protoactor_cluster.provider import Member, MembershipView
from protoactor_cluster.topology import TopologyChange, TopologyId

IDENTITIES = [ClusterIdentity("Kind", name) for name in ("x", "y", "z")]
PATIENT = HandoverTimeouts(barrier=math.inf, answers=math.inf)


@dataclass
class Message:
    """Something under way to a member."""

    target: str


@dataclass
class Claim(Message):
    """Gossip: which topology a member has, and for which it is ready."""

    source: str
    topology: TopologyId
    ready: TopologyId


@dataclass
class Ask(Message):
    source: str
    pull: Pull


@dataclass
class Chunk(Message):
    source: str
    topology_id: TopologyId
    chunk: HandoverChunk


@dataclass
class Request(Message):
    """Owner to host: start this identity."""

    source: str
    identity: ClusterIdentity
    topology_id: TopologyId
    number: int


@dataclass
class Started(Message):
    """Host: the actor runs, and wants to be registered."""

    request: Request


@dataclass
class Response(Message):
    source: str
    request: Request
    pid: PID | None


@dataclass
class Terminated(Message):
    identity: ClusterIdentity
    pid: PID


@dataclass
class Stop(Message):
    identity: ClusterIdentity
    pid: PID


@dataclass
class Node:
    """One member: what the actors around the pure state machines would do."""

    member: Member
    net: list[Message]
    timeouts: HandoverTimeouts
    arbiter: bool = True
    now: float = 0.0
    answered: Counter[ClusterIdentity] = field(default_factory=Counter)
    waiting: list[ClusterIdentity] = field(default_factory=list)
    requests: dict[ClusterIdentity, int] = field(default_factory=dict)
    said: dict[str, tuple[TopologyId, TopologyId]] = field(default_factory=dict)
    ready: TopologyId = TopologyId(0, 0)
    incomplete: bool = False
    picked: int = 0
    actors: int = 0

    def __post_init__(self) -> None:
        self.members = MemberList(self.member, arbiter=self.arbiter)
        self.table = OwnerTable()
        self.spawns = Spawns()
        self.handover = Handover(self.id, self.table, self.spawns, self.timeouts)
        self.placement = Placement(self.id, chunk_size=1)

    @property
    def id(self) -> str:
        return self.member.id

    def see(self, view: MembershipView) -> None:
        self.changed(self.members.apply(view, self.now))

    def changed(self, change: TopologyChange | None) -> None:
        if change:
            self.incomplete = False
            self.feed(TopologyChanged(change.current, self.now))

    def feed(self, event: Event) -> None:
        for effect in self.handover.handle(event):
            self.perform(effect)

    def perform(self, effect: Effect) -> None:
        match effect:
            case AbandonSpawns(identities):
                for identity in identities:
                    self.requests.pop(identity, None)
                    self.waiting.append(identity)
            case AnnounceReady(topology):
                self.ready = topology.id
                self.check_barrier()
            case AskPeer(member, pull):
                self.net.append(Ask(member.id, self.id, pull))
            case StopDuplicate(kept, stopped):
                assert kept.identity == stopped.identity
                self.net.append(Stop(stopped.member_id, stopped.identity, stopped.pid))
            case AcceptActivations() | Release():
                self.retry()
            case Incomplete():
                self.incomplete = True
            case Completed():
                pass

    def retry(self) -> None:
        waiting, self.waiting = self.waiting, []
        for identity in waiting:
            self.request(identity)

    def request(self, identity: ClusterIdentity, *, forwarded: bool = False) -> None:
        """What the owner's actor does when a call needs an activation."""
        match decide(
            identity, self.handover, self.table, self.spawns, forwarded=forwarded
        ):
            case Answer(activation):
                assert activation.member_id in self.handover.topology
                self.answered[identity] += 1
            case Wait() | Attach():
                self.waiting.append(identity)
            case Spawn(member_id):
                self.spawn(identity, member_id)
            case Forward() | Refuse():
                pass

    def spawn(self, identity: ClusterIdentity, member_id: str | None) -> None:
        hosts = self.members.hosts("Kind")
        self.picked += 1
        target = member_id or hosts[self.picked % len(hosts)].id
        self.spawns.begin(identity, target)
        self.requests[identity] = self.picked
        version = self.handover.topology.id
        self.net.append(Request(target, self.id, identity, version, self.picked))
        self.waiting.append(identity)

    def spawn_ended(self, identity: ClusterIdentity, *, known: bool) -> None:
        del self.requests[identity]
        self.spawns.end(identity, outcome_known=known)
        if self.spawns.settled:
            self.feed(SpawnsSettled(self.now))

    def receive(self, message: Message) -> None:
        match message:
            case Claim(source=source, topology=topology, ready=ready):
                self.said[source] = (topology, ready)
                self.changed(self.members.hear(source, topology))
                self.check_barrier()
            case Ask(source=source, pull=pull):
                for chunk in filter(None, self.placement.answer(pull)):
                    self.net.append(Chunk(source, self.id, pull.topology.id, chunk))
            case Chunk(source=source, topology_id=topology_id, chunk=chunk):
                self.feed(ChunkReceived(source, topology_id, chunk, self.now))
            case Request():
                self.host(message)
            case Started(request=request):
                self.register(request)
            case Response():
                self.take_response(message)
            case Terminated(identity=identity, pid=pid):
                self.table.terminated(identity, pid)
            case Stop(identity=identity, pid=pid):
                self.stop(identity, pid)
            case _:
                raise AssertionError(message)

    def host(self, request: Request) -> None:
        pid = self.placement.get(request.identity)
        if pid or self.placement.refuses(request.topology_id):
            self.net.append(Response(request.source, self.id, request, pid))
        else:
            self.net.append(Started(self.id, request))

    def register(self, request: Request) -> None:
        self.actors += 1
        name = f"{request.identity}${self.actors}~{self.id:0>6}"
        mine = PID(self.member.address, name)
        pid = self.placement.register(request.identity, mine, request.topology_id)
        self.net.append(Response(request.source, self.id, request, pid))

    def take_response(self, response: Response) -> None:
        request = response.request
        if self.requests.get(request.identity) != request.number:
            return
        activation = response.pid and Activation.of(
            request.identity, response.pid, response.source
        )
        if (
            activation
            and self.owns(activation)
            and not self.table.has_ended(activation.pid)
            and not self.table.get(request.identity)
        ):
            self.table.put(activation)
        self.spawn_ended(request.identity, known=True)
        self.retry()

    def owns(self, activation: Activation) -> bool:
        owner = self.handover.ring.owner_at(activation.position)
        hosted = activation.member_id in self.handover.topology
        return hosted and owner is not None and owner.id == self.id

    def stop(self, identity: ClusterIdentity, pid: PID) -> None:
        if self.placement.remove(identity, pid):
            for member in self.members.topology.members:
                self.net.append(Terminated(member.id, identity, pid))

    def check_barrier(self) -> None:
        topology = self.handover.topology
        said = {**self.said, self.id: (topology.id, self.ready)}
        topologies = {id: it[0] for id, it in said.items()}
        ready = {id: it[1] for id, it in said.items()}
        if reached := agreed(topology.by_id, topologies, ready):
            self.feed(BarrierReached(reached, self.now))


class ClusterModel(RuleBasedStateMachine):
    """The provider, the network, and the members in between."""

    timeouts = PATIENT
    arbiter = True

    def __init__(self) -> None:
        super().__init__()
        self.net: list[Message] = []
        self.nodes: dict[str, Node] = {}
        self.listed: dict[str, Member] = {}
        self.dead: set[str] = set()
        self.revision = 0
        self.now = 0.0

    @initialize(count=st.integers(1, 3))
    def begin(self, count: int) -> None:
        for _ in range(count):
            self.join()
        self.settle()

    def pick(self, index: int) -> Node:
        alive = [node for id, node in sorted(self.nodes.items()) if id not in self.dead]
        return alive[index % len(alive)]

    # --- what the world does

    @rule()
    def join(self) -> None:
        if len(self.listed) == 4:
            return
        number = len(self.nodes) + 1
        id = f"m{number:02}"
        member = Member(id, "10.0.0.1", 9000 + number, frozenset({"Kind"}))
        self.nodes[id] = Node(member, self.net, self.timeouts, self.arbiter, self.now)
        self.listed[id] = member
        self.revision += 1

    @rule(index=st.integers(0, 9), alive=st.booleans())
    def remove(self, index: int, alive: bool) -> None:
        """The provider drops a member: it crashed, or does not know yet."""
        if len(self.listed) == 1:
            return
        id = sorted(self.listed)[index % len(self.listed)]
        del self.listed[id]
        self.revision += 1
        if not alive:
            self.dead.add(id)

    @rule(index=st.integers(0, 9))
    def observe(self, index: int) -> None:
        view = MembershipView.of(self.listed.values(), self.revision)
        self.pick(index).see(view)

    @rule(source=st.integers(0, 9))
    def gossip(self, source: int) -> None:
        node = self.pick(source)
        for id in self.nodes:
            topology = node.handover.topology.id
            self.net.append(Claim(id, node.id, topology, node.ready))

    @rule(indices=st.lists(st.integers(0, 99), min_size=1, max_size=8))
    def deliver(self, indices: list[int]) -> None:
        for index in indices:
            if self.net:
                self.arrive(self.net.pop(index % len(self.net)))

    def arrive(self, message: Message) -> None:
        if message.target not in self.dead:
            self.nodes[message.target].receive(message)

    @rule(index=st.integers(0, 99))
    def deliver_twice(self, index: int) -> None:
        if self.net:
            message = self.net[index % len(self.net)]
            if not isinstance(message, Started):
                self.arrive(message)

    @rule(index=st.integers(0, 99))
    def lose(self, index: int) -> None:
        if self.net and not isinstance(self.net[index % len(self.net)], Stop):
            self.net.pop(index % len(self.net))

    @rule(index=st.integers(0, 9), identity=st.sampled_from(IDENTITIES))
    def call(self, index: int, identity: ClusterIdentity) -> None:
        self.pick(index).request(identity)

    @rule(index=st.integers(0, 9))
    def give_up_waiting_for_a_response(self, index: int) -> None:
        node = self.pick(index)
        if node.requests:
            identity = next(iter(node.requests))
            node.spawn_ended(identity, known=False)
            node.retry()

    @rule(index=st.integers(0, 9), identity=st.sampled_from(IDENTITIES))
    def passivate(self, index: int, identity: ClusterIdentity) -> None:
        node = self.pick(index)
        if pid := node.placement.get(identity):
            node.stop(identity, pid)

    @rule()
    def pass_time(self) -> None:
        self.now += 2.0
        for id, node in self.nodes.items():
            node.now = self.now
            due = node.handover.next_deadline
            if id not in self.dead and due is not None and due <= self.now:
                node.feed(TimePassed(self.now))

    # --- and what must come of it

    def members(self) -> Iterator[Node]:
        return (self.nodes[id] for id in self.listed)

    @rule()
    def settle(self) -> None:
        """Nothing is lost any more: soon all agree, and every call is answered."""
        for _ in range(60):
            for index in range(len(self.nodes)):
                self.observe(index)
                self.gossip(index)
            while self.net:
                self.arrive(self.net.pop(0))
                self.at_most_one_activation_in_the_cluster()
            self.pass_time()
            if all(node.handover.complete for node in self.members()):
                break
        assert len({node.handover.topology.id for node in self.members()}) == 1
        for node in self.members():
            assert node.handover.complete
            assert not node.incomplete
        self.everything_answers()

    def everything_answers(self) -> None:
        for identity in IDENTITIES:
            owner = next(self.members()).handover.ring.owner(identity.name)
            assert owner
            node = self.nodes[owner.id]
            before = node.answered[identity]
            node.request(identity)
            for _ in range(9):
                while self.net:
                    self.arrive(self.net.pop(0))
                if node.answered[identity] == before:
                    if node.requests.get(identity):
                        node.spawn_ended(identity, known=False)
                    node.retry()
            assert node.answered[identity] > before
            self.owner_knows_what_lives(node, identity)

    def owner_knows_what_lives(self, owner: Node, identity: ClusterIdentity) -> None:
        living = [
            (node.id, pid)
            for node in self.members()
            if (pid := node.placement.get(identity))
        ]
        assert len(living) <= 1
        known = owner.table.get(identity)
        if living and known:
            assert [(known.member_id, known.pid)] == living

    @invariant()
    def at_most_one_activation_in_the_cluster(self) -> None:
        for identity in IDENTITIES:
            hosts = [it.id for it in self.members() if it.placement.get(identity)]
            assert len(hosts) <= 1, f"{identity} lives on {hosts}"


TestClusterModel = ClusterModel.TestCase
TestClusterModel.settings = settings(
    deadline=None,
    max_examples=200,
    stateful_step_count=40,
    suppress_health_check=list(HealthCheck),
)
