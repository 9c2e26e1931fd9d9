"""A real ZooKeeper on free loopback ports, to be hurt by tests.

It is Debian's package `zookeeper`, or whatever `ZOOKEEPER_CLASSPATH` names.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from etcd_server import free_ports

__all__ = [
    "ZooKeeperServer",
    "run_ensemble",
    "run_zookeeper",
    "zookeeper",
    "zookeeper_process",
]

JARS = ("zookeeper", "slf4j-simple", "netty-codec", "netty-resolver")
DEBIAN = os.pathsep.join(f"/usr/share/java/{name}.jar" for name in JARS)
START_TIMEOUT = 60.0
STOP_TIMEOUT = 15.0
JVM = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
PROPERTIES = (
    "zookeeper.forceSync=no",
    "org.slf4j.simpleLogger.defaultLogLevel=warn",
)
MAIN = "org.apache.zookeeper.server.quorum.QuorumPeerMain"


def class_path() -> str:
    """Where ZooKeeper is; skips the test, or fails it where CI=true."""
    found = os.environ.get("ZOOKEEPER_CLASSPATH", DEBIAN)
    if shutil.which("java") and Path(found.split(os.pathsep)[0]).exists():
        return found
    reason = "no ZooKeeper: install Debian's `zookeeper`, or set ZOOKEEPER_CLASSPATH"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@dataclass
class ZooKeeperServer:
    """One ZooKeeper process; `settings` go to its configuration as they are."""

    folder: Path
    port: int
    settings: Mapping[str, object] = field(default_factory=dict[str, object])
    properties: Sequence[str] = ()
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def endpoint(self) -> str:
        """`host:port`, as `ZooKeeperProvider` wants it."""
        return f"127.0.0.1:{self.port}"

    @property
    def secure_endpoint(self) -> str:
        """Where it speaks TLS, if it was told to."""
        return f"127.0.0.1:{self.settings['secureClientPort']}"

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start, with the data of the last run if there are any, and wait for it."""
        self.spawn()
        self.wait_ready()

    def spawn(self) -> None:
        """Start the process without waiting for it."""
        self._configure()
        properties = (*PROPERTIES, *self.properties)
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    "java",
                    *JVM,
                    *(f"-D{name}" for name in properties),
                    *("-cp", class_path(), MAIN, str(self.folder / "zoo.cfg")),
                ],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """SIGKILL: no session is closed, nothing is flushed."""
        self._end(signal.SIGKILL)

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

    def ask(self, word: str) -> str:
        """What the server says to one of its four-letter words."""
        with socket.create_connection(("127.0.0.1", self.port), 5.0) as connection:
            connection.sendall(word.encode())
            answer = b""
            while data := connection.recv(65536):
                answer += data
        return answer.decode()

    def _configure(self) -> None:
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        settings = {
            "dataDir": self.folder / "data",
            "clientPort": self.port,
            "clientPortAddress": "127.0.0.1",
            "tickTime": 200,
            "maxClientCnxns": 0,
            "admin.enableServer": "false",
            "4lw.commands.whitelist": "*",
            **self.settings,
        }
        lines = [f"{name}={value}\n" for name, value in settings.items()]
        (self.folder / "zoo.cfg").write_text("".join(lines))

    def wait_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while not self._healthy():
            if not self.running or time.monotonic() > deadline:
                log = (self.folder / "log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"ZooKeeper did not start:\n{log}")
            time.sleep(0.05)

    def _healthy(self) -> bool:
        try:
            return "Mode:" in self.ask("srvr")
        except OSError:
            return False

    def _end(self, how: signal.Signals) -> None:
        process = self._process
        if process is None:
            return
        process.send_signal(how)
        process.send_signal(signal.SIGCONT)
        process.wait(STOP_TIMEOUT)


@contextlib.contextmanager
def run_zookeeper(
    *properties: str, **settings: object
) -> Generator[ZooKeeperServer, None, None]:
    """A fresh ZooKeeper; gone when the block ends."""
    names = {name.replace("__", "."): value for name, value in settings.items()}
    with tempfile.TemporaryDirectory(prefix="zookeeper-") as folder:
        port, secure = free_ports(2)
        if "secureClientPort" in names:
            names["secureClientPort"] = secure
        server = ZooKeeperServer(Path(folder), port, names, properties)
        try:
            server.start()
            yield server
        finally:
            server.kill()


@contextlib.contextmanager
def run_ensemble(size: int = 3) -> Generator[list[ZooKeeperServer], None, None]:
    """Servers that form one ZooKeeper; gone when the block ends."""
    with tempfile.TemporaryDirectory(prefix="zookeeper-") as folder:
        servers = _layout(Path(folder), size)
        try:
            for server in servers:
                server.spawn()
            for server in servers:
                server.wait_ready()
            yield servers
        finally:
            for server in servers:
                server.kill()


def _layout(folder: Path, size: int) -> list[ZooKeeperServer]:
    ports = iter(free_ports(3 * size))
    numbers = range(1, size + 1)
    together: dict[str, object] = {"initLimit": 50, "syncLimit": 20}
    for number in numbers:
        together[f"server.{number}"] = f"127.0.0.1:{next(ports)}:{next(ports)}"
    for number in numbers:
        data = folder / str(number) / "data"
        data.mkdir(parents=True)
        (data / "myid").write_text(str(number))
    return [
        ZooKeeperServer(folder / str(number), next(ports), together)
        for number in numbers
    ]


@pytest.fixture(scope="session")
def zookeeper_process() -> Generator[ZooKeeperServer, None, None]:
    """One ZooKeeper for all tests: to start a JVM for each takes long."""
    with run_zookeeper() as server:
        yield server


@pytest.fixture
def zookeeper(zookeeper_process: ZooKeeperServer) -> ZooKeeperServer:
    """A ZooKeeper that runs, with what earlier tests left: stop it, freeze it, wipe it."""
    if not zookeeper_process.running:
        zookeeper_process.start()
    zookeeper_process.thaw()
    return zookeeper_process
