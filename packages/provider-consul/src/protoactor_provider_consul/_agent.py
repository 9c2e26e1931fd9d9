"""HTTP with one Consul agent, for a thread that may be interrupted.

Every call blocks: these are for threads of the provider, never for the event loop.
"""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
from yarl import URL

from protoactor_cluster.spi import (
    Refused,
    ServiceTLS,
    Settings,
    Unavailable,
    endpoints_text,
)

__all__ = ["Agent", "Answer", "Interrupted"]


class Interrupted(Unavailable):
    """Another thread wants the call to end."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What Consul said, where it did not refuse."""

    status: int
    index: int
    filtered: bool
    text: str

    def json(self) -> Any:
        """Raises `ValueError`."""
        return json.loads(self.text)


class Agent:
    """Has an event loop of its own, for the thread that calls, so that a request that
    waits for a change can be cancelled by another.
    """

    def __init__(self, settings: Settings, token: str | None) -> None:
        scheme = "http" if settings.tls is None else "https"
        host, port = settings.endpoints[0]
        self.name = endpoints_text(settings.endpoints)
        self._base = f"{scheme}://{host}:{port}/v1/"
        self._settings = settings
        self._headers = {} if token is None else {"X-Consul-Token": token}
        self._lock = threading.Lock()
        self._runner: asyncio.Runner | None = None
        self._session: aiohttp.ClientSession | None = None
        self._asking: asyncio.Task[Answer] | None = None
        self._interrupted = False

    def ask(
        self,
        method: str,
        *path: str,
        wait: float = 0.0,
        query: Mapping[str, str] | None = None,
        body: object = None,
    ) -> Answer:
        """One request; Consul may take `wait` seconds more than the usual ones.

        Raises `Unavailable`, `Refused`, and `Interrupted`, now and ever after.
        """
        parts = "/".join(quote(part, safe="") for part in path)
        url = URL(f"{self._base}{parts}?{urlencode(query or {})}", encoded=True)
        timeout = wait + self._settings.call_timeout
        request = self._request(method, url, body, timeout)
        if self._runner is None:
            self._runner = asyncio.Runner()
        try:
            return self._runner.run(self._cancellable(request))
        except asyncio.CancelledError:
            raise Interrupted(self.name, "interrupted") from None
        except TimeoutError:
            raise Unavailable(self.name, f"no answer within {timeout:g} s") from None
        except (aiohttp.ClientError, OSError, UnicodeError) as error:
            raise Unavailable(self.name, _reason(error)) from error

    def interrupt(self) -> None:
        """From another thread: end the call that is under way, and all later ones."""
        with self._lock:
            self._interrupted = True
            if self._asking is not None:
                self._asking.get_loop().call_soon_threadsafe(self._asking.cancel)

    def disconnect(self) -> None:
        """Let the next call open a connection of its own."""
        session, self._session = self._session, None
        if session is not None and self._runner is not None:
            self._runner.run(session.close())

    def close(self) -> None:
        self.disconnect()
        runner, self._runner = self._runner, None
        if runner is not None:
            runner.close()

    async def _cancellable(self, request: Any) -> Answer:
        asking: asyncio.Task[Answer] = asyncio.ensure_future(request)
        with self._lock:
            self._asking = asking
            if self._interrupted:
                asking.cancel()
        try:
            return await asking
        finally:
            with self._lock:
                self._asking = None

    async def _request(
        self, method: str, url: URL, body: object, timeout: float
    ) -> Answer:
        async with asyncio.timeout(timeout):
            if self._session is None:
                self._session = self._connect()
            data = None if body is None else json.dumps(body)
            async with self._session.request(method, url, data=data) as response:
                return self._answer(response, (await response.read()).decode())

    def _connect(self) -> aiohttp.ClientSession:
        tls = self._settings.tls
        context = True if tls is None else _context(tls)
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=context), headers=self._headers
        )

    def _answer(self, response: aiohttp.ClientResponse, text: str) -> Answer:
        status = response.status
        if status in (401, 403):
            raise Refused(self.name, text.strip() or f"status {status}")
        if status not in (200, 404):
            raise Unavailable(self.name, f"status {status}: {text.strip()[:200]}")
        index = response.headers.get("X-Consul-Index", "0")
        filtered = response.headers.get("X-Consul-Results-Filtered-By-ACLs") == "true"
        return Answer(status, int(index) if index.isdigit() else 0, filtered, text)


def _reason(error: Exception) -> str:
    """aiohttp leaves out what the system said."""
    if isinstance(error, aiohttp.ClientConnectorError) and error.os_error.errno:
        return f"{error}: {os.strerror(error.os_error.errno)}"
    return str(error) or repr(error)


def _context(tls: ServiceTLS) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=tls.ca)
    if tls.certificate is not None:
        context.load_cert_chain(tls.certificate, tls.key)
    return context
