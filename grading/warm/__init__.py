"""The warm process: imports heavy modules once, forks a judge or a learner's kernel for every notebook."""
