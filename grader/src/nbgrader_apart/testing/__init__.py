"""For tests of the grader and attacks on it: a small course, and nbgrader's commands run on it."""
