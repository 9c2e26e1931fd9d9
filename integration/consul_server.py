"""A real Consul on free loopback ports, to be hurt by tests.

The binary is the one that `CONSUL_BIN` names, or `consul` on the PATH, or built from
`integration/consul`: the first time that takes many minutes.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from etcd_server import free_ports

__all__ = ["ConsulServer", "consul", "consul_process", "run_consul"]

MODULE = Path(__file__).parent / "consul"
BUILT = MODULE / "bin" / "consul"
BUILD_TIMEOUT = 3600.0
START_TIMEOUT = 60.0
STOP_TIMEOUT = 15.0
CLOSED = dict.fromkeys(("dns", "grpc", "grpc_tls", "serf_wan"), -1)
PORTS: tuple[str, ...] = ("http", "https", "server", "serf_lan")


def binary() -> str:
    """The path of `consul`; skips the test, or fails it where CI=true."""
    if given := os.environ.get("CONSUL_BIN") or shutil.which("consul"):
        return given
    if BUILT.exists() or _build():
        return str(BUILT)
    reason = "no consul: put it, or Go, on the PATH, or set CONSUL_BIN"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def _build() -> bool:
    """Whether there is a Go to build it with; raises if it cannot."""
    if shutil.which("go") is None:
        return False
    command = ["go", "build", "-o", str(BUILT), "github.com/hashicorp/consul"]
    subprocess.run(command, cwd=MODULE, check=True, timeout=BUILD_TIMEOUT)
    return True


@dataclass
class ConsulServer:
    """One agent that is its own only server; `settings` go to its configuration."""

    folder: Path
    ports: Mapping[str, int]
    settings: Mapping[str, object] = field(default_factory=dict[str, object])
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def port(self) -> int:
        return self.ports["http"]

    @property
    def endpoint(self) -> str:
        """`host:port`, as `ConsulProvider` wants it."""
        return f"127.0.0.1:{self.port}"

    @property
    def secure_endpoint(self) -> str:
        """Where it speaks TLS, if it was told to."""
        return f"127.0.0.1:{self.ports['https']}"

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start, with the data of the last run if there are any, and wait for it."""
        (self.folder / "consul.json").write_text(json.dumps(self._configuration()))
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [binary(), "agent", f"-config-file={self.folder / 'consul.json'}"],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_ready()

    def kill(self) -> None:
        """SIGKILL: nothing is deregistered, nothing is flushed."""
        process = self._process
        if process is not None:
            process.kill()
            process.send_signal(signal.SIGCONT)
            process.wait(STOP_TIMEOUT)

    def freeze(self) -> None:
        """SIGSTOP: connections stay open, nobody answers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def wipe(self) -> None:
        """Throw the data of a stopped server away."""
        shutil.rmtree(self.folder / "data", ignore_errors=True)

    def ask(
        self, method: str, path: str, body: object = None, token: str | None = None
    ) -> Any:
        """What its HTTP API answers; raises `OSError` if that is an error."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://{self.endpoint}/v1/{path}",
            method=method,
            data=None if body is None else data,
            headers={} if token is None else {"X-Consul-Token": token},
        )
        with urllib.request.urlopen(request, timeout=10.0) as answer:
            text = answer.read()
        return json.loads(text) if text.strip() else None

    def deregister_all(self) -> None:
        for service in self.ask("GET", "agent/services"):
            self.ask("PUT", f"agent/service/deregister/{service}")

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while not self._healthy():
            if not self.running or time.monotonic() > deadline:
                log = (self.folder / "log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"Consul did not start:\n{log}")
            time.sleep(0.05)

    def _healthy(self) -> bool:
        """It leads, and knows itself."""
        try:
            nodes = self.ask("GET", "health/node/consul", token=self._token)
            return any(check["Status"] == "passing" for check in nodes)
        except (OSError, urllib.error.URLError):
            return False

    @property
    def _token(self) -> str | None:
        match self.settings:
            case {"acl": {"tokens": {"initial_management": str(token)}}}:
                return token
            case _:
                return None

    def _https(self) -> dict[str, int]:
        """Closed where there is no certificate to show."""
        return {} if "tls" in self.settings else {"https": -1}

    def _configuration(self) -> dict[str, object]:
        return {
            "server": True,
            "bootstrap_expect": 1,
            "node_name": "consul",
            "bind_addr": "127.0.0.1",
            "client_addr": "127.0.0.1",
            "data_dir": str(self.folder / "data"),
            "ports": {**CLOSED, **self.ports, **self._https()},
            "connect": {"enabled": False},
            "performance": {"raft_multiplier": 1},
            "disable_update_check": True,
            "log_level": "warn",
            **self.settings,
        }


@contextlib.contextmanager
def run_consul(**settings: object) -> Generator[ConsulServer, None, None]:
    """A fresh Consul; gone when the block ends."""
    with tempfile.TemporaryDirectory(prefix="consul-") as folder:
        ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
        server = ConsulServer(Path(folder), ports, settings)
        try:
            server.start()
            yield server
        finally:
            server.kill()


@pytest.fixture(scope="session")
def consul_process() -> Generator[ConsulServer, None, None]:
    """One Consul for all tests."""
    with run_consul() as server:
        yield server


@pytest.fixture
def consul(consul_process: ConsulServer) -> ConsulServer:
    """A Consul that runs, with what earlier tests left: stop it, freeze it, wipe it."""
    if not consul_process.running:
        consul_process.start()
    consul_process.thaw()
    return consul_process
