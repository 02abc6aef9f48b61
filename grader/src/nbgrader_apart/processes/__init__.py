"""A learner's cells in a sandbox."""
