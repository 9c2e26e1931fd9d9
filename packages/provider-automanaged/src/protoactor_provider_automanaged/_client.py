"""Asks members for their health."""

from __future__ import annotations

import ssl
from types import TracebackType
from typing import Self

import aiohttp

from protoactor_provider_automanaged._health import BadHealth, Health
from protoactor_provider_automanaged._host import Host

__all__ = ["HealthClient", "NoAnswer"]

MAX_BODY = 1024 * 1024


class NoAnswer(Exception):
    """Nobody answered, or not in time."""


class HealthClient:
    """Keeps a connection to every host; use it inside `async with`."""

    def __init__(
        self,
        timeout: float,
        tls: ssl.SSLContext | None = None,
        server_name: str | None = None,
    ) -> None:
        self._tls = tls
        self._server_name = server_name
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0, ssl=tls or True, keepalive_timeout=60
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=timeout),
            headers={"Accept-Encoding": "identity"},
            auto_decompress=False,
            trust_env=False,  # a proxy would answer for the dead
        )

    async def ask(self, host: Host) -> Health:
        """The health of the member there; raises `NoAnswer` or `BadHealth`."""
        try:
            return Health.from_json(await self._get(host))
        except (aiohttp.ClientSSLError, aiohttp.ClientPayloadError) as error:
            raise BadHealth(str(error)) from None
        except (
            aiohttp.ClientError,
            OSError,
            UnicodeError,
        ) as error:  # TimeoutError, too
            raise NoAnswer(str(error) or type(error).__name__) from None

    async def _get(self, host: Host) -> bytes:
        async with self._session.get(
            host.url(secure=self._tls is not None),
            allow_redirects=False,
            server_hostname=self._server_name,
        ) as response:
            if response.status != 200:
                raise BadHealth(f"status {response.status}")
            return await _at_most(MAX_BODY, response)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._session.close()


async def _at_most(limit: int, response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > limit:
            raise BadHealth(f"more than {limit} bytes")
    return bytes(body)
