"""The catalogues of mistakes and of right alternatives, and the run that proves every check on them."""
