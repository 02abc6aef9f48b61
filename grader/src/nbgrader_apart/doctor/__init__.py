"""What is missing or misconfigured in a course's setup, and how to fix it."""
