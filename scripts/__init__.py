"""Scripts behind the Makefile: setting up, checking. `setup.py` runs on a bare Python and imports nothing of ours."""
