"""Workloads, ours and those of peers side by side: `python -m benchmarks --help`.

Every measurement is a fresh process. Contenders alternate, so that a busy machine
slows all of them; the ratios are the result, the absolute numbers belong to the day.
"""
