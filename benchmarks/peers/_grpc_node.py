"""A process that answers every frame of a gRPC stream with the same, and nothing else."""

from __future__ import annotations

import asyncio
import sys

import grpc

from benchmarks.peers._grpc_names import METHOD, SERVICE


async def echo(_, context):
    while (frame := await context.read()) is not grpc.aio.EOF:
        await context.write(frame)


async def main():
    server = grpc.aio.server()
    handler = grpc.stream_stream_rpc_method_handler(echo)
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(SERVICE, {METHOD: handler}),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(f"127.0.0.1:{port}", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await server.stop(0)


if __name__ == "__main__":
    asyncio.run(main())
