"""Hands messages to the processes they are for."""

from __future__ import annotations

from protoactor._dead_letter import DeadLetters
from protoactor._pid import PID
from protoactor._registry import ProcessRegistry
from protoactor._system_messages import SystemMessage
from protoactor.errors import NotSent
from protoactor.middleware import Sent

__all__ = ["PostOffice", "check_pid"]


class PostOffice:
    """What a system does with a message, once it has left its sender."""

    registry: ProcessRegistry
    dead_letters: DeadLetters

    def deliver(self, target: PID, item: object) -> None:
        """Hand a message or envelope to the target's process."""
        registry = self.registry
        try:
            here = target.address == registry.address
            process = registry.processes.get(target.id) if here else None
            if process is None:
                process = registry.find(target)
        except AttributeError:
            check_pid(target)
            raise
        process.post(target, item)

    def deliver_sent(self, call: Sent) -> None:
        """The innermost handler of send middleware."""
        self.deliver(call.target, call.envelope)

    def post_system(self, target: PID, message: SystemMessage) -> None:
        try:
            process = self.registry.find(target)
        except AttributeError:
            check_pid(target)
            raise
        process.post_system(target, message)

    def dead_letter(self, target: PID | None, item: object, reason: str) -> None:
        """Count, publish and answer a message that cannot be delivered."""
        self.dead_letters.take(target, item, reason)

    def refuse(self, target: PID, item: object, *, overloaded: bool) -> None:
        """What a full mailbox gave up."""
        self.dead_letters.take(target, item, "mailbox is full", refused=overloaded)


def check_pid(target: object) -> None:
    if not isinstance(target, PID):
        raise NotSent(f"the target must be a PID, not {target!r}")
