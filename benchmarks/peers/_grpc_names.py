"""How the bare gRPC stream is called."""

__all__ = ["METHOD", "PATH", "SERVICE"]

SERVICE, METHOD = "benchmarks.Bare", "Echo"
PATH = f"/{SERVICE}/{METHOD}"
