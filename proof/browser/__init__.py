"""Both journeys, the learner's and the instructor's, in a real JupyterLab in a real browser."""
