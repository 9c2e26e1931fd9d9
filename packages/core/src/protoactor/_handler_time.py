"""How long handlers take, for those who want to know."""

from __future__ import annotations

from protoactor import telemetry
from protoactor._actor import actor_type
from protoactor.middleware import Received, ReceiveHandler

__all__ = ["time_handlers"]


async def time_handlers(call: Received, next: ReceiveHandler) -> None:
    """Receive middleware: records the seconds of every handler as a histogram.

    >>> Props(Worker, receive_middleware=[time_handlers])
    """
    system, actor = call.context.system, call.context.actor
    histogram = system.telemetry.receive_duration
    if histogram is None:
        await next(call)
        return
    started = system.loop.time()
    try:
        await next(call)
    finally:
        labels = {
            telemetry.SYSTEM_LABEL: system.id,
            telemetry.ADDRESS_LABEL: system.address,
            telemetry.ACTOR_TYPE_LABEL: actor_type(actor),
            telemetry.MESSAGE_TYPE_LABEL: type(call.envelope.message).__name__,
        }
        histogram.record(system.loop.time() - started, labels)
