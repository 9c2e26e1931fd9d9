"""A kubeconfig of a server that need not be there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Kubeconfig = Callable[[int], Path]

TEXT = """
apiVersion: v1
kind: Config
current-context: here
clusters:
  - name: here
    cluster: {{server: "http://127.0.0.1:{port}"}}
users:
  - name: ann
    user: {{token: "secret"}}
contexts:
  - name: here
    context: {{cluster: here, user: ann, namespace: shops}}
  - name: elsewhere
    context: {{cluster: here, user: ann}}
"""


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Kubeconfig:
    def write(port: int = 1) -> Path:
        path = tmp_path / f"config-{port}"
        path.write_text(TEXT.format(port=port))
        return path

    return write
