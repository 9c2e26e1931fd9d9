"""Serializer 1: JSON, for what is sent as `JsonMessage`."""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf import descriptor_pool, json_format, message_factory

from protoactor_remote.serializer import Decoder, Encoder

__all__ = ["JsonMessage", "JsonSerializer"]


@dataclass(frozen=True, slots=True)
class JsonMessage:
    """A text and the name of its type. Sending one is how you choose JSON.

    A receiver that links a protobuf message of that name gets that message, any
    other one gets the `JsonMessage`.
    """

    type_name: str
    json: str


class JsonSerializer:
    """protoactor-go's JSON serializer."""

    id = 1
    priority = 0

    def encoder(self, message_type: type) -> Encoder | None:
        if message_type is not JsonMessage:
            return None
        return Encoder(_type_name, _text)

    def decoder(self, type_name: str) -> Decoder | None:
        try:
            descriptor = descriptor_pool.Default().FindMessageTypeByName(type_name)
        except KeyError:
            return lambda data: JsonMessage(type_name, data.decode())
        linked = message_factory.GetMessageClass(descriptor)
        return lambda data: json_format.Parse(
            data, linked(), ignore_unknown_fields=True
        )


def _type_name(message: JsonMessage) -> str:
    return message.type_name


def _text(message: JsonMessage) -> bytes:
    return message.json.encode()
