"""`kubernetes://` URLs."""

from __future__ import annotations

from typing import Any

from protoactor_cluster.spi import parse_url

__all__ = ["parse_kubernetes_url"]

SECONDS = ("lease_ttl", "stall_limit", "timeout", "join_timeout")
TEXTS = ("kubeconfig", "context")


def parse_kubernetes_url(url: str) -> dict[str, Any]:
    """Options of `kubernetes://[namespace]?kubeconfig=<file>&context=<name>&...`.

    Raises `ValueError`.
    """
    namespace, path, options = parse_url(url, seconds=SECONDS, texts=TEXTS)
    if path or ":" in namespace or "," in namespace or "user" in options:
        raise ValueError(
            f"kubernetes URL: {namespace!r} is no namespace; the API server and how to "
            "log in are in the kubeconfig: kubernetes://shop?kubeconfig=/etc/kube/config"
        )
    return {"namespace": namespace or None, **options}
