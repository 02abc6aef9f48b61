"""Attacks on the grading, with honest controls in every run: `python -m grading.attacks [--fast]`."""
