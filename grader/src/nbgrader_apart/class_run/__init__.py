"""Grades a whole class: many submissions at once, one writer to the gradebook; can be stopped and resumed."""
