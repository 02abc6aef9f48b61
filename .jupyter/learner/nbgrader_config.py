"""What a learner's Lab takes from the course: its id, the exchange, the settings of Validate."""

load_subconfig("../../nbgrader_config.py")  # noqa: F821  traitlets defines it where it runs this file
