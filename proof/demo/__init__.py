"""Example submissions: what learners of every kind send in, and what nbgrader gives them for it."""
