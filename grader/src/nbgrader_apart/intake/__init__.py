"""From what was submitted to the notebook that is graded."""
