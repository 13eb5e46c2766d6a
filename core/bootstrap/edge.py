"""Composition root of the edges `bot`, `api` and `ops`."""
