"""Protobuf messages as what JSON has: numbers stay numbers."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message

__all__ = ["plain"]


def plain(value: Any) -> Any:
    """Every field, also those that are empty; a message that is absent is None."""
    if isinstance(value, Message):
        fields = value.DESCRIPTOR.fields
        return {it.name: plain(_field(value, it.name)) for it in fields}
    if hasattr(value, "items"):  # a map field
        return {key: plain(each) for key, each in value.items()}
    if hasattr(value, "append"):  # a repeated one
        return [plain(each) for each in value]
    return round(value, 6) if isinstance(value, float) else value


def _field(message: Message, name: str) -> object:
    value = getattr(message, name)
    return value if not isinstance(value, Message) or message.HasField(name) else None
