"""Unary services that other packages offer on the port of a node."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import TypeAlias

from google.protobuf.message import DecodeError

from protoactor_remote.transport import Refusal, StreamRefused

__all__ = ["Answer", "OfferedServices"]

Answer: TypeAlias = Callable[[str, bytes], Awaitable[bytes]]
"""Takes a method's name and its request; `ValueError` refuses the request."""

logger = logging.getLogger("protoactor.remote")


class OfferedServices:
    """Answers by the full name of the service."""

    def __init__(self) -> None:
        self._answers: dict[str, Answer] = {}

    @contextmanager
    def offering(self, service: str, answer: Answer) -> Generator[None, None, None]:
        if service in self._answers:
            raise ValueError(f"{service} is offered already")
        self._answers[service] = answer
        try:
            yield
        finally:
            del self._answers[service]

    async def answer(self, service: str, method: str, request: bytes) -> bytes:
        """Raises `StreamRefused`: nobody offers it, the request is bad, or it failed."""
        answer = self._answers.get(service)
        if answer is None:
            text = f"{service} is not offered here"
            raise StreamRefused(Refusal.UNSUPPORTED, text)
        try:
            return await answer(method, request)
        except (DecodeError, ValueError) as error:
            text = f"{service}/{method}: {error}"
            raise StreamRefused(Refusal.PROTOCOL, text) from error
        except Exception as error:
            logger.exception("%s failed in %s", service, method)
            text = f"{type(error).__name__}: {error}"
            raise StreamRefused(Refusal.FAILED, text) from error
