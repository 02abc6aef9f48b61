"""The checks that the tests' course ships to its learners."""
