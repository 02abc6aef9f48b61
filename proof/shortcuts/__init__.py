"""Ways round a derivation, and the run that shows that none is paid unseen."""
