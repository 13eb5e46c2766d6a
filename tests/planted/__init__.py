"""Planted bugs: each promise's test must turn red when its bug is in the code. `python -m tests.planted` shows it."""
