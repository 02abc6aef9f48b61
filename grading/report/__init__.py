"""The report on a class: one page and the same data as CSV, for `python -m grading report ASSIGNMENT`.

collect (gradebook and autograded notebooks) → summary (what it adds up to) → page, tables.
"""
