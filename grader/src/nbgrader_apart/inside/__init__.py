"""The two files that run in the sandbox, beside the learner's code."""
