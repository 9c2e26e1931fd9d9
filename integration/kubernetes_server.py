"""A real kube-apiserver, on an etcd of its own, to be hurt by tests.

The binary is the one that `KUBE_APISERVER` names, or built from
`integration/kube_apiserver`: the first time that takes many minutes.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from etcd_server import EtcdServer, free_ports, run_server

__all__ = ["KubernetesServer", "kubernetes", "kubernetes_process"]

MODULE = Path(__file__).parent / "kube_apiserver"
BUILT = MODULE / "bin" / "kube-apiserver"
BUILD_TIMEOUT = 3600.0
START_TIMEOUT = 120.0
STOP_TIMEOUT = 30.0
TOKEN = "of-nobody-in-particular"


def apiserver() -> str:
    """The path of the binary; skips the test, or fails it where CI=true."""
    if given := os.environ.get("KUBE_APISERVER"):
        return given
    if BUILT.exists():
        return str(BUILT)
    go = shutil.which("go")
    if go is None:
        reason = "no kube-apiserver: set KUBE_APISERVER, or install Go to build it"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    build = [go, "build", "-trimpath", "-ldflags", "-s -w", "-o", str(BUILT), "."]
    subprocess.run(build, cwd=MODULE, check=True, timeout=BUILD_TIMEOUT)
    return str(BUILT)


@dataclass
class KubernetesServer:
    """One API server process; `etcd` keeps what it knows."""

    folder: Path
    port: int
    etcd: EtcdServer
    binary: str
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kubeconfig(self, endpoint: str | None = None, token: str = TOKEN) -> Path:
        """A file for a client that reaches it at `endpoint` (`host:port`)."""
        endpoint = endpoint or f"127.0.0.1:{self.port}"
        path = self.folder / f"kubeconfig-{endpoint.replace(':', '-')}-{token}"
        path.write_text(
            KUBECONFIG.format(folder=self.folder, endpoint=endpoint, token=token)
        )
        return path

    def start(self) -> None:
        """Start, with the data of the last run if there are any, and wait for it."""
        if not self.etcd.running:
            self.etcd.start()
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self.binary, *self._arguments()],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_ready()

    def kill(self) -> None:
        """SIGKILL, and its etcd with it."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(STOP_TIMEOUT)
        self.etcd.kill()

    def wipe(self) -> None:
        """Throw the data of a stopped server away."""
        self.etcd.wipe()

    def _arguments(self) -> list[str]:
        (self.folder / "tokens.csv").write_text(
            f"{TOKEN},admin,1,system:masters\nof-a-stranger,stranger,2\n"
        )
        key = self.folder / "service-accounts.pem"
        if not key.exists():
            subprocess.run(
                ["openssl", "genrsa", "-out", str(key), "2048"],
                check=True,
                capture_output=True,
                timeout=60,
            )
        return [
            f"--etcd-servers=http://{self.etcd.endpoint}",
            "--bind-address=127.0.0.1",
            f"--secure-port={self.port}",
            f"--cert-dir={self.folder}",
            f"--token-auth-file={self.folder / 'tokens.csv'}",
            "--authorization-mode=RBAC",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            "--service-cluster-ip-range=10.0.0.0/24",
            "--disable-admission-plugins=ServiceAccount",
            "--shutdown-delay-duration=0s",
        ]

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while not self._healthy():
            if not self.running or time.monotonic() > deadline:
                log = (self.folder / "log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"kube-apiserver did not start:\n{log}")
            time.sleep(0.1)

    def _healthy(self) -> bool:
        """Ready, and with the namespace that its own controller makes."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        for path in ("/readyz", "/api/v1/namespaces/default"):
            request = urllib.request.Request(
                f"https://127.0.0.1:{self.port}{path}",
                headers={"Authorization": f"Bearer {TOKEN}"},
            )
            try:
                urllib.request.urlopen(request, timeout=5.0, context=context).close()
            except OSError:
                return False
        return True


KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: test
clusters:
  - name: test
    cluster: {{server: "https://{endpoint}", certificate-authority: "{folder}/apiserver.crt"}}
users:
  - name: test
    user: {{token: "{token}"}}
contexts:
  - name: test
    context: {{cluster: test, user: test, namespace: default}}
"""


@contextlib.contextmanager
def run_kubernetes() -> Generator[KubernetesServer, None, None]:
    """A fresh API server; gone when the block ends."""
    binary = apiserver()
    with (
        tempfile.TemporaryDirectory(prefix="kubernetes-") as folder,
        run_server() as etcd,
    ):
        (port,) = free_ports(1)
        server = KubernetesServer(Path(folder), port, etcd, binary)
        try:
            server.start()
            yield server
        finally:
            server.kill()


@pytest.fixture(scope="session")
def kubernetes_process() -> Generator[KubernetesServer, None, None]:
    """One API server for all tests: to start one takes long."""
    with run_kubernetes() as server:
        yield server


@pytest.fixture
def kubernetes(kubernetes_process: KubernetesServer) -> KubernetesServer:
    """An API server that runs, with what earlier tests left."""
    if not kubernetes_process.running:
        kubernetes_process.start()
    return kubernetes_process
