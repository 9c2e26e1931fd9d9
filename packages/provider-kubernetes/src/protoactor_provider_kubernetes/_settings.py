"""Where the API server is and how long to wait for it, checked once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from lightkube import KubeConfig, SingleConfig
from lightkube.core.exceptions import ConfigError

from protoactor_cluster.errors import JoinTimeout
from protoactor_cluster.spi import Fault, Timing, positive_seconds
from protoactor_provider_kubernetes._owner import Pod

__all__ = ["Settings", "load_config"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that the threads of a provider need to know; times in seconds."""

    config: SingleConfig = field(repr=False)
    namespace: str
    timing: Timing
    timeout: float
    pod: Pod | None

    def __post_init__(self) -> None:
        positive_seconds("timeout", self.timeout)

    @property
    def server(self) -> str:
        return str(self.config.cluster.server)

    @property
    def call_timeout(self) -> float:
        """Of one call: an API server that hangs is noticed before the Lease can end."""
        timing = self.timing
        return min(self.timeout, timing.interval, timing.join_timeout / 2)

    def unanswered(self, trouble: Fault | None) -> JoinTimeout:
        """The error that says where, for how long, and what to look at."""
        return JoinTimeout(
            f"no answer from Kubernetes at {self.server} within "
            f"{self.timing.join_timeout:g} s: "
            f"{trouble.reason if trouble else 'still waiting'}; "
            "is the address right, and did its `certificate-authority` sign it?"
        )


def load_config(kubeconfig: str | Path | None, context: str | None) -> SingleConfig:
    """The service account of the pod, `$KUBECONFIG`, `~/.kube/config`, or that file.

    Raises `ValueError` if there is none.
    """
    try:
        found = (
            KubeConfig.from_file(kubeconfig) if kubeconfig else KubeConfig.from_env()
        )
        config = found.get(context)
    except (ConfigError, OSError, KeyError, ValueError) as error:
        raise ValueError(
            f"no configuration for Kubernetes: {error}; run in a pod with a service "
            "account, set KUBECONFIG, or say kubeconfig=<file>"
        ) from error
    if config is None or config.user is None:
        raise ValueError("the configuration for Kubernetes has no context with a user")
    return config
