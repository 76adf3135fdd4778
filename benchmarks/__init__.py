"""Benchmarks: every time budget of this package, measured in real kernels beside the peers that are installed.

``python -m benchmarks`` prints the table; one module a measurement, see :mod:`benchmarks.__main__`.
"""
