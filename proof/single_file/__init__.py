"""Shows that a single file works alone, and is graded like any other."""
