"""What a provider needs of Consul's HTTP API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from protoactor_cluster.spi import Refused, Unavailable
from protoactor_provider_consul._agent import Agent, Answer
from protoactor_provider_consul._service import check_id, is_critical

__all__ = ["Api", "Entry", "Health"]

Entry: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Health:
    """The entries of a service that are in order, and the index they had."""

    entries: Sequence[Entry]
    index: int

    def has(self, service_id: str) -> bool:
        return any(entry["Service"].get("ID") == service_id for entry in self.entries)


class Api:
    """Blocking, for the thread that owns the agent; raises `Fault`s."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    def register(self, service: Mapping[str, object]) -> None:
        """With its check passing, in place of one that is there."""
        self._done(self._agent.ask("PUT", "agent", "service", "register", body=service))

    def deregister(self, service_id: str) -> None:
        """Whether it is there or not."""
        self._agent.ask("PUT", "agent", "service", "deregister", service_id)

    def refresh(self, service_id: str) -> bool:
        """Let the time to live start anew; False if the agent does not know it."""
        check = check_id(service_id)
        try:
            answer = self._agent.ask("PUT", "agent", "check", "pass", check)
        except Unavailable as error:  # as Consul says it before 1.11
            if "unknown check" in error.reason.lower() or "TTL" in error.reason:
                return False
            raise
        return answer.status == 200

    def health(self, name: str, *, index: int = 0, wait: float = 0.0) -> Health:
        """The services of this name; waits for an index other than the given one.

        Without an index it is as the leader of Consul has it, confirmed by the others.
        """
        query = (
            {"index": str(index), "wait": f"{wait:.3f}s"}
            if index
            else {"consistent": ""}
        )
        longest = wait * 17 / 16 if index else 0.0  # Consul adds up to a sixteenth
        answer = self._agent.ask(
            "GET", "health", "service", name, wait=longest, query=query
        )
        if answer.filtered:
            reason = f"the token may not read the service {name!r}, or its nodes"
            raise Refused(self._agent.name, reason)
        return Health(self._entries(answer, name), answer.index)

    def exists(self, key: str) -> bool:
        """As the leader of Consul has it, confirmed by the others."""
        answer = self._agent.ask("GET", "kv", *key.split("/"), query={"consistent": ""})
        return answer.status == 200

    def delete(self, key: str) -> None:
        self._done(self._agent.ask("DELETE", "kv", *key.split("/")))

    def lock(self, key: str, session: str) -> bool:
        """Write an empty value that ends with the session, or leave the one there is.

        False if there is no such session.
        """
        query = {"acquire": session}
        try:
            self._done(self._agent.ask("PUT", "kv", *key.split("/"), query=query))
        except Unavailable as error:
            if "invalid session" in error.reason:
                return False
            raise
        return True

    def new_session(self, ttl: float) -> str:
        """Deletes what is locked by it when it ends; ends `ttl` seconds later or so."""
        body: dict[str, object] = {
            "TTL": f"{ttl:.0f}s",
            "Behavior": "delete",
            "NodeChecks": [],
            "LockDelay": "0s",
        }
        answer = self._done(self._agent.ask("PUT", "session", "create", body=body))
        match self._json(answer):
            case {"ID": str(session)}:
                return session
            case _:
                raise Unavailable(self._agent.name, f"no session: {answer.text[:200]}")

    def _done(self, answer: Answer) -> Answer:
        if answer.status != 200:
            reason = f"status {answer.status}: {answer.text.strip()[:200]}"
            raise Unavailable(self._agent.name, reason)
        return answer

    def _entries(self, answer: Answer, name: str) -> list[Entry]:
        found = self._json(self._done(answer))
        if not isinstance(found, list):
            raise Unavailable(
                self._agent.name, f"no list of services: {answer.text[:200]}"
            )
        entries = [cast("Entry", entry) for entry in cast("list[object]", found)]
        # Consul looks names up without their case.
        return [
            entry
            for entry in entries
            if entry["Service"].get("Service") == name and not is_critical(entry)
        ]

    def _json(self, answer: Answer) -> Any:
        try:
            return answer.json()
        except (ValueError, RecursionError):
            text = answer.text.strip()[:200]
            raise Unavailable(self._agent.name, f"this is not Consul: {text}") from None
