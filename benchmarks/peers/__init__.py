"""The same workloads for other actor libraries, as their users would write them.

Each module has `WORKLOADS`: by name, a function from a scale to the figure. They are
imported only in the process that measures them.
"""
