"""Wire formats of the core messages, generated from the .proto files beside this.

They live in a descriptor pool of their own: a program that brings its own copy
of protoactor-go's `actor.proto` does not collide with ours.
"""

from google.protobuf.descriptor_pool import DescriptorPool

__all__ = ["POOL"]

POOL = DescriptorPool()
