"""Composition root of the processes in `workers`."""
