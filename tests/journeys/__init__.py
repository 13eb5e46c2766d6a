"""Whole lives of an order, with faults between any two steps."""
