"""The tests, in a process of their own."""
