"""Measures grading on the example submissions, beside stock nbgrader: `python -m proof.bench --help`."""
