"""Cluster membership without any service: members ask each other for their health.

AutomanagedProvider   the provider: `join` answers `GET /_health`, `watch` polls it
errors                what can go wrong with it
"""

from protoactor_provider_automanaged._provider import AutomanagedProvider
from protoactor_provider_automanaged.errors import (
    AutomanagedError,
    BadSetting,
    CannotListen,
    NoPort,
)

__all__ = [
    "AutomanagedError",
    "AutomanagedProvider",
    "BadSetting",
    "CannotListen",
    "NoPort",
]
