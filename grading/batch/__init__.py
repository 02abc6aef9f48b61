"""Grades a whole class: many submissions at once, one writer to the gradebook; stop and go on at any time."""
