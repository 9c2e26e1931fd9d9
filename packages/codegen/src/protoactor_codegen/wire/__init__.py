"""The method options of a contract's .proto, generated from the file beside this.

They register in protobuf's default pool, unlike the wire formats of the other
distributions: generated code of users, which lives there, refers to them.
"""

from google.protobuf.descriptor_pool import Default

__all__ = ["POOL"]

POOL = Default()
