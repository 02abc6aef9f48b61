"""Measures grading on the example submissions, beside stock nbgrader: `python -m examples.bench --help`."""
