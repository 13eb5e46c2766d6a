"""Benchmarks, each beside its yardstick: `make bench`."""
