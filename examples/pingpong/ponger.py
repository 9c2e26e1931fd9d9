"""A member that hosts the article's ponger: `python examples/pingpong/ponger.py`."""

from __future__ import annotations

import asyncio

from protos_grains import PongerGrain
from protos_pb2 import PingMessage, PongMessage

from protoactor import ActorError, Context
from protoactor_cluster import join
from protoactor_provider_automanaged import AutomanagedProvider


class Ponger(PongerGrain, idle_timeout=10.0):
    async def on_activate(self) -> None:
        print(f"activated {self.identity}", flush=True)

    async def on_deactivate(self) -> None:
        print(f"deactivated {self.identity}", flush=True)

    async def ping(self, request: PingMessage) -> PongMessage:
        print(f"ping {request.cnt}", flush=True)
        return PongMessage(cnt=request.cnt)

    async def on_message(self, context: Context) -> None:
        match context.message:
            case PingMessage(cnt=count):
                print(f"plain ping {count} from {context.sender}", flush=True)
                if context.sender is not None:
                    context.respond(PongMessage(cnt=count))
            case _:
                pass


async def main() -> None:
    provider = AutomanagedProvider(hosts=["127.0.0.1:6331"], port=6331)
    async with join(
        "cluster-example", provider=provider, kinds=[Ponger], port=8080
    ) as cluster:
        print(f"ponger member at {cluster.member_address}, Ctrl-C ends it", flush=True)
        await cluster.wait_closed()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except (ActorError, OSError) as error:
        raise SystemExit(f"ponger: {error}") from None
