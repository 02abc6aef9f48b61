"""The attacks: text files of learners' code, and Python files of forged and broken submissions."""
