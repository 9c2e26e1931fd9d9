"""No actors: frames over one gRPC stream, as large as ours are and never looked at.

What remains if everything but gRPC costs nothing: the limit of whatever uses it.
Requests in flight at once share a frame, which is the best that batching can do.
"""

from __future__ import annotations

import asyncio

import grpc

from benchmarks._figure import Figure
from benchmarks._in_flight import calls_per_second
from benchmarks._other_process import other_process
from benchmarks.peers._grpc_names import PATH

REQUEST = b"x" * 110
"""About what a request of 50 letters takes, with its target and its sender."""


async def echo(address, scale, frames, together):
    frame = REQUEST * together
    async with grpc.aio.insecure_channel(address) as channel:
        stream = channel.stream_stream(PATH)()

        async def call(_):
            await stream.write(frame)
            await stream.read()

        await calls_per_second(call, 100, 1)
        figure = await calls_per_second(call, int(frames * scale) or 1, 1)
        stream.cancel()
    return Figure(figure.value * together, figure.details)


def asking(frames, together):
    def run(scale):
        with other_process("benchmarks.peers._grpc_node") as address:
            return asyncio.run(echo(address, scale, frames, together))

    return run


WORKLOADS = {
    "cross-ask": asking(3_000, 1),
    "cross-ask-100": asking(2_000, 100),
    "cross-ask-256": asking(1_500, 256),
}
