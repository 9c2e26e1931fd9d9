"""What a user is told when etcd could not be used in the first place."""

from __future__ import annotations

from protoactor_cluster.errors import ClusterError, JoinTimeout
from protoactor_provider_etcd._fault import Fault, Refused
from protoactor_provider_etcd._settings import Settings
from protoactor_provider_etcd.errors import EtcdRefused

__all__ = ["explain"]


def explain(trouble: Fault | None, settings: Settings) -> ClusterError:
    """The error that says which endpoints, for how long, and what to look at."""
    if isinstance(trouble, Refused):
        return EtcdRefused(trouble.endpoint, trouble.reason)
    endpoints = ", ".join(f"{host}:{port}" for host, port in settings.endpoints)
    return JoinTimeout(
        f"no answer from etcd at {endpoints} within {settings.join_timeout:g} s: "
        f"{trouble or 'still waiting'}; {_hint(settings)}"
    )


def _hint(settings: Settings) -> str:
    if settings.tls is None:
        return "is it up, is the address right, and does it want `tls=`?"
    return "is it up, does it speak TLS, and did `ca` sign its certificate?"
