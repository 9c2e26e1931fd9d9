"""Handshakes, ends of streams, and peers that misbehave."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from protoactor import (
    PID,
    ActorSystem,
    DeadLetter,
    DeadLetterEvent,
    DeadLetterResponse,
    NotSent,
    SystemClosed,
    Touch,
    Touched,
)
from protoactor_remote import (
    Backoff,
    EndpointConnected,
    EndpointTerminated,
    HandshakeRefused,
    MemberBlocked,
    PeerBlocked,
    PeerUnreachable,
    Remote,
    RemoteOptions,
    TerminationReason,
    Undecodable,
    message,
)
from protoactor_remote._abilities import NO_ABILITIES, Abilities
from protoactor_remote._handshake import DISCONNECT, connect_request, connect_response
from protoactor_remote.transport import StreamClosed
from protoactor_remote.wire import remote_pb2
from protoactor_remote.wire.remote_pb2 import ActorPidRequest

if TYPE_CHECKING:
    from .conftest import Node, Nodes

IMPATIENT = RemoteOptions(
    handshake_timeout=1.0, connect_attempts=2, backoff=Backoff(first=0.01)
)
PATIENCE = 30.0


@message("test.Note")
@dataclass(frozen=True, slots=True)
class Note:
    text: str


def batch(*envelopes: remote_pb2.MessageEnvelope, **tables: object) -> bytes:
    made = remote_pb2.MessageBatch(envelopes=envelopes, **tables)  # type: ignore[arg-type]
    return remote_pb2.RemoteMessage(message_batch=made).SerializeToString()


def text(value: str) -> bytes:
    return ActorPidRequest(name=value).SerializeToString()


class Ends(list[EndpointTerminated]):
    """The connections of a node that ended since."""

    def __init__(self, node: Node) -> None:
        super().__init__()
        self._added = asyncio.Event()
        node.system.events.subscribe(self._add, EndpointTerminated)

    def _add(self, event: EndpointTerminated) -> None:
        self.append(event)
        self._added.set()

    async def first(self) -> EndpointTerminated:
        async with asyncio.timeout(PATIENCE):
            await self._added.wait()
        return self[0]


# -- the handshake ------------------------------------------------------------


async def test_the_greeting_says_who_calls(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.fake()
    a.remote.block_list.block("somebody")
    a.system.send(PID(b.address, "x"), Touch())
    async with asyncio.timeout(PATIENCE):
        request = await b.greetings.get()
    server = request.server_connection
    assert (server.member_id, server.address) == (a.system.id, a.address)
    assert list(server.block_list) == ["somebody"]
    assert Abilities.from_wire(request.abilities) == a.remote._node.abilities


async def test_nodes_learn_what_a_peer_understands(nodes: Nodes) -> None:
    a = await nodes.start()
    b = await nodes.start(options=RemoteOptions(abilities=["shop"]))
    assert a.remote.abilities_of(b.address) is None
    await a.system.request(b.pid("activator"), Touch())
    known = a.remote.abilities_of(b.address)
    assert known is not None
    assert known.python
    assert "shop" in known.names
    assert 64 in known.serializers


def test_abilities_travel_where_protoactor_go_does_not_look() -> None:
    """Field 1000 of both handshake messages, beside protoactor-go's own fields."""
    abilities = Abilities.ours(["shop"], [64])
    sent = b"\xc2\x3e" + bytes([abilities.to_wire().ByteSize()])
    assert sent in connect_request("a", "h:1", (), abilities)
    assert sent in connect_response("a", False, abilities)


async def test_trap_47_a_handshake_that_is_never_answered_fails(nodes: Nodes) -> None:
    a, b = await nodes.start(options=IMPATIENT), await nodes.fake()
    b.answers = False
    with pytest.raises(PeerUnreachable, match="handshake"):
        await a.system.request(PID(b.address, "x"), Touch())
    assert 0 < len(b.streams) <= IMPATIENT.connect_attempts


async def test_a_connection_is_tried_again(nodes: Nodes) -> None:
    options = replace(IMPATIENT, connect_attempts=20, backoff=Backoff(0.05, 0.05))
    a, b = await nodes.start(options=options), await nodes.fake()
    b.answers = False
    a.system.send(PID(b.address, "x"), Touch())
    async with asyncio.timeout(PATIENCE):
        await b.greetings.get()
        await b.greetings.get()
        b.answers = True
        assert len((await b.batch()).envelopes) == 1


async def test_a_stream_must_begin_with_a_greeting(nodes: Nodes) -> None:
    a = await nodes.start()
    refused = asyncio.create_task(a.system.events.first(HandshakeRefused, timeout=30.0))
    for frame in (batch(), DISCONNECT, b"", b"\xff\xff"):
        stream = await nodes.transport().connect(a.address)
        await stream.write(frame)
        with pytest.raises(StreamClosed):
            await stream.read()
        await stream.close()
    assert "ConnectRequest" in (await refused).reason


async def test_a_client_without_an_address_is_refused(nodes: Nodes) -> None:
    a = await nodes.start()
    client = remote_pb2.ClientConnection(member_id="c")
    request = remote_pb2.ConnectRequest(client_connection=client)
    stream = await nodes.transport().connect(a.address)
    await stream.write(
        remote_pb2.RemoteMessage(connect_request=request).SerializeToString()
    )
    with pytest.raises(StreamClosed, match="not served"):
        await stream.read()
    await stream.close()


async def test_trap_61_a_port_that_is_taken_is_an_error(nodes: Nodes) -> None:
    a = await nodes.start()
    port = int(a.address.rpartition(":")[2])
    with pytest.raises(OSError, match="taken"):
        await nodes.start(port=port)


async def test_a_failed_start_leaves_nothing_behind(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start()
    port = int(a.address.rpartition(":")[2])
    with pytest.raises(OSError, match="taken"):
        await Remote(b.system, transport=nodes.transport(), port=port).__aenter__()
    reply = await b.system.request(a.pid("activator"), Touch(), returns=Touched)
    assert reply.who == a.pid("activator")


# -- ends ------------------------------------------------------------------------


async def test_trap_44_a_dialler_hears_nothing_but_the_answer_and_disconnect(
    nodes: Nodes,
) -> None:
    a, peer = await nodes.start(), await nodes.fake()
    probe = a.probe()
    stream = await nodes.transport().connect(a.address)
    await stream.write(connect_request("fake", peer.address, (), NO_ABILITIES))
    frames = [await stream.read()]
    envelope = remote_pb2.MessageEnvelope(message_data=text("hi"), sender=1)
    sender = {"Address": peer.address, "Id": "me"}
    await stream.write(
        batch(
            envelope,
            type_names=["remote.ActorPidRequest"],
            targets=[probe.pid.id],
            senders=[sender],
        )
    )
    await probe.expect(ActorPidRequest)
    probe.reply(Touch())
    assert len((await peer.batch()).envelopes) == 1
    leaving = asyncio.create_task(nodes.stop(a))
    frames.append(await stream.read())
    await stream.end()
    assert await stream.read() is None
    await leaving
    kinds = [
        remote_pb2.RemoteMessage.FromString(frame or b"").WhichOneof("message_type")
        for frame in frames
    ]
    assert kinds == ["connect_response", "disconnect_request"]
    await stream.close()


async def test_trap_45_a_stream_whose_dialler_stays_ends_with_an_error(
    nodes: Nodes,
) -> None:
    options = RemoteOptions(leave_timeout=1.0)
    a, peer = await nodes.start(options=options), await nodes.fake()
    stream = await peer.dial(a.address)
    leaving = asyncio.create_task(nodes.stop(a))
    assert await stream.read() == DISCONNECT
    with pytest.raises(StreamClosed):
        await stream.read()
    await leaving
    await stream.close()


async def test_trap_46_a_leaving_peer_gets_what_is_queued_and_a_half_close(
    nodes: Nodes,
) -> None:
    a, b = await nodes.start(), await nodes.fake()
    ends = Ends(a)
    a.system.send(PID(b.address, "x"), Touch())
    await b.batch()
    for _ in range(100):
        a.system.send(PID(b.address, "x"), Touch())
    await b.streams[0].write(DISCONNECT)
    async with asyncio.timeout(PATIENCE):
        await b.ended.wait()
    received = 0
    while not b.batches.empty():
        received += len(b.batches.get_nowait().envelopes)
    assert received == 100
    assert (await ends.first()).reason is TerminationReason.DISCONNECTED


async def test_trap_48_the_end_of_one_connection_does_not_touch_the_next(
    nodes: Nodes,
) -> None:
    a, b = await nodes.start(), await nodes.fake()
    ends = Ends(a)
    starts: list[EndpointConnected] = []
    a.system.events.subscribe(starts.append, EndpointConnected)
    target = PID(b.address, "x")
    for round in range(1, 6):
        a.system.send(target, Touch())
        await b.batch()
        await b.streams[-1].write(DISCONNECT)
        async with asyncio.timeout(PATIENCE):
            while len(ends) < round:
                a.system.send(target, Touch())  # some go the old way, some the new
                await asyncio.sleep(0)
                while not b.batches.empty():
                    b.batches.get_nowait()
    a.system.send(target, ActorPidRequest(name="last"))
    async with asyncio.timeout(PATIENCE):
        while "remote.ActorPidRequest" not in (await b.batch()).type_names:
            pass
    generations = [event.generation for event in starts]
    assert generations == sorted(set(generations))
    assert [event.generation for event in ends] == generations[: len(ends)]


async def test_the_peers_end_of_a_stream_ends_the_connection(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start()
    ends = Ends(a)
    await a.system.request(b.pid("activator"), Touch())
    await nodes.stop(b)
    assert (await ends.first()).reason is TerminationReason.DISCONNECTED
    with pytest.raises(PeerUnreachable):
        await a.system.request(b.pid("activator"), Touch())


async def test_a_restarted_peer_is_reached_again(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start()
    port = int(b.address.rpartition(":")[2])
    for _ in range(3):
        reply = await a.system.request(b.pid("activator"), Touch(), returns=Touched)
        assert reply.who == b.pid("activator")
        await nodes.stop(b)
        b = await nodes.start(port=port)


async def test_an_answer_under_way_arrives_although_the_peer_leaves(
    nodes: Nodes,
) -> None:
    a, b = await nodes.start(), await nodes.start()
    probe = b.probe()
    asked = asyncio.create_task(a.system.request(probe.pid, Note("?"), returns=Note))
    await probe.expect(Note)
    dismissed = asyncio.create_task(b.remote.dismiss_peers())
    await a.system.events.first(EndpointTerminated, timeout=30.0)
    await dismissed
    probe.reply(Note("!"))
    assert await asked == Note("!")


async def test_trap_60_an_idle_stream_outlives_every_timeout(nodes: Nodes) -> None:
    options = RemoteOptions(handshake_timeout=0.2, flush_timeout=0.1, leave_timeout=0.1)
    a, b = await nodes.start(options=options), await nodes.start(options=options)
    ends = Ends(a)
    await a.system.request(b.pid("activator"), Touch())
    await asyncio.sleep(0.6)
    await a.system.request(b.pid("activator"), Touch())
    assert a.remote._node.statistics.connected == 1
    assert ends == []


async def test_a_connection_can_be_dropped(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start()
    ends = Ends(a)
    await a.system.request(b.pid("activator"), Touch())
    a.remote.disconnect(b.address, "gone for good")
    a.remote.disconnect("127.0.0.1:1")
    end = await ends.first()
    assert (end.reason, end.detail) == (TerminationReason.LOST, "gone for good")


@pytest.mark.virtual_time
async def test_a_cool_down_refuses_messages_for_a_while(memory_nodes: Nodes) -> None:
    options = RemoteOptions(connect_attempts=1, cool_down=0.1)
    a = await memory_nodes.start(options=options)
    target = PID("127.0.0.1:1", "x")
    with pytest.raises(PeerUnreachable):
        await a.system.request(target, Touch())
    assert a.remote._endpoints.resolve(target) is None
    await asyncio.sleep(0.11)
    with pytest.raises(PeerUnreachable):
        await a.system.request(target, Touch())


# -- blocking --------------------------------------------------------------------


async def test_trap_63_a_blocked_dialler_gets_no_service_and_does_not_insist(
    nodes: Nodes,
) -> None:
    a, b = await nodes.start(), await nodes.start()
    blocked = asyncio.create_task(b.system.events.first(MemberBlocked, timeout=30.0))
    await asyncio.sleep(0)
    b.remote.block_list.block(a.system.id, "left the cluster")
    assert await blocked == MemberBlocked(a.system.id, "left the cluster")
    ends = Ends(a)
    with pytest.raises(PeerBlocked) as caught:
        await a.system.request(b.pid("activator"), Touch())
    assert caught.value.by_peer
    assert [end.reason for end in ends] == [TerminationReason.BLOCKED_BY_PEER]
    assert b.remote._node.statistics.refused_handshakes == 1


async def test_trap_63_who_blocks_does_not_call_either(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start()
    a.remote.block_list.block(b.system.id)
    with pytest.raises(PeerBlocked):
        await a.system.request(b.pid("activator"), Touch())
    assert b.remote._node.statistics.received == {}


async def test_trap_63_who_blocks_calls_nobody_that_does_not_care(
    nodes: Nodes,
) -> None:
    """protoactor-go does not look at the block list that it is sent."""
    a, b = await nodes.start(), await nodes.fake()
    a.remote.block_list.block("fake")
    with pytest.raises(PeerBlocked) as caught:
        await a.system.request(PID(b.address, "x"), Touch())
    assert not caught.value.by_peer
    assert b.batches.empty()
    assert len(b.streams) == 1


async def test_a_block_ends_connections_in_both_directions(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start()
    await a.system.request(b.pid("activator"), Touch())
    ends_here, ends_there = Ends(a), Ends(b)
    b.remote.block_list.block(a.system.id)
    await ends_here.first()
    assert (await ends_there.first()).reason is TerminationReason.BLOCKED
    with pytest.raises(PeerBlocked):
        await a.system.request(b.pid("activator"), Touch())


@pytest.mark.virtual_time
async def test_a_block_may_end(memory_nodes: Nodes) -> None:
    a, b = await memory_nodes.start(), await memory_nodes.start()
    blocks = b.remote.block_list
    blocks.block(a.system.id, seconds=0.1)
    blocks.block("other")
    assert blocks.members() == {a.system.id, "other"}
    blocks.unblock("other")
    await asyncio.sleep(0.11)
    assert blocks.members() == frozenset()
    await a.system.request(b.pid("activator"), Touch())


# -- what peers may send -----------------------------------------------------------


async def test_trap_40_targets_count_from_zero_and_senders_from_one(
    nodes: Nodes,
) -> None:
    a, peer = await nodes.start(), await nodes.fake()
    first, second = a.probe(), a.probe()
    stream = await peer.dial(a.address)
    envelope = partial(remote_pb2.MessageEnvelope, message_data=text("hi"))
    await stream.write(
        batch(
            envelope(),
            envelope(sender=1),
            envelope(target=1, sender=2),
            type_names=["remote.ActorPidRequest"],
            targets=[first.pid.id, second.pid.id],
            senders=[{"Address": peer.address, "Id": id} for id in ("me", "you")],
        )
    )
    senders: list[PID | None] = []
    for probe in (first, first, second):
        await probe.expect(ActorPidRequest)
        senders.append(probe.sender)
    assert senders == [None, PID(peer.address, "me"), PID(peer.address, "you")]
    await stream.close()


async def test_trap_41_a_request_id_belongs_to_one_envelope(nodes: Nodes) -> None:
    """Others that share its sender or target in the tables do not inherit it."""
    a, peer = await nodes.start(), await nodes.fake()
    probe = a.probe()
    stream = await peer.dial(a.address)
    envelope = partial(remote_pb2.MessageEnvelope, message_data=text("hi"), sender=1)
    await stream.write(
        batch(
            *(envelope(sender_request_id=n) for n in (5, 0, 7)),
            type_names=["remote.ActorPidRequest"],
            targets=[probe.pid.id],
            senders=[{"Address": peer.address, "Id": "me"}],
        )
    )
    for number in (5, 0, 7):
        await probe.expect(ActorPidRequest)
        assert probe.sender == PID(peer.address, "me", number)
    await stream.close()


async def test_trap_41_replies_in_one_batch_find_their_own_requests(
    nodes: Nodes,
) -> None:
    a, peer = await nodes.start(), await nodes.fake()
    target = PID(peer.address, "x")
    asked = [
        asyncio.create_task(a.system.request(target, Touch(), returns=ActorPidRequest))
        for _ in range(3)
    ]
    ids: list[int] = []
    future = ""
    while len(ids) < len(asked):
        requests = await peer.batch()
        ids += [envelope.sender_request_id for envelope in requests.envelopes]
        future = requests.senders[0].Id
    letters: list[DeadLetterEvent] = []
    a.system.events.subscribe(letters.append, DeadLetterEvent)
    stream = await peer.dial(a.address)
    answers = [
        remote_pb2.MessageEnvelope(message_data=text(str(id)), target_request_id=id)
        for id in (*reversed(ids), 0)
    ]
    names = ["remote.ActorPidRequest"]
    await stream.write(batch(*answers, type_names=names, targets=[future]))
    replies = await asyncio.gather(*asked)
    assert [reply.name for reply in replies] == [str(id) for id in ids]
    await stream.end()
    assert await stream.read() is None
    assert [letter.target for letter in letters] == [a.pid(future)]


async def test_trap_51_a_malformed_message_costs_itself_only(nodes: Nodes) -> None:
    a, peer = await nodes.start(), await nodes.fake()
    probe = a.probe()
    letters: list[DeadLetterEvent] = []
    a.system.events.subscribe(letters.append, DeadLetterEvent)
    good = {"message_data": text("good")}
    bad: list[dict[str, object]] = [
        {"type_id": 9},
        {"type_id": -1},
        {"type_id": 1},
        {"target": 7},
        {"target": -1},
        {"sender": 3},
        {"sender": -1},
        {"serializer_id": 7},
        {"serializer_id": -1},
        {"message_data": b"\xff\xff\xff"},
        {"message_header": b"\xff"},
        {"type_id": 2},
        {"type_id": 3},
    ]
    envelopes: list[remote_pb2.MessageEnvelope] = []
    for change in bad:
        fields: dict[str, object] = {**good, **change}
        envelopes.append(remote_pb2.MessageEnvelope(**fields))  # type: ignore[arg-type]
        envelopes.append(remote_pb2.MessageEnvelope(**good))  # type: ignore[arg-type]
    stream = await peer.dial(a.address)
    names = ["remote.ActorPidRequest", "no.Such", "actor.Watch", "actor.Terminated"]
    await stream.write(batch(*envelopes, type_names=names, targets=[probe.pid.id]))
    for _ in bad:
        assert (await probe.expect(ActorPidRequest)).name == "good"
    assert [type(letter.message) for letter in letters] == [Undecodable] * len(bad)
    assert a.remote._node.statistics.bad_messages == len(bad)
    await stream.close()


async def test_trap_51_the_sender_of_an_unknown_message_is_told(nodes: Nodes) -> None:
    a, peer = await nodes.start(), await nodes.fake()
    stream = await peer.dial(a.address)
    envelope = remote_pb2.MessageEnvelope(sender=1, sender_request_id=7)
    sender = {"Address": peer.address, "Id": "me"}
    tables = {"type_names": ["no.Such"], "targets": ["x"], "senders": [sender]}
    await stream.write(batch(envelope, **tables))
    answer = await peer.batch()
    assert list(answer.type_names) == ["actor.DeadLetterResponse"]
    assert list(answer.targets) == ["me"]
    assert answer.envelopes[0].target_request_id == 7
    await stream.close()


async def test_a_damaged_frame_loses_only_what_is_damaged(nodes: Nodes) -> None:
    a, peer = await nodes.start(), await nodes.fake()
    probe = a.probe()
    stream = await peer.dial(a.address)
    from protoactor_remote.wire import salvage_pb2

    good = remote_pb2.MessageEnvelope(message_data=text("good")).SerializeToString()
    made = salvage_pb2.Batch(
        type_names=[b"remote.ActorPidRequest", b"\xff\xfe"],
        targets=[probe.pid.id.encode(), b"\xff"],
        envelopes=[b"\xff\xff", good, b"\x12\x7f", good],
        senders=[b"\xff"],
    )
    await stream.write(salvage_pb2.Frame(message_batch=made).SerializeToString())
    for _ in range(2):
        await probe.expect(ActorPidRequest)
    await stream.write(b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")
    await stream.write(b"")
    await stream.write(connect_request("again", peer.address, (), NO_ABILITIES))
    await stream.write(
        batch(
            remote_pb2.MessageEnvelope(message_data=text("still here")),
            type_names=["remote.ActorPidRequest"],
            targets=[probe.pid.id],
        )
    )
    assert (await probe.expect(ActorPidRequest)).name == "still here"
    assert a.remote._node.statistics.bad_frames == 3
    assert a.remote._node.statistics.bad_messages == 2
    await stream.close()


async def test_a_sender_without_address_is_at_the_peers(nodes: Nodes) -> None:
    a, peer = await nodes.start(), await nodes.fake()
    probe = a.probe()
    stream = await peer.dial(a.address)
    envelope = remote_pb2.MessageEnvelope(message_data=text("hi"), sender=1)
    tables = {"type_names": ["remote.ActorPidRequest"], "targets": [probe.pid.id]}
    await stream.write(batch(envelope, **tables, senders=[{"Id": "me"}]))
    await probe.expect(ActorPidRequest)
    assert probe.sender == PID(peer.address, "me")
    await stream.close()


# -- what is written ------------------------------------------------------------------


async def test_what_is_queued_together_shares_a_frame_and_one_alone_waits_for_nobody(
    nodes: Nodes,
) -> None:
    a, b = await nodes.start(), await nodes.fake()
    target = PID(b.address, "x")
    for count in (1000, 1, 1, 500):
        for _ in range(count):
            a.system.send(target, Touch())
        assert len((await b.batch()).envelopes) == count
    assert b.batches.empty()


# -- what peers like protoactor-go may get -------------------------------------------


async def test_trap_49_a_go_peer_gets_only_what_it_may_link(nodes: Nodes) -> None:
    options = RemoteOptions(go_types=["google.protobuf.*"])
    a, b = await nodes.start(options=options), await nodes.fake()
    from google.protobuf.empty_pb2 import Empty

    from protoactor_remote.wire.health_pb2 import HealthCheckRequest

    target = PID(b.address, "x")
    a.system.send(target, Note("python only"))
    a.system.send(target, "a text")
    a.system.send(target, HealthCheckRequest())
    a.system.send(target, Empty())
    a.system.send(target, Touch())
    types: list[str] = []
    while len(types) < 2:
        types += (await b.batch()).type_names
    assert types == ["google.protobuf.Empty", "actor.Touch"]
    refused = a.system.dead_letters.counts["type cannot be sent to this peer"]
    assert refused == 3


async def test_a_list_for_one_address_replaces_the_one_for_go(nodes: Nodes) -> None:
    b = await nodes.fake()
    options = RemoteOptions(go_types=[], peer_types={b.address: ["grpc.health.v1.*"]})
    a = await nodes.start(options=options)
    from protoactor_remote.wire.health_pb2 import HealthCheckRequest

    a.system.send(PID(b.address, "x"), HealthCheckRequest())
    assert list((await b.batch()).type_names) == ["grpc.health.v1.HealthCheckRequest"]


async def test_a_dead_letter_response_tells_a_go_peer_what_it_knows(
    nodes: Nodes,
) -> None:
    a, peer = await nodes.start(), await nodes.fake()
    a.system.send(PID(peer.address, "x"), DeadLetterResponse(a.pid("gone"), "why"))
    answer = await peer.batch()
    from protoactor.wire import actor_pb2

    data = answer.envelopes[0].message_data
    known = actor_pb2.DeadLetterResponse.FromString(data)
    assert (known.Target.Address, known.Target.Id) == (a.address, "gone")


async def test_trap_50_diagnostics_are_never_asked_of_a_go_peer(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.fake()
    with pytest.raises(NotSent):
        await a.remote.processes(b.address)
    with pytest.raises(NotSent):
        await a.remote.describe(PID(b.address, "x"))
    assert b.calls == []


async def test_diagnostics_are_off_unless_switched_on(nodes: Nodes) -> None:
    a, b = await nodes.start(), await nodes.start()
    with pytest.raises(NotSent):
        await a.remote.processes(b.address)
    c = await nodes.start(options=RemoteOptions(diagnostics=True))
    found = await a.remote.processes(c.address, "ACTIV")
    assert found == [c.pid("activator")]
    assert await a.remote.describe(found[0]) == "ActorType:Activator"
    request = remote_pb2.ListProcessesRequest().SerializeToString()
    with pytest.raises(StreamClosed, match="diagnostics"):
        await nodes.transport().call(b.address, "ListProcesses", request, 5.0)


async def test_lists_of_processes_match_in_three_ways(memory_nodes: Nodes) -> None:
    a = await memory_nodes.start(options=RemoteOptions(diagnostics=True))

    async def listed(pattern: str, kind: int) -> list[str]:
        request = remote_pb2.ListProcessesRequest(pattern=pattern, type=kind)  # type: ignore[arg-type]
        answer = await memory_nodes.transport().call(
            a.address, "ListProcesses", request.SerializeToString(), 5.0
        )
        return [p.Id for p in remote_pb2.ListProcessesResponse.FromString(answer).pids]

    assert await listed("TIVAT", remote_pb2.MatchPartOfString) == ["activator"]
    assert await listed("activator", remote_pb2.MatchExactString) == ["activator"]
    assert await listed("activat", remote_pb2.MatchExactString) == []
    assert await listed("^act.*r$", remote_pb2.MatchRegex) == ["activator"]
    with pytest.raises(StreamClosed):
        await listed("(", remote_pb2.MatchRegex)


async def test_a_remote_is_entered_once(memory_nodes: Nodes) -> None:
    a = await memory_nodes.start()
    with pytest.raises(SystemClosed, match="once"):
        await a.remote.__aenter__()
    await a.system.request(a.pid("activator"), Touch())


async def test_a_node_can_be_left_and_another_entered_on_one_system(
    memory_nodes: Nodes,
) -> None:
    b = await memory_nodes.start()
    async with ActorSystem() as system:
        for _ in range(3):
            async with Remote(system, transport=memory_nodes.transport()) as remote:
                await system.request(b.pid("activator"), Touch())
                assert system.extension(Remote) is remote
            with pytest.raises(DeadLetter):
                await system.request(b.pid("activator"), Touch())
