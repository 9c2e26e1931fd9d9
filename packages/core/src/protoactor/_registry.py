"""Finds the process behind a PID."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable, Iterator
from typing import Any

from protoactor._pid import LOCAL_ADDRESS, PID
from protoactor._process import Process

__all__ = ["AddressResolver", "ProcessRegistry", "base64_digits", "new_incarnation"]

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ~+"
"""protoactor-go's alphabet; the first 62 make an incarnation."""

AddressResolver = Callable[[PID], Process | None]


def base64_digits(number: int) -> str:
    """`number` in protoactor-go's base 64, most significant digit first.

    >>> base64_digits(64)
    '10'
    """
    digits = DIGITS[number & 63]
    while number := number >> 6:
        digits = DIGITS[number & 63] + digits
    return digits


def new_incarnation() -> str:
    """Six random base-62 digits that tell one run of a system from the next."""
    return _random_digits(6)


def _random_digits(count: int) -> str:
    return "".join(secrets.choice(DIGITS[:62]) for _ in range(count))


class _ThreadBound(dict[str, Process]):
    """Processes that only the thread that made this may look up."""

    def __init__(self, processes: dict[str, Process]) -> None:
        super().__init__(processes)
        self._thread = threading.get_ident()

    def get(self, id: str, /, default: Any = None) -> Any:
        if threading.get_ident() != self._thread:
            raise RuntimeError(
                "an actor system is not thread-safe: from other threads use "
                "`system.post_threadsafe`, or `loop.call_soon_threadsafe`"
            )
        return super().get(id, default)


class ProcessRegistry:
    """The processes of one system by id, and resolvers for other addresses."""

    def __init__(self, dead_letters: Process) -> None:
        self.address = LOCAL_ADDRESS
        self.incarnation = new_incarnation()
        self.system_id = _random_digits(22)
        self._dead_letters = dead_letters
        self.processes: dict[str, Process] = {}
        """By id; who looks here heeds the address of a PID himself."""
        self._resolvers: list[AddressResolver] = []
        self._counter = 0
        self._high_digits = "$"
        self._endings = [f"{digit}~{self.incarnation}" for digit in DIGITS]

    def renew(self) -> None:
        """Be another system for others: a new id, and a new ending of generated ids.

        The new ones follow from the old, so that a simulation repeats itself.
        """
        digest = hashlib.sha256(self.system_id.encode()).digest()
        digits = "".join(DIGITS[byte % 62] for byte in digest)
        self.system_id, self.incarnation = digits[:22], digits[22:28]

    def bind_to_thread(self) -> None:
        """Let look-ups from other threads than this one raise, to find mistakes."""
        self.processes = _ThreadBound(self.processes)

    def next_id(self) -> str:
        """A fresh id: `$<counter>~<incarnation>`."""
        counter = self._counter = self._counter + 1
        if not counter % 64:
            self._high_digits = f"${base64_digits(counter // 64)}"
        return self._high_digits + self._endings[counter % 64]

    def pid(self, id: str) -> PID:
        # As PID(self.address, id), at half the price.
        return tuple.__new__(  # pyright: ignore[reportUnknownMemberType]
            PID, (self.address, id, 0)
        )

    def add(self, id: str, process: Process) -> bool:
        """Register unless the id is taken; says whether it did."""
        return self.processes.setdefault(id, process) is process

    def remove(self, id: str) -> None:
        self.processes.pop(id, None)

    def is_local(self, pid: PID) -> bool:
        return pid.address == self.address or pid.address == LOCAL_ADDRESS

    def local(self, id: str) -> Process | None:
        """The process with this id, whatever address a message named."""
        return self.processes.get(id)

    def find(self, pid: PID) -> Process:
        """The process behind the PID; the dead-letter process if there is none."""
        if pid.address == self.address or pid.address == LOCAL_ADDRESS:
            process = self.processes.get(pid.id)
            return self._dead_letters if process is None else process
        for resolver in self._resolvers:
            process = resolver(pid)
            if process is not None:
                return process
        return self._dead_letters

    def add_resolver(self, resolver: AddressResolver) -> None:
        """Ask `resolver` for PIDs of other addresses, after those added before."""
        self._resolvers.append(resolver)

    def remove_resolver(self, resolver: AddressResolver) -> None:
        self._resolvers.remove(resolver)

    def ids(self) -> Iterator[str]:
        return iter(tuple(self.processes))

    def all(self) -> Iterator[Process]:
        return iter(tuple(self.processes.values()))

    def __len__(self) -> int:
        return len(self.processes)
