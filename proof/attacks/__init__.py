"""Attacks on the grading, with honest controls in every run: `python -m proof.attacks [--fast]`."""
