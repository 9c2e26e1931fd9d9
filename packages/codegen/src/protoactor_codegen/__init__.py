"""protoc-gen-protoactor: grain contracts in Python from the services of a .proto.

protoc runs the plugin by its name; nothing here is imported by generated contracts.
"""

from protoactor_codegen._main import main

__all__ = ["main"]
