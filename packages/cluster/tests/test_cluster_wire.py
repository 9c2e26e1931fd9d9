"""Bytes that protoactor-go produces for the same messages."""

import pytest
from google.protobuf import descriptor_pool
from google.protobuf.message import Message

from protoactor.wire.actor_pb2 import PID
from protoactor_cluster.wire import cluster_pb2, gossip_pb2, grain_pb2

PONGER = cluster_pb2.ClusterIdentity(identity="ponger-1", kind="Ponger")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            cluster_pb2.ActivationRequest(cluster_identity=PONGER),
            "0a120a08706f6e6765722d311206506f6e676572",
        ),
        (cluster_pb2.ActivationResponse(failed=True), "1001"),
        (
            cluster_pb2.ActivationResponse(
                pid=PID(Address="127.0.0.1:8080", Id="partition-activator/ponger-1$5")
            ),
            "0a300a0e3132372e302e302e313a38303830121e706172746974696f6e2d6163746976"
            "61746f722f706f6e6765722d312435",
        ),
        (grain_pb2.GrainRequest(message_data=b"\x08\x01"), "12020801"),
        (
            grain_pb2.GrainRequest(method_index=2, message_data=b"\x08\x01"),
            "080212020801",
        ),
        (
            grain_pb2.GrainErrorResponse(reason="UNKNOWN", message="boom"),
            "0a07554e4b4e4f574e1204626f6f6d",
        ),
        (
            cluster_pb2.MemberHeartbeat(actor_statistics=cluster_pb2.ActorStatistics()),
            "0a00",
        ),
        (
            cluster_pb2.ClusterTopology(
                topology_hash=13904886588237684160,
                members=[
                    cluster_pb2.Member(
                        id="memberId-0", host="127.0.0.1", port=8080, kinds=["kind"]
                    )
                ],
            ),
            "08c0bb80b0e49585fcc00112200a093132372e302e302e3110903f1a0a6d656d626572"
            "49642d3022046b696e64",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Message) else "",
)
def test_messages_travel_as_protoactor_go_writes_them(
    message: Message, expected: str
) -> None:
    assert message.SerializeToString().hex() == expected


def test_gossip_travels_as_protoactor_go_writes_it() -> None:
    request = gossip_pb2.GossipRequest(member_id="m2")
    entry = request.state.members["m1"].values["heathbeat"]
    entry.sequence_number = 1
    entry.local_timestamp_unix_milliseconds = 1700000000000
    statistics = cluster_pb2.ActorStatistics()
    entry.value.Pack(cluster_pb2.MemberHeartbeat(actor_statistics=statistics))
    assert request.SerializeToString().hex() == (
        "0a530a510a026d31124b0a490a09686561746862656174123c100122310a2b747970652e"
        "676f6f676c65617069732e636f6d2f636c75737465722e4d656d62657248656172746265"
        "617412020a002880d095ffbc3112026d32"
    )


def test_the_schema_stays_out_of_the_default_pool() -> None:
    """A program that links its own copy of cluster.proto must not collide."""
    with pytest.raises(KeyError):
        descriptor_pool.Default().FindMessageTypeByName("cluster.ClusterTopology")


def test_our_own_fields_lie_beyond_the_reach_of_protoactor_go() -> None:
    ours = {
        (message.name, field.name)
        for message in cluster_pb2.DESCRIPTOR.message_types_by_name.values()
        for field in message.fields
        if field.number >= 1000
    }
    assert ("ActivationRequest", "topology_version") in ours
    assert all(0 < number < 10 for number in _numbers_below_1000())


def _numbers_below_1000() -> list[int]:
    return [
        field.number
        for message in cluster_pb2.DESCRIPTOR.message_types_by_name.values()
        for field in message.fields
        if field.number < 1000
    ]
