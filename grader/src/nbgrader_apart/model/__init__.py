"""What the grader knows of a course: its settings, assignments, cells and marks."""
