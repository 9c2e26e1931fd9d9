"""What stops the generator."""

__all__ = ["CannotGenerate"]


class CannotGenerate(Exception):
    """The .proto is valid, but has no Python contract; the text says what to change."""
